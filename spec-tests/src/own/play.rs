use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use background_sync_simulator::timeline::{Expectation, Step, TimedStep, Timeline, Word as _};

use serde::Serialize;
use serde_json::Value;

use super::{Ask, Engine, Look, Looked, PROTOCOL, Ready, Reply, Start, TagsAsked, Trouble};
use crate::seen::{Kind, Moment, Observations, Scale, StepSeen, expects_something_visible, judge};

/// How a timeline went on an engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As expected.
    Passed,
    /// Otherwise: each difference with its line.
    Failed(Vec<String>),
    /// Not at all, and why: the engine has no such thing, or nothing can be seen.
    NotRun(String),
}

/// Why a timeline was not played to its end.
enum Stop {
    Cannot(String),
    Trouble(String),
}

/// Plays a timeline.
pub fn play(engine: &mut dyn Engine, name: &str, timeline: &Timeline) -> Outcome {
    if !expects_something_visible(timeline) {
        return Outcome::NotRun("nothing it expects can be seen from outside".to_owned());
    }
    match observe(engine, name, timeline) {
        Ok((scale, seen)) => {
            let found: Vec<_> = judge(timeline, scale, &seen).iter().map(ToString::to_string).collect();
            if found.is_empty() { Outcome::Passed } else { Outcome::Failed(found) }
        }
        Err(Stop::Cannot(why)) => Outcome::NotRun(why),
        Err(Stop::Trouble(what)) => Outcome::Failed(vec![what]),
    }
}

fn observe(engine: &mut dyn Engine, name: &str, timeline: &Timeline) -> Result<(Scale, Observations), Stop> {
    let start = Start {
        protocol: PROTOCOL,
        fixture: name.to_owned(),
        preset: timeline.preset,
        seed: timeline.seed,
        parameters: as_written(&timeline.parameters, 1)?,
        workers: as_written(&timeline.workers, 1)?,
    };
    let Ready { tolerance } = done(engine.ask(&Ask::Start(Box::new(start))), "start", 1)?;
    let mut seen = Observations::default();
    for step in &timeline.steps {
        let played = play_step(engine, step, &mut seen)?;
        seen.steps.push(played);
    }
    Ok((Scale::virtual_time(Duration::from_millis(tolerance)), seen))
}

fn play_step(engine: &mut dyn Engine, step: &TimedStep, seen: &mut Observations) -> Result<StepSeen, Stop> {
    let line = step.line;
    let now = u64::try_from(step.at.0.as_millis()).unwrap_or(u64::MAX);
    done(engine.ask(&Ask::At(now)), "at", line)?;
    let mut undone = Vec::new();
    for act in &step.acts {
        let word = act.word();
        match engine.ask(&Ask::Do(written(act, line)?)) {
            Ok(Reply::Undone(why)) => undone.push(format!("`{word}`: {why}")),
            other => {
                done(other, word, line)?;
            }
        }
    }
    let Looked { events, replies, tags, running } = looked(engine.ask(&Ask::Look(lists(step))), line)?;
    seen.events.extend(events);
    let mut answers = seen.steps.last().map(|before| before.answers.clone()).unwrap_or_default();
    answers.extend(replies);
    let listed = tags.into_iter().map(|list| (list.worker, list.kind, list.tags)).collect();
    let at = Moment(now);
    Ok(StepSeen { begun: at, acted: at, settled: at, listed, answers, running, undone })
}

fn written(act: &Step, line: usize) -> Result<BTreeMap<&'static str, Value>, Stop> {
    let value = act.value().map_err(|error| Stop::Trouble(format!("line {line}: `{}`: {error}", act.word())))?;
    Ok([(act.word(), as_written(&value, line)?)].into())
}

/// In JSON what a timeline's file says in TOML: what is absent is left out.
fn as_written<T: Serialize>(value: &T, line: usize) -> Result<Value, Stop> {
    let trouble = |error: &dyn std::fmt::Display| Stop::Trouble(format!("line {line}: {error}"));
    let value = toml::Value::try_from(value).map_err(|error| trouble(&error))?;
    serde_json::to_value(value).map_err(|error| trouble(&error))
}

/// The lists that a step's expectations are about.
fn lists(step: &TimedStep) -> Look {
    let asked = step.expect.iter().filter_map(|expected| match &expected.what {
        Expectation::Registration(of) => Some(TagsAsked { worker: of.worker.clone(), kind: Kind::from(of.kind) }),
        Expectation::Reply(_)
        | Expectation::Event(_)
        | Expectation::NoEvent(_)
        | Expectation::Events(_)
        | Expectation::Running(_)
        | Expectation::Starts(_)
        | Expectation::Registered(_)
        | Expectation::WhyNot(_)
        | Expectation::Log(_)
        | Expectation::NoLog(_)
        | Expectation::LogEntries(_)
        | Expectation::Asked(_)
        | Expectation::Commits(_)
        | Expectation::StoreOps(_)
        | Expectation::Stored(_)
        | Expectation::WakeUp(_)
        | Expectation::WakeDone(_)
        | Expectation::Terminate(_)
        | Expectation::Abandoned(_)
        | Expectation::KeepAlive(_) => None,
    });
    Look { tags: asked.collect::<BTreeSet<_>>().into_iter().collect() }
}

fn done(reply: Result<Reply, Trouble>, word: &str, line: usize) -> Result<Ready, Stop> {
    match reply {
        Ok(Reply::Ok(ready)) => Ok(ready),
        Ok(Reply::Cannot(why)) => Err(Stop::Cannot(format!("`{word}`: {why}"))),
        Ok(Reply::Undone(_) | Reply::Seen(_)) => {
            Err(Stop::Trouble(format!("line {line}: `{word}` is answered with `ok` or `cannot`, and was not")))
        }
        Err(trouble) => Err(Stop::Trouble(format!("line {line}: `{word}`: {trouble}"))),
    }
}

fn looked(reply: Result<Reply, Trouble>, line: usize) -> Result<Looked, Stop> {
    match reply {
        Ok(Reply::Seen(looked)) => Ok(looked),
        Ok(Reply::Cannot(why)) => Err(Stop::Cannot(format!("`look`: {why}"))),
        Ok(Reply::Ok(_) | Reply::Undone(_)) => {
            Err(Stop::Trouble(format!("line {line}: `look` is answered with `seen` or `cannot`, and was not")))
        }
        Err(trouble) => Err(Stop::Trouble(format!("line {line}: `look`: {trouble}"))),
    }
}
