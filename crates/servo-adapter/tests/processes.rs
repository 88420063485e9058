//! Background sync and the constellation in one process, a page and its service worker in another: Servo's multiprocess
//! mode. This program starts itself as the content process, which does what it is told there.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::process::{Child, Command, exit};
use std::sync::mpsc;
use std::time::Duration;
use std::{env, thread};

use background_sync::registration::Tag;
use background_sync::scheduler::NetworkState;
use background_sync::{Outcome, RegisterError, Removal};
use background_sync_servo::{BackgroundSyncMsg, RegisterReply, Registration, WorkerCommand};
use embedder_traits::{AllowOrDeny, PermissionFeature};
use ipc_channel::ipc::{IpcOneShotServer, IpcSender};
use serde::{Deserialize, Serialize};
use servo_base::generic_channel::{GenericCallback, GenericReceiver, GenericSender, channel};
use servo_config::opts::{Opts, initialize_options};
use support::{Constellation, FOREVER, registration};

/// Says in the environment of a content process where its constellation is.
const SERVER: &str = "BACKGROUND_SYNC_TEST_SERVER";

/// The exit code of a content process whose worker crashes.
const CRASHED: i32 = 7;

/// What a content process sends first: the ways to it and from it.
#[derive(Serialize, Deserialize)]
struct Hello {
    page: GenericReceiver<ToConstellation>,
    worker: GenericSender<WorkerCommand>,
}

/// What a content process tells the constellation.
#[derive(Debug, Serialize, Deserialize)]
enum ToConstellation {
    /// A page calls `register`.
    Register(Tag, GenericCallback<RegisterReply>),
    /// The promise is settled.
    Settled(Result<(), RegisterError>),
    /// An event is dispatched to the worker.
    Dispatched(Registration, Tag),
}

fn main() {
    initialize_options(Opts { multiprocess: true, ..Opts::default() });
    match (env::var(SERVER), env::args().nth(1).as_deref()) {
        (Ok(server), Some("page")) => page_whose_worker_crashes(server),
        (Ok(server), Some("hasty page")) => hasty_page(server),
        (Ok(server), _) => worker(server),
        (Err(_), _) => {
            a_promise_survives_a_crash();
            a_page_that_is_gone_is_not_waited_for();
        }
    }
}

fn a_promise_survives_a_crash() {
    let constellation = Constellation::start();
    constellation.tell(BackgroundSyncMsg::NetworkChanged(NetworkState::Offline));
    constellation.tell(BackgroundSyncMsg::NetworkChanged(NetworkState::online()));
    constellation.tell(BackgroundSyncMsg::PermissionDecided {
        is_private: false,
        origin: registration().storage_key().clone(),
        feature: PermissionFeature::BackgroundSync,
        decision: Some(AllowOrDeny::Allow),
    });
    let mut page = Content::start("page");
    let ToConstellation::Register(tag, reply) = page.says() else { panic!() };
    constellation.register("outbox", reply);
    assert_eq!(tag, Tag::from("outbox"));
    let ToConstellation::Settled(result) = page.says() else { panic!() };
    assert_eq!(result, Ok(()));

    pass_an_attempt_on(&constellation, &page);
    assert_eq!(page.process.wait().unwrap().code(), Some(CRASHED));
    assert_eq!(constellation.tags(), Ok(vec![tag]), "a crash is no reason to forget the promise");

    let mut worker = Content::start("worker");
    pass_an_attempt_on(&constellation, &worker);
    assert_eq!(worker.process.wait().unwrap().code(), Some(0));
    let done = || constellation.tags() == Ok(vec![]);
    // What the worker said last may still be on its way.
    assert!((0..FOREVER.as_millis()).any(|_| done() || pause()), "the event is fulfilled");
    let (done, answer) = GenericCallback::new_blocking().unwrap();
    constellation.tell(BackgroundSyncMsg::Remove(Removal::Unregistered(registration().key().clone()), done));
    assert_eq!(answer.recv().unwrap(), Ok(()));
    constellation.exit();
    println!("a promise survives a crash: ok");
}

fn a_page_that_is_gone_is_not_waited_for() {
    let constellation = Constellation::without_time();
    let mut page = Content::start("hasty page");
    let ToConstellation::Register(_, reply) = page.says() else { panic!() };
    assert_eq!(page.process.wait().unwrap().code(), Some(0));
    constellation.register("outbox", reply);
    let start = constellation.command();
    assert!(matches!(start, WorkerCommand::Start { .. }), "{start:?}");
    constellation.exit();
    println!("a page that is gone is not waited for: ok");
}

fn pause() -> bool {
    thread::sleep(Duration::from_millis(1));
    false
}

/// Passes what background sync wants for one attempt on to a worker's process.
fn pass_an_attempt_on(constellation: &Constellation, content: &Content) {
    let start = constellation.command();
    assert!(matches!(start, WorkerCommand::Start { .. }), "{start:?}");
    content.worker.send(start).unwrap();
    let dispatch = constellation.command();
    assert!(matches!(dispatch, WorkerCommand::Dispatch { .. }), "{dispatch:?}");
    content.worker.send(dispatch).unwrap();
    let ToConstellation::Dispatched(of, tag) = content.says() else { panic!() };
    assert_eq!((of, tag), (registration(), Tag::from("outbox")));
}

/// A content process, as the constellation has it.
struct Content {
    process: Child,
    page: GenericReceiver<ToConstellation>,
    worker: GenericSender<WorkerCommand>,
}

impl Content {
    fn start(role: &str) -> Self {
        let (server, name) = IpcOneShotServer::<Hello>::new().unwrap();
        let process = Command::new(env::current_exe().unwrap()).arg(role).env(SERVER, name).spawn().unwrap();
        let (_, Hello { page, worker }) = server.accept().unwrap();
        Self { process, page, worker }
    }

    fn says(&self) -> ToConstellation {
        self.page.try_recv_timeout(FOREVER).ok().expect("the content process says something")
    }
}

/// In a content process: the ways to the constellation and from it.
fn hello(server: String) -> (GenericSender<ToConstellation>, GenericReceiver<WorkerCommand>) {
    let (to_constellation, page) = channel().unwrap();
    let (worker, commands) = channel().unwrap();
    IpcSender::connect(server).unwrap().send(Hello { page, worker }).unwrap();
    (to_constellation, commands)
}

fn page_whose_worker_crashes(server: String) {
    let (constellation, commands) = hello(server);
    let (task, tasks) = mpsc::channel();
    let callback = GenericCallback::new(move |reply| drop(task.send(reply.unwrap()))).unwrap();
    constellation.send(ToConstellation::Register(Tag::from("outbox"), callback)).unwrap();
    let RegisterReply { result, delivered } = tasks.recv_timeout(FOREVER).unwrap();
    constellation.send(ToConstellation::Settled(result)).unwrap();
    delivered.send(()).unwrap();
    let _ended = dispatched(&constellation, &commands);
    exit(CRASHED);
}

fn hasty_page(server: String) {
    let (constellation, _commands) = hello(server);
    let callback = GenericCallback::new(|_| panic!("nobody is here any more")).unwrap();
    constellation.send(ToConstellation::Register(Tag::from("outbox"), callback)).unwrap();
}

fn worker(server: String) {
    let (constellation, commands) = hello(server);
    dispatched(&constellation, &commands).send(Outcome::Fulfilled).unwrap();
}

/// The worker is started and its event dispatched.
fn dispatched(
    constellation: &GenericSender<ToConstellation>,
    commands: &GenericReceiver<WorkerCommand>,
) -> GenericCallback<Outcome> {
    let WorkerCommand::Start { started, .. } = commands.recv().unwrap() else { panic!() };
    started.send(Ok(())).unwrap();
    let WorkerCommand::Dispatch { registration, event, ended, .. } = commands.recv().unwrap() else { panic!() };
    constellation.send(ToConstellation::Dispatched(registration, event.tag)).unwrap();
    ended
}
