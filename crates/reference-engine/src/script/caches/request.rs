//! What a realm's JavaScript asks about shared caches. Bodies go beside the JSON, in both directions.

use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::entry::{Body, CachedRequest, CachedResponse, Entry};
use super::error::CacheError;
use super::matching::Query;
use super::origin::Origin;
use super::shelf::CacheId;
use crate::script::DomError;

/// A name is the JSON text of a string.
#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "camelCase")]
enum Request {
    /// The id of a cache, made if there is none.
    Open { name: String },
    /// An object that stood for a cache is gone: nothing.
    Release { cache: CacheId },
    /// Whether there is one.
    Has { name: String },
    /// Whether there was one.
    Delete { name: String },
    /// All names.
    Names,
    /// The first response found, in a list of its own; in all caches unless one is named.
    MatchAny { name: Option<String>, query: Query },
    /// The first response found, in a list of its own.
    Match { cache: CacheId, query: Query },
    /// All responses, or those found.
    MatchAll { cache: CacheId, query: Option<Query> },
    /// The requests of all responses, or of those found.
    Keys { cache: CacheId, query: Option<Query> },
    /// Puts all or none: nothing. As many bodies are beside it.
    Put { cache: CacheId, entries: Vec<(CachedRequest, CachedResponse)> },
    /// Whether something was found and removed.
    Remove { cache: CacheId, query: Query },
}

/// An answer: `{"ok": ...}` or `{"error": ...}`, and the bodies of the responses in it, in their order.
#[derive(Debug, Default)]
pub(in crate::script) struct Reply {
    pub(in crate::script) json: String,
    pub(in crate::script) bodies: Vec<Option<Rc<[u8]>>>,
}

impl Reply {
    fn ok(value: &impl Serialize) -> Result<Self, serde_json::Error> {
        Ok(Self { json: format!("{{\"ok\":{}}}", serde_json::to_string(value)?), bodies: Vec::new() })
    }

    fn of<T: Serialize>(result: Result<T, CacheError>) -> Result<Self, serde_json::Error> {
        match result {
            Ok(value) => Self::ok(&value),
            Err(error) => {
                let json = format!("{{\"error\":{}}}", serde_json::to_string(&DomError::from(error))?);
                Ok(Self { json, bodies: Vec::new() })
            }
        }
    }

    fn responses<'a>(entries: impl Iterator<Item = &'a Rc<Entry>>) -> Result<Self, serde_json::Error> {
        let entries: Vec<_> = entries.collect();
        let reply = Self::ok(&entries.iter().map(|entry| &entry.response).collect::<Vec<_>>())?;
        Ok(Self {
            bodies: entries.iter().map(|entry| entry.body.as_ref().map(|body| Rc::clone(&body.bytes))).collect(),
            ..reply
        })
    }
}

pub(super) fn answer(
    origin: &mut Origin,
    held: &mut Vec<CacheId>,
    request: &str,
    bodies: Vec<Option<String>>,
) -> Result<Reply, String> {
    let request = serde_json::from_str(request).map_err(|error| error.to_string())?;
    let bodies = bodies.into_iter().map(|body| body.map(|body| STANDARD.decode(body)).transpose());
    let bodies = bodies.collect::<Result<_, _>>().map_err(|error| error.to_string())?;
    reply(origin, held, request, bodies).map_err(|error| error.to_string())
}

fn reply(
    origin: &mut Origin,
    held: &mut Vec<CacheId>,
    request: Request,
    bodies: Vec<Option<Vec<u8>>>,
) -> Result<Reply, serde_json::Error> {
    match request {
        Request::Open { name } => {
            let opened = origin.open(name);
            held.extend(opened.as_ref().ok());
            Reply::of(opened)
        }
        Request::Release { cache } => {
            if let Some(at) = held.iter().position(|other| *other == cache) {
                held.swap_remove(at);
                origin.release(cache);
            }
            Reply::ok(&())
        }
        Request::Has { name } => Reply::ok(&origin.shelf().named(&name).is_some()),
        Request::Delete { name } => Reply::of(origin.delete(&name)),
        Request::Names => Reply::ok(&origin.shelf().names.iter().map(|(name, _)| name).collect::<Vec<_>>()),
        Request::MatchAny { name, query } => {
            let shelf = origin.shelf();
            let named = shelf.names.iter().filter(|(other, _)| name.as_ref().is_none_or(|name| name == other));
            Reply::responses(named.flat_map(|(_, id)| shelf.find(*id, Some(&query))).take(1))
        }
        Request::Match { cache, query } => Reply::responses(origin.shelf().find(cache, Some(&query)).take(1)),
        Request::MatchAll { cache, query } => Reply::responses(origin.shelf().find(cache, query.as_ref())),
        Request::Keys { cache, query } => {
            let found = origin.shelf().find(cache, query.as_ref());
            Reply::ok(&found.map(|entry| &entry.request).collect::<Vec<_>>())
        }
        Request::Put { cache, entries } => {
            let additions = entries
                .into_iter()
                .zip(bodies)
                .map(|((request, response), body)| (request, response, body.map(Body::from)));
            Reply::of(origin.put(cache, additions.collect()))
        }
        Request::Remove { cache, query } => Reply::of(origin.remove(cache, &query)),
    }
}
