//! A machine in a process of its own: everything that it hears and says goes through a pipe, as bytes.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use background_sync_policy::{
    Facts, Incarnation, Origin, Partition, PartitionId, RegistrationKey, StorageKey, WorkerState,
};
use background_sync_registration::{MonotonicTime, Now, Tag, WallTime};
use background_sync_scheduler::{NetworkState, SyncParameters};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{AskedBy, Input, Loaded, Machine, MemoryStore, NetworkSubject, Outcome, Output, RequestId, StoreContents};

fn send<T: Serialize>(pipe: &Sender<Vec<u8>>, message: &T) {
    // Whoever reads may have ended.
    drop(pipe.send(postcard::to_allocvec(message).unwrap()));
}

fn receive<T: DeserializeOwned>(pipe: &Receiver<Vec<u8>>) -> Option<T> {
    pipe.recv().ok().map(|bytes| postcard::from_bytes(&bytes).unwrap())
}

/// The machine's side: it ends with a shutdown. Both pipes are its own, and it has no clock.
fn serve(inputs: &Receiver<Vec<u8>>, outputs: &Sender<Vec<u8>>) {
    let params = SyncParameters::recommended().into_parameters().with(|it| it.first_fire_spread = Default::default());
    let mut machine = Machine::new(params.validated().unwrap(), [7; 32]);
    loop {
        while let Some(output) = machine.poll_output() {
            send(outputs, &output);
        }
        if machine.is_stopped() {
            return;
        }
        let Some((now, input)) = receive::<(Now, Input)>(inputs) else { return };
        machine.handle(now, input);
    }
}

/// The engine's side, which has everything else.
struct Engine {
    to_machine: Sender<Vec<u8>>,
    store: MemoryStore,
    epoch: u64,
    fired: Vec<Tag>,
}

impl Engine {
    fn say(&self, input: Input) {
        let now = Now { monotonic: MonotonicTime::ZERO, wall: WallTime::from_unix_ms(1_700_000_000_000) };
        send(&self.to_machine, &(now, input));
    }

    fn network(&mut self, subject: NetworkSubject) {
        self.epoch += 1;
        self.say(Input::NetworkChanged { subject, state: NetworkState::online(), epoch: self.epoch });
    }

    fn hear(&mut self, output: Output) {
        match output {
            Output::Load => {
                let StoreContents { registrations, budgets, profile, lost } = self.store.contents();
                self.say(Input::Loaded(Loaded { registrations, budgets, profile, lost, ..Loaded::default() }));
            }
            Output::Reply { request, .. } => self.say(Input::ReplyDelivered { request }),
            Output::Start { attempt, .. } => {
                let (facts, network) = (Facts::of_an_open_window(), NetworkState::online());
                self.say(Input::Ready { attempt, facts, network });
            }
            Output::Dispatch { attempt, event, .. } => {
                self.fired.push(event.tag);
                self.say(Input::Finished { attempt, outcome: Outcome::Fulfilled });
                self.say(Input::Shutdown);
            }
            Output::Commit { txn, ops } | Output::Rewrite { txn, ops } => {
                ops.into_iter().for_each(|op| self.store.apply(op));
                self.say(Input::Committed { txn });
            }
            Output::AskNetwork { origin } => self.network(NetworkSubject::Origin(origin)),
            Output::AskUser { attempt, .. } => self.say(Input::Answered { attempt, yes: false }),
            Output::Abandon { .. }
            | Output::Terminate { .. }
            | Output::ArmWakeUp(_)
            | Output::WakeDone { .. }
            | Output::KeepAlive(_)
            | Output::Event(_) => {}
        }
    }
}

#[test]
fn a_machine_at_the_other_end_of_a_pipe_keeps_a_promise() {
    let ((to_machine, inputs), (outputs, from_machine)) = (channel(), channel());
    let machine = thread::spawn(move || serve(&inputs, &outputs));
    let mut engine = Engine { to_machine, store: MemoryStore::default(), epoch: 0, fired: Vec::new() };
    let origin = Origin::parse("https://chat.example").unwrap();
    let (partition, storage_key) = (Partition::Profile(PartitionId(0)), StorageKey::first_party(origin));
    let key = RegistrationKey::new(partition, storage_key, "https://chat.example/", Incarnation(1)).unwrap();
    // Half a character: no text.
    let tag = Tag::from_utf16(&[0xD800]);
    engine.say(Input::WorkerChanged { key: key.clone(), state: WorkerState::Active });
    engine.network(NetworkSubject::All);
    let (request, facts) = (RequestId(1), Facts::of_an_open_window());
    engine.say(Input::Register { request, key, tag: tag.clone(), asked_by: AskedBy::Page, facts });
    while let Some(output) = receive(&from_machine) {
        engine.hear(output);
    }
    machine.join().unwrap();
    assert_eq!(engine.fired, [tag]);
    assert_eq!(engine.store.contents().registrations, []);
}
