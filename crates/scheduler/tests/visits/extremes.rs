//! Whatever clocks, time zones and bytes come: an answer that keeps its promises, and no panic.

use background_sync_registration::WallTime;
use background_sync_scheduler::{
    Availability, Placement, Question, UtcOffset, VisitModel, VisitParameters, WakeUpLateness,
};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Op {
    Visit(WallTime, UtcOffset, bool),
    Changed(WallTime, UtcOffset, bool),
    Woken(WallTime, WallTime),
    Ask(Question),
}

/// Moments of ordinary years, of both ends of the clock, and near each other.
fn moments() -> impl Strategy<Value = WallTime> {
    let ends = prop_oneof![Just(i64::MIN), Just(i64::MAX), Just(0), Just(-1), Just(i64::MIN + 1)];
    let year = 1_700_000_000_000..1_731_000_000_000_i64;
    let days = (0..40_i64, 0..86_400_000_i64).prop_map(|(day, ms)| 1_720_000_000_000 + day * 86_400_000 + ms);
    prop_oneof![1 => ends, 1 => any::<i64>(), 3 => year, 6 => days].prop_map(WallTime::from_unix_ms)
}

fn offsets() -> impl Strategy<Value = UtcOffset> {
    (-1_080_i16..=1_080).prop_map(|minutes| UtcOffset::from_minutes(minutes).unwrap())
}

fn questions() -> impl Strategy<Value = Question> {
    let moments = (moments(), moments(), proptest::option::of(moments()), moments());
    (moments, offsets(), any::<u8>()).prop_map(|((now, earliest, last_fire, registered), offset, lateness)| Question {
        now,
        earliest,
        last_fire,
        registered,
        offset,
        lateness: WakeUpLateness::from(lateness),
    })
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let op = prop_oneof![
        4 => (moments(), offsets(), any::<bool>()).prop_map(|(at, offset, coarse)| Op::Visit(at, offset, coarse)),
        1 => (moments(), offsets(), any::<bool>()).prop_map(|(at, offset, on)| Op::Changed(at, offset, on)),
        1 => (moments(), moments()).prop_map(|(asked, came)| Op::Woken(asked, came)),
        2 => questions().prop_map(Op::Ask),
    ];
    proptest::collection::vec(op, 0..40)
}

#[derive(Clone, Default)]
struct Profile {
    model: Option<VisitModel>,
    availability: Availability,
    lateness: WakeUpLateness,
    answers: Vec<Placement>,
}

fn params(coarse: bool) -> VisitParameters {
    if coarse { VisitParameters::private() } else { VisitParameters::recommended().with_second_slot(true) }
}

impl Profile {
    fn model(&mut self) -> &mut VisitModel {
        self.model.get_or_insert_with(|| VisitModel::new(&params(false)))
    }

    fn does(&mut self, op: &Op) {
        match *op {
            Op::Visit(at, offset, coarse) => {
                let availability = self.availability.clone();
                self.model().visited(at, offset, &availability, &params(coarse));
            }
            Op::Changed(at, offset, available) => self.availability.changed(at, offset, available),
            Op::Woken(asked, came) => self.lateness.woken(asked, came),
            Op::Ask(question) => {
                let question = Question { lateness: self.lateness, ..question };
                let answer = self.model().place(&question);
                self.answers.push(answer);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_answer_is_before_what_is_allowed_and_the_same_question_has_the_same_answer(
        ops in ops(), question in questions()
    ) {
        let mut profile = Profile::default();
        ops.iter().for_each(|op| profile.does(op));
        let answer = profile.model().place(&question);
        if let Some(at) = answer.at() {
            prop_assert!(at >= question.earliest && at >= question.now);
        }
        prop_assert_eq!(profile.model().place(&question), answer);
    }

    #[test]
    fn two_that_were_told_the_same_are_the_same_and_so_is_one_that_was_stored_meanwhile(
        before in ops(), after in ops()
    ) {
        let (mut one, mut other) = (Profile::default(), Profile::default());
        before.iter().for_each(|op| one.does(op));
        before.iter().for_each(|op| other.does(op));
        prop_assert!(one.model() == other.model());
        let read = VisitModel::decode(&other.model().encode()).unwrap();
        other.model = Some(read);
        after.iter().for_each(|op| one.does(op));
        after.iter().for_each(|op| other.does(op));
        prop_assert!(one.model() == other.model());
        prop_assert_eq!(one.answers, other.answers);
        prop_assert_eq!(one.lateness, other.lateness);
    }

    #[test]
    fn bytes_from_anywhere_are_refused_or_harmless(
        ops in ops(), changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        then in ops(), noise in proptest::collection::vec(any::<u8>(), 0..400)
    ) {
        prop_assert!(VisitModel::decode(&noise).is_err());
        prop_assert!(Availability::decode(&noise).is_err());
        // The content without its checksum: what is whole may still be nonsense.
        let mut profile = Profile::default();
        ops.iter().for_each(|op| profile.does(op));
        let mut content = postcard::to_allocvec(profile.model()).unwrap();
        for (at, byte) in changes {
            let at = at.index(content.len());
            content[at] = byte;
        }
        if let Ok(read) = postcard::from_bytes::<VisitModel>(&content) {
            profile.model = Some(read);
            then.iter().for_each(|op| profile.does(op));
            prop_assert!(VisitModel::decode(&profile.model().encode()).is_ok());
        }
    }

    #[test]
    fn after_any_past_a_steady_reader_is_understood_within_weeks(ops in ops()) {
        let mut profile = Profile::default();
        ops.iter().for_each(|op| profile.does(op));
        let availability = Availability::new();
        let at = |day: i64, hour: i64| WallTime::from_unix_ms(1_740_000_000_000 / 86_400_000 * 86_400_000 + (day * 24 + hour) * 3_600_000);
        for day in 0..20 {
            profile.model().visited(at(day, 12), UtcOffset::UTC, &availability, &params(false));
        }
        let question = Question {
            now: at(20, 0),
            earliest: at(20, 0),
            last_fire: Some(at(19, 11)),
            registered: at(0, 0),
            offset: UtcOffset::UTC,
            lateness: WakeUpLateness::default(),
        };
        match profile.model().place(&question) {
            Placement::Slot(slot) => prop_assert!(slot >= at(20, 10) && slot < at(20, 12), "{slot:?}"),
            other => prop_assert!(false, "{other:?}"),
        }
    }
}

#[test]
fn a_device_that_slept_for_years_says_absent_and_then_begins_anew() {
    let params = VisitParameters::recommended();
    let mut model = VisitModel::new(&params);
    let availability = Availability::new();
    let at = |day: i64| WallTime::from_unix_ms(day * 86_400_000);
    for day in 0..20 {
        model.visited(at(day), UtcOffset::UTC, &availability, &params);
    }
    let question = |day| Question {
        now: at(day),
        earliest: at(day),
        last_fire: Some(at(19)),
        registered: at(0),
        offset: UtcOffset::MAX,
        lateness: WakeUpLateness::default(),
    };
    assert_eq!(model.place(&question(20 + 3_650)), Placement::Absent);
    model.visited(at(20 + 3_650), UtcOffset::UTC, &availability, &params);
    assert_eq!(model.place(&question(20 + 3_650)).name(), "slot");
}
