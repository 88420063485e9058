//! Calls that really race with what the engine says next, on threads of their own.

use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use background_sync::policy::WindowClients;
use background_sync::registration::Tag;
use background_sync::scheduler::NetworkState;
use background_sync::{BackgroundSyncThread, Call, Handle, Notice, RegisterError};

use crate::run::SEED;
use crate::store::{Disk, ToyStore};
use crate::toy::{PATIENCE, PROFILE, Stage, Workers, key_of, parameters, stage};

fn spawn(stage: &Stage, store: ToyStore) -> Handle {
    let toy = stage.toy.clone();
    let thread = BackgroundSyncThread::new(parameters().validated().unwrap(), SEED);
    let handle = thread.spawn(move |_| toy.hosts(store)).unwrap();
    handle.poster().notify(Notice::WorkersKnown);
    handle
}

/// Pages that register and are closed by the very next message: so many accepted calls of so many.
fn accepted(takes: Option<Duration>, calls: usize) -> usize {
    let stage = stage(Workers::OfTheTest).with_system_clock().saying(|says| says.network = NetworkState::Offline);
    let disk = Disk::default();
    let store = match takes {
        None => ToyStore::at_once(&stage.toy, &disk),
        Some(takes) => ToyStore::elsewhere(&stage.toy, &disk, takes),
    };
    let handle = spawn(&stage, store);
    let (answer, answers) = channel();
    thread::scope(|scope| {
        for page_thread in 0..2 {
            let (handle, toy, answer) = (&handle, &stage.toy, answer.clone());
            scope.spawn(move || {
                for number in 0..calls / 2 {
                    let key = key_of(&format!("p{page_thread}x{number}"));
                    let origin = key.origin().clone();
                    let (call, answer) = (Call::by_page(toy.facts(&origin)), answer.clone());
                    let reply = move |result: Result<(), RegisterError>, _| answer.send(result).unwrap();
                    handle.poster().register(key, Tag::from("outbox"), call, reply).unwrap();
                    toy.say(|says| says.windows_of.extend([(origin.clone(), WindowClients::none())]));
                    handle.poster().notify(Notice::Clients(PROFILE, origin));
                }
            });
        }
    });
    let results = (0..calls).map(|_| answers.recv_timeout(PATIENCE).unwrap());
    let accepted = results.filter(Result::is_ok).count();
    assert_eq!(disk.tags().len(), accepted, "what was accepted is stored");
    accepted
}

#[test]
fn a_window_that_closes_right_after_the_call_changes_nothing() {
    assert_eq!(accepted(None, 1_000), 1_000);
}

#[test]
fn nor_does_it_behind_a_store_that_is_slow() {
    assert_eq!(accepted(Some(Duration::from_millis(2)), 200), 200);
}
