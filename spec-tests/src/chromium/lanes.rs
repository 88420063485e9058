//! Several lanes at a time, each with its own network, browser and clock.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::lane::READY;

/// How long a lane may take beyond what a timeline takes: a browser starts, steps settle.
const PATIENCE: Duration = Duration::from_secs(60);

/// What came of a fixture in a browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Played {
    pub(super) name: String,
    pub(super) verdict: Verdict,
}

/// How a fixture went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Verdict {
    /// It was played to its end; these are the differences.
    Observed(Vec<String>),
    /// It differs only where the machine does under the preset `chromium`.
    AsPreset(Vec<String>),
    /// It was not: the browser hangs, crashes, or does not obey.
    Broken(String),
}

/// Something to play, and how long it takes.
#[derive(Clone, Debug)]
pub(super) struct Task {
    pub(super) name: String,
    pub(super) takes: Duration,
}

/// Why there is no lane.
#[derive(Debug)]
pub(super) struct NoLane(pub(super) String);

/// Plays everything, in so many lanes, and says each as it ends.
pub(super) fn play_all(
    tasks: Vec<Task>,
    lanes: usize,
    testharness: &Path,
    say: impl Fn(&Played) + Sync,
) -> Result<Vec<Played>, NoLane> {
    // A lane that does not come up says why; then none will.
    let first = Lane::start(testharness)?;
    let waiting = Mutex::new(VecDeque::from(tasks));
    let done = Mutex::new(Vec::new());
    let work = |first: Option<Lane>| {
        let mut lane = first;
        while let Some(task) = { waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front() } {
            let played = Played { verdict: play(&mut lane, testharness, &task), name: task.name };
            say(&played);
            done.lock().unwrap_or_else(PoisonError::into_inner).push(played);
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..lanes {
            scope.spawn(|| work(None));
        }
        work(Some(first));
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(done)
}

/// What breaks is tried once more, in a lane of its own.
fn play(lane: &mut Option<Lane>, testharness: &Path, task: &Task) -> Verdict {
    let first = play_once(lane, testharness, task);
    let Verdict::Broken(problem) = first else { return first };
    *lane = None;
    match play_once(lane, testharness, task) {
        Verdict::Broken(again) if again == problem => Verdict::Broken(format!("twice: {problem}")),
        Verdict::Broken(again) => Verdict::Broken(format!("{problem}; and then: {again}")),
        played @ (Verdict::Observed(_) | Verdict::AsPreset(_)) => played,
    }
}

fn play_once(lane: &mut Option<Lane>, testharness: &Path, task: &Task) -> Verdict {
    if lane.is_none() {
        match Lane::start(testharness) {
            Ok(started) => *lane = Some(started),
            Err(NoLane(problem)) => return Verdict::Broken(problem),
        }
    }
    let Some(runs) = lane else { return Verdict::Broken("there is no lane".to_owned()) };
    match runs.play(task) {
        Ok(verdict) => verdict,
        Err(problem) => {
            *lane = None;
            Verdict::Broken(problem)
        }
    }
}

/// A process that plays, with everything below it.
struct Lane {
    process: Child,
    input: ChildStdin,
    output: Receiver<String>,
}

impl Lane {
    fn start(testharness: &Path) -> Result<Self, NoLane> {
        let program = std::env::current_exe().map_err(|error| NoLane(error.to_string()))?;
        // The first process of a namespace of processes takes all others with it.
        let arguments = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--"];
        let mut command = Command::new("unshare");
        command.args(arguments).arg(program).arg("chromium-lane").arg(testharness);
        let process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut process = process.map_err(|error| NoLane(format!("`unshare` cannot be run: {error}")))?;
        let (Some(input), Some(output)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(NoLane("a process without pipes".to_owned()));
        };
        let (sender, receiver) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                // Nobody listens any more: the lane was given up.
                let _ = sender.send(line);
            }
        });
        let mut lane = Self { process, input, output: receiver };
        match lane.output.recv_timeout(PATIENCE) {
            Ok(line) if line == READY => Ok(lane),
            Ok(line) => Err(NoLane(line)),
            Err(RecvTimeoutError::Timeout) => Err(NoLane("a lane does not get ready".to_owned())),
            Err(RecvTimeoutError::Disconnected) => Err(NoLane(lane.last_words())),
        }
    }

    fn last_words(&mut self) -> String {
        let mut said = String::new();
        if let Some(mut errors) = self.process.stderr.take() {
            // What cannot be read is not said.
            let _ = std::io::Read::read_to_string(&mut errors, &mut said);
        }
        said.trim().to_owned()
    }

    fn play(&mut self, task: &Task) -> Result<Verdict, String> {
        let wait = task.takes.saturating_mul(3).saturating_add(PATIENCE);
        writeln!(self.input, "{}", task.name).map_err(|error| format!("the lane has gone: {error}"))?;
        match self.output.recv_timeout(wait) {
            Ok(line) => match serde_json::from_str::<Played>(&line) {
                Ok(played) => Ok(played.verdict),
                Err(error) => Err(format!("the lane said `{line}`: {error}")),
            },
            Err(RecvTimeoutError::Timeout) => Err(format!("it hangs: nothing for {} s", wait.as_secs())),
            Err(RecvTimeoutError::Disconnected) => Err(format!("the lane has died: {}", self.last_words())),
        }
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        // `unshare` takes the lane with it, and the lane its namespaces.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
