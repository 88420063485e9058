use std::{fmt, sync::Arc};

use url::Url;

use crate::{Origin, origin::tuple_of};

/// The scope URL of a service worker registration, in its serialized form and without fragment.
///
/// Cheap to clone. Which origin it belongs to is settled by [`RegistrationKey`](crate::RegistrationKey): no key has a
/// scope of another origin.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String"))]
pub struct Scope(Arc<str>);

impl Scope {
    /// The scope URL that a text is, in `origin`. A fragment is left out.
    ///
    /// # Errors
    /// [`InvalidScope`] when the text is not a URL of that origin.
    pub fn parse(url: &str, origin: &Origin) -> Result<Self, InvalidScope> {
        let mut url = Url::parse(url).map_err(|_| InvalidScope::NotAUrl)?;
        if !origin.is_of(&url) {
            return Err(InvalidScope::OtherOrigin);
        }
        url.set_fragment(None);
        Ok(Self(String::from(url).into()))
    }

    /// The serialized URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is a URL of this origin.
    #[must_use]
    pub fn is_of(&self, origin: &Origin) -> bool {
        // It is serialized, so its own origin is what it begins with, unless a user's name comes before the host.
        match self.0.strip_prefix(origin.as_str()) {
            Some(rest) if rest.starts_with('/') || rest.is_empty() => true,
            _ => Url::parse(&self.0).is_ok_and(|url| origin.is_of(&url)),
        }
    }
}

/// Reads what [`Scope::as_str`] wrote, and nothing else.
impl TryFrom<String> for Scope {
    type Error = InvalidScope;

    fn try_from(text: String) -> Result<Self, InvalidScope> {
        let url = Url::parse(&text).map_err(|_| InvalidScope::NotAUrl)?;
        tuple_of(&url).map_err(|_| InvalidScope::OtherOrigin)?;
        if url.as_str() == text && url.fragment().is_none() {
            Ok(Self(text.into()))
        } else {
            Err(InvalidScope::NotSerialized)
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scope({})", self.0)
    }
}

/// Why a text is not a scope of an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidScope {
    /// The text is not an absolute URL.
    NotAUrl,
    /// The URL is of another origin.
    OtherOrigin,
    /// The URL was stored or sent in another form than its serialized one, or with a fragment.
    NotSerialized,
}

impl fmt::Display for InvalidScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAUrl => "the scope is not an absolute URL; resolve it before it gets here",
            Self::OtherOrigin => "the scope is of another origin than its registration",
            Self::NotSerialized => "the scope is not in its serialized form, without fragment",
        })
    }
}

impl std::error::Error for InvalidScope {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_belongs_to_its_origin() {
        let origin = Origin::parse("https://chat.example").unwrap();
        let parse = |url| Scope::parse(url, &origin);
        assert_eq!(parse("https://chat.example/a#b").unwrap().as_str(), "https://chat.example/a");
        assert_eq!(parse("https://other.example/"), Err(InvalidScope::OtherOrigin));
        assert_eq!(parse("https://chat.example.other.example/"), Err(InvalidScope::OtherOrigin));
        assert_eq!(parse("blob:https://chat.example/a"), Err(InvalidScope::OtherOrigin));
        assert_eq!(parse("/a"), Err(InvalidScope::NotAUrl));
    }

    #[test]
    fn a_scope_knows_its_origin() {
        let [chat, other] = ["https://chat.example", "https://chat.example.org"].map(|url| Origin::parse(url).unwrap());
        for url in ["https://chat.example", "https://chat.example/a", "https://user@chat.example/"] {
            let scope = Scope::parse(url, &chat).unwrap();
            assert!(scope.is_of(&chat) && !scope.is_of(&other), "{url}");
        }
        assert!(!Scope::parse("https://chat.example.org/", &other).unwrap().is_of(&chat));
    }

    #[test]
    fn an_engines_own_scheme_has_scopes() {
        let app = Origin::from_tuple("app", "chat", None).unwrap();
        assert_eq!(Scope::parse("app://chat/a", &app).unwrap().as_str(), "app://chat/a");
        assert_eq!(Scope::parse("app://other/a", &app), Err(InvalidScope::OtherOrigin));
        assert!(Scope::parse("app://chat", &app).unwrap().is_of(&app));
    }

    #[test]
    fn only_a_serialized_scope_is_read() {
        let read = |text: &str| Scope::try_from(text.to_owned());
        assert_eq!(read("https://chat.example/a").unwrap().as_str(), "https://chat.example/a");
        assert_eq!(read("javascript:alert(1)"), Err(InvalidScope::OtherOrigin));
        assert_eq!(read("data:text/plain,x"), Err(InvalidScope::OtherOrigin));
        assert_eq!(read("https://Chat.example/a"), Err(InvalidScope::NotSerialized));
        assert_eq!(read("https://chat.example/a#b"), Err(InvalidScope::NotSerialized));
        assert_eq!(read("a"), Err(InvalidScope::NotAUrl));
    }
}
