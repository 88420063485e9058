use std::error::Error;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use background_sync::policy::{Facts, RegistrationKey};
use background_sync::scheduler::{NetworkState, SyncParameters};
use background_sync::{
    BackgroundSyncThread, Call, CommitCompletion, Handle, LoadCompletion, Notice, Poster, StoreOp, SyncEventInit,
    SyncStore,
};
use background_sync_benches::{Engine, key, parameters, tag};
use background_sync_store::RedbStore;

use crate::AT_ONCE;

/// background-sync on its own thread.
pub(crate) struct Ours {
    handle: Handle,
    key: RegistrationKey,
    /// One for every event that was fulfilled.
    fulfilled: Receiver<()>,
    /// How many removals have just become durable.
    removed: Receiver<u64>,
    calls: u64,
}

impl Ours {
    pub(crate) fn open(path: &Path) -> Result<Self, Box<dyn Error>> {
        let params = parameters().into_parameters().with(|it| {
            it.max_concurrent_events = AT_ONCE as usize;
            it.max_concurrent_events_per_origin = AT_ONCE as usize;
        });
        let (tell, removed) = channel();
        let store = Watched { store: RedbStore::open_without_thread(path, |report| eprintln!("{report}"))?, tell };
        let (ended, fulfilled) = channel();
        let count = move |_: &SyncEventInit| {
            ended.send(()).ok();
        };
        let hosts = move |_: &Poster| Engine::hosts(NetworkState::online(), store, count);
        let params = params.validated().map_err(|problem| problem.to_string())?;
        let handle = BackgroundSyncThread::new(params, [7; 32]).spawn(hosts)?;
        Ok(Self { handle, key: key(0), fulfilled, removed, calls: 0 })
    }

    /// All calls at once, then until all of it is off the disk again.
    pub(crate) fn round(&mut self) -> Result<(), Box<dyn Error>> {
        for _ in 0..AT_ONCE {
            self.calls += 1;
            let call = Call::by_page(Facts::of_an_open_window());
            self.handle.poster().register(self.key.clone(), tag(self.calls), call, |result, receipt| {
                if result.is_ok() {
                    receipt.delivered();
                }
            })?;
        }
        for _ in 0..AT_ONCE {
            self.fulfilled.recv()?;
        }
        // Removals go with whatever is written next, or some seconds later. Before the system sleeps they are written.
        self.handle.poster().notify(Notice::Slept);
        let mut left = AT_ONCE;
        while left > 0 {
            left = left.checked_sub(self.removed.recv()?).ok_or("more was removed than was there")?;
        }
        self.handle.poster().notify(Notice::Woke);
        Ok(())
    }

    pub(crate) fn shut_down(&self) -> Result<(), Box<dyn Error>> {
        self.handle.shut_down(Duration::from_secs(60))?;
        Ok(())
    }
}

/// A store that tells when removals are durable.
struct Watched {
    store: RedbStore,
    tell: Sender<u64>,
}

impl SyncStore for Watched {
    fn load(&mut self, done: LoadCompletion) {
        self.store.load(done);
    }

    fn commit(&mut self, ops: Vec<StoreOp>, done: CommitCompletion) {
        let removals = ops.iter().filter(|op| matches!(op, StoreOp::RemoveRegistration(_))).count() as u64;
        let tell = self.tell.clone();
        let told = CommitCompletion::new(move |result| {
            if result.is_ok() && removals > 0 {
                tell.send(removals).ok();
            }
            done.finish(result);
        });
        self.store.commit(ops, told);
    }

    fn rewrite(&mut self, ops: Vec<StoreOp>, done: CommitCompletion) {
        self.store.rewrite(ops, done);
    }
}
