//! A process of its own, in namespaces of its own, that plays one timeline after the other.
//!
//! It reads the name of a fixture a line and answers with a line of JSON. When its input ends it ends, and with the first
//! process of a namespace everything in it: browsers, network, profiles.

mod browser;
mod http;
mod link;
mod notes;
mod places;
mod play;
mod server;
mod web;
mod world;

use std::io::{BufRead as _, Write as _};
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::mpsc::channel;

use crate::chromium::lanes::{Played, Verdict};
use crate::{Catalogue, Fixture, WebFile};
use link::Link;

/// What the names of files begin with, beside those of fixtures.
pub(super) const WEB: &str = "web/";

/// What a lane says when it is ready.
pub(super) const READY: &str = "ready";

/// Plays what its input names.
#[must_use]
pub fn serve_lane(testharness: &Path) -> ExitCode {
    match run(testharness) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("lane: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn run(testharness: &Path) -> Result<(), String> {
    let root = WebFile::root();
    let harness = std::fs::read_to_string(testharness);
    let harness = harness.map_err(|error| format!("{}: {error}", testharness.display()))?;
    let site = web::WebSite::new(&root, harness)?;
    let catalogue = Catalogue::read().map_err(|error| error.to_string())?;
    let files = WebFile::all(&root).map_err(|error| error.to_string())?;
    own_temporary_files()?;
    let link = Link::lay()?;
    let server = server::serve(site)?;
    let (sender, names) = channel();
    std::thread::spawn(move || {
        for name in std::io::stdin().lock().lines().map_while(Result::ok) {
            // Nobody receives any more: the process is about to end.
            let _ = sender.send(name);
        }
        // Whoever wanted to know is gone, in the middle of a timeline or not.
        std::process::exit(0);
    });
    let fixtures = Fixture::all().map_err(|error| error.to_string())?;
    say(READY)?;
    for name in names {
        let fixture = fixtures.iter().find(|fixture| fixture.name == name);
        let file = files.iter().find(|file| name.strip_prefix(WEB) == Some(file.name.as_str()));
        let verdict = match (fixture, file) {
            (Some(fixture), _) => play::play(fixture, &catalogue, &link, &server),
            (None, Some(file)) => web::play(file, &link, &server),
            (None, None) => Verdict::Broken(format!("there is no fixture or file `{name}`")),
        };
        let played = Played { name, verdict };
        say(&serde_json::to_string(&played).map_err(|error| error.to_string())?)?;
    }
    Ok(())
}

fn say(line: &str) -> Result<(), String> {
    let mut output = std::io::stdout().lock();
    writeln!(output, "{line}").and_then(|()| output.flush()).map_err(|error| error.to_string())
}

/// Profiles vanish with the namespace, however it ends.
fn own_temporary_files() -> Result<(), String> {
    let folder = std::env::temp_dir();
    let mount = Command::new("mount").args(["-t", "tmpfs", "lane"]).arg(&folder).output();
    let mount = mount.map_err(|error| format!("`mount`: {error}"))?;
    if mount.status.success() {
        return Ok(());
    }
    Err(format!("no temporary files of its own: {}", String::from_utf8_lossy(&mount.stderr).trim()))
}
