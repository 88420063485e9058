//! The `url` crate for the web platform's `URL` and `URLSearchParams`.

use serde::{Deserialize, Serialize};
use url::{Url, form_urlencoded, quirks};

#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "camelCase")]
enum Request {
    Parse { input: String, base: Option<String> },
    Set { href: String, part: Part, value: String },
    ParseQuery { text: String },
    SerializeQuery { pairs: Vec<(String, String)> },
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Part {
    Protocol,
    Username,
    Password,
    Host,
    Hostname,
    Port,
    Pathname,
    Search,
    Hash,
}

#[derive(Serialize)]
struct Parts<'a> {
    href: &'a str,
    origin: String,
    protocol: &'a str,
    username: &'a str,
    password: &'a str,
    host: &'a str,
    hostname: &'a str,
    port: &'a str,
    pathname: &'a str,
    search: &'a str,
    hash: &'a str,
}

/// Answers one request in JSON with JSON; `null` for what is no URL.
pub(super) fn answer(request: &str) -> Result<String, serde_json::Error> {
    match serde_json::from_str(request)? {
        Request::Parse { input, base } => parts(parse(&input, base.as_deref()).as_ref()),
        Request::Set { href, part, value } => parts(parse(&href, None).map(|url| set(url, part, &value)).as_ref()),
        Request::ParseQuery { text } => {
            serde_json::to_string(&form_urlencoded::parse(text.as_bytes()).collect::<Vec<_>>())
        }
        Request::SerializeQuery { pairs } => {
            serde_json::to_string(&form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish())
        }
    }
}

fn parse(input: &str, base: Option<&str>) -> Option<Url> {
    let Some(base) = base else { return Url::parse(input).ok() };
    Url::parse(base).ok()?.join(input).ok()
}

/// Sets a part as the URL Standard's setters do: what does not fit changes nothing.
fn set(mut url: Url, part: Part, value: &str) -> Url {
    let before = url.clone();
    let done = match part {
        Part::Protocol => quirks::set_protocol(&mut url, value),
        Part::Username => quirks::set_username(&mut url, value),
        Part::Password => quirks::set_password(&mut url, value),
        Part::Host => quirks::set_host(&mut url, value),
        Part::Hostname => quirks::set_hostname(&mut url, value),
        Part::Port => quirks::set_port(&mut url, value),
        Part::Pathname => {
            quirks::set_pathname(&mut url, value);
            Ok(())
        }
        Part::Search => {
            quirks::set_search(&mut url, value);
            Ok(())
        }
        Part::Hash => {
            quirks::set_hash(&mut url, value);
            Ok(())
        }
    };
    if done.is_ok() { url } else { before }
}

fn parts(url: Option<&Url>) -> Result<String, serde_json::Error> {
    serde_json::to_string(&url.map(|url| Parts {
        href: quirks::href(url),
        origin: quirks::origin(url),
        protocol: quirks::protocol(url),
        username: quirks::username(url),
        password: quirks::password(url),
        host: quirks::host(url),
        hostname: quirks::hostname(url),
        port: quirks::port(url),
        pathname: quirks::pathname(url),
        search: quirks::search(url),
        hash: quirks::hash(url),
    }))
}
