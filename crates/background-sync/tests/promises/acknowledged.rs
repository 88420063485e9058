//! Whoever clears data, unregisters a worker, closes a partition or takes a permission away is told when what that
//! took away is durably gone, and nobody is told before: I7.

use background_sync::policy::{Partition, PartitionId, PermissionState, SyncKind, UserSwitch};
use background_sync::registration::Tag;
use background_sync::scheduler::SyncParameters;
use background_sync::{ClearedScope, Input, Machine, RemovalError, Reply, RequestId};

use crate::support::stories::{
    at, key_of, last_commit, loaded, offline_host, register, store_answers_last, store_of, stored, with,
};
use crate::support::{Host, PROFILE, key, origin, secs};
use background_sync::WorkerState;

const DONE: Reply = Reply::Durable(Ok(()));

fn asked(number: u64) -> RequestId {
    RequestId(500 + number)
}

fn clears_everything(number: u64) -> Input {
    Input::DataCleared { request: Some(asked(number)), scope: ClearedScope::Partition(PROFILE), since: None }
}

/// All that takes registrations away, of the origin of [`key`].
fn removals() -> [Input; 5] {
    let (kind, partition, request) = (SyncKind::OneShot, PROFILE, Some(asked(0)));
    [
        clears_everything(0),
        Input::Unregistered { request, key: key() },
        Input::PermissionChanged { request, partition, origin: origin(), kind, state: PermissionState::Denied },
        Input::UserSwitch { request, origin: Some((partition, origin())), kind, switch: UserSwitch::Off },
        Input::UserSwitch { request, origin: None, kind, switch: UserSwitch::Off },
    ]
}

fn answer(host: &Host, number: u64) -> Option<Reply> {
    host.reply(asked(number)).cloned()
}

fn refused(error: RemovalError) -> Option<Reply> {
    Some(Reply::Durable(Err(error)))
}

/// `outbox` is registered and durable, and the store says nothing from here on.
fn silent_store() -> Host {
    let mut host = offline_host();
    host.register("outbox");
    host.run(secs(10));
    host.commit = false;
    host
}

/// A machine that waits for its store.
fn loading_host() -> Host {
    let mut host = Host::new();
    host.machine = Machine::new(SyncParameters::recommended(), [1; 32]);
    host
}

fn is_registered(host: &Host, tag: &str) -> bool {
    host.machine.registration(&key(), SyncKind::OneShot, &Tag::from(tag)).is_some()
}

#[test]
fn each_removal_is_answered_when_the_commit_that_carries_it_is_durable() {
    for removal in removals() {
        let mut host = silent_store();
        host.send(removal.clone());
        assert!(!is_registered(&host, "outbox"), "gone at once");
        assert_eq!(answer(&host, 0), None, "{removal:?}: the store still has it");
        store_answers_last(&mut host);
        assert_eq!(answer(&host, 0), Some(DONE), "{removal:?}");
    }
}

#[test]
fn a_removal_that_takes_nothing_is_answered_at_once() {
    let mut host = silent_store();
    let (kind, partition, request) = (SyncKind::OneShot, PROFILE, Some(asked(1)));
    host.send(Input::PermissionChanged { request, partition, origin: origin(), kind, state: PermissionState::Granted });
    host.send(Input::Unregistered { request: Some(asked(2)), key: key_of(PROFILE, "https://other.example") });
    assert_eq!((answer(&host, 1), answer(&host, 2)), (Some(DONE), Some(DONE)));
    assert!(is_registered(&host, "outbox"));
}

/// I12: it was in no store, so nothing has to be written, whatever the store does.
#[test]
fn a_private_partition_is_gone_as_soon_as_it_is_forgotten() {
    let partition = Partition::Private(PartitionId(7));
    let mut host = silent_store();
    host.send(clears_everything(0));
    host.send(register(1, key_of(partition, "https://secret.example"), "t"));
    host.send(Input::PartitionClosed { request: Some(asked(1)), partition });
    assert_eq!((answer(&host, 0), answer(&host, 1)), (None, Some(DONE)));
}

/// Somebody else took it away a moment ago, and the store has it still.
#[test]
fn what_an_earlier_removal_has_on_its_way_is_waited_for() {
    let mut host = silent_store();
    host.send(Input::Unregistered { request: None, key: key() });
    host.send(clears_everything(1));
    assert_eq!(answer(&host, 1), None);
    store_answers_last(&mut host);
    assert_eq!(answer(&host, 1), Some(DONE), "in the commit that was on its way");
}

#[test]
fn a_commit_that_fails_is_tried_again_and_only_then_is_it_gone() {
    for lost in [false, true] {
        let mut host = silent_store();
        host.send(clears_everything(0));
        let txn = last_commit(&host);
        host.send(if lost { Input::ContentsLost { txn } } else { Input::CommitFailed { txn } });
        assert_eq!(answer(&host, 0), None, "contents lost: {lost}");
        host.commit = true;
        host.run(secs(2));
        assert_eq!(answer(&host, 0), Some(DONE), "contents lost: {lost}");
    }
}

/// A refused call may be on the disk all the same.
#[test]
fn a_call_whose_commit_failed_is_taken_back_before_anybody_hears_that_all_is_gone() {
    let mut host = silent_store();
    host.register("drafts");
    let txn = last_commit(&host);
    host.send(Input::CommitFailed { txn });
    host.send(Input::DataCleared {
        request: Some(asked(1)),
        scope: ClearedScope::Key(key_of(PROFILE, "https://other.example")),
        since: None,
    });
    assert_eq!(answer(&host, 1), None);
    store_answers_last(&mut host);
    assert_eq!(answer(&host, 1), Some(DONE));
}

#[test]
fn a_shutdown_that_can_write_answers_and_one_that_cannot_says_so() {
    for works in [true, false] {
        let mut host = silent_store();
        host.send(Input::Shutdown);
        host.send(clears_everything(0));
        assert_eq!(answer(&host, 0), None, "the last commit is on its way");
        let mut txn = last_commit(&host);
        host.send(Input::Committed { txn });
        if last_commit(&host) != txn {
            txn = last_commit(&host);
            host.send(if works { Input::Committed { txn } } else { Input::CommitFailed { txn } });
        }
        assert!(host.machine.is_stopped());
        let expected = if works { Some(DONE) } else { refused(RemovalError::Store) };
        assert_eq!(answer(&host, 0), expected);
        host.send(clears_everything(1));
        assert_eq!(answer(&host, 1), refused(RemovalError::Shutdown), "it is over");
    }
}

#[test]
fn what_is_asked_before_the_store_was_read_is_answered_after_it() {
    for removal in removals() {
        let mut host = loading_host();
        host.send(removal.clone());
        host.send(Input::LoadFailed);
        assert_eq!(answer(&host, 0), None, "a load that fails keeps it waiting");
        host.commit = false;
        host.send(Input::Loaded(loaded(&store_of([stored(1, "outbox")]), WorkerState::Active)));
        assert_eq!((answer(&host, 0), is_registered(&host, "outbox")), (None, false), "{removal:?}");
        store_answers_last(&mut host);
        assert_eq!(answer(&host, 0), Some(DONE), "{removal:?}");
    }
}

#[test]
fn a_machine_that_never_read_its_store_says_that_nothing_happened() {
    for removal in removals() {
        let mut host = loading_host();
        host.send(removal);
        host.send(Input::Shutdown);
        assert_eq!(answer(&host, 0), refused(RemovalError::Shutdown));
    }
}

/// Notices that say the same are one, and everybody who asked is answered.
#[test]
fn removals_that_are_one_answer_all_who_asked() {
    let mut host = loading_host();
    for number in 0..3 {
        let since = Some(at(10 - number).wall);
        let scope = ClearedScope::Origin(PROFILE, origin());
        host.send(Input::DataCleared { request: Some(asked(number)), scope, since });
        host.send(Input::Unregistered { request: Some(asked(10 + number)), key: key() });
    }
    host.send(Input::LoadFailed);
    host.send(Input::Loaded(loaded(&store_of([stored(1, "outbox")]), WorkerState::Active)));
    host.run(secs(10));
    for number in [0, 1, 2, 10, 11, 12] {
        assert_eq!(answer(&host, number), Some(DONE), "{number}");
    }
}

/// I10: as many wait as requests may, before the store was read and while it takes nothing.
#[test]
fn more_than_may_wait_are_turned_down_and_count_all_the_same() {
    let parameters = with(|params| params.max_queued_requests = 2);
    let mut loading = loading_host();
    loading.machine = Machine::new(parameters.clone(), [1; 32]);
    let mut running = Host::with(parameters);
    running.register("outbox");
    running.commit = false;
    for number in 0..3 {
        for host in [&mut loading, &mut running] {
            host.send(clears_everything(number));
        }
    }
    for host in [&loading, &running] {
        assert_eq!([answer(host, 0), answer(host, 1)], [None, None]);
        assert_eq!(answer(host, 2), refused(RemovalError::QueueFull));
    }
    store_answers_last(&mut running);
    assert_eq!([answer(&running, 0), answer(&running, 1)], [Some(DONE), Some(DONE)]);
}

/// I10: a host may speak of any number of workers that are gone before its store could be read.
#[test]
fn notices_about_ever_other_things_have_an_end() {
    let mut machine = Machine::new(SyncParameters::recommended(), [1; 32]);
    let mut sizes = vec![];
    for number in 0..20_000_u64 {
        let key = key_of(PROFILE, &format!("https://{number}.example"));
        machine.handle(at(0), Input::Unregistered { request: None, key });
        while machine.poll_output().is_some() {}
        if number == 6_000 || number == 19_999 {
            sizes.push(format!("{machine:?}").len());
        }
    }
    assert!(sizes[1] < sizes[0] * 5 / 4, "{sizes:?}");
    let everybody = Input::UserSwitch { request: None, origin: None, kind: SyncKind::OneShot, switch: UserSwitch::Off };
    machine.handle(at(0), everybody);
    machine.handle(at(1), Input::Loaded(loaded(&store_of([stored(1, "outbox")]), WorkerState::Active)));
    assert_eq!(machine.registrations().count(), 0, "what is about everybody always has room");
}
