//! Looking into a store that no browser has open.

mod describe;
mod moment;
mod next_start;
mod object;

use std::io;
use std::path::Path;

use background_sync_store::inspect;

use super::Exit;
use super::args::Inspecting;
use super::out::{complain, line};
use super::waiting::Waiting;
use describe::Description;
pub(crate) use moment::At;
use next_start::NextStart;

/// Shows what is registered in a store, and changes nothing.
pub(crate) fn store(path: &Path, inspecting: &Inspecting) -> io::Result<Exit> {
    let mut waiting = Waiting::start(inspecting.json);
    waiting.say(|| format!("reading {}", path.display()));
    let seen = inspect(path);
    waiting.end();
    let seen = match seen {
        Ok(seen) => seen,
        Err(error) => {
            complain(error);
            return Ok(Exit::BadProfile);
        }
    };
    let next = NextStart::of(&seen.contents, inspecting);
    if inspecting.json {
        for registration in &next.registrations {
            line(object::of(registration, &next))?;
        }
    } else {
        for paragraph in Description::new(path, inspecting).of(&next) {
            line(paragraph)?;
        }
    }
    for damage in &seen.damage {
        complain(format!("{}: {damage}", path.display()));
    }
    if seen.damage.is_empty() {
        return Ok(Exit::AsExpected);
    }
    complain("what could be read is shown; a browser that opens the store keeps that, and sets the rest aside");
    Ok(Exit::BadProfile)
}
