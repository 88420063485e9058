use std::collections::VecDeque;
use std::time::Duration;

use serde_json::{Value, json};

use crate::clock::Deadline;
use crate::protocol::{Answer, CommandId, Event, Outcome, Protocol, Received, SessionId, Stray};
use crate::transport::Transport;
use crate::{CallError, ConnectError};

/// How long a command may take, unless told otherwise.
const PATIENCE: Duration = Duration::from_secs(15);

/// A connection to a browser: asks and waits, and keeps what happens meanwhile.
#[derive(Debug)]
pub struct Client<T> {
    transport: T,
    protocol: Protocol,
    events: VecDeque<Event>,
    answers: Vec<Answer>,
    strays: u64,
    patience: Duration,
}

impl<T: Transport> Client<T> {
    /// Talks to the browser at the other end, once it is known to be a Chromium.
    ///
    /// # Errors
    /// It is another browser, or does not answer.
    pub fn new(transport: T) -> Result<Self, ConnectError> {
        let mut client = Self {
            transport,
            protocol: Protocol::default(),
            events: VecDeque::new(),
            answers: Vec::new(),
            strays: 0,
            patience: PATIENCE,
        };
        let version = client.call(None, "Browser.getVersion", json!({})).map_err(ConnectError::Asked)?;
        let product = version["product"].as_str().unwrap_or("a browser without a name");
        if ["Chrome/", "HeadlessChrome/", "Chromium/", "Edg/"].iter().any(|known| product.starts_with(known)) {
            Ok(client)
        } else {
            Err(ConnectError::WrongBrowser { product: product.to_owned() })
        }
    }

    /// How long each command may take from now on.
    pub const fn set_patience(&mut self, patience: Duration) {
        self.patience = patience;
    }

    /// Frames that made no sense so far. They change nothing.
    #[must_use]
    pub const fn strays(&self) -> u64 {
        self.strays
    }

    /// Asks the browser, or the target of a session, and waits for the answer.
    ///
    /// # Errors
    /// There is none, or it is a refusal.
    pub fn call(&mut self, session: Option<&SessionId>, method: &str, params: Value) -> Result<Value, CallError> {
        let id = self.send(session, method, params)?;
        let deadline = Deadline::after(self.patience);
        loop {
            if let Some(at) = self.answers.iter().position(|answer| answer.id == id) {
                return result(self.answers.swap_remove(at));
            }
            let left = deadline.left();
            if left.is_zero() {
                self.protocol.forget(id);
                return Err(CallError::TimedOut { method: method.to_owned(), waited: self.patience });
            }
            self.receive(left, Some(id))?;
        }
    }

    /// Asks, and does not want to know. Refusals are not reported.
    ///
    /// # Errors
    /// The connection has ended.
    pub fn tell(&mut self, session: Option<&SessionId>, method: &str, params: Value) -> Result<(), CallError> {
        self.send(session, method, params).map(|_| ())
    }

    /// The next thing that happened or happens, within so long.
    ///
    /// # Errors
    /// The connection has ended.
    pub fn next_event(&mut self, wait: Duration) -> Result<Option<Event>, CallError> {
        let deadline = Deadline::after(wait);
        loop {
            if let Some(event) = self.events.pop_front() {
                return Ok(Some(event));
            }
            let left = deadline.left();
            if left.is_zero() {
                return Ok(None);
            }
            self.receive(left, None)?;
        }
    }

    /// Whether a session is still there, as far as the events that were taken say.
    #[must_use]
    pub fn has(&self, session: &SessionId) -> bool {
        self.protocol.has(session)
    }

    fn send(&mut self, session: Option<&SessionId>, method: &str, params: Value) -> Result<CommandId, CallError> {
        let (id, frame) = self.protocol.command(session, method, &params);
        self.transport.send(&frame).map_err(CallError::Closed)?;
        Ok(id)
    }

    /// Takes one frame. Answers are kept only for who waits.
    fn receive(&mut self, wait: Duration, waits_for: Option<CommandId>) -> Result<(), CallError> {
        let Some(frame) = self.transport.receive(wait).map_err(CallError::Closed)? else { return Ok(()) };
        let is_wanted = |answer: &Answer| Some(answer.id) == waits_for;
        match self.protocol.receive(&frame) {
            Received::Answer(answer) => self.answers.extend(Some(answer).filter(is_wanted)),
            Received::Event(event, ended) => {
                self.answers.extend(ended.into_iter().filter(is_wanted));
                self.events.push_back(event);
            }
            Received::Stray(Stray::Malformed(_) | Stray::UnknownCommand(_) | Stray::UnknownSession(_)) => {
                self.strays += 1;
            }
        }
        Ok(())
    }
}

fn result(Answer { method, outcome, .. }: Answer) -> Result<Value, CallError> {
    match outcome {
        Outcome::Answered(value) => Ok(value),
        Outcome::NoSuchMethod => Err(CallError::NoSuchMethod { method }),
        Outcome::Refused { message, .. } => Err(CallError::Refused { method, message }),
        Outcome::SessionGone => Err(CallError::SessionGone { method }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::Closed;

    /// Answers with these frames, whatever is asked.
    #[derive(Debug)]
    struct Scripted(VecDeque<&'static str>);

    impl Transport for Scripted {
        fn send(&mut self, _: &str) -> Result<(), Closed> {
            Ok(())
        }

        fn receive(&mut self, _: Duration) -> Result<Option<String>, Closed> {
            match self.0.pop_front() {
                None => Err(std::io::Error::other("the script has ended").into()),
                Some("") => Ok(None),
                Some(frame) => Ok(Some(frame.to_owned())),
            }
        }
    }

    const CHROME: &str = r#"{"id":1,"result":{"product":"HeadlessChrome/148.0"}}"#;

    fn client(frames: &[&'static str]) -> Result<Client<Scripted>, ConnectError> {
        Client::new(Scripted(frames.iter().copied().collect()))
    }

    #[test]
    fn another_browser_is_named() {
        let error = client(&[r#"{"id":1,"result":{"product":"Firefox/150.0"}}"#]).unwrap_err();
        assert!(error.to_string().contains("`Firefox/150.0` is no Chromium"), "{error}");
    }

    #[test]
    fn what_happens_during_a_call_is_kept_and_nonsense_is_counted() {
        let frames = [
            CHROME,
            r#"{"method":"A.b","params":{}}"#,
            "nonsense",
            r#"{"id":9,"result":{}}"#,
            r#"{"id":2,"result":7}"#,
        ];
        let mut client = client(&frames).unwrap();
        assert_eq!(client.call(None, "C.d", json!({})).unwrap(), json!(7));
        assert_eq!(client.strays(), 2);
        assert_eq!(client.next_event(Duration::ZERO).unwrap().unwrap().method, "A.b");
        assert!(client.next_event(Duration::ZERO).unwrap().is_none());
    }

    #[test]
    fn a_missing_method_a_slow_answer_and_the_end_say_what_to_do() {
        let frames = [CHROME, r#"{"id":2,"error":{"code":-32601,"message":"?"}}"#, ""];
        let mut client = client(&frames).unwrap();
        let missing = client.call(None, "C.d", json!({})).unwrap_err().to_string();
        assert!(missing.starts_with("C.d") && missing.contains("newer Chromium"), "{missing}");
        client.set_patience(Duration::ZERO);
        let slow = client.call(None, "C.d", json!({})).unwrap_err();
        assert!(matches!(slow, CallError::TimedOut { .. }), "{slow}");
        client.set_patience(PATIENCE);
        let mut ended = client.call(None, "C.d", json!({})).unwrap_err();
        assert!(matches!(&mut ended, CallError::Closed(_)), "{ended}");
    }
}
