//! The constellation's end of a content process: messages that are serde, and the tokens that stay here.

use std::collections::HashMap;
use std::error::Error;
use std::io::{self, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::Sender;
use std::thread;

use background_sync::policy::RegistrationKey;
use background_sync::registration::Tag;
use background_sync::{AttemptId, EventCompletion, Outcome, Receipt, RegisterError, StartCompletion, SyncEventInit};
use serde::{Deserialize, Serialize};
use serde_json::Deserializer;

use crate::constellation::ToConstellation;
use crate::content::{PageId, Script};

pub(crate) type CallId = u64;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum ToContent {
    Run(PageId, Script),
    // host lines: processes
    Start(AttemptId, RegistrationKey),
    Dispatch(AttemptId, RegistrationKey, SyncEventInit),
    Terminate(AttemptId),
    Answer(CallId, Result<(), RegisterError>),
    // end of host lines
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum FromContent {
    WorkerRegistered(PageId, String),
    Register(PageId, CallId, String, Tag),
    Exited(PageId),
    News(String),
    // host lines: processes
    Ready(AttemptId),
    Finished(AttemptId, Outcome),
    /// Whether the caller was there when the answer came.
    Answered(CallId, bool),
    // end of host lines
}

// host lines: processes
/// What the content process speaks of by number. Dropped they say what became of everything in it: starts are lost,
/// workers have crashed. A receipt says nothing, so that an event waits its second.
#[derive(Default)]
pub(crate) struct Tokens {
    pub(crate) starts: HashMap<AttemptId, StartCompletion>,
    pub(crate) events: HashMap<AttemptId, EventCompletion>,
    pub(crate) receipts: HashMap<CallId, Receipt>,
}
// end of host lines

/// The content process from outside.
pub(crate) struct ContentLink {
    to: ChildStdin,
    child: Child,
}

impl ContentLink {
    /// Starts this very program as a content process.
    pub(crate) fn start(constellation: Sender<ToConstellation>) -> Result<Self, Box<dyn Error>> {
        let mut command = Command::new(std::env::current_exe()?);
        let mut child = command.arg("content").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (to, from) = (child.stdin.take().ok_or("no pipe")?, child.stdout.take().ok_or("no pipe")?);
        thread::spawn(move || {
            for message in Deserializer::from_reader(BufReader::new(from)).into_iter().map_while(Result::ok) {
                constellation.send(ToConstellation::Content(message)).ok();
            }
            constellation.send(ToConstellation::ContentGone).ok();
        });
        Ok(Self { to, child })
    }

    /// One that has ended does not read it; the reader's last word follows.
    pub(crate) fn send(&mut self, message: &ToContent) {
        let frame = serde_json::to_string(message).map_err(io::Error::other);
        frame.and_then(|frame| writeln!(self.to, "{frame}")).and_then(|()| self.to.flush()).ok();
    }

    pub(crate) fn kill(&mut self) -> io::Result<()> {
        self.child.kill()
    }
}

impl Drop for ContentLink {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
