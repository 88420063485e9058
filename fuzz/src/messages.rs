//! What a hostile content process sends.
//!
//! A router stands between it and the machine, as in an engine: it knows which page is of which origin and makes the
//! facts. Everything else is the process's own word: keys, tags, names of attempts and of requests.

use std::fmt::Debug;

use background_sync::policy::{RegistrationKey, SyncKind};
use background_sync::registration::{MinInterval, Tag};
use background_sync::scheduler::SyncParameters;
use background_sync::{AskedBy, AttemptId, Input, NotStarted, Notice, Outcome, Output, RequestId};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::host::Host;
use super::router::Router;

/// More messages find nothing that fewer do not.
const MOST_MESSAGES: usize = 200;
/// No text begins with one of these, and every frame of ours does.
const FRAMES: std::ops::Range<u8> = 0..16;

/// What the router hears: the process's messages, and what happens meanwhile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Heard {
    /// The process says something.
    Process(FromContent),
    /// So many milliseconds pass.
    Passes(u32),
    /// The network is there, or not.
    Online(bool),
    /// A page has a window, or has none any more.
    Window(u8, bool),
    /// The user takes a permission back, or gives it.
    Granted(u8, SyncKind, bool),
}

/// What the process says. Pages are numbers that the router gave it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum FromContent {
    /// `SyncManager.register(tag)`.
    Register(u8, Named, Tag, AskedBy),
    /// `PeriodicSyncManager.register(tag, {minInterval})`.
    RegisterPeriodic(u8, Named, Tag, MinInterval, AskedBy),
    /// `PeriodicSyncManager.unregister(tag)`.
    Unregister(u8, Named, Tag),
    /// `getTags()`.
    GetTags(u8, Named, SyncKind),
    /// A worker runs.
    Ready(AttemptId),
    /// A worker does not.
    NotStarted(AttemptId, NotStarted),
    /// An event has ended.
    Finished(AttemptId, Outcome),
    /// An answer has come to its page, or found none.
    Answered(RequestId, bool),
    /// A page has unregistered its service worker.
    WorkerGone(u8, Named),
}

/// A service worker registration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Named {
    /// By its scope; the router makes the key.
    Scope(String),
    /// By its key, as an engine may hand it out.
    Key(RegistrationKey),
}

/// Reads the bytes as messages, and does what a router does with them.
///
/// # Panics
/// When what was read is not written to something that reads the same, when the machine breaks an invariant, or when the
/// process gets what policy does not allow.
pub fn run(bytes: &[u8]) {
    let mut router = Router::new();
    for heard in read(bytes) {
        router.hear(heard);
    }
    router.shut_down();
    // What the engine's own processes say is trusted to be meant well, and read all the same.
    straight_at_the_machine(read(bytes));
    read::<Notice>(bytes);
    read::<Output>(bytes);
}

fn straight_at_the_machine(inputs: Vec<Input>) {
    let mut host = Host::new(SyncParameters::recommended(), 7);
    for input in inputs {
        host.say(input);
        host.keep_word();
    }
    host.shut_down();
}

/// As many as can be read, one after the other.
fn read<T: Serialize + DeserializeOwned + PartialEq + Debug>(bytes: &[u8]) -> Vec<T> {
    let in_frames = bytes.first().is_none_or(|first| FRAMES.contains(first));
    let all = if in_frames { of_frames(bytes) } else { of_json(bytes) };
    all.iter().for_each(comes_back);
    all
}

fn of_frames<T: DeserializeOwned>(mut bytes: &[u8]) -> Vec<T> {
    let mut all = Vec::new();
    while let (false, Ok((one, rest))) = (bytes.is_empty(), postcard::take_from_bytes(bytes)) {
        all.push(one);
        if all.len() == MOST_MESSAGES || rest.len() == bytes.len() {
            break;
        }
        bytes = rest;
    }
    all
}

fn of_json<T: DeserializeOwned>(bytes: &[u8]) -> Vec<T> {
    let all = serde_json::Deserializer::from_slice(bytes).into_iter();
    all.map_while(Result::ok).take(MOST_MESSAGES).collect()
}

/// Read back as it was written, in a text format and in a binary one.
pub(super) fn comes_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let text = serde_json::to_string(value).expect("a JSON text");
    assert_eq!(serde_json::from_str::<T>(&text).as_ref().ok(), Some(value), "{text}");
    let frame = postcard::to_allocvec(value).expect("a frame");
    assert_eq!(postcard::from_bytes::<T>(&frame).as_ref().ok(), Some(value), "{frame:?}");
}
