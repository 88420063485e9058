//! The content process: script threads and a manager thread for each origin, behind frames on its standard streams.

use std::collections::HashMap;
use std::error::Error;
use std::io::{self, Write};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, atomic::AtomicU64, atomic::Ordering};
use std::thread;

use background_sync::policy::Origin;
use background_sync::{AttemptId, Outcome, SyncEventInit};
use parking_lot::Mutex;
use serde_json::Deserializer;

use crate::content::{self, Page, PageId, Script, Settle};
use crate::content_link::{CallId, FromContent, ToContent};

/// Promises of this process, by the number that the other one knows them by.
type Promises = Arc<Mutex<HashMap<CallId, Settle>>>;

fn say(message: &FromContent) {
    let mut out = io::stdout().lock();
    // The other end is gone when the engine is.
    serde_json::to_string(message).map(|frame| writeln!(out, "{frame}").and_then(|()| out.flush())).ok();
}

/// Runs until its input ends.
pub(crate) fn run() -> Result<(), Box<dyn Error>> {
    let (promises, calls) = (Promises::default(), Arc::<AtomicU64>::default());
    let mut managers = HashMap::new();
    for message in Deserializer::from_reader(io::stdin().lock()).into_iter() {
        match message? {
            ToContent::Run(page, script) => run_page(page, script, &promises, &calls),
            ToContent::Start(attempt, key) => manager(&mut managers, key.origin()).send(Job::Start(attempt))?,
            ToContent::Dispatch(attempt, key, event) => {
                manager(&mut managers, key.origin()).send(Job::Dispatch(attempt, event))?;
            }
            // host lines: processes
            ToContent::Answer(call, result) => {
                let settle = promises.lock().remove(&call).ok_or("nobody called")?;
                say(&FromContent::Answered(call, settle(result)));
            }
            // end of host lines
            // Events of this engine are over before anybody could want to end them.
            ToContent::Terminate(_) => {}
        }
    }
    Ok(())
}

fn run_page(page: PageId, script: Script, promises: &Promises, calls: &Arc<AtomicU64>) {
    let (promises, calls) = (Arc::clone(promises), Arc::clone(calls));
    thread::spawn(move || {
        content::run(script, move |said| {
            say(&match said {
                Page::WorkerRegistered(scope) => FromContent::WorkerRegistered(page, scope),
                Page::Register(scope, tag, settle) => {
                    let call = calls.fetch_add(1, Ordering::Relaxed);
                    promises.lock().insert(call, settle);
                    FromContent::Register(page, call, scope, tag)
                }
                Page::Resolved => FromContent::News(format!("page {page} has its answer")),
                Page::Gone => FromContent::News(format!("page {page} is gone")),
                Page::Exited => FromContent::Exited(page),
            });
        });
    });
}

enum Job {
    Start(AttemptId),
    Dispatch(AttemptId, SyncEventInit),
}

fn manager<'m>(managers: &'m mut HashMap<Origin, Sender<Job>>, origin: &Origin) -> &'m Sender<Job> {
    managers.entry(origin.clone()).or_insert_with(|| {
        let (manager, inbox) = channel();
        let origin = origin.clone();
        thread::spawn(move || manage(&origin, &inbox));
        manager
    })
}

fn manage(origin: &Origin, inbox: &Receiver<Job>) {
    for job in inbox {
        match job {
            Job::Start(attempt) => say(&FromContent::Ready(attempt)),
            Job::Dispatch(attempt, event) => {
                say(&FromContent::News(format!("{origin} sent {}", event.tag)));
                say(&FromContent::Finished(attempt, Outcome::Fulfilled));
            }
        }
    }
}
