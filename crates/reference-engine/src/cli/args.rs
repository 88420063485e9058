use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand};

const EXIT_CODES: &str = "\
Exit codes:
  0  everything was as the timeline expects
  1  something was not; the difference is printed
  2  a timeline, a folder or the command line makes no sense
  3  the profile can't be used: in use, read-only, full, a directory; or its disk hangs
  4  the timeline could not go on, or the output could not be written
  A process that a timeline kills dies by a signal (134 in a shell); run the same command again to go on.";

const FOLDER: &str = r#"A folder to run:
  timeline.toml
  chat.example/index.html    is https://chat.example/
  chat.example/sw.js         what the page registers as its service worker

A timeline:
  title = "One message"
  [[worker]]                       # optional: a name for a scope, for expectations
  name = "chat"
  scope = "https://chat.example/"

  [[step]]
  at = "0s"
  open = { window = "tab", url = "https://chat.example/" }
  server = { origin = "https://chat.example", path = "/messages", keeps_by = "id" }
  [[step]]
  at = "10s"
  network = "offline"
  run = { window = "tab", script = "send('Hello')" }
  expect.registration = { worker = "chat", tag = "outbox", state = "pending" }
  [[step]]
  at = "1h"
  network = "online"
  [[step]]
  at = "2h"
  expect_server = { origin = "https://chat.example", path = "/messages", count = 1 }
  expect.events = { worker = "chat", count = 1 }

What can happen: say, open, close, detach, run (gives, fails), network, origin_network, server (down, status, takes,
loses_answers, keeps_by), permission, notifications, click_notification, close_notification, background_sync ("present"
or "missing"), switch, clear, system, process ("close" or "kill"). What can be expected: expect_server,
expect_notification, expect_console, and after `expect.` event, no_event, events, starts, registration, why_not, log, no_log,
commits, store_ops, wake_up, terminate, abandoned, running, keep_alive.
"#;

const FIXTURE: &str = r#"A fixture:
  title = "A worker may ask while a window is open"
  [[worker]]
  name = "chat"
  scope = "https://chat.example/"
  [[step]]
  windows = { origin = "https://chat.example", top_level = 1 }
  register = { worker = "chat", tag = "outbox", id = "first" }
  expect.reply = { to = "first", ok = true }
"#;

/// Background sync with real pages and service workers, without a browser.
///
/// Without a command it shows the chat demo: messages written in a tunnel arrive after the tab was closed. Time is
/// virtual, so hours take a second.
#[derive(Debug, Parser)]
#[command(name = "bgsync", version, after_help = EXIT_CODES, args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) playing: Playing,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Runs a folder with a timeline, pages and workers.
    ///
    /// Prints what happens: when, who, what, and why. Scripts are run by QuickJS, which is C code: run only scripts
    /// you trust.
    #[command(after_help = EXIT_CODES, after_long_help = format!("{FOLDER}\n{EXIT_CODES}"))]
    Run {
        /// The folder.
        folder: PathBuf,
        #[command(flatten)]
        playing: Playing,
    },
    /// Shows one of the demos that come with this command, or lists them.
    #[command(after_help = EXIT_CODES)]
    Demo {
        /// Its name. Without one, the demos there are.
        name: Option<String>,
        #[command(flatten)]
        playing: Playing,
    },
    /// Runs fixtures: timelines of the bare machine, without pages.
    ///
    /// Prints the difference of each that fails, with its place in the file. One that can't be read does not keep
    /// the others from running.
    #[command(after_help = EXIT_CODES, after_long_help = format!("{FIXTURE}\n{EXIT_CODES}"))]
    Check {
        /// Timeline files, or folders of them.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// One JSON object per file instead of text: file, title, passed, steps, failures, error.
        #[arg(long)]
        json: bool,
        /// Prints everything that happens in each.
        #[arg(short, long)]
        verbose: bool,
    },
    /// Runs random worlds and looks for a broken invariant.
    ///
    /// A counterexample is made small, and printed as a timeline that `bgsync check` replays. The same seed gives the
    /// same world.
    #[command(after_help = EXIT_CODES)]
    Simulate {
        /// The first seed.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// How many seeds.
        #[arg(long, default_value_t = 100)]
        runs: u64,
        /// Steps of each world.
        #[arg(long, default_value_t = 200)]
        steps: usize,
        /// Writes the counterexample's timeline to this file, too.
        #[arg(long, value_name = "FILE")]
        save: Option<PathBuf>,
    },
}

/// How a timeline with pages is played.
#[derive(Clone, Debug, Default, ClapArgs)]
pub(crate) struct Playing {
    /// Keeps the syncs in this file, so that another process can go on.
    ///
    /// IndexedDB, caches, the service workers and how far a killed timeline came are kept beside it, in PATH.indexeddb,
    /// PATH.caches, PATH.workers.json and PATH.progress.json. Without it everything is in memory, or in a temporary
    /// folder for a timeline that ends its process.
    #[arg(long, value_name = "PATH")]
    pub(crate) store: Option<PathBuf>,
    /// Lets time pass as it does, instead of jumping to the next thing that happens.
    #[arg(long)]
    pub(crate) real_time: bool,
    /// Prints one JSON object per line: at, event, origin, scope, tag, `instance_id`, metadata.
    ///
    /// `at` is in seconds since 1970. What background sync logs has the names that `DevTools` uses; everything else is
    /// `Timeline`, and `Not as expected` is what the timeline did not want.
    #[arg(long)]
    pub(crate) json: bool,
}

#[cfg(test)]
mod tests {
    use background_sync_simulator::runner;
    use background_sync_simulator::timeline::{Expectation, Timeline, Word as _};
    use clap::CommandFactory as _;

    use super::*;
    use crate::engine::{EngineStep, refuse};

    fn timeline_of(help: &str) -> String {
        let lines = help.lines().skip_while(|line| !line.trim_start().starts_with("title"));
        lines.take_while(|line| line.is_empty() || line.starts_with("  ")).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn the_command_line_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn what_help_shows_can_be_run() {
        let timeline = Timeline::<EngineStep>::parse("help", &timeline_of(FOLDER)).unwrap();
        assert_eq!(timeline.steps.len(), 4);
        assert_eq!(refuse(&timeline), Ok(()));
        let fixture = Timeline::parse("help", &timeline_of(FIXTURE)).unwrap();
        let report = runner::run(&fixture);
        assert!(report.passed() && report.steps == 1, "{report}");
    }

    #[test]
    fn help_names_every_word() {
        let refused = ["reply", "stored", "wake_done"];
        for word in EngineStep::WORDS.iter().chain(Expectation::WORDS).filter(|word| !refused.contains(word)) {
            assert!(FOLDER.contains(word), "{word}");
        }
    }
}
