//! What one frame says.

use serde_json::Value;

use super::{Event, SessionId, surrogates};

/// JSON-RPC: the server does not know the method.
pub(super) const METHOD_NOT_FOUND: i64 = -32601;
/// DevTools: the session ended before the command arrived.
pub(super) const SESSION_NOT_FOUND: i64 = -32001;

/// Why a command was refused.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) code: i64,
    pub(super) message: String,
}

/// A frame from the browser.
#[derive(Debug)]
pub(super) enum Frame {
    Answer { id: u64, answer: Result<Value, Refusal> },
    Event(Event),
}

impl Frame {
    /// Reads it. Whatever a page put into a string, one frame spoils no other.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let mut frame: Value =
            serde_json::from_str(text).or_else(|error| surrogates::read(text).map_err(|_| error.to_string()))?;
        let session = frame["sessionId"].as_str().map(SessionId::from);
        if let Some(id) = frame["id"].as_u64() {
            return Ok(Self::Answer { id, answer: answer(&mut frame) });
        }
        match frame["method"].as_str() {
            Some(method) => {
                let method = method.to_owned();
                Ok(Self::Event(Event { session, method, params: frame["params"].take() }))
            }
            None => Err("it has neither an `id` nor a `method`".to_owned()),
        }
    }
}

fn answer(frame: &mut Value) -> Result<Value, Refusal> {
    let error = &frame["error"];
    if error.is_null() {
        return Ok(frame["result"].take());
    }
    let message = error["message"].as_str().unwrap_or("without a word").to_owned();
    Err(Refusal { code: error["code"].as_i64().unwrap_or_default(), message })
}
