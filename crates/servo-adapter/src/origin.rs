use std::fmt;

use background_sync::policy::{InvalidOrigin, Origin};
use serde::{Deserialize, Serialize};
use servo_url::{Host, ImmutableOrigin, ServoUrl};

/// An origin that can have a service worker, in Servo's words and in ours.
///
/// Servo's [`ImmutableOrigin`] may be opaque; this one is not, and nothing that is sent to background sync has a place
/// for one that is. It crosses processes as an `ImmutableOrigin`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "ImmutableOrigin", into = "ImmutableOrigin")]
pub struct TupleOrigin {
    servo: ImmutableOrigin,
    ours: Origin,
}

impl TupleOrigin {
    /// As background sync names it.
    #[must_use]
    pub const fn ours(&self) -> &Origin {
        &self.ours
    }

    /// As Servo names it.
    #[must_use]
    pub const fn servo(&self) -> &ImmutableOrigin {
        &self.servo
    }

    /// The origin of a URL, as the URL standard has it. A document's own origin may be another: ask Servo for it.
    ///
    /// # Errors
    /// [`NoTupleOrigin::Opaque`] for a URL without an origin of its own.
    pub fn of(url: &ServoUrl) -> Result<Self, NoTupleOrigin> {
        url.origin().try_into()
    }
}

/// Why there is no [`TupleOrigin`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoTupleOrigin {
    /// It is opaque: nothing durable can belong to it.
    Opaque,
    /// Its parts are not what the URL standard's parser would make of them, so it would come back as another one.
    Unusual,
}

impl fmt::Display for NoTupleOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Opaque => "the origin is opaque; only scheme, host and port origins have service workers",
            Self::Unusual => "scheme, host and port are not in the form that the URL parser gives them",
        })
    }
}

impl std::error::Error for NoTupleOrigin {}

impl From<InvalidOrigin> for NoTupleOrigin {
    fn from(why: InvalidOrigin) -> Self {
        if why == InvalidOrigin::Opaque { Self::Opaque } else { Self::Unusual }
    }
}

impl TryFrom<ImmutableOrigin> for TupleOrigin {
    type Error = NoTupleOrigin;

    fn try_from(servo: ImmutableOrigin) -> Result<Self, NoTupleOrigin> {
        let ImmutableOrigin::Tuple(scheme, host, port) = &servo else { return Err(NoTupleOrigin::Opaque) };
        let ours = Origin::from_tuple(scheme, &host.to_string(), port_of_ours(scheme, *port))?;
        if servo_of(&ours)? == servo { Ok(Self { servo, ours }) } else { Err(NoTupleOrigin::Unusual) }
    }
}

impl TryFrom<&Origin> for TupleOrigin {
    type Error = NoTupleOrigin;

    fn try_from(ours: &Origin) -> Result<Self, NoTupleOrigin> {
        let there_and_back = Self::try_from(servo_of(ours)?)?;
        if there_and_back.ours == *ours { Ok(there_and_back) } else { Err(NoTupleOrigin::Unusual) }
    }
}

impl From<TupleOrigin> for ImmutableOrigin {
    fn from(origin: TupleOrigin) -> Self {
        origin.servo
    }
}

/// Servo's tuple always has a port. Where a scheme has no usual one, 0 stands for none.
fn port_of_ours(scheme: &str, port: u16) -> Option<u16> {
    if port == 0 && !has_usual_port(scheme) { None } else { Some(port) }
}

fn has_usual_port(scheme: &str) -> bool {
    matches!(scheme, "http" | "https" | "ws" | "wss" | "ftp")
}

/// Scheme, host and port, taken from the URL that the origin's text is. Its own `origin()` would be opaque for schemes
/// that the URL standard does not know.
fn servo_of(ours: &Origin) -> Result<ImmutableOrigin, NoTupleOrigin> {
    let url = ServoUrl::parse(ours.as_str()).map_err(|_| NoTupleOrigin::Unusual)?.into_url();
    let host: Host = url.host().ok_or(NoTupleOrigin::Unusual)?.to_owned();
    let port = url.port_or_known_default().unwrap_or(0);
    Ok(ImmutableOrigin::Tuple(url.scheme().to_owned(), host, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tuple(scheme: &str, host: Host, port: u16) -> ImmutableOrigin {
        ImmutableOrigin::Tuple(scheme.to_owned(), host, port)
    }

    fn domain(name: &str) -> Host {
        Host::Domain(name.to_owned())
    }

    #[test]
    fn what_goes_in_comes_back() {
        for (url, ours) in [
            ("https://chat.example/inbox?x#y", "https://chat.example"),
            ("https://chat.example:8443/", "https://chat.example:8443"),
            ("http://127.0.0.1:8000/", "http://127.0.0.1:8000"),
            ("http://[::1]/", "http://[::1]"),
            ("https://b\u{fc}cher.example/", "https://xn--bcher-kva.example"),
        ] {
            let servo = ServoUrl::parse(url).unwrap().origin();
            let origin = TupleOrigin::try_from(servo.clone()).unwrap();
            assert_eq!(origin.ours().as_str(), ours);
            assert_eq!(TupleOrigin::try_from(origin.ours()), Ok(origin.clone()));
            assert_eq!(ImmutableOrigin::from(origin), servo);
        }
    }

    #[test]
    fn an_engines_own_schemes_have_origins() {
        for (port, ours) in [(0, "app://chat"), (1, "app://chat:1")] {
            let servo = tuple("app", domain("chat"), port);
            let origin = TupleOrigin::try_from(servo.clone()).unwrap();
            assert_eq!(origin.ours().as_str(), ours);
            assert_eq!(TupleOrigin::try_from(origin.ours()).unwrap().servo(), &servo);
        }
        assert_eq!(
            TupleOrigin::try_from(&Origin::from_tuple("app", "chat", Some(0)).unwrap()),
            Err(NoTupleOrigin::Unusual),
            "it would come back without its port"
        );
    }

    #[test]
    fn opaque_and_unusual_origins_are_refused() {
        for url in ["about:blank", "data:text/plain,x", "file:///home/a"] {
            assert_eq!(TupleOrigin::of(&ServoUrl::parse(url).unwrap()), Err(NoTupleOrigin::Opaque), "{url}");
        }
        for servo in [
            tuple("https", domain("Chat.example"), 443),
            tuple("https", domain("127.0.0.1"), 443),
            tuple("app", Host::Ipv4([127, 0, 0, 1].into()), 0),
        ] {
            assert_eq!(TupleOrigin::try_from(servo.clone()), Err(NoTupleOrigin::Unusual), "{servo:?}");
        }
    }
}
