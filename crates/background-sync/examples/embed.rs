//! A whole toy engine: one origin, one page, one service worker, all of them Rust closures.
//!
//! `cargo run -p background-sync --example embed`
//!
//! A page writes a message while offline, registers a sync and is closed. The network comes back, the
//! worker's `sync` event sends the message.
//!
//! What is shown is asserted, and run by the tests.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;

use background_sync::policy::{
    Facts, Incarnation, Origin, Partition, PartitionId, PermissionState, RegistrationKey, StorageKey, SyncKind,
    WindowClients,
};
use background_sync::registration::Tag;
use background_sync::scheduler::{NetworkState, SyncParameters};
use background_sync::{
    AttemptId, BackgroundSyncThread, Call, EventCompletion, Hosts, MemoryStore, NetworkOracle, NetworkSubject, Notice,
    OriginHost, Outcome, ServiceWorkerHost, StartCompletion, SyncEventInit, SystemClock, TerminateReason, WhyNot,
    WorkerState,
};

/// What the rest of the engine shares with background sync.
#[derive(Default)]
struct Engine {
    online: AtomicBool,
    window_open: AtomicBool,
    /// What the page's and the worker's database would be.
    outbox: Mutex<Vec<String>>,
}

impl Engine {
    fn windows(&self) -> WindowClients {
        WindowClients::new(self.window_open.load(Ordering::Relaxed).into(), 0)
    }

    fn outbox(&self) -> std::sync::MutexGuard<'_, Vec<String>> {
        self.outbox.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The engine as background sync sees it.
struct Host {
    engine: Arc<Engine>,
    /// The worker's way to the server.
    fetch: mpsc::Sender<String>,
}

impl ServiceWorkerHost for Host {
    fn state(&mut self, _: &RegistrationKey) -> WorkerState {
        WorkerState::Active
    }

    fn start(&mut self, key: &RegistrationKey, start: StartCompletion) {
        println!("engine: starting the worker of {}", key.scope());
        start.ready();
    }

    fn dispatch(&mut self, _: &RegistrationKey, event: &SyncEventInit, _cap: Duration, completion: EventCompletion) {
        println!("worker: sync event '{}', last chance: {}", event.tag, event.last_chance);
        let messages = std::mem::take(&mut *self.engine.outbox());
        let sent = messages.into_iter().try_for_each(|message| self.fetch.send(message));
        completion.finish(if sent.is_ok() { Outcome::Fulfilled } else { Outcome::Rejected });
    }

    /// Its events are over before anybody could want to end them.
    fn terminate(&mut self, _: &RegistrationKey, _: AttemptId, _: TerminateReason) {}
}

impl OriginHost for Host {
    fn windows(&mut self, _: Partition, _: &Origin) -> WindowClients {
        self.engine.windows()
    }

    fn permission(&mut self, _: Partition, _: &Origin, _: SyncKind) -> PermissionState {
        PermissionState::Prompt
    }
}

impl NetworkOracle for Host {
    fn state(&mut self, _: Option<&Origin>) -> NetworkState {
        if self.engine.online.load(Ordering::Relaxed) { NetworkState::online() } else { NetworkState::Offline }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let engine = Arc::new(Engine::default());
    let (fetch, server) = mpsc::channel();
    let host = Host { engine: Arc::clone(&engine), fetch };
    // The spread is short so that nobody waits.
    let params = SyncParameters::recommended().into_parameters().with(|it| {
        it.first_fire_spread_in_background = Duration::from_millis(100);
    });
    let seed = [7; 32]; // a real engine draws it from a good source
    let sync = BackgroundSyncThread::new(params.validated()?, seed)
        .on_exit(|exit| println!("engine: background sync has ended: {exit}"))
        .spawn(|_| Hosts::new(host, MemoryStore::default(), SystemClock::starting_now()))?;
    let poster = sync.poster();
    // This engine has no service worker registrations of earlier sessions to read.
    poster.notify(Notice::WorkersKnown);

    let origin = Origin::parse("https://chat.example")?;
    let partition = Partition::Profile(PartitionId(0));
    let key = RegistrationKey::new(
        partition,
        StorageKey::first_party(origin.clone()),
        "https://chat.example/",
        Incarnation(1),
    )?;

    // The page: write, register, close. The call carries what is true when it is made.
    engine.window_open.store(true, Ordering::Relaxed);
    engine.outbox().push("hello from the tunnel".to_owned());
    let (resolve, promise) = mpsc::channel();
    let call = Call::by_page(Facts { windows: engine.windows(), ..Facts::of_an_open_window() });
    poster.register(key.clone(), Tag::from("outbox"), call, move |result, receipt| {
        // A page that is gone has no promise to resolve.
        if resolve.send(result).is_ok() { receipt.delivered() } else { receipt.gone() }
    })?;
    engine.window_open.store(false, Ordering::Relaxed);
    poster.notify(Notice::Clients(partition, origin));
    promise.recv()??;
    let why_not = sync.why_not(&key, SyncKind::OneShot, &Tag::from("outbox"))?;
    println!("page: registered; why not now? {why_not:?}");
    assert!(why_not.contains(&WhyNot::Offline));

    // The tunnel ends.
    engine.online.store(true, Ordering::Relaxed);
    poster.notify(Notice::Network(NetworkSubject::All));
    let message = server.recv_timeout(Duration::from_secs(60))?;
    println!("server: {message}");
    assert_eq!(message, "hello from the tunnel");
    sync.shut_down(Duration::from_secs(10))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_message_arrives_after_the_page_was_closed() -> Result<(), Box<dyn std::error::Error>> {
        super::main()
    }
}
