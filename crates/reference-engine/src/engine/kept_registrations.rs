//! The file that service worker registrations are kept in.

use std::path::Path;
use std::{fs, io};

use background_sync::policy::RegistrationKey;
use background_sync::registration::WallTime;
use serde::{Deserialize, Serialize};

use super::registrations::{Registrations, Source, Worker};
use crate::script::{ServiceWorkerState, UpdateViaCache};

/// The form of the file; another one is refused.
const FORMAT: u32 = 2;

#[derive(Serialize, Deserialize)]
struct Kept {
    format: u32,
    next_incarnation: u64,
    registrations: Vec<KeptRegistration>,
}

#[derive(Serialize, Deserialize)]
struct KeptRegistration {
    key: RegistrationKey,
    update_via_cache: UpdateViaCache,
    waiting: Option<Source>,
    active: Option<Source>,
    /// Milliseconds since 1970.
    checked: i64,
}

/// The registrations kept in a file, if there is one.
///
/// A worker that was being installed is not kept; one that was activating is active, as in Chromium.
///
/// # Errors
/// When the file is there and can't be read.
pub(super) fn read(file: &Path) -> io::Result<Registrations> {
    let bytes = match fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Registrations::starting_at(1)),
        Err(error) => return Err(error),
    };
    let kept: Kept = serde_json::from_slice(&bytes).map_err(io::Error::other)?;
    if kept.format != FORMAT {
        return Err(io::Error::other(format!("it has format {}, and this engine reads format {FORMAT}", kept.format)));
    }
    let mut registrations = Registrations::starting_at(kept.next_incarnation);
    for KeptRegistration { key, update_via_cache, waiting, active, checked } in kept.registrations {
        let waiting = waiting.map(|source| registrations.new_worker(source, ServiceWorkerState::Installed));
        let active = active.map(|source| registrations.new_worker(source, ServiceWorkerState::Activated));
        registrations.insert(key.clone(), update_via_cache, WallTime::from_unix_ms(checked));
        if let Some(registration) = registrations.get_mut(&key) {
            (registration.waiting, registration.active) = (waiting, active);
        }
    }
    Ok(registrations)
}

/// Makes the registrations of the profile durable.
///
/// # Errors
/// When the file can't be written; it is as it was then.
pub(super) fn write(file: &Path, registrations: &Registrations) -> io::Result<()> {
    let source = |worker: &Option<Worker>| worker.as_ref().map(|worker| worker.source.clone());
    let there = registrations.all().filter(|registration| {
        let kept = registration.waiting.is_some() || registration.active.is_some();
        kept && !registration.unregistered && !registration.key.partition().is_private()
    });
    let there = there.map(|registration| KeptRegistration {
        key: registration.key.clone(),
        update_via_cache: registration.update_via_cache,
        waiting: source(&registration.waiting),
        active: source(&registration.active),
        checked: registration.checked.unix_ms(),
    });
    let kept =
        Kept { format: FORMAT, next_incarnation: registrations.next_incarnation(), registrations: there.collect() };
    crate::durable::write(file, &serde_json::to_vec(&kept).map_err(io::Error::other)?)
}
