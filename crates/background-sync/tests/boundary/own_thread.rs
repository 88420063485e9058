//! Whose thread what runs on: replies on the thread of background sync only, and what would wait for that thread never
//! on it.

use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};

use background_sync::policy::SyncKind;
use background_sync::registration::Tag;
use background_sync::scheduler::SyncParameters;
use background_sync::{
    BackgroundSyncThread, CancelError, GetTagsError, Handle, HostCall, InspectError, Notice, Receipt, RegisterError,
    Removal, RemovalError, ShutDownError,
};

use crate::run::SEED;
use crate::store::{Disk, ToyStore};
use crate::toy::{PATIENCE, PROFILE, Stage, Workers, key, origin, page, parameters, stage};

fn spawn(stage: &Stage, params: SyncParameters) -> Handle {
    let (toy, store) = (stage.toy.clone(), ToyStore::at_once(&stage.toy, &Disk::default()));
    let thread = BackgroundSyncThread::new(params.validated().unwrap(), SEED);
    thread.spawn(move |_| toy.hosts(store)).unwrap()
}

/// Keeps the thread busy, inside a reply, until the sender is dropped.
fn busy(handle: &Handle) -> Sender<()> {
    let (release, released) = channel::<()>();
    let (begins, begun) = channel();
    let reply = move |_, _: Receipt| {
        begins.send(()).unwrap();
        assert!(released.recv().is_err());
    };
    handle.poster().get_tags(key(), SyncKind::OneShot, reply).unwrap();
    begun.recv_timeout(PATIENCE).unwrap();
    release
}

type Waits = (Result<usize, InspectError>, Result<(), InspectError>, Result<(), ShutDownError>);

fn waits(handle: &Handle) -> Waits {
    let why_not = handle.why_not(&key(), SyncKind::OneShot, &Tag::from("outbox"));
    let counted = handle.inspect(|machine| machine.registration_count());
    (counted, why_not.map(drop), handle.shut_down(PATIENCE).map(drop))
}

const REFUSED: Waits =
    (Err(InspectError::OnItsOwnThread), Err(InspectError::OnItsOwnThread), Err(ShutDownError::OnItsOwnThread));

#[test]
fn what_waits_for_the_thread_is_refused_on_it() {
    let stage = stage(Workers::OfTheTest).with_system_clock();
    let handle = spawn(&stage, parameters());
    // In a reply.
    let (answer, answered) = channel();
    let (inside, reply) = (handle.clone(), answer.clone());
    let posted = handle.poster().get_tags(key(), SyncKind::OneShot, move |_, _| reply.send(waits(&inside)).unwrap());
    posted.unwrap();
    assert_eq!(answered.recv_timeout(PATIENCE).unwrap(), REFUSED);
    // In a host.
    let inside = handle.clone();
    stage.toy.on_every_call(move |call| {
        if call == HostCall::Windows {
            answer.send(waits(&inside)).unwrap();
        }
    });
    handle.poster().notify(Notice::Clients(PROFILE, origin()));
    assert_eq!(answered.recv_timeout(PATIENCE).unwrap(), REFUSED);
    stage.toy.on_every_call(|_| ());
    assert!(handle.is_alive(), "nothing was done");
    assert!(handle.shut_down(PATIENCE).is_ok());
}

/// Each kind of call, made while the caller holds a lock that its reply takes. Gives the threads that the replies ran on.
fn calls_under_a_lock(handle: &Handle) -> Vec<ThreadId> {
    let lock = Arc::new(Mutex::new(Vec::new()));
    let take = || {
        let lock = Arc::clone(&lock);
        move || lock.lock().unwrap().push(thread::current().id())
    };
    {
        let _held = lock.lock().unwrap();
        let ran = take();
        let call = handle.poster().register(key(), Tag::from("outbox"), page(), move |_, _| ran());
        let register = call.map_err(|refused| refused.error);
        let ran = take();
        let call = handle.poster().get_tags(key(), SyncKind::OneShot, move |_, _| ran());
        let get_tags = call.map_err(|refused| refused.error);
        let ran = take();
        let call = handle.poster().cancel(key(), SyncKind::OneShot, Tag::from("outbox"), move |_, _| ran());
        let cancel = call.map_err(|refused| refused.error);
        if handle.is_alive() {
            assert_eq!(register, Err(RegisterError::QueueFull));
            assert_eq!((get_tags, cancel), (Err(GetTagsError::QueueFull), Err(CancelError::QueueFull)));
        } else {
            assert_eq!(register, Err(RegisterError::Shutdown));
            assert_eq!((get_tags, cancel), (Err(GetTagsError::Shutdown), Err(CancelError::Shutdown)));
            let ran = take();
            let removed = handle.poster().remove(Removal::Unregistered(key()), move |_| ran());
            assert_eq!(removed.unwrap_err().error, RemovalError::Shutdown);
        }
    }
    lock.lock().unwrap().clone()
}

#[test]
fn no_reply_runs_on_the_thread_that_calls() {
    let stage = stage(Workers::OfTheTest).with_system_clock();
    let handle = spawn(&stage, parameters().with(|it| it.max_queued_requests = 1));
    let release = busy(&handle);
    let (ran, runs_on) = channel();
    let reply = move |_, _: Receipt| ran.send(thread::current().id()).unwrap();
    handle.poster().get_tags(key(), SyncKind::OneShot, reply).unwrap();
    assert_eq!(calls_under_a_lock(&handle), [], "the queue is full");
    drop(release);
    assert_ne!(runs_on.recv_timeout(PATIENCE).unwrap(), thread::current().id());
    handle.shut_down(PATIENCE).unwrap();
    assert_eq!(calls_under_a_lock(&handle), [], "it has ended");
}

#[test]
fn who_wants_the_reply_to_run_here_says_so() {
    let stage = stage(Workers::OfTheTest).with_system_clock();
    let handle = spawn(&stage, parameters());
    handle.shut_down(PATIENCE).unwrap();
    let (ran, runs_on) = channel();
    let reply = move |result, receipt: Receipt| {
        receipt.delivered();
        ran.send((result, thread::current().id())).unwrap();
    };
    handle.poster().register(key(), Tag::from("outbox"), page(), reply).unwrap_err().answer();
    assert_eq!(runs_on.try_recv(), Ok((Err(RegisterError::Shutdown), thread::current().id())));
}
