//! About starts, events and questions: what is said of them too late, too often, or of those of another time.

use std::time::Duration;

use background_sync::registration::Tag;
use background_sync::scheduler::{NetworkId, NetworkMode, NetworkState};
use background_sync::{
    AttemptId, ClearedScope, Driver, NetworkSubject, NotStarted, Notice, Outcome, Removal, TerminateReason,
};

use super::{fires_in_the_end, ignored, starting};
use crate::run::{SEED, let_pass, register, remove, turns};
use crate::store::{Disk, ToyStore};
use crate::toy::{Stage, Told, Toy, Workers, key, parameters, stage};

/// It says that its worker is active, and that there is none whenever one is to start.
#[test]
fn a_host_that_contradicts_itself_is_not_asked_without_end() {
    let (mut driver, stage) = starting();
    let mut starts = 0;
    for _ in 0..100 {
        while let Some(Told::Start(start)) = stage.try_told() {
            starts += 1;
            start.not_started(NotStarted::NoActiveWorker);
        }
        let_pass(&mut driver, &stage.toy, Duration::from_secs(1));
    }
    assert!((2..=10).contains(&starts), "{starts} starts in a hundred seconds");
    assert!(stage.toy.fired().is_empty());
    fires_in_the_end(&mut driver, &stage.toy, 1);
}

#[test]
fn words_about_a_start_that_was_abandoned_are_nothing() {
    for not_started in [true, false] {
        let (mut driver, stage) = starting();
        let late = stage.start();
        let cleared = remove(driver.poster(), Removal::DataCleared(ClearedScope::Key(key()), None));
        let _ = turns(&mut driver);
        assert_eq!(cleared.try_recv(), Ok(Ok(())));
        register(driver.poster(), key(), "outbox");
        let _ = turns(&mut driver);
        if not_started {
            late.not_started(NotStarted::StartFailed)
        } else {
            late.ready()
        }
        let _ = turns(&mut driver);
        assert_eq!(ignored(&driver), 0);
        assert!(stage.toy.fired().is_empty(), "it was about the attempt before");
        assert!(matches!(stage.told(), Told::Abandon(_)));
        stage.start().ready();
        fires_in_the_end(&mut driver, &stage.toy, 1);
    }
}

/// An event that has reached its cap ends all the same, and says that all was well. It crosses the order to stop.
#[test]
fn an_end_that_crosses_the_order_to_stop_decides_nothing() {
    let (mut driver, stage) = starting();
    stage.start().ready();
    let _ = turns(&mut driver);
    let Told::Dispatch(event, completion) = stage.told() else { panic!("not a dispatch") };
    assert_eq!(event.tag, Tag::from("outbox"));
    let_pass(&mut driver, &stage.toy, Duration::from_secs(200));
    let Told::Terminate(attempt, reason) = stage.told() else { panic!("it runs on") };
    assert_eq!((attempt, reason), (completion.attempt(), TerminateReason::Timeout));
    completion.finish(Outcome::Fulfilled);
    let _ = turns(&mut driver);
    assert_eq!(driver.machine().registration_count(), 1, "it was too late");
    fires_in_the_end(&mut driver, &stage.toy, 2);
}

/// Time without end.
#[test]
fn a_deferral_of_any_length_is_cut_short() {
    let (mut driver, stage) = starting();
    stage.start().ready();
    let _ = turns(&mut driver);
    stage.event().finish(Outcome::Deferred(Duration::MAX));
    fires_in_the_end(&mut driver, &stage.toy, 2);
}

/// Registered at home, on its way to an hotel: whether it may fire there is being asked.
fn asking(seed: [u8; 32]) -> (Driver<Toy>, Stage, AttemptId) {
    let of = |name| NetworkState::Online { metered: false, roaming: false, network_id: Some(NetworkId::new(name)) };
    let stage = stage(Workers::AtOnce).saying(|says| says.network = of("home"));
    let params = parameters().with(|it| it.network_mode = NetworkMode::AskOnChange).validated().unwrap();
    let store = ToyStore::at_once(&stage.toy, &Disk::default());
    let mut driver = Driver::new(params, seed, || {}, |_| stage.toy.hosts(store));
    let _ = turns(&mut driver);
    for network in [NetworkState::Offline, of("hotel")] {
        stage.toy.say(|says| says.network = network);
        driver.poster().notify(Notice::Network(NetworkSubject::All));
        register(driver.poster(), key(), "outbox");
        let _ = turns(&mut driver);
    }
    let Told::Ask(attempt) = stage.told() else { panic!("nobody was asked") };
    (driver, stage, attempt)
}

/// Answers that nobody asked for, and two to one question, which contradict each other.
#[test]
fn of_answers_that_contradict_each_other_the_first_counts() {
    for yes in [true, false] {
        let (mut driver, stage, attempt) = asking(SEED);
        driver.poster().notify(Notice::Answered(attempt, yes));
        driver.poster().notify(Notice::Answered(attempt, !yes));
        driver.poster().notify(Notice::Answered(attempt, !yes));
        let _ = turns(&mut driver);
        assert_eq!(stage.toy.fired().len(), usize::from(yes));
        assert_eq!(ignored(&driver), 2);
        driver.machine().check_invariants().unwrap();
    }
}

#[test]
fn an_answer_about_an_event_that_is_being_started_is_counted_and_ignored() {
    let (mut driver, stage) = starting();
    let start = stage.start();
    driver.poster().notify(Notice::Answered(start.attempt(), false));
    let _ = turns(&mut driver);
    assert_eq!(ignored(&driver), 1);
    start.ready();
    fires_in_the_end(&mut driver, &stage.toy, 1);
}

/// Of a machine of another session, as after a restart, in which the same was asked.
#[test]
fn a_word_about_an_attempt_of_another_session_is_nothing() {
    let (_, _, earlier) = asking(SEED);
    let (mut driver, stage, asked) = asking([8; 32]);
    driver.poster().notify(Notice::Answered(earlier, true));
    let _ = turns(&mut driver);
    assert_eq!((ignored(&driver), stage.toy.fired().len()), (1, 0));
    driver.poster().notify(Notice::Answered(asked, true));
    let _ = turns(&mut driver);
    assert_eq!((ignored(&driver), stage.toy.fired().len()), (1, 1));
}
