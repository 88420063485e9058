//! What happens when background sync itself panics, which no host can bring about.

use std::sync::mpsc::channel;
use std::time::Duration;

use background_sync_policy::{
    Facts, Incarnation, Origin, Partition, PartitionId, PermissionState, RegistrationKey, StorageKey, SyncKind,
    WindowClients, WorkerState,
};
use background_sync_registration::Tag;
use background_sync_scheduler::{NetworkState, SyncParameters};

use crate::driver::Message;
use crate::{
    AttemptId, BackgroundSyncThread, Call, CommitCompletion, EventCompletion, Exit, Handle, Hosts, InspectError,
    LoadCompletion, NetworkOracle, OriginHost, RegisterError, Removal, RemovalError, ServiceWorkerHost,
    StartCompletion, StoreOp, SyncEventInit, SyncStore, SystemClock, TerminateReason,
};

const PATIENCE: Duration = Duration::from_secs(60);

/// There is no network, and its store never says anything about a commit.
struct Engine;

impl ServiceWorkerHost for Engine {
    fn state(&mut self, _: &RegistrationKey) -> WorkerState {
        WorkerState::Active
    }

    fn start(&mut self, _: &RegistrationKey, _: StartCompletion) {}
    fn dispatch(&mut self, _: &RegistrationKey, _: &SyncEventInit, _: Duration, _: EventCompletion) {}
    fn terminate(&mut self, _: &RegistrationKey, _: AttemptId, _: TerminateReason) {}
}

impl OriginHost for Engine {
    fn windows(&mut self, _: Partition, _: &Origin) -> WindowClients {
        WindowClients::new(1, 0)
    }

    fn permission(&mut self, _: Partition, _: &Origin, _: SyncKind) -> PermissionState {
        PermissionState::Granted
    }
}

impl NetworkOracle for Engine {
    fn state(&mut self, _: Option<&Origin>) -> NetworkState {
        NetworkState::Offline
    }
}

#[derive(Default)]
struct Silent(Vec<CommitCompletion>);

impl SyncStore for Silent {
    fn load(&mut self, done: LoadCompletion) {
        done.finish(Ok(crate::StoreContents::default()));
    }

    fn commit(&mut self, _: Vec<StoreOp>, done: CommitCompletion) {
        self.0.push(done);
    }

    fn rewrite(&mut self, _: Vec<StoreOp>, done: CommitCompletion) {
        self.0.push(done);
    }
}

fn key() -> RegistrationKey {
    let origin = Origin::parse("https://chat.example").unwrap();
    let partition = Partition::Profile(PartitionId(0));
    RegistrationKey::new(partition, StorageKey::first_party(origin), "https://chat.example/", Incarnation(1)).unwrap()
}

fn page() -> Call {
    Call::by_page(Facts::of_an_open_window())
}

/// A call waits in the machine, one in the queue whose reply panics, one in the queue behind it.
#[test]
fn a_panic_of_our_own_is_an_end_that_everybody_hears_of() {
    let (ended, end) = channel();
    let handle = BackgroundSyncThread::new(SyncParameters::recommended(), [7; 32])
        .on_exit(move |exit| ended.send(exit.clone()).unwrap())
        .spawn(|_| Hosts::new(Engine, Silent::default(), SystemClock::starting_now()))
        .unwrap();
    let (answer, answers) = channel();
    let register = |handle: &Handle, tag: &str| {
        let (answer, name) = (answer.clone(), tag.to_owned());
        let reply = move |result, _| answer.send((name, result)).unwrap();
        handle.poster().register(key(), Tag::from(tag), page(), reply)
    };
    register(&handle, "in the machine").unwrap();
    assert_eq!(handle.inspect(|machine| machine.registration_count()), Ok(1));
    // Nothing comes between: the thread is held until all is in the queue.
    let (hold, held) = channel::<()>();
    let block = move |_: &crate::Machine| assert!(held.recv().is_err());
    handle.poster().post(Message::Inspect(Box::new(block)));
    handle.poster().post(Message::FaultOfOurOwn);
    register(&handle, "in the queue").unwrap();
    let unwraps = |result: Result<(), RegisterError>, _| result.unwrap();
    handle.poster().register(key(), Tag::from("whose page has gone"), page(), unwraps).unwrap();
    register(&handle, "behind it").unwrap();
    drop(hold);

    let exit = Exit::Panicked("a fault of our own".to_owned());
    assert_eq!(end.recv_timeout(PATIENCE).as_ref(), Ok(&exit));
    let mut heard: Vec<_> = answers.try_iter().collect();
    heard.sort_by(|a, b| a.0.cmp(&b.0));
    let all = ["behind it", "in the machine", "in the queue"];
    assert_eq!(heard, all.map(|tag| (tag.to_owned(), Err(RegisterError::Shutdown))), "each once");
    assert!(!handle.is_alive());
    assert_eq!(handle.exit().as_ref(), Some(&exit));
    assert_eq!(handle.snapshot().unwrap().exit.as_ref(), Some(&exit));
    assert_eq!(handle.shut_down(PATIENCE).as_ref(), Ok(&exit));
    assert_eq!(handle.inspect(|_| ()), Err(InspectError::Ended));
    assert_eq!(register(&handle, "late").unwrap_err().error, RegisterError::Shutdown);
    let removed = handle.poster().remove(Removal::Unregistered(key()), |_| ());
    assert_eq!(removed.unwrap_err().error, RemovalError::Shutdown);
    assert!(answers.try_recv().is_err(), "nothing is answered again");
}
