//! What a page does, wherever its script thread is.

use std::sync::mpsc::channel;

use background_sync::RegisterError;
use background_sync::registration::Tag;
use serde::{Deserialize, Serialize};

pub(crate) type PageId = u32;

/// A page's script.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Script {
    pub(crate) scope: String,
    pub(crate) tag: Tag,
    /// Whether its thread ends before the promise is settled.
    pub(crate) dies: bool,
}

/// Settles a promise. Says whether anybody was there.
pub(crate) type Settle = Box<dyn FnOnce(Result<(), RegisterError>) -> bool + Send>;

/// What a page says.
pub(crate) enum Page {
    /// `navigator.serviceWorker.register`, done.
    WorkerRegistered(String),
    /// `registration.sync.register`, with the way to its promise.
    Register(String, Tag, Settle),
    /// Its promise was resolved.
    Resolved,
    Exited,
    /// Nobody was there when the answer came.
    Gone,
}

/// The body of a script thread.
pub(crate) fn run(script: Script, say: impl Fn(Page) + Clone + Send + 'static) {
    let Script { scope, tag, dies } = script;
    say(Page::WorkerRegistered(scope.clone()));
    let (promise, answer) = channel();
    let of_the_dead = say.clone();
    let settle = Box::new(move |result| {
        let there = promise.send(result).is_ok();
        if !there {
            of_the_dead(Page::Gone);
        }
        there
    });
    if dies {
        drop(answer);
        say(Page::Register(scope, tag, settle));
    } else {
        say(Page::Register(scope, tag, settle));
        let settled = answer.recv();
        assert!(matches!(settled, Ok(Ok(()))), "the promise is resolved: {settled:?}");
        say(Page::Resolved);
    }
    say(Page::Exited);
}
