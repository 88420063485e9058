//! Every state against every input: the table in the documentation of `RegistrationState`.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use background_sync_policy::{
    Facts, Incarnation, Limits, Origin, Partition, PartitionId, RegistrationKey, RegistrationRequest, StorageKey,
    SyncKind, authorize,
};
use background_sync_registration::{
    AfterFulfilment, AfterRejection, Asked, Charge, ListId, MonotonicTime, NotPending, Now, Observed, Registered,
    RegistrationState, Sequence, Series, SyncRegistration, SyncRegistrationLists, Tag, TagId, Wait, WallTime,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Pending,
    Waiting,
    Firing,
    LastChance,
    Reregistered,
}

const STATES: [State; 5] = [State::Pending, State::Waiting, State::Firing, State::LastChance, State::Reregistered];

fn now(seconds: u64) -> Now {
    let wall = WallTime::from_unix_ms(1_000_000).after(Duration::from_secs(seconds));
    Now { monotonic: MonotonicTime::from_start(Duration::from_secs(seconds)), wall }
}

fn back_off() -> Wait {
    Wait::starting(now(0), Duration::from_secs(30))
}

/// A list with one tag.
struct One {
    lists: SyncRegistrationLists,
    list: ListId,
    tag: TagId,
}

impl One {
    fn get(&self) -> Option<&SyncRegistration> {
        self.lists.get(self.tag)
    }

    fn get_mut(&mut self) -> Option<&mut SyncRegistration> {
        self.lists.get_mut(self.tag)
    }

    fn fulfilled(&mut self, ended: Now) -> AfterFulfilment {
        self.lists.fulfilled(self.tag, ended)
    }

    fn rejected(&mut self, ended: Now, charge: Charge, back_off: Wait, deferred: bool) -> AfterRejection {
        self.lists.rejected(self.tag, ended, charge, back_off, deferred)
    }
}

fn call_register(list: &mut One) -> Registered {
    call_register_spaced(list, None)
}

fn call_register_spaced(list: &mut One, spacing: Option<Wait>) -> Registered {
    let key = list.lists.key(list.list).unwrap().clone();
    let request = RegistrationRequest::new_tag(&key, 1);
    let permit = authorize(&request, &Facts::of_an_open_window(), &Limits::default()).unwrap();
    let at = Observed { wall: WallTime::from_unix_ms(77), running: Duration::ZERO };
    let asked = Asked { sequence: Sequence(1), at, spacing, reregistered_in_a_row: 0 };
    list.lists.register(list.tag, permit, asked).unwrap()
}

fn list_in(state: State) -> One {
    let origin = Origin::parse("https://a.example").unwrap();
    let partition = Partition::Profile(PartitionId(0));
    let mut lists = SyncRegistrationLists::new();
    let list = lists.add_list(
        RegistrationKey::new(partition, StorageKey::first_party(origin), "https://a.example/", Incarnation(1)).unwrap(),
        SyncKind::OneShot,
    );
    let tag = lists.hold(list, Tag::from("t")).unwrap();
    let mut list = One { lists, list, tag };
    assert_eq!(call_register(&mut list), Registered::New);
    let registration = list.get_mut().unwrap();
    match state {
        State::Pending => {}
        State::Waiting => {
            registration.fire(false).unwrap();
            assert_eq!(
                list.rejected(now(0), Charge::Charged, back_off(), false),
                AfterRejection::Waiting,
                "sync.fire.5.3.2"
            );
        }
        State::Firing => registration.fire(false).unwrap(),
        State::LastChance => registration.fire(true).unwrap(),
        State::Reregistered => {
            registration.fire(false).unwrap();
            assert_eq!(call_register(&mut list), Registered::WhileFiring, "sync.register.8.2");
        }
    }
    list
}

fn name(list: &One) -> &'static str {
    list.get().map_or("absent", |registration| registration.state().name().as_str())
}

#[test]
fn register() {
    for (state, outcome, after) in [
        (State::Pending, Registered::StillPending, "pending"),
        (State::Waiting, Registered::NoLongerWaiting, "pending"),
        (State::Firing, Registered::WhileFiring, "reregisteredWhileFiring"),
        (State::LastChance, Registered::WhileFiring, "reregisteredWhileFiring"),
        (State::Reregistered, Registered::WhileFiring, "reregisteredWhileFiring"),
    ] {
        let mut list = list_in(state);
        assert_eq!((call_register(&mut list), name(&list)), (outcome, after), "{state:?}");
        assert_eq!(list.lists.len_of(list.list), 1, "sync.def.unique");
        assert_eq!(list.get().unwrap().registered().wall, WallTime::from_unix_ms(77), "its age starts again");
    }
}

#[test]
fn fire() {
    for state in STATES {
        let mut list = list_in(state);
        let before = list.get().cloned();
        let fired = list.get_mut().unwrap().fire(true);
        match state {
            State::Pending => {
                assert_eq!(fired, Ok(()));
                let firing = RegistrationState::Firing { last_chance: true };
                assert_eq!(list.get().unwrap().state(), firing, "sync.fire.4");
            }
            State::Waiting | State::Firing | State::LastChance | State::Reregistered => {
                assert_eq!(fired, Err(NotPending), "{state:?}: sync.fire.1");
                assert_eq!(list.get().cloned(), before, "nothing changed");
            }
        }
    }
}

#[test]
fn fulfilled() {
    for (state, outcome, after) in [
        (State::Pending, AfterFulfilment::NotFiring, "pending"),
        (State::Waiting, AfterFulfilment::NotFiring, "waiting"),
        (State::Firing, AfterFulfilment::Removed, "absent"),
        (State::LastChance, AfterFulfilment::Removed, "absent"),
        (State::Reregistered, AfterFulfilment::PendingAgain, "pending"),
    ] {
        let mut list = list_in(state);
        assert_eq!((list.fulfilled(now(1)), name(&list)), (outcome, after), "{state:?}");
        list.lists.check_invariants().unwrap();
    }
}

#[test]
fn rejected() {
    for (state, outcome, after) in [
        (State::Pending, AfterRejection::NotFiring, "pending"),
        (State::Waiting, AfterRejection::NotFiring, "waiting"),
        (State::Firing, AfterRejection::Waiting, "waiting"),
        (State::LastChance, AfterRejection::Removed, "absent"),
        (State::Reregistered, AfterRejection::PendingAgain, "pending"),
    ] {
        let mut list = list_in(state);
        let found = list.rejected(now(1), Charge::Charged, back_off(), false);
        assert_eq!((found, name(&list)), (outcome, after), "{state:?}");
        list.lists.check_invariants().unwrap();
    }
}

/// I8: only the wait that a registration is in can end it.
#[test]
fn wait_over() {
    for state in STATES {
        let mut list = list_in(state);
        let registration = list.get_mut().unwrap();
        assert!(!registration.wait_over(now(29).monotonic), "{state:?}: too early");
        assert_eq!(registration.wait_over(now(30).monotonic), state == State::Waiting, "{state:?}");
    }
}

#[test]
fn a_new_promise_has_a_new_series() {
    let mut list = list_in(State::Waiting);
    assert_eq!(list.get().unwrap().series().attempts, 1);
    call_register(&mut list);
    assert_eq!(list.get().unwrap().series(), Series::default(), "registered while waiting");

    let mut list = list_in(State::Reregistered);
    list.rejected(now(1), Charge::Charged, back_off(), false);
    assert_eq!(list.get().unwrap().series(), Series::default(), "registered while firing");
}

/// Until when the registration is held that was pending or is pending again.
fn held_until(list: &One) -> MonotonicTime {
    match list.get().unwrap().state() {
        RegistrationState::Pending { not_before } => not_before.map_or(MonotonicTime::ZERO, Wait::until),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_call_shortens_the_hold_of_a_pending_registration_and_never_prolongs_it() {
    for (held, asked) in [(5, 10), (10, 5)] {
        let mut list = list_in(State::Pending);
        let hold = Wait::starting(now(0), Duration::from_secs(held));
        list.get_mut().unwrap().not_started(Charge::Free, Some(hold));
        call_register_spaced(&mut list, Some(Wait::starting(now(0), Duration::from_secs(asked))));
        assert_eq!(held_until(&list), now(5).monotonic, "held for {held} s, asked for in {asked} s");
    }
}

#[test]
fn of_two_calls_in_one_event_the_one_that_may_fire_sooner_counts() {
    for spacings in [[7, 2], [2, 7]] {
        let mut list = list_in(State::Firing);
        for spacing in spacings {
            call_register_spaced(&mut list, Some(Wait::starting(now(0), Duration::from_secs(spacing))));
        }
        list.fulfilled(now(100));
        assert_eq!(held_until(&list), now(102).monotonic, "asked for with {spacings:?} s of distance");
    }
}

#[test]
fn a_wait_that_the_host_asked_for_does_not_end_early() {
    for deferred in [false, true] {
        let mut list = list_in(State::Firing);
        list.rejected(now(0), Charge::Free, back_off(), deferred);
        assert_eq!(list.get_mut().unwrap().end_wait_early(None), !deferred);
    }
}

#[test]
fn i1_a_permit_for_another_key_registers_nothing() {
    let mut list = list_in(State::Pending);
    let origin = Origin::parse("https://b.example").unwrap();
    let other = RegistrationKey::new(
        Partition::Profile(PartitionId(0)),
        StorageKey::first_party(origin),
        "https://b.example/",
        Incarnation(1),
    )
    .unwrap();
    let request = RegistrationRequest::new_tag(&other, 1);
    let permit = authorize(&request, &Facts::of_an_open_window(), &Limits::default()).unwrap();
    let at = Observed::default();
    let asked = Asked { sequence: Sequence(2), at, spacing: None, reregistered_in_a_row: 0 };
    let permit = list.lists.register(list.tag, permit, asked).unwrap_err();
    assert_eq!(permit.into_parts(), (other, SyncKind::OneShot), "it comes back unused");
}

/// A list of periodic syncs is not opened by a permit for one-shot ones.
#[test]
fn i1_a_permit_for_a_one_shot_sync_opens_no_periodic_list() {
    let mut one = list_in(State::Pending);
    let key = one.lists.key(one.list).unwrap().clone();
    let periodic = one.lists.add_list(key.clone(), SyncKind::Periodic);
    let tag = one.lists.hold(periodic, Tag::from("t")).unwrap();
    let request = RegistrationRequest::new_tag(&key, 1);
    let permit = authorize(&request, &Facts::of_an_open_window(), &Limits::default()).unwrap();
    let asked = Asked { sequence: Sequence(2), at: Observed::default(), spacing: None, reregistered_in_a_row: 0 };
    let permit = one.lists.register(tag, permit, asked).unwrap_err();
    assert_eq!(permit.into_parts(), (key, SyncKind::OneShot), "it comes back unused");
    assert!(one.lists.get_mut(tag).is_none());
}
