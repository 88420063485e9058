//! Playing a folder: its timeline from the first step to the last, over as many processes as it takes.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use background_sync_simulator::timeline::Timeline;

use super::Exit;
use super::args::Playing;
use super::print::Printer;
use super::progress::Progress;
use crate::engine::{End, Engine, EngineClock, EngineError, EngineOptions, EngineStep, Profile, TimeMode};

type PageTimeline = Timeline<EngineStep>;

/// Runs a folder and prints how it goes.
pub(crate) fn folder(folder: &Path, playing: &Playing) -> Exit {
    let file = folder.join("timeline.toml");
    let text = match std::fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) => {
            return bad(
                Exit::BadInput,
                &format!(
                    "{} can't be read: {error}\nA folder to run has a timeline.toml and a folder for each host; see bgsync run --help.",
                    file.display()
                ),
            );
        }
    };
    let timeline = match PageTimeline::parse(&file.display().to_string(), &text) {
        Ok(timeline) => timeline,
        Err(error) => return bad(Exit::BadInput, &error.to_string()),
    };
    let kills = timeline.steps.iter().flat_map(|step| &step.acts).any(|act| *act == EngineStep::Process(End::Kill));
    match &playing.store {
        None if kills => in_processes(folder, playing),
        store => {
            let player = Player { folder, timeline: &timeline, checksum: crc32fast::hash(text.as_bytes()), playing };
            player.play(store.as_deref())
        }
    }
}

fn bad(exit: Exit, message: &str) -> Exit {
    eprintln!("bgsync: {message}");
    exit
}

/// A timeline that kills its process needs a process to kill: this command again, as often as it takes.
fn in_processes(folder: &Path, playing: &Playing) -> Exit {
    let (place, executable) = match (tempfile::tempdir(), std::env::current_exe()) {
        (Ok(place), Ok(executable)) => (place, executable),
        (Err(error), _) | (_, Err(error)) => {
            return bad(
                Exit::Stuck,
                &format!("no process of its own can be started: {error}; give a --store and run it part by part"),
            );
        }
    };
    let store = place.path().join("profile");
    loop {
        let mut command = Command::new(&executable);
        command.arg("run").arg(folder).arg("--store").arg(&store).stdin(Stdio::null());
        if playing.real_time {
            command.arg("--real-time");
        }
        if playing.json {
            command.arg("--json");
        }
        let status = match command.status() {
            Ok(status) => status,
            Err(error) => return bad(Exit::Stuck, &format!("{} can't be started: {error}", executable.display())),
        };
        match status.code() {
            Some(0) => return Exit::AsExpected,
            Some(1) => return Exit::NotAsExpected,
            Some(2) => return Exit::BadInput,
            Some(3) => return Exit::BadProfile,
            Some(_) => return Exit::Stuck,
            // Killed, as the timeline wants it. If it died of something else, there is no progress, and
            // going on would loop.
            None if Progress::path(&store).exists() => {}
            None => return bad(Exit::Stuck, &format!("the process died by itself: {status}")),
        }
    }
}

struct Player<'a> {
    folder: &'a Path,
    timeline: &'a PageTimeline,
    checksum: u32,
    playing: &'a Playing,
}

impl Player<'_> {
    fn play(&self, store: Option<&Path>) -> Exit {
        let restarts = self.timeline.steps.iter().flat_map(|step| &step.acts);
        let restarts = restarts.filter(|act| matches!(act, EngineStep::Process(_))).count() > 0;
        let place = match store {
            // What is closed and opened again has to be somewhere in between.
            None if restarts => match tempfile::tempdir() {
                Ok(place) => Some(place),
                Err(error) => return bad(Exit::BadProfile, &format!("no temporary folder: {error}; give a --store")),
            },
            _ => None,
        };
        let store = store.map(Path::to_owned).or_else(|| Some(place.as_ref()?.path().join("profile")));
        let progress = match store.as_deref().map(|store| Progress::read(store, self.checksum)) {
            None => Progress::start(self.checksum),
            Some(Ok(progress)) => progress,
            Some(Err(message)) => return bad(Exit::BadProfile, &message),
        };
        let mode = if self.playing.real_time { TimeMode::Real } else { TimeMode::Virtual };
        let clock = EngineClock::new(mode, progress.elapsed);
        let mut show = Show { player: self, store, clock, progress, printer: Printer::new(self.playing.json) };
        match show.run() {
            Ok(exit) => exit,
            Err(EngineError::Profile(message)) => bad(Exit::BadProfile, &message),
            Err(error @ (EngineError::Step(_) | EngineError::NeverSettles)) => {
                let line = self.timeline.steps.get(show.progress.step).map_or(0, |step| step.line);
                let file = self.folder.join("timeline.toml");
                bad(Exit::Stuck, &format!("{}:{line}: {error}", file.display()))
            }
        }
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
    fn run(&mut self) -> Result<Exit, EngineError> {
        self.printer.begin(&self.player.timeline.title, self.progress.processes);
        self.progress.processes += 1;
        let mut engine = None;
        let result = self.steps(&mut engine);
        if let Some(engine) = &mut engine {
            self.printer.print(&engine.take_story());
        }
        result?;
        if let Some(engine) = &engine {
            self.printer.summary(engine.machine(), self.clock.elapsed(), self.progress.mismatches);
        }
        if let Some(store) = &self.store {
            Progress::remove(store);
        }
        Ok(if self.progress.mismatches == 0 { Exit::AsExpected } else { Exit::NotAsExpected })
    }

    fn steps(&mut self, slot: &mut Option<Engine>) -> Result<(), EngineError> {
        let steps = &self.player.timeline.steps;
        while let Some(step) = steps.get(self.progress.step) {
            self.wait(slot, step.at.0)?;
            let engine = match slot {
                Some(engine) => engine,
                None => slot.insert(self.start()?),
            };
            let mismatches = engine.perform(step)?;
            self.printer.print(&engine.take_story());
            for mismatch in &mismatches {
                self.printer.mismatch(&self.player.folder.join("timeline.toml"), step.line, mismatch);
            }
            self.progress.mismatches += mismatches.len();
            self.progress.step += 1;
            self.progress.servers = engine.servers();
            self.progress.elapsed = self.clock.elapsed();
            let end = step.acts.iter().rev().find_map(|act| match act {
                EngineStep::Process(end) => Some(*end),
                _ => None,
            });
            match end {
                None => {}
                Some(End::Close) => {
                    engine.close()?;
                    self.printer.print(&engine.take_story());
                    self.printer.process("the browser is closed", self.clock.elapsed());
                    *slot = None;
                }
                Some(End::Kill) => self.die()?,
            }
        }
        Ok(())
    }

    /// Without an engine time just passes.
    fn wait(&mut self, slot: &mut Option<Engine>, at: Duration) -> Result<(), EngineError> {
        match slot {
            Some(engine) => {
                engine.advance_to(at)?;
                self.printer.print(&engine.take_story());
            }
            None => self.clock.advance_to(at),
        }
        Ok(())
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
            earlier,
            servers: self.progress.servers.clone(),
        })
    }

    /// Dies as a process does that is killed: nothing is closed, nothing is written any more.
    fn die(&mut self) -> Result<(), EngineError> {
        let store = self
            .store
            .as_deref()
            .ok_or_else(|| EngineError::Step("a timeline that kills needs a --store".to_owned()))?;
        self.progress.write(store).map_err(EngineError::Profile)?;
        self.printer.process("the process is killed", self.clock.elapsed());
        std::process::abort()
    }
}
