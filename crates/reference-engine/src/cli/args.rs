use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;

use background_sync::scheduler::Preset;
use background_sync_simulator::random::Kinds;
use clap::builder::PossibleValuesParser;
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use super::demo;
use super::help::{
    CHECK_EXIT_CODES, DEMOS, EXIT_CODES, FIRST_STEPS, FIXTURE, FOLDER, INSPECT_EXIT_CODES, INSTALLING, LOOKING,
    NEW_EXIT_CODES, OBJECT, SEEDS, SIMULATE_EXIT_CODES, VISITS, VISITS_EXIT_CODES,
};
use super::inspect::At;
use super::visits::Visits;

/// Background sync with real pages and service workers, without a browser.
///
/// Without a command it shows the chat demo: messages written in a tunnel arrive after the tab was closed. Time is
/// virtual, so hours take a second. The options below are for it; each command has its own.
#[derive(Debug, Parser)]
#[command(name = "bgsync", version, after_help = format!("{FIRST_STEPS}\n{EXIT_CODES}"), args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) playing: Playing,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Shows one of the demos that come with this command, or lists them.
    ///
    /// Each is a folder that `bgsync run` could run, with a timeline, a page and a service worker.
    #[command(after_help = format!("{DEMOS}{EXIT_CODES}"))]
    Demo {
        /// Its name. Without one, the demos there are.
        #[arg(value_parser = PossibleValuesParser::new(demo::names()))]
        name: Option<String>,
        #[command(flatten)]
        playing: Playing,
    },
    /// Makes a small folder to start from: a timeline, a page, a service worker.
    ///
    /// What it makes can be run at once, with `bgsync run DIR`, and is short enough to be read first.
    #[command(after_help = NEW_EXIT_CODES)]
    New {
        /// The folder. It must be new or empty: nothing is written over.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
    /// Runs a folder with a timeline, pages and workers.
    ///
    /// Prints what happens: when, who, what, and why. Scripts are run by QuickJS, which is C code: run only scripts
    /// you trust.
    #[command(after_help = EXIT_CODES, after_long_help = format!("{FOLDER}{EXIT_CODES}"))]
    Run {
        /// The folder: a timeline.toml, and a folder of files for each host.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// Runs it again whenever a file of it changes, until Ctrl-C.
        ///
        /// A change ends a run that is going on. With --store every run starts with what the one before left; changes
        /// of PATH and PATH.* count for nothing.
        #[arg(long)]
        watch: bool,
        #[command(flatten)]
        playing: Playing,
    },
    /// Shows what is registered in a store, and when it may fire next.
    ///
    /// Changes nothing. What a browser would do that starts with this store is what background sync itself says; an
    /// inspector knows of no network, and takes for granted that no window is open and every worker is there.
    #[command(after_help = INSPECT_EXIT_CODES, after_long_help = format!("{OBJECT}\n{LOOKING}{INSPECT_EXIT_CODES}"))]
    Inspect {
        /// The file that was given to --store. No browser may have it open.
        store: PathBuf,
        #[command(flatten)]
        inspecting: Inspecting,
    },
    /// Runs fixtures: timelines of the bare machine, without pages.
    ///
    /// Prints the difference of each that fails, with its place in the file. One that can't be read does not keep
    /// the others from running.
    #[command(after_help = CHECK_EXIT_CODES, after_long_help = format!("{FIXTURE}{CHECK_EXIT_CODES}"))]
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
    /// Runs random worlds and looks for a broken invariant; or, with a name, makes a study.
    ///
    /// A counterexample is made small, and printed as a timeline that `bgsync check` replays.
    #[command(after_help = format!("{SEEDS}{SIMULATE_EXIT_CODES}"), args_conflicts_with_subcommands = true)]
    Simulate {
        #[command(flatten)]
        worlds: Worlds,
        #[command(subcommand)]
        study: Option<Study>,
    },
    /// Prints a script that teaches a shell to complete this command.
    #[command(after_help = INSTALLING)]
    Completions {
        /// The shell to print it for.
        shell: Shell,
    },
}

/// Which random worlds are run.
#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct Worlds {
    /// The first seed. Each gives one world, and always the same.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// How many worlds: the seeds from the first one on.
    #[arg(long, default_value = "100")]
    pub(crate) runs: NonZeroU64,
    /// Steps of each world; a step is one thing that happens.
    #[arg(long, default_value = "200")]
    pub(crate) steps: NonZeroUsize,
    /// Which syncs there are in them.
    #[arg(long, value_enum, default_value_t = KindsOfWorlds::OneShot)]
    pub(crate) kinds: KindsOfWorlds,
    /// Writes the counterexample's timeline to this file, too.
    #[arg(long, value_name = "FILE")]
    pub(crate) save: Option<PathBuf>,
}

/// Which syncs there are in random worlds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum KindsOfWorlds {
    /// One-shot syncs only.
    OneShot,
    /// Periodic ones too, with hours and days between what happens, visits, pauses and engagement.
    Both,
}

impl From<KindsOfWorlds> for Kinds {
    fn from(kinds: KindsOfWorlds) -> Self {
        match kinds {
            KindsOfWorlds::OneShot => Self::OneShot,
            KindsOfWorlds::Both => Self::Both,
        }
    }
}

/// What is studied.
#[derive(Debug, Subcommand)]
pub(crate) enum Study {
    /// Measures how well periodic syncs are placed before a reader's visits.
    ///
    /// People of sixteen kinds live through twelve weeks under sixteen policies: clocks, rules that browsers ship,
    /// simple forecasts, this project's visit model (`ours`), and some that know the future and say what is possible
    /// at all. The same command prints the same bytes. Everything takes about a minute in a release build.
    #[command(after_help = format!("{VISITS}{VISITS_EXIT_CODES}"))]
    Visits(Visits),
}

/// How a timeline with pages is played.
#[derive(Clone, Debug, Default, ClapArgs)]
pub(crate) struct Playing {
    /// Keeps the syncs in this file, so that another process can go on.
    ///
    /// IndexedDB, caches, the service workers, what the user decided about sites and how far a killed timeline came are kept
    /// beside it, in PATH.indexeddb, PATH.caches, PATH.workers.json, PATH.permissions.json and PATH.progress.json.
    /// Without it everything is in memory, or in a temporary folder for a timeline that ends its process.
    #[arg(long, value_name = "PATH")]
    pub(crate) store: Option<PathBuf>,
    /// Lets time pass as it does, instead of jumping to the next thing that happens.
    #[arg(long)]
    pub(crate) real_time: bool,
    /// Trouble is not as expected: a script that fails, is missing or is stopped, an unhandled rejection, a server
    /// that the timeline does not have.
    ///
    /// Without it such things are told, and counted at the end; the exit code is 1 only where an expectation is not met.
    #[arg(long)]
    pub(crate) strict: bool,
    /// Prints one JSON object per line: at, event, origin, scope, kind, tag, instance_id, metadata.
    ///
    /// Times are in seconds since 1970. What background sync logs has the names that DevTools uses; everything else is
    /// "Timeline", and "Not as expected" is what the timeline did not want.
    #[arg(long)]
    pub(crate) json: bool,
}

/// How a store is looked at.
#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct Inspecting {
    /// The moment to look from: `last` (the last one that the store notes), `now`, `+2h` (after the last), or a
    /// moment in UTC such as 2026-01-05T09:30:00Z.
    ///
    /// In virtual time a timeline begins at 2026-01-05 09:00 UTC, so `now` says little about a store of one.
    #[arg(long, value_name = "MOMENT", default_value = "last")]
    pub(crate) at: At,
    /// The network to suppose: with `online`, what would fire at once says so.
    #[arg(long, value_enum, default_value_t = SupposedNetwork::Unknown)]
    pub(crate) network: SupposedNetwork,
    /// The parameters the browser runs with: they say how many attempts there are, and how old is too old.
    #[arg(long, value_enum, default_value_t = PresetName::Recommended, value_name = "PRESET")]
    pub(crate) parameters: PresetName,
    /// Prints one JSON object per registration instead of text; --help lists its fields.
    #[arg(long)]
    pub(crate) json: bool,
}

/// A network that an inspector is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SupposedNetwork {
    /// Nobody has said anything yet, as when a browser starts.
    Unknown,
    /// There is none.
    Offline,
    /// There is one.
    Online,
}

/// A set of parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PresetName {
    /// What this project recommends.
    Recommended,
    /// Chromium's timings and caps.
    Chromium,
    /// Shorter caps all round, and the same network only.
    Private,
}

impl PresetName {
    pub(crate) const fn preset(self) -> Preset {
        match self {
            Self::Recommended => Preset::Recommended,
            Self::Chromium => Preset::Chromium,
            Self::Private => Preset::Private,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Args::command().debug_assert();
    }
}
