use std::fmt;

/// The rule that a request broke. Each rule is its own variant, in the order in which they are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Refusal {
    /// The caller is not a secure context, or its origin's scheme shows that it cannot be one.
    InsecureContext,
    /// The service worker registration was unregistered, or never was.
    NoSuchRegistration,
    /// The engine has not read its service worker registrations yet and cannot tell of this one.
    WorkerNotLoaded,
    /// The service worker registration has no active worker (`sync.register.2`).
    NoActiveWorker,
    /// The caller is inside a fenced frame.
    FencedFrame,
    /// The user, or the engine for everybody, switched background sync off (`sync.register.3`).
    SwitchedOff,
    /// The operating system restricts background work.
    SystemRestricted,
    /// The permission `background-sync` is denied.
    PermissionDenied,
    /// No fully active top-level or auxiliary window of the origin is open (`sync.register.6`).
    NoWindow,
    /// The service worker registration belongs to a third-party context.
    ThirdParty,
    /// The tag has more UTF-16 code units than the cap.
    TagTooLong,
    /// The service worker registration has as many sync registrations as it may.
    TooManyForWorker,
    /// The origin has as many sync registrations as it may.
    TooManyForOrigin,
    /// The tags of the origin's sync registrations take as many bytes as they may.
    TooManyTagBytes,
    /// The tags of all sync registrations of the profile take as many bytes as they may.
    TooManyTagBytesOfProfile,
}

impl Refusal {
    /// Every refusal, in the order in which the rules are judged.
    pub const ALL: &[Self] = &[
        Self::InsecureContext,
        Self::NoSuchRegistration,
        Self::WorkerNotLoaded,
        Self::NoActiveWorker,
        Self::FencedFrame,
        Self::SwitchedOff,
        Self::SystemRestricted,
        Self::PermissionDenied,
        Self::NoWindow,
        Self::ThirdParty,
        Self::TagTooLong,
        Self::TooManyForWorker,
        Self::TooManyForOrigin,
        Self::TooManyTagBytes,
        Self::TooManyTagBytesOfProfile,
    ];

    /// The exception a page sees.
    #[must_use]
    pub const fn dom_exception(self) -> DomExceptionName {
        match self {
            Self::InsecureContext => DomExceptionName::SecurityError,
            Self::NoSuchRegistration | Self::NoActiveWorker => DomExceptionName::InvalidStateError,
            Self::WorkerNotLoaded => DomExceptionName::UnknownError,
            Self::FencedFrame | Self::SwitchedOff | Self::SystemRestricted | Self::PermissionDenied => {
                DomExceptionName::NotAllowedError
            }
            Self::NoWindow | Self::ThirdParty => DomExceptionName::InvalidAccessError,
            Self::TagTooLong
            | Self::TooManyForWorker
            | Self::TooManyForOrigin
            | Self::TooManyTagBytes
            | Self::TooManyTagBytesOfProfile => DomExceptionName::QuotaExceededError,
        }
    }

    /// A sentence for the developer console: what happened and what to do.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::InsecureContext => "Background sync needs a secure context; serve the page over https.",
            Self::NoSuchRegistration => {
                "This service worker registration no longer exists; register the service worker again."
            }
            Self::WorkerNotLoaded => {
                "The browser is still reading its service worker registrations; try again in a moment."
            }
            Self::NoActiveWorker => {
                "The service worker registration has no active worker yet; wait for navigator.serviceWorker.ready."
            }
            Self::FencedFrame => "Background sync can't be used from inside a fenced frame.",
            Self::SwitchedOff => "Background sync is switched off; send the data from the page instead.",
            Self::SystemRestricted => {
                "The operating system restricts background work at present; send the data from the page instead."
            }
            Self::PermissionDenied => "The background-sync permission is denied; send the data from the page instead.",
            Self::NoWindow => {
                "A sync can be registered only while a window of this origin is open; register from the page, \
                 before it is closed."
            }
            Self::ThirdParty => "Background sync can't be used by a worker registered inside another site's page.",
            Self::TagTooLong => "The tag is too long; use a short name and keep the data in IndexedDB.",
            Self::TooManyForWorker => {
                "This service worker has too many sync registrations waiting; use one tag for a whole queue."
            }
            Self::TooManyForOrigin => {
                "This origin has too many sync registrations waiting; use one tag for a whole queue."
            }
            Self::TooManyTagBytes => {
                "The tags of this origin take too much room; use short names and keep the data in IndexedDB."
            }
            Self::TooManyTagBytesOfProfile => {
                "The tags of all sites together take too much room; send the data from the page instead."
            }
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl std::error::Error for Refusal {}

/// Names of the DOM exceptions that registering can end with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum DomExceptionName {
    /// `SecurityError`
    SecurityError,
    /// `InvalidStateError`
    InvalidStateError,
    /// `NotAllowedError`
    NotAllowedError,
    /// `InvalidAccessError`
    InvalidAccessError,
    /// `QuotaExceededError`
    QuotaExceededError,
    /// `UnknownError`
    UnknownError,
}

impl DomExceptionName {
    /// The name as scripts see it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SecurityError => "SecurityError",
            Self::InvalidStateError => "InvalidStateError",
            Self::NotAllowedError => "NotAllowedError",
            Self::InvalidAccessError => "InvalidAccessError",
            Self::QuotaExceededError => "QuotaExceededError",
            Self::UnknownError => "UnknownError",
        }
    }
}

impl fmt::Display for DomExceptionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
