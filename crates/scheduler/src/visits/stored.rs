use std::fmt;

use background_sync_registration::{Damage, open, seal};
use serde::{Deserialize, Serialize};

use super::availability::HALF_HOURS;
use super::civil::{Day, LAST_MINUTE, MINUTES_PER_DAY};
use super::habit::{Forecast, Habit};
use super::histogram::Histogram;
use super::presence::Presence;
use super::{Availability, BinWidth, VisitModel};

/// Version of the stored form of a [`VisitModel`].
pub const STORED_VISITS_VERSION: u8 = 1;
/// Version of the stored form of an [`Availability`].
pub const STORED_AVAILABILITY_VERSION: u8 = 1;

impl VisitModel {
    /// The bytes to store, some 330: version, checksum, content.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        seal(STORED_VISITS_VERSION, self)
    }

    /// Reads stored bytes. They are taken as a whole or not at all.
    ///
    /// # Errors
    /// What is wrong with them, and where.
    pub fn decode(bytes: &[u8]) -> Result<Self, InvalidVisits> {
        open::<StoredModel>(STORED_VISITS_VERSION, bytes)?.try_into()
    }
}

impl Availability {
    /// The bytes to store, about 100: version, checksum, content. What is so at the moment is not among them: nobody
    /// watches while the program does not run.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        seal(STORED_AVAILABILITY_VERSION, self)
    }

    /// Reads stored bytes. They are taken as a whole or not at all.
    ///
    /// # Errors
    /// What is wrong with them, and where.
    pub fn decode(bytes: &[u8]) -> Result<Self, InvalidVisits> {
        open::<StoredAvailability>(STORED_AVAILABILITY_VERSION, bytes)?.try_into()
    }
}

/// Why what was stored is no [`VisitModel`], or no [`Availability`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidVisits {
    /// The bytes are not what was written.
    Damaged(Damage),
    /// A field has a value that no model can have.
    Impossible {
        /// Which.
        field: &'static str,
    },
}

impl From<Damage> for InvalidVisits {
    fn from(damage: Damage) -> Self {
        Self::Damaged(damage)
    }
}

impl fmt::Display for InvalidVisits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged(damage) => damage.fmt(f),
            Self::Impossible { field } => {
                write!(f, "`{field}` of what was learnt about visits has an impossible value")
            }
        }
    }
}

impl std::error::Error for InvalidVisits {}

/// A model as it is stored.
#[derive(Serialize, Deserialize)]
pub(super) struct StoredModel {
    width: BinWidth,
    habits: [StoredHabit; 2],
    later: Vec<u8>,
    second_slot: Option<u16>,
    weekdays: [u8; 7],
    last_day: Option<i32>,
    last_visit: i64,
}

#[derive(Serialize, Deserialize)]
struct StoredHabit {
    first: Vec<u8>,
    last: Option<u8>,
    days: u8,
    /// Slot and loss of each forecaster.
    forecasts: [(i16, u16); 2],
}

impl From<VisitModel> for StoredModel {
    fn from(model: VisitModel) -> Self {
        let VisitModel { width, habits, later, second_slot, presence, last_visit } = model;
        Self {
            width,
            habits: habits.map(|habit| StoredHabit {
                first: habit.first.counts(width).to_vec(),
                last: habit.last,
                days: habit.days,
                forecasts: habit.forecasts.map(|Forecast { slot, loss }| (slot, loss)),
            }),
            later: later.counts(width).to_vec(),
            second_slot,
            weekdays: presence.shares,
            last_day: presence.last.map(|Day(day)| day),
            last_visit,
        }
    }
}

impl TryFrom<StoredModel> for VisitModel {
    type Error = InvalidVisits;

    fn try_from(stored: StoredModel) -> Result<Self, InvalidVisits> {
        let width = stored.width;
        let [workday, weekend] = stored.habits;
        let second_slot = stored.second_slot;
        require(second_slot.is_none_or(|slot| i64::from(slot) <= MINUTES_PER_DAY), "second_slot")?;
        require((-LAST_MINUTE..=LAST_MINUTE).contains(&stored.last_visit), "last_visit")?;
        Ok(Self {
            width,
            habits: [habit(workday, width)?, habit(weekend, width)?],
            later: Histogram::from_counts(&stored.later, width).ok_or(InvalidVisits::Impossible { field: "later" })?,
            second_slot,
            presence: Presence { shares: stored.weekdays, last: stored.last_day.map(Day) },
            last_visit: stored.last_visit,
        })
    }
}

fn habit(stored: StoredHabit, width: BinWidth) -> Result<Habit, InvalidVisits> {
    let StoredHabit { first, last, days, forecasts } = stored;
    require(last.is_none_or(|bin| usize::from(bin) < width.bins()), "habits.last")?;
    let is_slot = |slot: i16| (-MINUTES_PER_DAY..MINUTES_PER_DAY).contains(&i64::from(slot));
    require(forecasts.iter().all(|(slot, _)| is_slot(*slot)), "habits.forecasts.slot")?;
    require(forecasts.iter().all(|(_, loss)| i64::from(*loss) < MINUTES_PER_DAY), "habits.forecasts.loss")?;
    Ok(Habit {
        first: Histogram::from_counts(&first, width).ok_or(InvalidVisits::Impossible { field: "habits.first" })?,
        last,
        days,
        forecasts: forecasts.map(|(slot, loss)| Forecast { slot, loss }),
    })
}

fn require(holds: bool, field: &'static str) -> Result<(), InvalidVisits> {
    if holds { Ok(()) } else { Err(InvalidVisits::Impossible { field }) }
}

/// An availability as it is stored.
#[derive(Serialize, Deserialize)]
pub(super) struct StoredAvailability {
    workday: Vec<u8>,
    weekend: Vec<u8>,
}

impl From<Availability> for StoredAvailability {
    fn from(availability: Availability) -> Self {
        let [workday, weekend] = availability.shares.map(Vec::from);
        Self { workday, weekend }
    }
}

impl TryFrom<StoredAvailability> for Availability {
    type Error = InvalidVisits;

    fn try_from(stored: StoredAvailability) -> Result<Self, InvalidVisits> {
        let shares = |shares: Vec<u8>, field| {
            <[u8; HALF_HOURS]>::try_from(shares).map_err(|_| InvalidVisits::Impossible { field })
        };
        Ok(Self::from_shares([shares(stored.workday, "workday")?, shares(stored.weekend, "weekend")?]))
    }
}

#[cfg(test)]
mod tests {
    use background_sync_registration::WallTime;

    use super::super::{UtcOffset, VisitParameters};
    use super::*;

    fn model(params: &VisitParameters) -> VisitModel {
        let mut model = VisitModel::new(params);
        let availability = Availability::new();
        for half_day in 0..60_i64 {
            let at = WallTime::from_unix_ms(half_day * 43_200_000 + half_day * 7_919 % 3_600_000);
            model.visited(at, UtcOffset::UTC, &availability, params);
        }
        model
    }

    fn stored() -> StoredModel {
        model(&VisitParameters::recommended()).into()
    }

    fn reason(stored: StoredModel) -> Option<InvalidVisits> {
        VisitModel::decode(&seal(STORED_VISITS_VERSION, &stored)).err()
    }

    #[test]
    fn what_is_stored_is_what_is_read() {
        for params in [VisitParameters::recommended().with_second_slot(true), VisitParameters::private()] {
            let model = model(&params);
            let bytes = model.encode();
            assert!(bytes.len() <= 512, "{} bytes", bytes.len());
            assert!(VisitModel::decode(&bytes).unwrap() == model);
            let text = serde_json::to_string(&model).unwrap();
            assert!(serde_json::from_str::<VisitModel>(&text).unwrap() == model);
        }
    }

    #[test]
    fn availability_is_read_again_without_what_was_going_on() {
        let at = |hours: i64| WallTime::from_unix_ms(hours * 3_600_000);
        let mut availability = Availability::new();
        availability.changed(at(0), UtcOffset::UTC, false);
        availability.changed(at(5), UtcOffset::UTC, true);
        let mut read = Availability::decode(&availability.encode()).unwrap();
        assert_eq!(read.shares, availability.shares);
        read.changed(at(30), UtcOffset::UTC, false);
        assert_eq!(read.shares, availability.shares, "from 5 to 30 nobody watched");
    }

    #[test]
    fn a_changed_byte_and_another_version_are_noticed() {
        let bytes = model(&VisitParameters::recommended()).encode();
        for at in 1..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 4;
            assert!(matches!(VisitModel::decode(&changed), Err(InvalidVisits::Damaged(Damage::Checksum))), "byte {at}");
            assert!(VisitModel::decode(&bytes[..at]).is_err(), "cut at {at}");
        }
        let newer = seal(STORED_VISITS_VERSION + 1, &stored());
        assert!(matches!(VisitModel::decode(&newer), Err(InvalidVisits::Damaged(Damage::UnknownVersion(2)))));
    }

    #[test]
    fn an_impossible_value_is_named() {
        type Change = fn(&mut StoredModel);
        let impossible: [(&str, Change); 8] = [
            ("later", |it| it.later.truncate(95)),
            ("second_slot", |it| it.second_slot = Some(1_441)),
            ("last_visit", |it| it.last_visit = i64::MIN),
            ("habits.first", |it| it.habits[1].first.push(0)),
            ("habits.last", |it| it.habits[0].last = Some(96)),
            ("habits.forecasts.slot", |it| it.habits[0].forecasts[1].0 = 1_440),
            ("habits.forecasts.slot", |it| it.habits[0].forecasts[1].0 = -1_441),
            ("habits.forecasts.loss", |it| it.habits[1].forecasts[0].1 = 1_440),
        ];
        assert!(reason(stored()).is_none());
        for (field, change) in impossible {
            let mut stored = stored();
            change(&mut stored);
            assert_eq!(reason(stored), Some(InvalidVisits::Impossible { field }));
        }
        let availability = StoredAvailability { workday: vec![255; 48], weekend: vec![255; 47] };
        let read = Availability::decode(&seal(STORED_AVAILABILITY_VERSION, &availability));
        assert_eq!(read.unwrap_err().to_string(), "`weekend` of what was learnt about visits has an impossible value");
    }
}
