//! Playing a folder: its timeline from the first step to the last.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use background_sync_simulator::timeline::Timeline;

use super::args::Playing;
use super::layout::clock_face;
use super::out::complain;
use super::print::Printer;
use super::progress::Progress;
use super::{Exit, processes};
use crate::engine::{self, End, Engine, EngineClock, EngineError, EngineOptions, EngineStep, Profile, TimeMode, Who};

type PageTimeline = Timeline<EngineStep>;

/// Runs a folder and prints how it goes.
pub(crate) fn folder(folder: &Path, playing: &Playing) -> io::Result<Exit> {
    if folder.is_file() {
        complain(format!("{} is a file; name the folder that it is in", folder.display()));
        return Ok(Exit::BadInput);
    }
    let file = folder.join("timeline.toml");
    let text = match std::fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) => {
            complain(format!(
                "{} can't be read: {error}\nA folder to run has a timeline.toml and a folder for each host; see bgsync run --help.",
                file.display()
            ));
            return Ok(Exit::BadInput);
        }
    };
    let timeline = match read(&file, &text) {
        Ok(timeline) => timeline,
        Err(message) => {
            complain(message);
            return Ok(Exit::BadInput);
        }
    };
    let checksum = crc32fast::hash(text.as_bytes());
    match &playing.store {
        None if ends(&timeline).any(|end| end == End::Kill) => processes::play(folder, playing),
        Some(store) => Player { file, folder, timeline: &timeline, checksum, playing }.play(Some(store)),
        None if ends(&timeline).next().is_none() => {
            Player { file, folder, timeline: &timeline, checksum, playing }.play(None)
        }
        None => {
            let place = tempfile::tempdir()?;
            let store = place.path().join("profile");
            Player { file, folder, timeline: &timeline, checksum, playing }.play(Some(&store))
        }
    }
}

/// Names this version of a folder's timeline. None when it can't be read.
pub(super) fn checksum(folder: &Path) -> Option<u32> {
    std::fs::read(folder.join("timeline.toml")).ok().map(|bytes| crc32fast::hash(&bytes))
}

/// Whether a folder's timeline ends its process, so that something has to be kept. One that makes no sense does not.
pub(super) fn wants_a_profile(folder: &Path) -> bool {
    let file = folder.join("timeline.toml");
    let timeline = std::fs::read_to_string(&file).ok().and_then(|text| read(&file, &text).ok());
    timeline.is_some_and(|timeline| ends(&timeline).next().is_some())
}

fn ends(timeline: &PageTimeline) -> impl Iterator<Item = End> {
    timeline.steps.iter().flat_map(|step| &step.acts).filter_map(EngineStep::end)
}

/// A timeline that makes sense.
fn read(file: &Path, text: &str) -> Result<PageTimeline, String> {
    let name = file.display().to_string();
    let timeline = PageTimeline::parse(&name, text).map_err(|error| error.to_string())?;
    engine::refuse(&timeline).map_err(|(line, message)| match line {
        0 => format!("{name}: {message}"),
        line => format!("{name}:{line}: {message}"),
    })?;
    if timeline.steps.is_empty() {
        return Err(format!("{name}: there is no [[step]], and nothing happens; see bgsync run --help"));
    }
    Ok(timeline)
}

struct Player<'a> {
    /// The timeline's.
    file: PathBuf,
    folder: &'a Path,
    timeline: &'a PageTimeline,
    checksum: u32,
    playing: &'a Playing,
}

impl Player<'_> {
    fn play(&self, store: Option<&Path>) -> io::Result<Exit> {
        let progress = match store.map(|store| Progress::read(store, self.checksum)) {
            None => Progress::start(self.checksum),
            Some(Ok(progress)) => progress,
            Some(Err(message)) => {
                complain(message);
                return Ok(Exit::BadProfile);
            }
        };
        let mode = if self.playing.real_time { TimeMode::Real } else { TimeMode::Virtual };
        let clock = EngineClock::new(mode, progress.elapsed);
        let printer = Printer::new(self.playing.json);
        let mut show = Show { player: self, store: store.map(Path::to_owned), clock, progress, printer };
        let result = show.run();
        show.printer.end();
        match result {
            Ok(exit) => Ok(exit),
            Err(Stop::Output(error)) => Err(error),
            Err(Stop::Engine(error)) => {
                let line = self.timeline.steps.get(show.progress.step).map_or(0, |step| step.line);
                let place = format!("{}:{line}", self.file.display());
                let (exit, message) = match &error {
                    EngineError::Profile(message) => (Exit::BadProfile, message.clone()),
                    EngineError::DiskHangs => (Exit::BadProfile, error.to_string()),
                    EngineError::Step(message) => (Exit::Stuck, format!("{place}: {message}")),
                    EngineError::NeverSettles => (Exit::Stuck, format!("{place}: {error}")),
                };
                complain(message);
                Ok(exit)
            }
        }
    }
}

/// Why a timeline ends before its end.
enum Stop {
    Engine(EngineError),
    Output(io::Error),
}

impl From<EngineError> for Stop {
    fn from(error: EngineError) -> Self {
        Self::Engine(error)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// One process's part of a timeline.
struct Show<'a> {
    player: &'a Player<'a>,
    store: Option<PathBuf>,
    clock: EngineClock,
    progress: Progress,
    printer: Printer,
}

impl Show<'_> {
    fn run(&mut self) -> Result<Exit, Stop> {
        self.printer.begin(&self.player.timeline.title, self.progress.processes)?;
        self.progress.processes += 1;
        let mut engine = None;
        let result = self.steps(&mut engine);
        if let Some(engine) = &mut engine {
            self.printer.print(&engine.take_story())?;
        }
        result?;
        if let Some(engine) = &mut engine {
            self.printer.still_registered(engine.machine(), &self.clock)?;
            self.printer.summary(engine.machine(), self.clock.elapsed(), &self.progress)?;
            // What the last events did becomes durable, as when a browser is closed. The story is told; only
            // what goes wrong now is still worth a line.
            engine.close()?;
            let trouble = engine.take_story().into_iter().filter(|happening| happening.who == Who::Trouble);
            self.printer.print(&trouble.collect::<Vec<_>>())?;
        }
        if let Some(store) = &self.store {
            Progress::remove(store);
        }
        let trouble = self.player.playing.strict && self.progress.trouble + self.printer.trouble() > 0;
        Ok(if self.progress.mismatches == 0 && !trouble { Exit::AsExpected } else { Exit::NotAsExpected })
    }

    fn steps(&mut self, slot: &mut Option<Engine>) -> Result<(), Stop> {
        while let Some(step) = self.player.timeline.steps.get(self.progress.step) {
            self.printer.waits_for(|| {
                let (number, steps) = (self.progress.step + 1, self.player.timeline.steps.len());
                format!("step {number} of {steps}, at {} of the timeline", clock_face(step.at.0).trim_start())
            });
            self.wait(slot, step.at.0)?;
            let engine = match slot {
                Some(engine) => engine,
                None => slot.insert(self.start()?),
            };
            let mismatches = engine.perform(step)?;
            self.printer.print(&engine.take_story())?;
            for mismatch in &mismatches {
                self.printer.mismatch(&self.player.file, step.line, self.clock.wall(), mismatch)?;
            }
            self.progress.mismatches += mismatches.len();
            self.progress.step += 1;
            self.progress.servers = engine.servers();
            self.progress.elapsed = self.clock.elapsed();
            match step.acts.iter().rev().find_map(EngineStep::end) {
                None => {}
                Some(End::Close) => {
                    engine.close()?;
                    self.printer.print(&engine.take_story())?;
                    self.printer.process("the browser is closed", &self.clock)?;
                    if self.progress.step == self.player.timeline.steps.len() {
                        self.printer.still_registered(engine.machine(), &self.clock)?;
                    }
                    *slot = None;
                }
                Some(End::Kill) => self.die()?,
            }
        }
        Ok(())
    }

    /// Without an engine time just passes. With one, what happens is shown as it happens.
    fn wait(&mut self, slot: &mut Option<Engine>, at: Duration) -> Result<(), Stop> {
        let Some(engine) = slot else {
            self.clock.advance_to(at);
            return Ok(());
        };
        loop {
            let there = engine.advance_towards(at)?;
            self.printer.print(&engine.take_story())?;
            if there {
                return Ok(());
            }
        }
    }

    fn start(&self) -> Result<Engine, EngineError> {
        let timeline = self.player.timeline;
        let earlier = timeline.steps.iter().take(self.progress.step).flat_map(|step| step.acts.clone()).collect();
        let params = timeline.valid_parameters().map_err(|error| EngineError::Step(error.to_string()))?;
        Engine::start(EngineOptions {
            params,
            // Another process is another draw, and still the same for the same timeline.
            seed: timeline.seed ^ (u64::from(self.progress.processes) << 32),
            folder: self.player.folder.to_owned(),
            profile: self.store.clone().map_or(Profile::InMemory, Profile::File),
            clock: self.clock.clone(),
            workers: timeline.workers.clone(),
            earlier,
            servers: self.progress.servers.clone(),
        })
    }

    /// Dies as a process does that is killed: nothing is closed, nothing is written any more.
    fn die(&mut self) -> Result<(), Stop> {
        let store = self
            .store
            .as_deref()
            .ok_or_else(|| EngineError::Step("a timeline that kills needs a --store".to_owned()))?;
        self.progress.trouble += self.printer.trouble();
        self.progress.write(store).map_err(EngineError::Profile)?;
        self.printer.process("the process is killed", &self.clock)?;
        self.printer.end();
        std::process::abort()
    }
}
