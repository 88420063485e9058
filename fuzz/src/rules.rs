//! The rules of `register` told a second time, as sentences in the order in which they are judged.
//! Shares nothing with the code it is compared with but the names.

use background_sync_policy::{
    DomExceptionName, Facts, Limits, PermissionState, Refusal, RegistrationRequest, SyncKind, SystemRestriction,
    UserSwitch, WorkerState,
};

/// The first sentence that is not true of a call, and the exception it stands for.
pub(super) fn first_broken(
    request: &RegistrationRequest<'_>,
    facts: &Facts,
    limits: &Limits,
) -> Option<(Refusal, DomExceptionName)> {
    use DomExceptionName::{
        InvalidAccessError, InvalidStateError, NotAllowedError, QuotaExceededError, SecurityError, UnknownError,
    };
    let (worker, windows) = (facts.worker, facts.windows);
    // Caps are for new tags: one that is there may always be registered again.
    let (of_worker, of_origin) = request.counts.map_or((None, None), |n| (Some(n.of_worker), Some(n.of_origin)));
    let room = |have: Option<usize>, most: usize| have.is_none_or(|have| have < most);
    let with_this = |bytes: usize| bytes.saturating_add(request.tag_length.saturating_mul(2));
    let bytes = request.counts.map(|n| with_this(n.tag_bytes_of_origin));
    let all_bytes = request.counts.map(|n| with_this(n.tag_bytes_of_profile));
    let allowed = match request.kind {
        // Not having been asked is no denial,
        SyncKind::OneShot => facts.permission != PermissionState::Denied,
        // and no permission either.
        SyncKind::Periodic => facts.permission == PermissionState::Granted,
    };
    let rules = [
        // The caller is a secure context, and can be one.
        (facts.secure_context && is_safe(request.key.origin().as_str()), Refusal::InsecureContext, SecurityError),
        // The service worker registration exists,
        (worker != WorkerState::NoSuchRegistration, Refusal::NoSuchRegistration, InvalidStateError),
        // as far as the host knows,
        (worker != WorkerState::NotLoaded, Refusal::WorkerNotLoaded, UnknownError),
        // and has an active worker, one that is still activating included.
        (
            worker == WorkerState::Active || worker == WorkerState::Activating,
            Refusal::NoActiveWorker,
            InvalidStateError,
        ),
        // The caller is not inside a fenced frame.
        (!facts.fenced, Refusal::FencedFrame, NotAllowedError),
        // The user has not switched background sync off,
        (facts.switch == UserSwitch::On, Refusal::SwitchedOff, NotAllowedError),
        // nor does the system restrict it at present,
        (facts.restriction == SystemRestriction::None, Refusal::SystemRestricted, NotAllowedError),
        // and has this origin do it.
        (allowed, Refusal::PermissionDenied, NotAllowedError),
        // A window is open that is no frame of another one.
        (windows.top_level > 0 || windows.auxiliary > 0, Refusal::NoWindow, InvalidAccessError),
        // The worker is not registered inside another site's page.
        (!request.key.storage_key().is_third_party(), Refusal::ThirdParty, InvalidAccessError),
        // The tag is short enough; the longest one allowed is.
        (request.tag_length <= limits.max_tag_length, Refusal::TagTooLong, QuotaExceededError),
        // The worker has room for one more,
        (room(of_worker, limits.max_registrations_per_worker), Refusal::TooManyForWorker, QuotaExceededError),
        // and so has its origin.
        (room(of_origin, limits.max_registrations_per_origin), Refusal::TooManyForOrigin, QuotaExceededError),
        // whose tags take no more bytes together than they may, this one included.
        (
            bytes.is_none_or(|bytes| bytes <= limits.max_tag_bytes_per_origin),
            Refusal::TooManyTagBytes,
            QuotaExceededError,
        ),
        // The same of all tags of the profile.
        (
            all_bytes.is_none_or(|bytes| bytes <= limits.max_tag_bytes_per_profile),
            Refusal::TooManyTagBytesOfProfile,
            QuotaExceededError,
        ),
    ];
    rules.into_iter().find(|(kept, ..)| !kept).map(|(_, refusal, exception)| (refusal, exception))
}

/// Whether nobody on the way reads along: it is encrypted, or has no way.
fn is_safe(origin: &str) -> bool {
    let here = ["http://localhost", "http://a.localhost", "http://127.0.0.1", "http://[::1]"];
    !origin.starts_with("http:") || here.iter().any(|own| origin == *own || origin.starts_with(&format!("{own}:")))
}
