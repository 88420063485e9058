use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand};

const EXIT_CODES: &str = "\
Exit codes:
  0  everything was as the timeline expects
  1  something was not; the difference is printed
  2  a timeline, a folder or the command line makes no sense
  3  the profile can't be used: in use, read-only, full, a directory
  4  the timeline could not go on
  A process that a timeline kills dies by a signal (134 in a shell); run the same command again to go on.";

/// Background sync with real pages and service workers, without a browser.
///
/// Without a command it shows the chat demo: messages written in a tunnel arrive after the tab was
/// closed. Time is virtual, so hours take a second.
#[derive(Debug, Parser)]
#[command(name = "bgsync", version, after_help = EXIT_CODES)]
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
    /// The folder has `timeline.toml` and one folder per host, so that `chat.example/index.html` is
    /// `https://chat.example/`.
    #[command(after_help = EXIT_CODES)]
    Run {
        /// The folder.
        folder: PathBuf,
        #[command(flatten)]
        playing: Playing,
    },
    /// Shows one of the demos that come with this command, or lists them.
    Demo {
        /// Its name.
        name: Option<String>,
        #[command(flatten)]
        playing: Playing,
    },
    /// Runs fixtures: timelines of the bare machine, without pages.
    ///
    /// Prints the difference of each that fails, with its place in the file.
    #[command(after_help = EXIT_CODES)]
    Check {
        /// Timeline files, or folders of them.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// One JSON object per file instead of text.
        #[arg(long)]
        json: bool,
        /// Prints everything that happens in each.
        #[arg(short, long)]
        verbose: bool,
    },
    /// Runs random worlds and looks for a broken invariant.
    ///
    /// A counterexample is printed with its seed, as a timeline that `bgsync check` replays.
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
        /// Writes the counterexample's timeline to this file.
        #[arg(long)]
        save: Option<PathBuf>,
    },
}

/// How a timeline with pages is played.
#[derive(Clone, Debug, Default, ClapArgs)]
pub(crate) struct Playing {
    /// Keeps the syncs in this file, with IndexedDB and the service workers beside it, so that another
    /// process can go on.
    #[arg(long, value_name = "PATH")]
    pub(crate) store: Option<PathBuf>,
    /// Lets time pass as it does, instead of jumping to the next thing that happens.
    #[arg(long)]
    pub(crate) real_time: bool,
    /// Prints one JSON object per line: at (seconds), event, origin, scope, tag, `instance_id`, metadata.
    #[arg(long)]
    pub(crate) json: bool,
}
