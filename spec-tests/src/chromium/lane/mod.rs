//! A process of its own, in namespaces of its own, that plays one timeline after the other.
//!
//! It reads the name of a fixture a line and answers with a line of JSON. When its input ends it ends, and with the first
//! process of a namespace everything in it: browsers, network, profiles.

mod browser;
mod link;
mod notes;
mod places;
mod play;
mod server;
mod world;

use std::io::{BufRead as _, Write as _};
use std::process::{Command, ExitCode};
use std::sync::mpsc::channel;

use crate::Fixture;
use crate::chromium::lanes::{Played, Verdict};
use link::Link;

/// What a lane says when it is ready.
pub(super) const READY: &str = "ready";

/// Plays what its input names.
#[must_use]
pub fn serve_lane() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("lane: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    own_temporary_files()?;
    let link = Link::lay()?;
    let server = server::serve()?;
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
        let verdict = match fixture {
            Some(fixture) => play::play(fixture, &link, &server),
            None => Verdict::Broken(format!("there is no fixture `{name}`")),
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
