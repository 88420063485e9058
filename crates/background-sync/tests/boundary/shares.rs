//! Turns that end, and origins that do not crowd each other out. What is counted is calls, never time.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;

use background_sync::policy::{SyncKind, WindowClients};
use background_sync::registration::Tag;
use background_sync::scheduler::NetworkState;
use background_sync::{GetTagsError, HostCall, Next, Notice, Receipt, Removal};

use crate::run::{Stop, driver, register, turns};
use crate::store::Disk;
use crate::toy::{PROFILE, Workers, key, key_of, origin, stage};

/// Most messages of a turn, as `Driver::turn` says.
const MOST: usize = 256;

/// Two producers that never stop. Each of their notices is a call of a host.
#[test]
fn a_turn_takes_a_bounded_number_of_messages_whoever_posts_meanwhile() {
    let stage = stage(Workers::OfTheTest);
    let mut driver = driver(&stage, &Disk::default());
    let _ = turns(&mut driver);
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let _stop = Stop(&stop);
        for producer in 0..2 {
            let (poster, stop) = (driver.poster().clone(), &stop);
            scope.spawn(move || {
                let keys: Vec<_> = (0..1_000).map(|number| key_of(&format!("p{producer}x{number}"))).collect();
                while !stop.load(Ordering::Relaxed) {
                    keys.iter().for_each(|key| poster.notify(Notice::Worker(key.clone())));
                }
            });
        }
        let mut busiest = 0;
        while busiest < MOST {
            let before = stage.toy.calls(HostCall::WorkerState);
            assert_ne!(driver.turn(), Next::Stopped);
            let taken = stage.toy.calls(HostCall::WorkerState) - before;
            assert!(taken <= MOST, "a turn took {taken} messages");
            busiest = busiest.max(taken);
        }
        driver.poster().notify(Notice::Shutdown);
        while driver.turn() != Next::Stopped {}
    });
}

/// A host that says that its windows changed whenever it is asked for them.
#[test]
fn a_host_that_notifies_from_inside_a_method_never_makes_a_turn_endless() {
    let stage = stage(Workers::OfTheTest);
    let mut driver = driver(&stage, &Disk::default());
    let _ = turns(&mut driver);
    let poster = driver.poster().clone();
    stage.toy.on_every_call(move |call| {
        if call == HostCall::Windows {
            poster.notify(Notice::Clients(PROFILE, origin()));
        }
    });
    driver.poster().notify(Notice::Clients(PROFILE, origin()));
    for asked in 1..=50 {
        assert_eq!(driver.turn(), Next::AtOnce);
        assert_eq!(stage.toy.calls(HostCall::Windows), asked, "what it posts is for the next turn");
    }
    let answered = register(driver.poster(), key(), "outbox");
    // The store answers while it is called, so it is durable in the turn that takes it.
    assert_eq!(driver.turn(), Next::AtOnce);
    assert_eq!(answered.try_recv(), Ok(Ok(())), "everything else goes on");
}

#[test]
fn equal_notices_that_wait_are_one_question() {
    let stage = stage(Workers::OfTheTest);
    let mut driver = driver(&stage, &Disk::default());
    let _ = turns(&mut driver);
    let notices = [
        (HostCall::Windows, Notice::Clients(PROFILE, origin())),
        (HostCall::WorkerState, Notice::Worker(key())),
        (HostCall::Restriction, Notice::Restriction),
        (HostCall::Network, Notice::Network(background_sync::NetworkSubject::All)),
        (HostCall::Permission, Removal::Permission(PROFILE, origin(), SyncKind::OneShot).into()),
    ];
    for (call, notice) in notices {
        let before = stage.toy.calls(call);
        (0..10_000).for_each(|_| driver.poster().notify(notice.clone()));
        let _ = turns(&mut driver);
        assert_eq!(stage.toy.calls(call) - before, 1, "{notice:?}");
        driver.poster().notify(notice.clone());
        let _ = turns(&mut driver);
        assert_eq!(stage.toy.calls(call) - before, 2, "{notice:?}: given again after it was taken");
    }
}

/// The state is set, then the notice is given, by threads that race with the driver. It ends with the last state.
#[test]
fn no_notice_is_lost_between_one_that_waits_and_one_that_is_taken() {
    const ROUNDS: u32 = 2_000;
    let stage = stage(Workers::OfTheTest).saying(|says| says.network = NetworkState::Offline);
    let mut driver = driver(&stage, &Disk::default());
    let _ = turns(&mut driver);
    let (seen, done) = (Arc::new(Mutex::new(WindowClients::none())), AtomicUsize::new(0));
    let (toy, in_hook) = (stage.toy.clone(), Arc::clone(&seen));
    let facts = stage.toy.clone();
    stage.toy.on_every_call(move |call| {
        if call == HostCall::Windows {
            *in_hook.lock().unwrap() = facts.facts(&origin()).windows;
        }
    });
    thread::scope(|scope| {
        for _ in 0..2 {
            let (poster, toy, done) = (driver.poster().clone(), toy.clone(), &done);
            scope.spawn(move || {
                for _ in 0..ROUNDS {
                    toy.say(|says| says.windows = WindowClients::new(says.windows.top_level + 1, 0));
                    poster.notify(Notice::Clients(PROFILE, origin()));
                }
                done.fetch_add(1, Ordering::Release);
            });
        }
        while done.load(Ordering::Acquire) < 2 {
            let _ = driver.turn();
        }
    });
    let _ = turns(&mut driver);
    assert_eq!(*seen.lock().unwrap(), WindowClients::new(1 + 2 * ROUNDS, 0));
}

/// One origin asks as fast as it can; another one makes two hundred calls. Before every turn the flood fills its share.
#[test]
fn a_flood_of_one_origin_costs_that_one_only() {
    let stage = stage(Workers::OfTheTest).saying(|says| says.network = NetworkState::Offline);
    let mut driver = driver(&stage, &Disk::default());
    let _ = turns(&mut driver);
    let stop = AtomicBool::new(false);
    let refused = AtomicUsize::new(0);
    thread::scope(|scope| {
        let _stop = Stop(&stop);
        let (poster, stop, refused) = (driver.poster().clone(), &stop, &refused);
        scope.spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                let posted = poster.get_tags(key_of("flood"), SyncKind::OneShot, |_, _| ());
                if let Err(refusal) = posted {
                    assert_eq!(refusal.error, GetTagsError::QueueFull);
                    refused.fetch_add(1, Ordering::Release);
                }
            }
        });
        while refused.load(Ordering::Acquire) == 0 {
            thread::yield_now();
        }
        let calls: Vec<_> = (0..200)
            .map(|number| {
                let (answer, answered) = channel();
                let reply = move |result, _: Receipt| answer.send(result).unwrap();
                let key = key_of("quiet");
                let tag = Tag::from(format!("tag {}", number % 20).as_str());
                driver.register(key, tag, crate::toy::page(), reply).unwrap();
                answered
            })
            .collect();
        for answered in &calls {
            let answer = loop {
                match answered.try_recv() {
                    Ok(answer) => break answer,
                    Err(_) => drop(driver.turn()),
                }
            };
            assert_eq!(answer, Ok(()));
        }
    });
    assert!(refused.load(Ordering::Relaxed) > 0);
}
