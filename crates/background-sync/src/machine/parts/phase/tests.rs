//! From loading to stopping, and the store that could not be read.

use background_sync_policy::RegistrationKey;
use background_sync_registration::{Sequence, WallTime};

use super::*;
use crate::machine::parts::named::{at, key, secs};
use crate::{Input, RequestId};

fn get_tags(key: &RegistrationKey) -> Input {
    let kind = background_sync_policy::SyncKind::OneShot;
    Input::GetTags { request: RequestId(1), key: key.clone(), kind }
}

#[test]
fn a_session_begins_with_loading_unless_it_is_switched_off() {
    let first = |enabled| {
        let params = SyncParameters::recommended().into_parameters().with(|it| it.enabled = enabled);
        Phase::first(&params)
    };
    assert!(first(true).is_loading());
    assert!(matches!(first(false), Phase::Off));
}

#[test]
fn a_phase_is_no_other_phase() {
    let phases =
        [Phase::Off, Phase::Loading(Box::default()), Phase::Running, Phase::Stopping { last: None }, Phase::Stopped];
    let is = phases.each_ref().map(|phase| [phase.is_loading(), phase.is_running(), phase.is_stopped()]);
    let (none, expected) = ([false; 3], [[true, false, false], [false, true, false], [false, false, true]]);
    assert_eq!(is, [none, expected[0], expected[1], none, expected[2]]);
}

/// Twice as long each time, up to a minute, however often it fails.
#[test]
fn a_store_that_cannot_be_read_is_tried_again_later_each_time() {
    let (mut phase, mut waits) = (Phase::Loading(Box::default()), Vec::new());
    assert_eq!(phase.retry_load_at(), None, "it is being read");
    for _ in 0..9 {
        let Phase::Loading(loading) = &mut phase else { panic!("it loads") };
        loading.failed(at(100));
        let until = phase.retry_load_at().unwrap();
        waits.push(until.since(at(100)).as_secs());
        let Phase::Loading(loading) = &mut phase else { panic!("it loads") };
        let before = MonotonicTime::from_nanos(until.nanos() - 1);
        assert_eq!([before, until, until].map(|now| loading.is_due(now)), [false, true, false], "it says so once");
        assert_eq!(phase.retry_load_at(), None);
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
}

/// What came before the failure comes again; what was asked meanwhile does not.
#[test]
fn a_failure_forgets_rows_and_keeps_what_waits() {
    let mut loading = Loading::default();
    let row = background_sync_registration::StoredRegistration {
        sequence: Sequence(4),
        key: key(0),
        kind: background_sync_policy::SyncKind::OneShot,
        tag: "outbox".into(),
        state: background_sync_registration::StoredState::Pending(None),
        series: background_sync_registration::Series::default(),
        registered: background_sync_registration::Observed::default(),
        network: None,
        schedule: None,
    };
    loading.intake().put_off(row);
    loading.waiting().push_request(WallTime::default(), &key(0), get_tags(&key(0)));
    loading.failed(at(0));
    let (intake, waiting) = loading.into_parts();
    assert_eq!((intake.len(), intake.running(), waiting.requests()), (0, secs(0), 1));
}

#[test]
fn only_a_machine_that_stops_remembers_its_last_commit() {
    let sent = |mut phase: Phase| {
        phase.commit_sent(TxnId(7));
        phase
    };
    assert!(matches!(sent(Phase::Running), Phase::Running));
    assert!(matches!(sent(Phase::Stopped), Phase::Stopped));
    assert!(matches!(sent(Phase::Stopping { last: None }), Phase::Stopping { last: Some(TxnId(7)) }));
}
