//! A whole toy engine: one origin, one page, one service worker, all of them Rust closures.
//!
//! `cargo run -p background-sync --example embed`
//!
//! A page writes a message while offline, registers a sync and is closed. The network comes back, the
//! worker's `sync` event sends the message.
//!
//! What is shown is asserted, and run by the tests.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use background_sync::policy::{
    Incarnation, Origin, Partition, PartitionId, PermissionState, RegistrationKey, StorageKey, SyncKind, WindowClients,
};
use background_sync::registration::Tag;
use background_sync::scheduler::{NetworkState, SyncParameters};
use background_sync::{
    AttemptId, BackgroundSyncThread, Caller, EventCompletion, Hosts, MemoryStore, NetworkOracle, NetworkSubject,
    Notice, OriginHost, Outcome, ServiceWorkerHost, SyncEventInit, SystemClock, TerminateReason, WhyNot, WorkerState,
};

/// What the rest of the engine shares with background sync.
#[derive(Default)]
struct Engine {
    online: AtomicBool,
    window_open: AtomicBool,
    /// What the page's and the worker's database would be.
    outbox: Mutex<Vec<String>>,
}

/// Service workers: each attempt's completion, from start to end.
struct Workers {
    engine: Arc<Engine>,
    running: HashMap<AttemptId, EventCompletion>,
    /// The way to the server.
    fetch: mpsc::Sender<String>,
}

impl ServiceWorkerHost for Workers {
    fn state(&mut self, _: &RegistrationKey) -> WorkerState {
        WorkerState::Active
    }

    fn start(&mut self, attempt: AttemptId, key: &RegistrationKey, completion: EventCompletion) {
        println!("engine: starting the worker of {}", key.scope());
        completion.ready();
        self.running.insert(attempt, completion);
    }

    fn dispatch(&mut self, attempt: AttemptId, event: &SyncEventInit, _cap: Duration) {
        println!("worker: sync event '{}', last chance: {}", event.tag, event.last_chance);
        let messages = std::mem::take(&mut *self.engine.outbox.lock().expect("nobody panics with it"));
        let sent = messages.into_iter().try_for_each(|message| self.fetch.send(message));
        if let Some(completion) = self.running.remove(&attempt) {
            completion.finish(if sent.is_ok() { Outcome::Fulfilled } else { Outcome::Rejected });
        }
    }

    fn abandon(&mut self, attempt: AttemptId) {
        self.running.remove(&attempt);
    }

    fn terminate(&mut self, attempt: AttemptId, _: TerminateReason) {
        self.running.remove(&attempt);
    }
}

struct Origins(Arc<Engine>);

impl OriginHost for Origins {
    fn windows(&mut self, _: Partition, _: &Origin) -> WindowClients {
        WindowClients::new(self.0.window_open.load(Ordering::Relaxed).into(), 0)
    }

    fn permission(&mut self, _: Partition, _: &Origin, _: SyncKind) -> PermissionState {
        PermissionState::Prompt
    }
}

struct Network(Arc<Engine>);

impl NetworkOracle for Network {
    fn state(&mut self, _: Option<&Origin>) -> NetworkState {
        if self.0.online.load(Ordering::Relaxed) { NetworkState::online() } else { NetworkState::Offline }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let engine = Arc::new(Engine::default());
    let shared = Arc::clone(&engine);
    let (fetch, server) = mpsc::channel();
    // A real engine draws the seed from a good source. The spread is short so that nobody waits.
    let params = SyncParameters::recommended()
        .into_parameters()
        .with(|it| it.first_fire_spread_in_background = Duration::from_millis(100));
    let sync = BackgroundSyncThread::spawn(params.validated()?, [7; 32], move |_| {
        let workers = Workers { engine: Arc::clone(&shared), running: HashMap::new(), fetch };
        let (origins, network) = (Origins(Arc::clone(&shared)), Network(shared));
        Hosts::new(workers, origins, network, MemoryStore::default(), SystemClock::starting_now())
    })?;
    let poster = sync.poster();

    let origin = Origin::parse("https://chat.example")?;
    let partition = Partition::Profile(PartitionId(0));
    let key = RegistrationKey::new(
        partition,
        StorageKey::first_party(origin.clone()),
        "https://chat.example/",
        Incarnation(1),
    )?;

    // The page: write, register, close.
    engine.window_open.store(true, Ordering::Relaxed);
    engine.outbox.lock().expect("nobody panics with it").push("hello from the tunnel".to_owned());
    let (resolve, promise) = mpsc::channel();
    poster.register(key.clone(), Tag::from("outbox"), Caller::PAGE, move |result, receipt| {
        if resolve.send(result).is_ok() {
            receipt.delivered();
        }
    });
    promise.recv()??;
    let why_not = sync.why_not(&key, SyncKind::OneShot, &Tag::from("outbox")).unwrap_or_default();
    println!("page: registered; why not now? {why_not:?}");
    assert!(why_not.contains(&WhyNot::Offline));
    engine.window_open.store(false, Ordering::Relaxed);
    poster.notify(Notice::Clients(partition, origin));

    // The tunnel ends.
    engine.online.store(true, Ordering::Relaxed);
    poster.notify(Notice::Network(NetworkSubject::All));
    let message = server.recv_timeout(Duration::from_secs(60))?;
    println!("server: {message}");
    assert_eq!(message, "hello from the tunnel");
    sync.shut_down();
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_message_arrives_after_the_page_was_closed() -> Result<(), Box<dyn std::error::Error>> {
        super::main()
    }
}
