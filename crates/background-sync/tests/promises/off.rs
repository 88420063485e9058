//! Background sync that is switched off: everybody is answered, and what is stored is there again when it is on.

use background_sync::policy::{Partition, PartitionId, Refusal, SyncKind, UserSwitch, WindowClients};
use background_sync::registration::Tag;
use background_sync::scheduler::NetworkState;
use background_sync::{
    ClearedScope, Input, Machine, Output, RegisterError, RemovalError, Reply, RequestId, WakeToken, WhyNot, WorkerState,
};

use crate::support::stories::{CANCEL, at, cancel, key_of, loaded, register, store_of, stored, with};
use crate::support::{PROFILE, key, origin, secs};

fn off() -> Machine {
    Machine::new(with(|params| params.enabled = false), [1; 32])
}

/// What it says to an input.
fn says(machine: &mut Machine, input: Input) -> Vec<Output> {
    machine.handle(at(1), input);
    machine.check_invariants().unwrap();
    said(machine)
}

/// Lines of the log say nothing to the host.
fn said(machine: &mut Machine) -> Vec<Output> {
    let outputs = std::iter::from_fn(|| machine.poll_output());
    outputs.filter(|output| !matches!(output, Output::Event(_))).collect()
}

fn reply(request: RequestId, reply: Reply) -> Vec<Output> {
    vec![Output::Reply { request, reply }]
}

const SAID: RequestId = RequestId(500);

fn clears(partition: Partition) -> Input {
    Input::DataCleared { request: Some(SAID), scope: ClearedScope::Partition(partition), since: None }
}

#[test]
fn it_wants_nothing_of_anybody_whatever_it_hears() {
    let mut machine = off();
    assert_eq!(said(&mut machine), [], "it does not even read its store");
    let network = |epoch| Input::NetworkChanged {
        subject: background_sync::NetworkSubject::All,
        state: NetworkState::online(),
        epoch,
    };
    let inputs = [
        Input::WorkersKnown { states: vec![(key(), WorkerState::Active)] },
        network(1),
        Input::ClientsChanged { partition: PROFILE, origin: origin(), windows: WindowClients::none() },
        Input::Slept,
        Input::Woke,
        Input::Frozen,
        Input::Thawed,
        Input::Loaded(loaded(&store_of([stored(1, "outbox")]), WorkerState::Active)),
        network(2),
        Input::Tick,
    ];
    for input in inputs {
        assert_eq!(says(&mut machine, input.clone()), [], "{input:?}");
        assert_eq!((machine.next_deadline(), machine.next_wakeup()), (None, None), "{input:?}");
    }
    assert_eq!(machine.registrations().count(), 0);
    let stats = machine.stats();
    assert_eq!((stats.commits, stats.inputs_ignored), (0, 1), "it asked for no load");
}

#[test]
fn every_call_is_answered_at_once() {
    let mut machine = off();
    let refused = Reply::Registered(Err(RegisterError::Refused(Refusal::SwitchedOff)));
    assert_eq!(says(&mut machine, register(1, key(), "outbox")), reply(RequestId(1), refused));
    let asks = Input::GetTags { request: RequestId(2), key: key(), kind: SyncKind::OneShot };
    assert_eq!(says(&mut machine, asks), reply(RequestId(2), Reply::Tags(Ok(vec![]))));
    assert_eq!(says(&mut machine, cancel("outbox")), reply(CANCEL, Reply::Cancelled(Ok(false))));
    let woken = Input::Woken { token: WakeToken(3), budget: secs(30) };
    assert_eq!(says(&mut machine, woken), [Output::WakeDone { token: WakeToken(3) }]);
}

#[test]
fn inspectors_are_told_why() {
    let mut machine = off();
    says(&mut machine, register(1, key(), "outbox"));
    assert_eq!(machine.why_not(&key(), SyncKind::OneShot, &Tag::from("outbox")), [WhyNot::SwitchedOff]);
    assert_eq!(machine.log().count(), 1, "the refusal");
    let secret = key_of(Partition::Private(PartitionId(1)), "https://secret.example");
    says(&mut machine, register(2, secret, "outbox"));
    assert_eq!(machine.log().count(), 1, "I12: of a private partition nothing is said");
}

/// An engine repeats them when background sync is on again.
#[test]
fn removals_are_told_that_what_is_stored_was_not_touched() {
    let mut machine = off();
    let (request, kind) = (Some(SAID), SyncKind::OneShot);
    let untouched = || reply(SAID, Reply::Durable(Err(RemovalError::SwitchedOff)));
    assert_eq!(says(&mut machine, clears(PROFILE)), untouched());
    assert_eq!(says(&mut machine, Input::Unregistered { request, key: key() }), untouched());
    let everybody = |switch| Input::UserSwitch { request, origin: None, kind, switch };
    assert_eq!(says(&mut machine, everybody(UserSwitch::Off)), untouched());
    let nothing_to_do = || reply(SAID, Reply::Durable(Ok(())));
    assert_eq!(says(&mut machine, everybody(UserSwitch::On)), nothing_to_do());
    let secret = Partition::Private(PartitionId(1));
    assert_eq!(says(&mut machine, clears(secret)), nothing_to_do(), "I12: it is in no store");
    let unasked = Input::DataCleared { request: None, scope: ClearedScope::Partition(PROFILE), since: None };
    assert_eq!(says(&mut machine, unasked), []);
}

#[test]
fn a_shutdown_has_nothing_to_wait_for() {
    let mut machine = off();
    assert_eq!(says(&mut machine, Input::Shutdown), []);
    assert!(machine.is_stopped());
    let late = says(&mut machine, clears(PROFILE));
    assert_eq!(late, reply(SAID, Reply::Durable(Err(RemovalError::Shutdown))));
}
