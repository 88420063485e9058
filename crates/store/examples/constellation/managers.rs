//! Pages and service workers on threads of this process: one for each page, one manager for each origin.

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use background_sync::Outcome;
use background_sync::policy::Origin;

use crate::constellation::ToConstellation;
use crate::content::{self, PageId, Script};
use crate::host::Task;

pub(crate) struct Managers {
    constellation: Sender<ToConstellation>,
    threads: HashMap<Origin, Sender<Task>>,
}

impl Managers {
    pub(crate) fn new(constellation: Sender<ToConstellation>) -> Self {
        Self { constellation, threads: HashMap::new() }
    }

    pub(crate) fn run_page(&self, page: PageId, script: Script) {
        let constellation = self.constellation.clone();
        let say = move |said| drop(constellation.send(ToConstellation::Page(page, said)));
        thread::spawn(move || content::run(script, say));
    }

    pub(crate) fn give(&mut self, origin: &Origin, task: Task) {
        let manager = self.threads.entry(origin.clone()).or_insert_with(|| {
            let (manager, inbox) = channel();
            let (origin, constellation) = (origin.clone(), self.constellation.clone());
            thread::spawn(move || manage(&origin, &inbox, &constellation));
            manager
        });
        // A manager that has ended loses the task, and with it the token.
        manager.send(task).ok();
    }
}

/// Runs the service workers of an origin. Their events do what there is to do at once.
fn manage(origin: &Origin, inbox: &Receiver<Task>, constellation: &Sender<ToConstellation>) {
    for task in inbox {
        match task {
            Task::Start(start) => start.ready(),
            Task::Dispatch(event, done) => {
                constellation.send(ToConstellation::News(format!("{origin} sent {}", event.tag))).ok();
                done.finish(Outcome::Fulfilled);
            }
            Task::Terminate(_) => {}
        }
    }
}
