//! Which responses a query finds.

use serde::Deserialize;

use super::entry::{CachedRequest, CachedResponse, Headers};

/// A request to find responses for. Its method has been looked at already.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Query {
    url: String,
    headers: Headers,
    #[serde(default)]
    ignore_search: bool,
    #[serde(default)]
    ignore_vary: bool,
}

impl Query {
    /// What finds the responses that one for this request replaces.
    pub(super) fn exactly(request: &CachedRequest) -> Self {
        let CachedRequest { url, headers } = request.clone();
        Self { url, headers, ignore_search: false, ignore_vary: false }
    }

    pub(super) fn finds(&self, request: &CachedRequest, response: &CachedResponse) -> bool {
        let compared = |url| compared(url, self.ignore_search);
        compared(self.url.as_str()) == compared(request.url.as_str())
            && (self.ignore_vary
                || varies_by(response)
                    .all(|name| name != "*" && header(&self.headers, &name) == header(&request.headers, &name)))
    }
}

/// The part of an address that counts. Addresses are canonical: the first `#` and `?` are what they look like.
fn compared(url: &str, ignore_search: bool) -> &str {
    let url = url.split_once('#').map_or(url, |(before, _)| before);
    if ignore_search { url.split_once('?').map_or(url, |(before, _)| before) } else { url }
}

/// The names in a response's `Vary`.
fn varies_by(response: &CachedResponse) -> impl Iterator<Item = String> {
    header(&response.headers, "vary").unwrap_or_default().split(',').map(|name| name.trim().to_ascii_lowercase())
}

fn header<'a>(headers: &'a Headers, name: &str) -> Option<&'a str> {
    headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
}

#[cfg(test)]
mod tests {
    use super::super::entry::{CachedRequest, CachedResponse, Headers, ResponseType};
    use super::Query;

    fn headers(list: &[(&str, &str)]) -> Headers {
        list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn request(url: &str, list: &[(&str, &str)]) -> CachedRequest {
        CachedRequest { url: url.to_owned(), headers: headers(list) }
    }

    fn response(vary: &[(&str, &str)]) -> CachedResponse {
        CachedResponse {
            url: String::new(),
            kind: ResponseType::Default,
            redirected: false,
            status: 200,
            status_text: String::new(),
            headers: headers(vary),
        }
    }

    #[test]
    fn fragments_never_count_and_searches_unless_they_are_ignored() {
        let finds = |asked: &str, kept: &str, ignore_search| {
            let query = Query { ignore_search, ..Query::exactly(&request(asked, &[])) };
            query.finds(&request(kept, &[]), &response(&[]))
        };
        assert!(finds("https://a.test/x#1", "https://a.test/x#2", false));
        assert!(!finds("https://a.test/x", "https://a.test/x?", false));
        assert!(!finds("https://a.test/x?a", "https://a.test/x?b", false));
        assert!(finds("https://a.test/x?a#c", "https://a.test/x?b", true));
        assert!(finds("https://a.test/x#?a", "https://a.test/x", false));
        assert!(!finds("https://a.test/x?a", "https://a.test/y?a", true));
    }

    #[test]
    fn what_a_response_varies_by_is_compared_by_value() {
        let finds = |vary: &str, asked: &[(&str, &str)], ignore_vary| {
            let query = Query { ignore_vary, ..Query::exactly(&request("https://a.test/", asked)) };
            let kept = request("https://a.test/", &[("accept", "text"), ("other", "1")]);
            query.finds(&kept, &response(&[("vary", vary)]))
        };
        assert!(finds("Accept", &[("accept", "text")], false));
        assert!(!finds("Accept", &[("accept", "Text")], false));
        assert!(!finds("Accept", &[], false));
        assert!(finds("Accept", &[], true));
        assert!(finds("absent,  ACCEPT ", &[("accept", "text"), ("other", "2")], false));
        assert!(!finds("accept, other", &[("accept", "text"), ("other", "2")], false));
        assert!(finds("", &[], false));
        assert!(!finds("*", &[("accept", "text")], false));
    }
}
