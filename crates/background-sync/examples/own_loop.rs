//! Background sync on an engine's own loop: no thread of its own, no lock, closures that are not `Send`.
//!
//! `cargo run -p background-sync --no-default-features --example own_loop`
//!
//! The loop takes its own messages and the driver's wakes from one channel. A worker's thread ends its event whenever it
//! likes; that alone wakes the loop.
//!
//! What an engine adds for background sync, between the marks below, is
//! 45 lines.
//!
//! What is shown is asserted, and run by the tests.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use background_sync::policy::{
    Facts, Incarnation, Origin, Partition, PartitionId, PermissionState, RegistrationKey, StorageKey, SyncKind,
    WindowClients,
};
use background_sync::registration::Tag;
use background_sync::scheduler::{NetworkState, SyncParameters};
use background_sync::{
    AttemptId, Call, Driver, EventCompletion, Hosts, MemoryStore, NetworkOracle, NetworkSubject, Next, Notice,
    OriginHost, Outcome, ServiceWorkerHost, StartCompletion, SyncEventInit, SystemClock, TerminateReason, WorkerState,
};

/// What the loop is told.
enum Message {
    /// Background sync has something to do.
    Wake,
    /// A page calls `register`. It holds on to its window until the loop has taken this.
    Register(RegistrationKey, Tag),
    /// The system has a network.
    Online,
}

// host lines
/// The engine. The driver owns it; the loop reaches it between two turns.
struct Engine {
    online: bool,
    windows: WindowClients,
}

impl ServiceWorkerHost for Engine {
    fn state(&mut self, _: &RegistrationKey) -> WorkerState {
        WorkerState::Active
    }

    fn start(&mut self, _: &RegistrationKey, start: StartCompletion) {
        thread::spawn(|| start.ready());
    }

    fn dispatch(&mut self, _: &RegistrationKey, event: &SyncEventInit, _cap: Duration, completion: EventCompletion) {
        println!("worker: sync event '{}'", event.tag);
        thread::spawn(|| completion.finish(Outcome::Fulfilled));
    }

    fn terminate(&mut self, _: &RegistrationKey, _: AttemptId, _: TerminateReason) {}
}

impl OriginHost for Engine {
    fn windows(&mut self, _: Partition, _: &Origin) -> WindowClients {
        self.windows
    }

    fn permission(&mut self, _: Partition, _: &Origin, _: SyncKind) -> PermissionState {
        PermissionState::Prompt
    }
}

impl NetworkOracle for Engine {
    fn state(&mut self, _: Option<&Origin>) -> NetworkState {
        if self.online { NetworkState::online() } else { NetworkState::Offline }
    }
}
// end of host lines

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (to_loop, inbox) = channel();
    let wake = to_loop.clone();
    let engine = Engine { online: false, windows: WindowClients::new(1, 0) };
    let mut driver = Driver::new(
        SyncParameters::recommended(),
        [7; 32],
        move || drop(wake.send(Message::Wake)),
        |_| Hosts::new(engine, MemoryStore::default(), SystemClock::starting_now()),
    );
    driver.poster().notify(Notice::WorkersKnown);

    let origin = Origin::parse("https://chat.example")?;
    let key = RegistrationKey::new(
        Partition::Profile(PartitionId(0)),
        StorageKey::first_party(origin),
        "https://chat.example/",
        Incarnation(1),
    )?;
    to_loop.send(Message::Register(key, Tag::from("outbox")))?;
    to_loop.send(Message::Online)?;
    run(&mut driver, &inbox)?;
    assert_eq!(driver.machine().registration_count(), 0, "the event was fulfilled");
    assert!(driver.into_engine().online, "the engine is given back");
    Ok(())
}

/// The engine's loop, until the event has ended and what was to be written is.
fn run(driver: &mut Driver<Engine>, inbox: &Receiver<Message>) -> Result<(), Box<dyn std::error::Error>> {
    let registered = Rc::new(Cell::new(false));
    loop {
        let next = driver.turn();
        // Looked at before the loop waits: the next turn is due when the end is to be written, seconds later. The notice
        // wakes the loop.
        if registered.get() && driver.machine().registration_count() == 0 {
            registered.set(false);
            driver.poster().notify(Notice::Shutdown);
        }
        // host lines
        let message = match next {
            Next::AtOnce => inbox.try_recv().ok(),
            Next::Within(time) => match inbox.recv_timeout(time) {
                Ok(message) => Some(message),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return Err("the engine has ended".into()),
            },
            Next::WhenWoken => Some(inbox.recv()?),
            Next::Stopped => return Ok(()),
        };
        // end of host lines
        match message {
            Some(Message::Register(key, tag)) => {
                // A promise of this thread's: nothing of it is `Send`.
                let resolve = Rc::clone(&registered);
                // host lines
                let facts = Facts { windows: driver.engine().windows, ..Facts::of_an_open_window() };
                driver.register(key, tag, Call::by_page(facts), move |result, receipt| {
                    resolve.set(result.is_ok());
                    receipt.delivered();
                })?;
                // end of host lines
            }
            Some(Message::Online) => {
                driver.engine_mut().online = true;
                driver.poster().notify(Notice::Network(NetworkSubject::All));
            }
            Some(Message::Wake) | None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_worker_on_a_thread_of_its_own_wakes_the_loop() -> Result<(), Box<dyn std::error::Error>> {
        super::main()
    }

    #[test]
    fn a_host_is_as_short_as_the_docs_say() {
        let source = include_str!("own_loop.rs");
        let mut counts = false;
        let mut lines = 0;
        for line in source.lines().map(str::trim) {
            match line {
                "// host lines" => counts = true,
                "// end of host lines" => counts = false,
                _ => lines += usize::from(counts && !line.is_empty() && !line.starts_with("//")),
            }
        }
        assert!(lines <= 60, "{lines}");
        assert!(
            source.contains(&format!("//! {lines} lines.")),
            "the docs of this example say another number: {lines}"
        );
    }
}
