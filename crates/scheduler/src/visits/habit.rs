use super::civil::{DayKind, MINUTES_PER_DAY};
use super::histogram::{Histogram, MOST_BINS};
use super::solver::{Weights, distance, youngest_content};
use super::{Availability, BinWidth};

/// The first visit of a day, for one kind of day.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Habit {
    pub(super) first: Histogram,
    /// The bin of the last one.
    pub(super) last: Option<u8>,
    /// Days seen, up to what fits.
    pub(super) days: u8,
    pub(super) forecasts: [Forecast; 2],
}

/// What one forecaster says, and how well it has done.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Forecast {
    /// Minutes of the day; negative if the evening before.
    pub(super) slot: i16,
    /// About how old content would have been for the last days' visits, in minutes.
    pub(super) loss: u16,
}

/// Two ways to look at the same histograms. The second follows a shift worker, the first is the steadier one.
#[derive(Clone, Copy)]
enum Forecaster {
    /// All days of the kind.
    AsEver,
    /// Those days that were like the last one of the kind.
    AsLastTime,
}

impl Forecaster {
    const ALL: [Self; 2] = [Self::AsEver, Self::AsLastTime];
}

/// A day is like the last one if its first visit was so near, in minutes.
const LIKE_LAST_TIME: i64 = 120;
/// How much a visit counts on a day of the kind asked for; on one of the other kind, for each forecaster. The other kind
/// decides as long as nothing else is known, and hardly any more then.
const OWN_KIND: i64 = 64;
const OTHER_KIND_AS_EVER: i64 = 1;
const OTHER_KIND_AS_LAST_TIME: i64 = 8;
/// A loss follows about the last 8 days, and the first ones faster.
const LOSS_DAYS: i64 = 8;
const LOSS_DAYS_AT_FIRST: i64 = 3;
/// With so many days of a kind its own loss says enough; before, the other kind's is heard too.
const ENOUGH_DAYS: i64 = 12;

impl Habit {
    /// Nothing known. The losses are just under what the clock has, the steadier forecaster's the lesser.
    pub(super) const fn new() -> Self {
        Self {
            first: Histogram::EMPTY,
            last: None,
            days: 0,
            forecasts: [Forecast { slot: 0, loss: 300 }, Forecast { slot: 0, loss: 320 }],
        }
    }

    /// How well each forecaster did with this visit, whether or not it was followed.
    pub(super) fn judge(&mut self, minute: u16) {
        let days = LOSS_DAYS.min(i64::from(self.days) + LOSS_DAYS_AT_FIRST);
        for forecast in &mut self.forecasts {
            let age = (i64::from(minute) - i64::from(forecast.slot)).rem_euclid(MINUTES_PER_DAY);
            let loss = i64::from(forecast.loss);
            forecast.loss = (loss + (age - loss) / days) as u16;
        }
    }

    /// Takes the first visit of a day in.
    pub(super) fn learn(&mut self, bin: usize) {
        self.days = self.days.saturating_add(1);
        self.first.fade();
        self.first.add(bin);
        self.last = u8::try_from(bin).ok();
    }

    /// The same in bins of another width.
    pub(super) fn with_width(&self, from: BinWidth, to: BinWidth) -> Self {
        let last = self.last.map(|bin| (u16::from(bin) * from.minutes() / to.minutes()) as u8);
        Self { first: self.first.with_width(from, to), last, ..*self }
    }

    /// The forecast that did better.
    pub(super) fn better(&self) -> Forecast {
        let [as_ever, as_last_time] = self.forecasts;
        if as_last_time.loss < as_ever.loss { as_last_time } else { as_ever }
    }
}

/// Finds the slots anew. The one part whose work is more than a few steps: some tens of thousands of additions at most,
/// once a day.
pub(super) fn refit(habits: &mut [Habit; 2], width: BinWidth, availability: &Availability) {
    let before = *habits;
    for kind in DayKind::ALL {
        let (own, other) = (&before[kind.index()], &before[kind.other().index()]);
        for (forecaster, forecast) in Forecaster::ALL.into_iter().zip(&mut habits[kind.index()].forecasts) {
            let weights = weights(forecaster, own, other, width);
            forecast.slot = youngest_content(&weights, width, kind, availability);
        }
    }
}

fn weights(forecaster: Forecaster, own: &Habit, other: &Habit, width: BinWidth) -> Weights {
    let bins = width.bins() as i64;
    let last = i64::from(own.last.or(other.last).unwrap_or(0));
    let is_like_last = |bin: i64| distance(bin, last, bins) * i64::from(width.minutes()) <= LIKE_LAST_TIME;
    let mut weights = [0; MOST_BINS];
    let counts = own.first.counts(width).iter().zip(other.first.counts(width));
    for ((bin, (own, other)), weight) in (0..).zip(counts).zip(&mut weights) {
        let (own, other) = (i64::from(*own) * OWN_KIND, i64::from(*other));
        *weight = match forecaster {
            Forecaster::AsEver => own + other * OTHER_KIND_AS_EVER,
            Forecaster::AsLastTime if is_like_last(bin) => own + other * OTHER_KIND_AS_LAST_TIME,
            Forecaster::AsLastTime => 0,
        };
    }
    weights
}

/// How old content is about to be with the better forecast of a kind of day, in minutes.
pub(super) fn expected_age(habits: &[Habit; 2], kind: DayKind) -> i64 {
    let (own, other) = (&habits[kind.index()], &habits[kind.other().index()]);
    let age = |habit: &Habit| i64::from(habit.better().loss);
    let own_days = i64::from(own.days).min(ENOUGH_DAYS);
    let other_days = (ENOUGH_DAYS - own_days).min(i64::from(other.days));
    (age(own) * (own_days + 1) + age(other) * other_days) / (own_days + 1 + other_days)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTH: BinWidth = BinWidth::QuarterHour;

    fn visit(habits: &mut [Habit; 2], kind: DayKind, minute: u16) {
        let habit = &mut habits[kind.index()];
        habit.judge(minute);
        habit.learn(WIDTH.bin_of(minute));
        refit(habits, WIDTH, &Availability::new());
    }

    fn slots(habits: &[Habit; 2], kind: DayKind) -> [i16; 2] {
        habits[kind.index()].forecasts.map(|forecast| forecast.slot)
    }

    #[test]
    fn the_forecaster_of_the_last_time_follows_a_new_habit_at_once() {
        let mut habits = [Habit::new(); 2];
        (0..10).for_each(|_| visit(&mut habits, DayKind::Workday, 200));
        visit(&mut habits, DayKind::Workday, 800);
        let [as_ever, as_last_time] = slots(&habits, DayKind::Workday);
        assert!(as_ever < 200 && (700..800).contains(&as_last_time), "{as_ever} {as_last_time}");
        (0..3).for_each(|_| visit(&mut habits, DayKind::Workday, 800));
        assert_eq!(habits[0].better().slot, slots(&habits, DayKind::Workday)[1], "and is trusted after some days");
    }

    #[test]
    fn the_other_kind_of_day_decides_while_nothing_else_is_known() {
        let mut habits = [Habit::new(); 2];
        visit(&mut habits, DayKind::Workday, 200);
        assert_eq!(slots(&habits, DayKind::Weekend), slots(&habits, DayKind::Workday));
        visit(&mut habits, DayKind::Weekend, 400);
        let [weekend, _] = slots(&habits, DayKind::Weekend);
        assert!((350..400).contains(&weekend), "{weekend}");
    }

    #[test]
    fn losses_follow_what_content_would_have_been_like() {
        let mut habit = Habit {
            forecasts: [Forecast { slot: 100, loss: 300 }, Forecast { slot: -100, loss: 300 }],
            ..Habit::new()
        };
        (0..200).for_each(|_| habit.judge(130));
        let [near, evening_before] = habit.forecasts.map(|forecast| forecast.loss);
        assert!(near.abs_diff(30) <= 8 && evening_before.abs_diff(230) <= 8, "{near} {evening_before}");
        (0..200).for_each(|_| habit.judge(99));
        assert!(habit.forecasts[0].loss > 1_400, "a minute too late costs the day");
    }

    #[test]
    fn few_days_of_a_kind_are_helped_by_the_other() {
        let known = |days, loss| Habit { days, forecasts: [Forecast { slot: 0, loss }; 2], ..Habit::new() };
        let age = |weekend_days| expected_age(&[known(40, 60), known(weekend_days, 600)], DayKind::Weekend);
        assert!(age(0) < 120, "{}", age(0));
        assert!((200..500).contains(&age(5)), "{}", age(5));
        assert_eq!(age(12), 600);
    }
}
