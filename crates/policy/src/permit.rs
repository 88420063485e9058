use crate::{Facts, Limits, Refusal, RegistrationKey, SyncKind, SystemRestriction, UserSwitch, WorkerState};

/// One call of `SyncManager.register(tag)`, or of its periodic sibling, as the rules see it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RegistrationRequest<'a> {
    /// The service worker registration that the manager belongs to.
    pub key: &'a RegistrationKey,
    /// Which of the two is called.
    pub kind: SyncKind,
    /// Length of the tag in UTF-16 code units.
    pub tag_length: usize,
    /// What the caps are compared with; `None` for a tag that is registered already, because an
    /// existing tag may always be registered again.
    pub counts: Option<RegistrationCounts>,
}

impl<'a> RegistrationRequest<'a> {
    /// A request with what its fields say.
    #[must_use]
    pub const fn new(
        key: &'a RegistrationKey,
        kind: SyncKind,
        tag_length: usize,
        counts: Option<RegistrationCounts>,
    ) -> Self {
        Self { key, kind, tag_length, counts }
    }

    /// A request for a first one-shot registration of a worker that holds nothing yet.
    #[must_use]
    pub const fn new_tag(key: &'a RegistrationKey, tag_length: usize) -> Self {
        Self { key, kind: SyncKind::OneShot, tag_length, counts: Some(RegistrationCounts::new(0, 0, 0, 0)) }
    }
}

/// How many registrations there are before this request, uncommitted ones included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RegistrationCounts {
    /// Of this service worker registration and kind.
    pub of_worker: usize,
    /// Of the origin in its partition, over all workers.
    pub of_origin: usize,
    /// Bytes that the tags of those take, two for each UTF-16 code unit.
    pub tag_bytes_of_origin: usize,
    /// The same of all origins of the profile; for a private partition, of all in private ones.
    pub tag_bytes_of_profile: usize,
}

impl RegistrationCounts {
    /// So many of the worker, so many of its origin, and what the tags of those take, and all tags of the profile.
    #[must_use]
    pub const fn new(
        of_worker: usize,
        of_origin: usize,
        tag_bytes_of_origin: usize,
        tag_bytes_of_profile: usize,
    ) -> Self {
        Self { of_worker, of_origin, tag_bytes_of_origin, tag_bytes_of_profile }
    }
}

/// The proof that one request kept every rule at the moment its facts were taken (invariant I1).
///
/// Only [`authorize`] makes one. It names the key and the kind it was made for and is consumed by the crate that
/// holds the registrations; it is not `Clone`, so one decision registers once.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a permit that is not used up registers nothing"]
pub struct RegistrationPermit {
    key: RegistrationKey,
    kind: SyncKind,
}

impl RegistrationPermit {
    /// The service worker registration it is for.
    #[must_use]
    pub fn key(&self) -> &RegistrationKey {
        &self.key
    }

    /// The kind it is for.
    #[must_use]
    pub fn kind(&self) -> SyncKind {
        self.kind
    }

    /// Uses the permit up: the service worker registration and the kind it was for.
    #[must_use]
    pub fn into_parts(self) -> (RegistrationKey, SyncKind) {
        (self.key, self.kind)
    }
}

/// Judges one request: `sync.register.2` to `sync.register.6` or `periodic.register.2` to `periodic.register.6`, and what
/// this project adds to them.
///
/// # Errors
/// The first rule that is broken, in the order of [`Refusal::ALL`]. The order is observable by pages.
pub fn authorize(
    request: &RegistrationRequest<'_>,
    facts: &Facts,
    limits: &Limits,
) -> Result<RegistrationPermit, Refusal> {
    // sync.secure: service workers exist only in secure contexts, but the caller's word is checked, and so is the
    // origin: a host that says so of whoever asks does not make http secure.
    if !facts.secure_context || !request.key.origin().can_be_secure() {
        return Err(Refusal::InsecureContext);
    }
    active_worker(facts.worker)?;
    allowed_by_user(request.kind, facts)?;
    window_open(facts)?;
    if request.key.storage_key().is_third_party() {
        return Err(Refusal::ThirdParty);
    }
    within_limits(request, limits)?;
    Ok(RegistrationPermit { key: request.key.clone(), kind: request.kind })
}

/// sync.register.2, periodic.register.2: an activating worker is the active worker already.
fn active_worker(worker: WorkerState) -> Result<(), Refusal> {
    match worker {
        WorkerState::NoSuchRegistration => Err(Refusal::NoSuchRegistration),
        // Not the same as none: a page would be told to wait for what is there.
        WorkerState::NotLoaded => Err(Refusal::WorkerNotLoaded),
        WorkerState::None => Err(Refusal::NoActiveWorker),
        WorkerState::Activating | WorkerState::Active => Ok(()),
    }
}

/// sync.register.3, periodic.register.3, and the permission of the kind: for one-shot syncs `prompt` is the default state
/// and refuses nothing (sync.permission), for periodic ones it is not enough (periodic.permission).
fn allowed_by_user(kind: SyncKind, facts: &Facts) -> Result<(), Refusal> {
    if facts.fenced {
        return Err(Refusal::FencedFrame);
    }
    match facts.switch {
        UserSwitch::Off => return Err(Refusal::SwitchedOff),
        UserSwitch::On => {}
    }
    match facts.restriction {
        SystemRestriction::Restricted => return Err(Refusal::SystemRestricted),
        SystemRestriction::None => {}
    }
    if kind.is_allowed(facts.permission) { Ok(()) } else { Err(Refusal::PermissionDenied) }
}

/// sync.register.4: in the background, until shown otherwise. sync.register.5, sync.register.5.1: any
/// window of the origin will do, controlled or not, but a nested one never. sync.register.6: else no. The same for periodic
/// ones: periodic.register.4, periodic.register.5, periodic.register.5.1, periodic.register.6.
fn window_open(facts: &Facts) -> Result<(), Refusal> {
    if facts.windows.in_background() { Err(Refusal::NoWindow) } else { Ok(()) }
}

fn within_limits(request: &RegistrationRequest<'_>, limits: &Limits) -> Result<(), Refusal> {
    if request.tag_length > limits.max_tag_length {
        return Err(Refusal::TagTooLong);
    }
    let Some(counts) = request.counts else {
        return Ok(());
    };
    if counts.of_worker >= limits.max_registrations_per_worker {
        return Err(Refusal::TooManyForWorker);
    }
    if counts.of_origin >= limits.max_registrations_per_origin {
        return Err(Refusal::TooManyForOrigin);
    }
    let with_this = |bytes: usize| bytes.saturating_add(request.tag_length.saturating_mul(2));
    if with_this(counts.tag_bytes_of_origin) > limits.max_tag_bytes_per_origin {
        return Err(Refusal::TooManyTagBytes);
    }
    if with_this(counts.tag_bytes_of_profile) > limits.max_tag_bytes_per_profile {
        return Err(Refusal::TooManyTagBytesOfProfile);
    }
    Ok(())
}
