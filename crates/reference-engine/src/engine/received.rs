//! Requests that reached a server, and how a timeline describes the ones it expects.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::script::FetchRequest;

/// A request that reached a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Received {
    method: String,
    /// Names are in lower case.
    headers: BTreeMap<String, String>,
    body: String,
}

impl Received {
    pub(super) fn from(request: &FetchRequest) -> Self {
        let headers = request.headers.iter().map(|(name, value)| (name.to_lowercase(), value.clone()));
        let body = String::from_utf8_lossy(&request.body).into_owned();
        Self { method: request.method.clone(), headers: headers.collect(), body }
    }
}

impl fmt::Display for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?} {:?}", self.method, self.headers, self.body)
    }
}

/// A request as a timeline expects it. What is not given may be anything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectRequest {
    /// The method.
    pub method: Option<String>,
    /// Headers it has, perhaps among others.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// The whole body, as text.
    pub body: Option<String>,
}

impl ExpectRequest {
    pub(super) fn fits(&self, found: &Received) -> bool {
        let has = |(name, value): (&String, &String)| found.headers.get(&name.to_lowercase()) == Some(value);
        self.method.as_ref().is_none_or(|method| *method == found.method)
            && self.headers.iter().all(has)
            && self.body.as_ref().is_none_or(|body| *body == found.body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_given_may_be_anything() {
        let found = Received {
            method: "POST".to_owned(),
            headers: [("x-id".to_owned(), "7".to_owned())].into(),
            body: "tea".to_owned(),
        };
        let fits = |text: &str| toml::from_str::<ExpectRequest>(text).unwrap().fits(&found);
        assert!(fits("") && fits("method = 'POST'\nbody = 'tea'\nheaders = { X-Id = '7' }"));
        assert!(!fits("method = 'PUT'") && !fits("body = 'te'") && !fits("headers = { x-id = '8' }"));
        assert!(!fits("headers = { x-other = '7' }"));
    }
}
