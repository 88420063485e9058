//! A response in a cache, and the request it answers.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

/// Names in lower case, each once.
pub(super) type Headers = Vec<(String, String)>;

/// A request that was put. Its method is GET: there are no others in a cache.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CachedRequest {
    pub(super) url: String,
    pub(super) headers: Headers,
}

/// A response but for its body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CachedResponse {
    pub(super) url: String,
    #[serde(rename = "type")]
    pub(super) kind: ResponseType,
    pub(super) redirected: bool,
    /// Zero for `Response.error()`.
    pub(super) status: u16,
    pub(super) status_text: String,
    pub(super) headers: Headers,
}

/// What `Response.type` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum ResponseType {
    Basic,
    Cors,
    Default,
    Error,
}

/// Unique among all responses that an origin has had since it was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) struct EntryId(pub(super) u64);

/// What a response is besides its strings, in bytes: it bounds how many small ones there are.
const OVERHEAD: usize = 256;

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) id: EntryId,
    pub(super) request: CachedRequest,
    pub(super) response: CachedResponse,
    /// None for a response without a body, which is not one with an empty body.
    pub(super) body: Option<Body>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Body {
    pub(super) bytes: Rc<[u8]>,
    pub(super) checksum: u32,
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self { checksum: crc32fast::hash(&bytes), bytes: bytes.into() }
    }
}

impl Entry {
    /// What it counts, in bytes.
    pub(super) fn size(&self) -> usize {
        let headers = self.request.headers.iter().chain(&self.response.headers);
        let body = self.body.as_ref().map_or(0, |body| body.bytes.len());
        let urls = self.request.url.len() + self.response.url.len() + self.response.status_text.len();
        OVERHEAD + urls + body + headers.map(|(name, value)| name.len() + value.len()).sum::<usize>()
    }
}
