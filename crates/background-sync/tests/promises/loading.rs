//! What waits while the store is being read, and what makes no sense in it: I10.

use background_sync::policy::{
    Partition, PartitionId, PermissionState, SyncKind, SystemRestriction, UserSwitch, WindowClients,
};
use background_sync::registration::{Observed, Sequence, StoredRegistration, StoredState, Tag};
use background_sync::scheduler::{NetworkState, SyncParameters};
use background_sync::{
    ClearedScope, Input, Machine, RegisterError, Reply, RequestId, StoreOp, StoredProfile, WhyNot, WorkerState,
};

use crate::support::stories::{at, durable, key_of, loaded, register, reloaded, store_of, stored, write};
use crate::support::{Host, PROFILE, key, origin, secs};

/// What a host may say again and again.
fn notices(n: u64) -> [Input; 7] {
    let (partition, origin, key) = (PROFILE, origin(), key());
    let top_level = u32::try_from(n % 3).unwrap_or(0);
    let windows = WindowClients::new(top_level, 0);
    let switch = if n.is_multiple_of(2) { UserSwitch::Off } else { UserSwitch::On };
    let state = if n.is_multiple_of(2) { PermissionState::Denied } else { PermissionState::Prompt };
    let worker = if n.is_multiple_of(2) { WorkerState::None } else { WorkerState::Active };
    let since = Some(at(n).wall);
    [
        Input::UserSwitch { request: None, kind: SyncKind::OneShot, origin: None, switch },
        Input::UserSwitch { request: None, kind: SyncKind::OneShot, origin: Some((partition, origin.clone())), switch },
        Input::PermissionChanged { request: None, kind: SyncKind::OneShot, partition, origin: origin.clone(), state },
        Input::ClientsChanged { partition, origin: origin.clone(), windows },
        Input::WorkerChanged { key, state: worker },
        Input::DataCleared { request: None, scope: ClearedScope::Origin(partition, origin), since },
        Input::PartitionClosed { request: None, partition: Partition::Private(PartitionId(n % 2)) },
    ]
}

#[test]
fn any_number_of_notices_takes_as_much_room_as_a_few() {
    let mut machine = Machine::new(SyncParameters::recommended(), [1; 32]);
    let mut sizes = vec![];
    for n in 0..20_000_u64 {
        for notice in notices(n) {
            machine.handle(at(n), notice);
        }
        while machine.poll_output().is_some() {}
        if n == 100 || n == 19_999 {
            sizes.push(format!("{machine:?}").len());
        }
    }
    assert!(sizes[1] < sizes[0] * 2, "{sizes:?}");
}

/// What is left of many notices says the same as all of them, whatever calls came in between.
#[test]
fn what_was_merged_means_what_was_said() {
    let mut machine = Machine::new(SyncParameters::recommended(), [1; 32]);
    let general = |switch| Input::UserSwitch { request: None, kind: SyncKind::OneShot, origin: None, switch };
    let story = [
        register(1, key(), "before"),
        general(UserSwitch::Off),
        register(2, key(), "while off"),
        general(UserSwitch::On),
        register(3, key(), "after"),
        general(UserSwitch::On),
        Input::DataCleared {
            request: None,
            scope: ClearedScope::Key(key_of(PROFILE, "https://other.example")),
            since: None,
        },
    ];
    for input in story {
        machine.handle(at(0), input);
    }
    machine.handle(at(1), Input::Loaded(loaded(&store_of([stored(1, "stored")]), WorkerState::Active)));
    let mut host = Host::new();
    host.machine = machine;
    host.send(Input::Tick);
    let off = Reply::Registered(Err(RegisterError::Refused(background_sync::policy::Refusal::SwitchedOff)));
    assert_eq!(host.reply(RequestId(1)), Some(&off), "switched off after the call");
    assert_eq!(host.reply(RequestId(2)), Some(&off));
    assert_eq!(host.reply(RequestId(3)), Some(&Reply::Registered(Ok(()))));
    assert_eq!(
        host.machine.registration(&key(), SyncKind::OneShot, &Tag::from("stored")),
        None,
        "switching on restores nothing"
    );
}

/// A call waits for the store, and meanwhile the system restricts background work.
#[test]
fn a_restriction_heard_after_a_call_is_not_undone_by_it() {
    let mut host = Host::new();
    host.machine = Machine::new(SyncParameters::recommended(), [1; 32]);
    host.network(NetworkState::online());
    host.send(register(1, key(), "t"));
    host.send(Input::RestrictionChanged { restriction: SystemRestriction::Restricted });
    host.send(Input::Loaded(loaded(&store_of([]), WorkerState::Active)));
    assert_eq!(host.reply(RequestId(1)), Some(&Reply::Registered(Ok(()))), "allowed when it was made");
    host.run(secs(100));
    assert_eq!(host.machine.why_not(&key(), SyncKind::OneShot, &Tag::from("t")), [WhyNot::SystemRestricted]);
}

/// The age of a promise is that of the call, not of the moment at which the store could be read.
#[test]
fn a_call_that_waited_for_the_store_is_as_old_as_it_is() {
    let mut machine = Machine::new(SyncParameters::recommended(), [1; 32]);
    machine.handle(at(10), register(1, key(), "t"));
    machine.handle(
        at(20),
        Input::DataCleared { request: None, scope: ClearedScope::Key(key()), since: Some(at(15).wall) },
    );
    machine.handle(at(30), Input::Loaded(loaded(&store_of([]), WorkerState::Active)));
    let mut host = Host::new();
    host.machine = machine;
    host.now = secs(30);
    host.send(Input::Tick);
    assert_eq!(host.reply(RequestId(1)), Some(&Reply::Registered(Ok(()))), "made before what was cleared");
    let made = host.machine.registration(&key(), SyncKind::OneShot, &Tag::from("t")).unwrap().registered().wall;
    assert_eq!(made, at(10).wall);
}

#[test]
fn records_that_contradict_each_other_lose_nothing_else() {
    let mut twin = stored(3, "outbox");
    twin.registered = Observed { wall: at(50).wall, ..Observed::default() };
    let same_number = stored(1, "drafts");
    let mut contents = loaded(&store_of([stored(1, "outbox"), twin, stored(4, "other")]), WorkerState::Active);
    contents.registrations.push(same_number);
    let mut host = Host::new();
    host.machine = Machine::new(SyncParameters::recommended(), [1; 32]);
    host.send(Input::Loaded(contents));
    let there: Vec<_> = host.machine.registrations().map(|view| view.tag).collect();
    assert!(there.contains(&Tag::from("other")) && there.contains(&Tag::from("outbox")), "{there:?}");
    assert_eq!(there.iter().filter(|tag| **tag == Tag::from("outbox")).count(), 1, "I2");
    assert!(there.contains(&Tag::from("drafts")), "another tag that has a number twice is still a promise");
}

/// Hands the rows over one by one, or all with the end.
fn host_loaded_with(rows: &[StoredRegistration], one_by_one: bool) -> Host {
    let mut contents = loaded(&store_of(rows.to_vec()), WorkerState::Active);
    contents.registrations = Vec::new();
    let mut host = Host::new();
    host.network(NetworkState::Offline);
    host.machine = Machine::new(SyncParameters::recommended(), [1; 32]);
    if one_by_one {
        for row in rows {
            host.send(Input::Rows { registrations: vec![row.clone()] });
        }
    } else {
        contents.registrations = rows.to_vec();
    }
    host.send(Input::Loaded(contents));
    host
}

/// A record of the same tag that was told its last chance says nothing about the promise that came after it.
#[test]
fn a_promise_outlives_an_older_one_of_its_tag_that_ends_with_the_load() {
    let told = StoredRegistration { state: StoredState::Firing(true), ..stored(3, "outbox") };
    let rows = [stored(1, "drafts"), told, stored(5, "outbox"), stored(6, "other")];
    for one_by_one in [false, true] {
        let mut host = host_loaded_with(&rows, one_by_one);
        let there: Vec<_> = host.machine.registrations().map(|view| view.sequence).collect();
        assert_eq!(there, [1, 5, 6].map(Sequence), "one by one: {one_by_one}");
        let mut store = store_of(rows.to_vec());
        host.run(secs(10));
        write(&mut store, host.commits.concat());
        let kept: Vec<_> = store.contents().registrations.iter().map(|row| row.sequence).collect();
        assert_eq!(kept, [1, 5, 6].map(Sequence), "and the store says so too");
    }
}

/// Rows that came are no registrations before the last one is there.
#[test]
fn nothing_is_shown_of_a_store_that_is_being_read() {
    let mut host = Host::new();
    host.machine = Machine::new(SyncParameters::recommended(), [1; 32]);
    host.send(Input::Rows { registrations: vec![stored(1, "outbox")] });
    let tag = Tag::from("outbox");
    assert_eq!(host.machine.registration(&key(), SyncKind::OneShot, &tag), None);
    assert_eq!(host.machine.registrations().count(), 0);
    assert_eq!(host.machine.registration_count(), 0);
    assert_eq!(host.machine.why_not(&key(), SyncKind::OneShot, &tag), [WhyNot::Loading]);
}

/// A number near the end of all numbers, in a record or in the profile, costs no later registration.
#[test]
fn numbers_near_the_end_cost_nothing_that_is_registered_later() {
    for number in [1 << 40, (1 << 62) - 1, 1 << 62, u64::MAX] {
        let mut store = store_of([stored(number, "old")]);
        let profile = StoredProfile::default().with(|it| it.next_sequence = Sequence(number));
        for with_profile in [false, true] {
            if with_profile {
                write(&mut store, [StoreOp::PutProfile(profile.clone())]);
            }
            let mut host = Host::new();
            host.network(NetworkState::Offline);
            host.machine = Machine::new(SyncParameters::recommended(), [1; 32]);
            host.send(Input::Loaded(loaded(&store, WorkerState::Active)));
            let call = host.register("new");
            assert_eq!(host.reply(call), Some(&Reply::Registered(Ok(()))));
            host.run(secs(10));
            let mut then = store.clone();
            write(&mut then, host.commits.concat());
            for session in 2..4 {
                let next = reloaded(&then, host.clock(), session);
                for tag in ["new", "old"] {
                    let found = next.registration(&key(), SyncKind::OneShot, &Tag::from(tag));
                    assert!(found.is_some(), "{tag:?} is lost after a number like {number}, {with_profile}");
                }
            }
        }
    }
}

#[test]
fn numbers_are_not_used_twice_over_a_restart() {
    let mut host = Host::new();
    host.network(NetworkState::Offline);
    host.register("a");
    let next = reloaded(&durable(&host), host.clock(), 2);
    let mut second = Host::new();
    second.network(NetworkState::Offline);
    second.machine = next;
    second.send(Input::Tick);
    second.register("b");
    let numbers: Vec<_> = second.machine.registrations().map(|view| view.sequence).collect();
    assert_eq!(numbers.len(), 2);
    assert!(numbers[1] > numbers[0] && numbers[1] > Sequence(1_000), "{numbers:?}: a thousand were reserved");
}
