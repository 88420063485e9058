//! How a thread begins and ends, and who hears of it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use background_sync::policy::SyncKind;
use background_sync::scheduler::NetworkState;
use background_sync::{
    BackgroundSyncThread, Exit, GetTagsError, Handle, Hosts, InspectError, Notice, Poster, Receipt, RegisterError,
    ShutDownError, SpawnError,
};

use crate::run::{SEED, Stop, register};
use crate::store::{Disk, Job, ToyStore};
use crate::toy::{PATIENCE, Stage, Toy, Workers, key, key_of, only, parameters, stage};

fn thread_of_background_sync() -> BackgroundSyncThread {
    BackgroundSyncThread::new(parameters().validated().unwrap(), SEED)
}

fn offline() -> Stage {
    stage(Workers::OfTheTest).with_system_clock().saying(|says| says.network = NetworkState::Offline)
}

fn spawn(stage: &Stage, store: ToyStore) -> Handle {
    let toy = stage.toy.clone();
    thread_of_background_sync().spawn(move |_| toy.hosts(store)).unwrap()
}

#[test]
fn it_is_alive_until_it_was_shut_down_and_says_how_it_ended() {
    let stage = offline();
    let handle = spawn(&stage, ToyStore::at_once(&stage.toy, &Disk::default()));
    assert!(handle.is_alive());
    assert_eq!(handle.exit(), None);
    assert_eq!(handle.inspect(|machine| machine.is_stopped()), Ok(false));
    assert_eq!(handle.shut_down(Duration::MAX), Ok(Exit::ShutDown));
    assert!(!handle.is_alive());
    assert_eq!(handle.exit(), Some(Exit::ShutDown));
    assert_eq!(handle.snapshot().unwrap().exit, Some(Exit::ShutDown), "the last snapshot says so");
    assert_eq!(handle.inspect(|_| ()), Err(InspectError::Ended));
    assert_eq!(handle.shut_down(PATIENCE), Ok(Exit::ShutDown), "again, whoever asks");
}

/// Two wait; a store that never answers, and then does.
#[test]
fn a_shutdown_that_takes_too_long_says_so_to_everybody_and_goes_on() {
    let stage = offline();
    let (store, jobs) = ToyStore::that_waits(&stage.toy, &Disk::default());
    let handle = spawn(&stage, store);
    let registered = register(handle.poster(), key(), "outbox");
    let commit = jobs.recv_timeout(PATIENCE).unwrap();
    let both = || {
        thread::scope(|scope| {
            let waiting = [(); 2].map(|()| scope.spawn(|| handle.shut_down(Duration::from_millis(20))));
            waiting.map(|thread| thread.join().unwrap())
        })
    };
    assert_eq!(both(), [Err(ShutDownError::StillRunning), Err(ShutDownError::StillRunning)]);
    assert!(handle.is_alive());
    assert_eq!(only(&registered), Err(RegisterError::Shutdown));
    commit.run();
    jobs.recv_timeout(PATIENCE).unwrap().run();
    assert_eq!(handle.shut_down(PATIENCE), Ok(Exit::ShutDown));
    assert_eq!(both(), [Ok(Exit::ShutDown), Ok(Exit::ShutDown)]);
}

/// One that cannot even be read keeps nobody.
#[test]
fn a_store_that_is_never_read_does_not_keep_the_thread() {
    let stage = offline();
    let (store, jobs) = ToyStore::that_waits_with_all(&stage.toy, &Disk::default());
    let handle = spawn(&stage, store);
    let registered = register(handle.poster(), key(), "outbox");
    let load = jobs.recv_timeout(PATIENCE).unwrap();
    while handle.snapshot().is_none() {
        thread::yield_now();
    }
    assert_eq!(handle.shut_down(PATIENCE), Ok(Exit::ShutDown));
    assert_eq!(only(&registered), Err(RegisterError::Shutdown));
    load.run();
}

#[test]
fn spawn_waits_for_the_hosts_and_gives_their_error_back() {
    let (keep, kept) = channel::<Poster>();
    let (answer, answered) = channel();
    let spawned = thread_of_background_sync().on_exit(|_| panic!("nothing ran")).spawn(move |poster| {
        let reply = move |result, _: Receipt| answer.send(result).unwrap();
        poster.get_tags(key(), SyncKind::OneShot, reply).unwrap();
        keep.send(poster.clone()).unwrap();
        Err::<Hosts<Toy>, _>("the disk is not there")
    });
    let Err(SpawnError::Hosts(why)) = spawned else { panic!("{spawned:?}") };
    assert_eq!(why, "the disk is not there");
    assert_eq!(answered.try_recv(), Ok(Err(GetTagsError::Shutdown)), "what they had asked is answered");
    assert_eq!(register(&kept.try_recv().unwrap(), key(), "late").try_recv(), Ok(Err(RegisterError::Shutdown)));
}

#[test]
fn hosts_that_panic_are_an_error_of_spawn() {
    fn mistake(_: &Poster) -> Hosts<Toy> {
        panic!("a mistake")
    }
    let spawned = thread_of_background_sync().spawn(mistake);
    let Err(SpawnError::Panicked(message)) = spawned else { panic!("{spawned:?}") };
    assert_eq!(message, "a mistake");
}

/// Everybody is told in this order: calls, whoever waits, `on_exit`. The hosts have gone by then.
#[test]
fn the_end_is_told_last() {
    let stage = offline();
    let (store, jobs) = ToyStore::that_waits(&stage.toy, &Disk::default());
    let order = Arc::new(Mutex::new(Vec::new()));
    let (toy, on_exit) = (stage.toy.clone(), Arc::clone(&order));
    let (ended, end) = channel();
    let handle = thread_of_background_sync()
        .on_exit(move |exit| {
            on_exit.lock().unwrap().push(exit.to_string());
            ended.send(()).unwrap();
        })
        .spawn(move |_| toy.hosts(store))
        .unwrap();
    let on_reply = Arc::clone(&order);
    let reply = move |_, _: Receipt| on_reply.lock().unwrap().push("a call is answered".to_owned());
    handle.poster().register(key(), "outbox".into(), crate::toy::page(), reply).unwrap();
    let in_flight = jobs.recv_timeout(PATIENCE).unwrap();
    handle.poster().notify(Notice::Shutdown);
    in_flight.run();
    jobs.recv_timeout(PATIENCE).unwrap().run();
    end.recv_timeout(PATIENCE).unwrap();
    assert_eq!(*order.lock().unwrap(), ["a call is answered", "it was shut down"]);
    assert!(jobs.recv_timeout(PATIENCE).is_err(), "the store has gone");
}

/// Nobody waits for it then; its last commit is written all the same.
#[test]
fn the_last_handle_that_is_dropped_ends_the_thread() {
    let stage = offline();
    let (disk, (ended, end)) = (Disk::default(), channel());
    let (toy, store) = (stage.toy.clone(), ToyStore::at_once(&stage.toy, &disk));
    let on_exit = move |exit: &Exit| ended.send(exit.clone()).unwrap();
    let handle = thread_of_background_sync().on_exit(on_exit).spawn(move |_| toy.hosts(store)).unwrap();
    let another = handle.clone();
    assert_eq!(only(&register(handle.poster(), key(), "outbox")), Ok(()));
    let poster = handle.poster().clone();
    drop(handle);
    assert_eq!(only(&register(another.poster(), key_of("another"), "another")), Ok(()));
    drop(another);
    assert_eq!(end.recv_timeout(PATIENCE), Ok(Exit::ShutDown), "a poster does not keep it");
    assert_eq!(register(&poster, key(), "late").try_recv(), Ok(Err(RegisterError::Shutdown)));
    assert_eq!(disk.tags(), ["outbox", "another"]);
}

/// Two producers that never stop.
#[test]
fn a_shutdown_beside_a_flood_comes_to_its_end() {
    let stage = offline();
    let handle = spawn(&stage, ToyStore::at_once(&stage.toy, &Disk::default()));
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let _stop = Stop(&stop);
        for producer in 0..2 {
            let (poster, stop) = (handle.poster().clone(), &stop);
            scope.spawn(move || {
                let keys: Vec<_> = (0..500).map(|number| key_of(&format!("p{producer}x{number}"))).collect();
                while !stop.load(Ordering::Relaxed) {
                    keys.iter().for_each(|key| poster.notify(Notice::Worker(key.clone())));
                }
            });
        }
        let ended = handle.shut_down(PATIENCE);
        assert_eq!(ended, Ok(Exit::ShutDown));
    });
}

/// What a store says after the end concerns nobody.
#[test]
fn a_store_that_answers_after_the_end_is_not_heard() {
    let stage = offline();
    let (store, jobs) = ToyStore::that_waits_with_all(&stage.toy, &Disk::default());
    let handle = spawn(&stage, store);
    let load = jobs.recv_timeout(PATIENCE).unwrap();
    handle.shut_down(PATIENCE).unwrap();
    assert!(matches!(load, Job::Load(..)));
    load.run();
    assert_eq!(handle.exit(), Some(Exit::ShutDown));
}
