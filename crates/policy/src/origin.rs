use std::{fmt, sync::Arc};

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
    /// The ASCII serialization of a tuple origin; every constructor goes through `url`.
    ascii: Arc<str>,
}

impl Origin {
    /// The origin of an absolute URL given as text, for example `https://chat.example`.
    ///
    /// # Errors
    /// [`InvalidOrigin::NotAUrl`] when the text does not parse, [`InvalidOrigin::Opaque`] when its
    /// origin is opaque (`data:`, `file:`, `about:blank`).
    pub fn parse(url: &str) -> Result<Self, InvalidOrigin> {
        let url = url::Url::parse(url).map_err(|_| InvalidOrigin::NotAUrl)?;
        Self::of(&url)
    }

    /// The origin of a URL.
    ///
    /// # Errors
    /// [`InvalidOrigin::Opaque`] when the URL's origin is opaque.
    pub fn of(url: &url::Url) -> Result<Self, InvalidOrigin> {
        match url.origin() {
            origin @ url::Origin::Tuple(..) => Ok(Self { ascii: origin.ascii_serialization().into() }),
            url::Origin::Opaque(_) => Err(InvalidOrigin::Opaque),
        }
    }

    /// The ASCII serialization, for example `https://chat.example`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.ascii
    }
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

impl TryFrom<String> for Origin {
    type Error = InvalidOrigin;

    fn try_from(text: String) -> Result<Self, InvalidOrigin> {
        Self::parse(&text)
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
}

impl fmt::Display for InvalidOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAUrl => "not an absolute URL; write something like https://chat.example",
            Self::Opaque => "the origin is opaque; only scheme, host and port origins can register",
        })
    }
}

impl std::error::Error for InvalidOrigin {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tuple_origins_can_be_made() {
        assert_eq!(Origin::parse("https://chat.example:443/a?b").unwrap().as_str(), "https://chat.example");
        assert_eq!(Origin::parse("data:text/plain,x"), Err(InvalidOrigin::Opaque));
        assert_eq!(Origin::parse("chat.example"), Err(InvalidOrigin::NotAUrl));
    }
}
