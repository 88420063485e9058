//! The file that service worker registrations are kept in.

use std::io;
use std::path::Path;

use background_sync::policy::RegistrationKey;
use background_sync::registration::WallTime;
use serde::{Deserialize, Serialize};

use super::registrations::{Registrations, Source, Worker};
use crate::script::{ServiceWorkerState, UpdateViaCache};
use crate::{durable, kept_file};

/// The form of the file; another one is refused.
const FORMAT: u32 = 2;

#[derive(Serialize, Deserialize)]
struct Kept {
    format: u32,
    next_incarnation: u64,
    /// Earlier versions wrote nothing else.
    #[serde(default = "whole")]
    whole: bool,
    registrations: Vec<KeptRegistration>,
}

const fn whole() -> bool {
    true
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

/// What was read.
pub(super) struct ReadRegistrations {
    pub(super) registrations: Registrations,
    /// Whether these are all that there were.
    pub(super) whole: bool,
    /// What was wrong with the file.
    pub(super) damage: Option<String>,
}

/// The registrations kept in a file, if there is one. One that is damaged is copied aside and left.
///
/// A worker that was being installed is not kept; one that was activating is active, as in Chromium.
///
/// # Errors
/// When the file is there and can't be read, or is of a newer version.
pub(super) fn read(file: &Path) -> io::Result<ReadRegistrations> {
    let lost = |damage| ReadRegistrations { registrations: Registrations::starting_at(1), whole: false, damage };
    let kept: Kept = match kept_file::read(file) {
        Ok(Some(kept)) => kept,
        Ok(None) => return Ok(lost(None)),
        Err(error) if kept_file::is_damage(&error) => {
            let set_aside = durable::keep_aside(file)?;
            let (file, set_aside) = (super::shown(file), super::shown(&set_aside));
            let damage =
                format!("{file}: the list of service workers is damaged: {error}; it was copied to {set_aside}");
            return Ok(lost(Some(damage)));
        }
        Err(error) => return Err(error),
    };
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
    Ok(ReadRegistrations { registrations, whole: kept.whole, damage: None })
}

/// Makes the registrations of the profile durable. `whole` says that these are all that syncs belong to.
///
/// # Errors
/// When the file can't be written; it is as it was then.
pub(super) fn write(file: &Path, registrations: &Registrations, whole: bool) -> io::Result<()> {
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
    let (next_incarnation, registrations) = (registrations.next_incarnation(), there.collect());
    kept_file::write(file, &Kept { format: FORMAT, next_incarnation, whole, registrations })
}
