//! The protocol without any I/O: frames of JSON in, answers and events out.

mod frame;
mod surrogates;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::{Value, json};

use frame::{Frame, Refusal};

/// The number of a command, as its answer names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommandId(u64);

/// A session with one target: a page, a frame, a worker.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(String);

impl SessionId {
    /// As the browser calls it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for SessionId {
    fn from(id: &str) -> Self {
        Self(id.to_owned())
    }
}

/// Something the browser says unasked.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The session it is of; none for the browser itself.
    pub session: Option<SessionId>,
    /// Its name: `Target.attachedToTarget`.
    pub method: String,
    /// What it says.
    pub params: Value,
}

/// How a command ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The browser's answer.
    Answered(Value),
    /// The browser has no such method: it is too old, too new, or the target is of another kind.
    NoSuchMethod,
    /// The browser refused.
    Refused {
        /// Its number for the reason.
        code: i64,
        /// Its words.
        message: String,
    },
    /// The session ended before there was an answer.
    SessionGone,
}

/// The end of a command.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Which.
    pub id: CommandId,
    /// What was asked.
    pub method: String,
    /// How it ended.
    pub outcome: Outcome,
}

/// What a frame turned out to be.
#[derive(Clone, Debug, PartialEq)]
pub enum Received {
    /// A command has ended.
    Answer(Answer),
    /// Something happened. When it is the end of a session, the commands that were sent in it have ended too.
    Event(Event, Vec<Answer>),
    /// It makes no sense here, and nothing has changed.
    Stray(Stray),
}

/// A frame that nobody waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stray {
    /// It is no JSON, or not what a DevTools server sends.
    Malformed(String),
    /// An answer to a command that was never sent, or was answered already.
    UnknownCommand(u64),
    /// An event of a session that there is not, or no longer.
    UnknownSession(SessionId),
}

impl fmt::Display for Stray {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(problem) => write!(f, "a frame that is no message of DevTools: {problem}"),
            Self::UnknownCommand(id) => write!(f, "an answer to command {id}, which nobody waits for"),
            Self::UnknownSession(session) => write!(f, "an event of session {}, which does not exist", session.0),
        }
    }
}

/// A command that has no answer yet.
#[derive(Clone, Debug)]
struct Sent {
    method: String,
    session: Option<SessionId>,
}

/// One connection's state: commands without an answer, and sessions.
///
/// Sessions are flattened: all of them share the connection, and each frame names its own.
#[derive(Clone, Debug, Default)]
pub struct Protocol {
    last: u64,
    sent: BTreeMap<CommandId, Sent>,
    sessions: BTreeSet<SessionId>,
}

impl Protocol {
    /// The frame of a command, and the number its answer will have. Without a session it is for the browser.
    pub fn command(&mut self, session: Option<&SessionId>, method: &str, params: &Value) -> (CommandId, String) {
        self.last += 1;
        let id = CommandId(self.last);
        let mut frame = json!({ "id": id.0, "method": method, "params": params });
        if let Some(session) = session {
            frame["sessionId"] = session.0.clone().into();
        }
        self.sent.insert(id, Sent { method: method.to_owned(), session: session.cloned() });
        (id, frame.to_string())
    }

    /// Takes what the browser sent.
    pub fn receive(&mut self, text: &str) -> Received {
        match Frame::read(text) {
            Ok(Frame::Answer { id, answer }) => self.answered(id, answer),
            Ok(Frame::Event(event)) => self.happened(event),
            Err(problem) => Received::Stray(Stray::Malformed(problem)),
        }
    }

    /// Whether a session is there.
    #[must_use]
    pub fn has(&self, session: &SessionId) -> bool {
        self.sessions.contains(session)
    }

    /// Nobody waits for this answer any more; when it comes it is a stray one.
    pub fn forget(&mut self, id: CommandId) {
        self.sent.remove(&id);
    }

    fn answered(&mut self, id: u64, answer: Result<Value, Refusal>) -> Received {
        let id = CommandId(id);
        let Some(Sent { method, .. }) = self.sent.remove(&id) else {
            return Received::Stray(Stray::UnknownCommand(id.0));
        };
        let outcome = match answer {
            Ok(result) => Outcome::Answered(result),
            Err(Refusal { code: frame::METHOD_NOT_FOUND, .. }) => Outcome::NoSuchMethod,
            Err(Refusal { code: frame::SESSION_NOT_FOUND, .. }) => Outcome::SessionGone,
            Err(Refusal { code, message }) => Outcome::Refused { code, message },
        };
        Received::Answer(Answer { id, method, outcome })
    }

    fn happened(&mut self, event: Event) -> Received {
        if let Some(session) = event.session.as_ref().filter(|session| !self.has(session)) {
            return Received::Stray(Stray::UnknownSession(session.clone()));
        }
        let about = event.params["sessionId"].as_str().map(SessionId::from);
        let mut ended = Vec::new();
        match (event.method.as_str(), about) {
            ("Target.attachedToTarget", Some(session)) => {
                self.sessions.insert(session);
            }
            ("Target.detachedFromTarget", Some(session)) => {
                self.sessions.remove(&session);
                ended = self.end_of(&session);
            }
            _ => {}
        }
        Received::Event(event, ended)
    }

    fn end_of(&mut self, session: &SessionId) -> Vec<Answer> {
        let of_it = |sent: &Sent| sent.session.as_ref() == Some(session);
        let ids: Vec<_> = self.sent.iter().filter(|(_, sent)| of_it(sent)).map(|(id, _)| *id).collect();
        let ended = ids.into_iter().filter_map(|id| Some((id, self.sent.remove(&id)?)));
        ended.map(|(id, Sent { method, .. })| Answer { id, method, outcome: Outcome::SessionGone }).collect()
    }
}
