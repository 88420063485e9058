use std::{fmt, net::Ipv4Addr, sync::Arc};

use url::Url;

/// A tuple origin: scheme, host and port.
///
/// Opaque origins cannot be made into one, because nothing durable can belong to them: two opaque
/// origins with the same serialization (`null`) are not the same origin.
///
/// Models the HTML standard's origin, restricted to tuples. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct Origin {
    /// The ASCII serialization of a tuple origin; every constructor goes through `url`'s parser.
    ascii: Arc<str>,
}

impl Origin {
    /// The origin that a text names, for example `https://chat.example`. A slash at its end does no harm; anything
    /// more is refused, because whoever has a whole URL should say so ([`Origin::of`]).
    ///
    /// # Errors
    /// [`InvalidOrigin::NotAUrl`] when the text does not parse, [`InvalidOrigin::Opaque`] when its
    /// origin is opaque (`data:`, `file:`, `about:blank`), [`InvalidOrigin::MoreThanAnOrigin`] when it has a user, a
    /// password, a path, a query or a fragment.
    pub fn parse(text: &str) -> Result<Self, InvalidOrigin> {
        let url = Url::parse(text).map_err(|_| InvalidOrigin::NotAUrl)?;
        let origin = Self::of(&url)?;
        if is_bare(&url) { Ok(origin) } else { Err(InvalidOrigin::MoreThanAnOrigin) }
    }

    /// The origin of a URL, as the URL standard has it. Nothing else of the URL is kept.
    ///
    /// # Errors
    /// [`InvalidOrigin::Opaque`] when the URL's origin is opaque.
    pub fn of(url: &Url) -> Result<Self, InvalidOrigin> {
        match url.origin() {
            origin @ url::Origin::Tuple(..) => Ok(Self { ascii: origin.ascii_serialization().into() }),
            url::Origin::Opaque(_) => Err(InvalidOrigin::Opaque),
        }
    }

    /// The origin with this scheme, host and port, for schemes of which an engine's own parser makes tuple origins and
    /// the URL standard does not: `app`, `chrome-extension`, `moz-extension`.
    ///
    /// That such an origin is one is the engine's word. Checked is that the three parts are what they are called: the
    /// scheme and the host in the form in which the URL standard serializes them (lower case, an IPv6 address in
    /// brackets), the host without a port. `None` and the scheme's default port are the same.
    ///
    /// # Errors
    /// [`InvalidOrigin::Opaque`] for a scheme whose URLs have no origin of their own (`about`, `blob`, `data`, `file`,
    /// `javascript`) and for an empty host, [`InvalidOrigin::NotATuple`] when a part is not one.
    pub fn from_tuple(scheme: &str, host: &str, port: Option<u16>) -> Result<Self, InvalidOrigin> {
        let text = match port {
            Some(port) => format!("{scheme}://{host}:{port}"),
            None => format!("{scheme}://{host}"),
        };
        let url = Url::parse(&text).map_err(|_| InvalidOrigin::NotATuple)?;
        if url.scheme() != scheme {
            return Err(InvalidOrigin::NotATuple);
        }
        let ascii = tuple_of(&url)?;
        let port_is = url.port() == port || (url.port().is_none() && url.port_or_known_default() == port);
        if url.host_str() == Some(host) && port_is && is_bare(&url) {
            Ok(Self { ascii: ascii.into() })
        } else {
            Err(InvalidOrigin::NotATuple)
        }
    }

    /// The ASCII serialization, for example `https://chat.example`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.ascii
    }

    /// Whether a context of this origin can be a secure one, as far as the origin tells.
    ///
    /// What comes over the network in the clear (`http`, `ws`, `ftp`) can be only from this very machine: `127.0.0.0/8`,
    /// `[::1]`, `localhost` and the names below it. Of every other scheme an engine knows better, and its word counts.
    /// Models "is origin potentially trustworthy" of Secure Contexts, without what users may configure.
    #[must_use]
    pub fn can_be_secure(&self) -> bool {
        let Some((scheme, authority)) = self.ascii.split_once("://") else { return false };
        match scheme {
            "http" | "ws" | "ftp" => is_loopback(authority),
            _ => true,
        }
    }

    /// Whether a URL with a host is of this origin. Other than [`Origin::of`] it looks at the URL's own scheme and
    /// host, so that a `blob:` URL is of none.
    pub(crate) fn is_of(&self, url: &Url) -> bool {
        tuple_of(url).as_deref() == Ok(self.as_str())
    }
}

/// Scheme, host and port of a URL, serialized, whatever the scheme.
pub(crate) fn tuple_of(url: &Url) -> Result<String, InvalidOrigin> {
    if ["about", "blob", "data", "file", "javascript"].contains(&url.scheme()) {
        return Err(InvalidOrigin::Opaque);
    }
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or(InvalidOrigin::Opaque)?;
    Ok(match url.port() {
        Some(port) => format!("{}://{host}:{port}", url.scheme()),
        None => format!("{}://{host}", url.scheme()),
    })
}

/// Whether a URL says nothing beyond its origin.
fn is_bare(url: &Url) -> bool {
    url.username().is_empty()
        && url.password().is_none()
        && matches!(url.path(), "" | "/")
        && url.query().is_none()
        && url.fragment().is_none()
}

fn is_loopback(authority: &str) -> bool {
    if authority.starts_with('[') {
        return authority == "[::1]" || authority.starts_with("[::1]:");
    }
    let host = authority.split_once(':').map_or(authority, |(host, _)| host);
    let name = host.strip_suffix('.').unwrap_or(host);
    name.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
        || name == "localhost"
        || name.ends_with(".localhost")
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.ascii)
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Origin({})", self.ascii)
    }
}

/// Reads what [`Origin::as_str`] wrote, and nothing else.
impl TryFrom<String> for Origin {
    type Error = InvalidOrigin;

    fn try_from(text: String) -> Result<Self, InvalidOrigin> {
        let url = Url::parse(&text).map_err(|_| InvalidOrigin::NotAUrl)?;
        if tuple_of(&url)? == text { Ok(Self { ascii: text.into() }) } else { Err(InvalidOrigin::MoreThanAnOrigin) }
    }
}

impl From<Origin> for String {
    fn from(origin: Origin) -> Self {
        origin.ascii.as_ref().to_owned()
    }
}

/// Why something is not a usable origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidOrigin {
    /// The text is not an absolute URL.
    NotAUrl,
    /// The origin is opaque, so nothing can be registered for it.
    Opaque,
    /// The text is a URL that says more than an origin: a user, a path, a query.
    MoreThanAnOrigin,
    /// Scheme, host and port are not what they are called.
    NotATuple,
}

impl fmt::Display for InvalidOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAUrl => "not an absolute URL; write something like https://chat.example",
            Self::Opaque => "the origin is opaque; only scheme, host and port origins can register",
            Self::MoreThanAnOrigin => "more than an origin; leave out user, path and query",
            Self::NotATuple => "scheme, host and port do not make an origin; write the host as the URL standard does",
        })
    }
}

impl std::error::Error for InvalidOrigin {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tuple_origins_can_be_made() {
        assert_eq!(Origin::parse("https://chat.example:443/").unwrap().as_str(), "https://chat.example");
        assert_eq!(Origin::parse("data:text/plain,x"), Err(InvalidOrigin::Opaque));
        assert_eq!(Origin::parse("app://chat"), Err(InvalidOrigin::Opaque), "the URL standard knows no better");
        assert_eq!(Origin::parse("chat.example"), Err(InvalidOrigin::NotAUrl));
    }

    #[test]
    fn an_origin_is_no_more_than_that() {
        for more in ["user:pw@a.example/", "user@a.example", "a.example/secret", "a.example/?x", "a.example/#x"] {
            assert_eq!(Origin::parse(&format!("https://{more}")), Err(InvalidOrigin::MoreThanAnOrigin), "{more}");
            assert_eq!(Origin::try_from(format!("https://{more}")), Err(InvalidOrigin::MoreThanAnOrigin), "{more}");
        }
        assert_eq!(Origin::parse("blob:https://a.example/b"), Err(InvalidOrigin::MoreThanAnOrigin));
    }

    #[test]
    fn an_engines_own_schemes_have_origins() {
        let made = |scheme, host, port| Origin::from_tuple(scheme, host, port).map(String::from);
        assert_eq!(made("app", "chat", None).as_deref(), Ok("app://chat"));
        assert_eq!(made("chrome-extension", "abcd", Some(1)).as_deref(), Ok("chrome-extension://abcd:1"));
        assert_eq!(made("https", "chat.example", Some(443)).as_deref(), Ok("https://chat.example"));
        assert_eq!(made("https", "[::1]", Some(8443)).as_deref(), Ok("https://[::1]:8443"));
        for (scheme, host) in [
            ("App", "chat"),
            ("", "chat"),
            ("app:", "chat"),
            ("app", "chat:1"),
            ("app", "user@chat"),
            ("app", "chat/a"),
            ("app", "chat?"),
            ("https", "Chat.example"),
            ("https", "127.1"),
        ] {
            assert_eq!(made(scheme, host, None), Err(InvalidOrigin::NotATuple), "{scheme}, {host}");
        }
        assert_eq!(made("app", "", None), Err(InvalidOrigin::Opaque));
        assert_eq!(made("file", "server", None), Err(InvalidOrigin::Opaque));
        assert_eq!(made("javascript", "a", None), Err(InvalidOrigin::Opaque));
    }

    #[test]
    fn every_origin_is_read_back_as_it_was_written() {
        let made =
            [Origin::parse("http://[::1]:8080"), Origin::from_tuple("app", "chat", None), Origin::parse("ftp://a")];
        for origin in made.map(Result::unwrap) {
            assert_eq!(Origin::try_from(String::from(origin.clone())), Ok(origin));
        }
        assert_eq!(Origin::try_from("javascript:alert(1)".to_owned()), Err(InvalidOrigin::Opaque));
        assert_eq!(Origin::try_from("https://a.example/".to_owned()), Err(InvalidOrigin::MoreThanAnOrigin));
    }

    #[test]
    fn what_comes_in_the_clear_is_secure_from_this_machine_only() {
        let secure = |text: &str| Origin::parse(text).unwrap().can_be_secure();
        for text in ["https://a.example", "wss://a.example", "http://127.8.9.1:80", "http://127.1", "http://[::1]:8080"]
        {
            assert!(secure(text), "{text}");
        }
        for text in ["http://localhost", "http://localhost.:81", "http://a.localhost", "http://[::1]"] {
            assert!(secure(text), "{text}");
        }
        for text in [
            "http://a.example",
            "ws://a.example",
            "ftp://a.example",
            "http://128.0.0.1",
            "http://[::2]",
            "http://[::ffff:127.0.0.1]",
            "http://notlocalhost",
            "http://localhost.example",
            "http://127.0.0.1.example",
        ] {
            assert!(!secure(text), "{text}");
        }
        assert!(Origin::from_tuple("app", "chat", None).unwrap().can_be_secure(), "the engine knows");
    }
}
