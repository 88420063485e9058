//! Expectations that can fail, and that are of a moment at which they can be looked at.

use background_sync::registration::Tag;

use super::known::{Asked, parts};
use super::lists::{details, events, exceptions, is_one, reasons, refusals};
use super::{Known, Nonsense};
use crate::timeline::{
    ExpectEvent, ExpectEvents, ExpectLog, ExpectRegistration, ExpectReply, ExpectState, ExpectWakeUp, ExpectWhyNot,
    Expectation, Time, Word as _,
};

pub(super) fn look(expectation: &Expectation, known: &mut Known<'_>) -> Result<(), Nonsense> {
    match expectation {
        Expectation::Reply(expected) => reply(expected, known),
        Expectation::Event(expected) => event(expected, known),
        Expectation::NoEvent(subject) => about(known, subject.worker.as_ref(), subject.tag.as_ref()),
        Expectation::Events(expected) => {
            about(known, expected.worker.as_ref(), expected.tag.as_ref())?;
            how_many(expected, known)
        }
        Expectation::Starts(expected) => {
            if expected.tag.is_some() {
                let message = "which tag a start is for is not known";
                return Err(Nonsense::word(parts(&["tag"]), message, "leave it out, or expect `events`"));
            }
            about(known, expected.worker.as_ref(), None)?;
            how_many(expected, known)
        }
        Expectation::Registered(expected) => {
            about(known, Some(&expected.worker), None)?;
            for (number, tag) in expected.tags.iter().enumerate() {
                let found = known.tag(Some(&expected.worker), tag, &[]);
                found.map_err(|nonsense| nonsense.below(["tags".into(), number.into()]))?;
            }
            is_there(expectation, known)
        }
        Expectation::Registration(expected) => {
            about(known, Some(&expected.worker), Some(&expected.tag))?;
            is_there(expectation, known)?;
            registration(expected, known)
        }
        Expectation::WhyNot(expected) => {
            about(known, Some(&expected.worker), Some(&expected.tag))?;
            is_there(expectation, known)?;
            why_not(expected, known)
        }
        Expectation::Log(expected) => log(expected, known),
        Expectation::NoLog(event) => is_one(event, &events(), &[], "event of the log"),
        Expectation::WakeUp(expected) => wake_up(expected, known),
        Expectation::Terminate(expected) => {
            about(known, expected.worker.as_ref(), expected.tag.as_ref())?;
            expected.at.map_or(Ok(()), |at| known.has_come(at, &["at"]))
        }
        Expectation::KeepAlive(_) | Expectation::LogEntries(_) => is_there(expectation, known),
        Expectation::Asked(_)
        | Expectation::Commits(_)
        | Expectation::StoreOps(_)
        | Expectation::Stored(_)
        | Expectation::WakeDone(_)
        | Expectation::Abandoned(_)
        | Expectation::Running(_) => Ok(()),
    }
}

fn about(known: &Known<'_>, worker: Option<&String>, tag: Option<&Tag>) -> Result<(), Nonsense> {
    worker.map_or(Ok(()), |worker| known.worker(worker, &["worker"]))?;
    tag.map_or(Ok(()), |tag| known.tag(worker.map(String::as_str), tag, &["tag"]))
}

/// Without a process nobody can look, and nothing registered looks like everything absent.
fn is_there(expectation: &Expectation, known: &Known<'_>) -> Result<(), Nonsense> {
    if known.running.is_there() {
        return Ok(());
    }
    let message = format!("there is no process that `{}` could be looked at in", expectation.word());
    Err(Nonsense::word([], message, "expect `stored`, or write `process = \"start\"` first"))
}

fn reply(expected: &ExpectReply, known: &mut Known<'_>) -> Result<(), Nonsense> {
    let ExpectReply { to, ok, error, refusal, tags, cancelled } = expected;
    let Some(asked) = known.hear(to)? else { return Ok(()) };
    error.as_ref().map_or(Ok(()), |error| is_one(error, &exceptions(), &["error"], "exception"))?;
    refusal.as_ref().map_or(Ok(()), |rule| is_one(rule, &refusals(), &["refusal"], "rule that refuses"))?;
    let answers = [
        ok.map(|_| "ok"),
        (error.is_some() || refusal.is_some()).then_some(if error.is_some() { "error" } else { "refusal" }),
        tags.as_ref().map(|_| "tags"),
        cancelled.map(|_| "cancelled"),
    ];
    let answers: Vec<_> = answers.into_iter().flatten().collect();
    let fitting = match asked {
        Asked::Tags => ["ok", "error", "refusal", "tags"].as_slice(),
        Asked::Cancel => &["ok", "error", "refusal", "cancelled"],
        Asked::Clear => &["ok", "refusal"],
        Asked::Register | Asked::Unregister => &["ok", "error", "refusal"],
    };
    let help = format!("write one of {}", fitting.join(", "));
    match answers.as_slice() {
        [] => Err(Nonsense::word([], "no answer is expected, so this cannot fail", help)),
        [one] if fitting.contains(one) => Ok(()),
        [one] => Err(Nonsense::word(parts(&[one]), format!("`{to}` is never answered with `{one}`"), help)),
        [_, second, ..] => Err(Nonsense::word(parts(&[second]), "a second answer to one request", help)),
    }
}

fn event(expected: &ExpectEvent, known: &Known<'_>) -> Result<(), Nonsense> {
    about(known, Some(&expected.worker), Some(&expected.tag))?;
    for (word, moment) in [("at", expected.at), ("from", expected.from), ("until", expected.until)] {
        moment.map_or(Ok(()), |moment| known.has_come(moment, &[word]))?;
    }
    in_order(expected.from.unwrap_or_default(), expected.until)?;
    match (expected.at, expected.from.or(expected.until)) {
        (Some(_), Some(_)) => {
            let word = if expected.from.is_some() { "from" } else { "until" };
            Err(Nonsense::word(parts(&[word]), "`at` says it all", "leave it out"))
        }
        (_, _) => Ok(()),
    }
}

fn in_order(from: Time, until: Option<Time>) -> Result<(), Nonsense> {
    match until {
        Some(until) if until < from => {
            let message = format!("from {from} until {until} is no time at all");
            Err(Nonsense::value(parts(&["until"]), message, "write a moment after `from`"))
        }
        Some(_) | None => Ok(()),
    }
}

fn how_many(expected: &ExpectEvents, known: &Known<'_>) -> Result<(), Nonsense> {
    let ExpectEvents { worker: _, tag: _, kind: _, from, until, count, at_least, at_most, at } = expected;
    let numbers = "write one of count, at_least, at_most, at";
    if count.is_none() && at_least.is_none() && at_most.is_none() && at.is_none() {
        return Err(Nonsense::word([], "no number is expected, so this cannot fail", numbers));
    }
    if *at_least == Some(0) && at_most.is_none() {
        return Err(Nonsense::value(parts(&["at_least"]), "there are never fewer than 0", numbers));
    }
    if let (Some(least), Some(most)) = (at_least, at_most)
        && most < least
    {
        return Err(Nonsense::value(
            parts(&["at_most"]),
            format!("{most} is fewer than {least}"),
            "write a greater number",
        ));
    }
    known.has_come(*from, &["from"])?;
    until.map_or(Ok(()), |until| known.has_come(until, &["until"]))?;
    in_order(*from, *until)?;
    at.iter().flatten().try_for_each(|moment| known.has_come(*moment, &["at"]))
}

fn registration(expected: &ExpectRegistration, known: &Known<'_>) -> Result<(), Nonsense> {
    let ExpectRegistration { worker: _, tag: _, kind: _, state, attempts, until, min_interval, anchor } = expected;
    if *state == ExpectState::Absent {
        let said = [
            attempts.map(|_| "attempts"),
            until.map(|_| "until"),
            min_interval.map(|_| "min_interval"),
            anchor.map(|_| "anchor"),
        ];
        if let Some(word) = said.into_iter().flatten().next() {
            return Err(Nonsense::word(parts(&[word]), format!("what is absent has no `{word}`"), "leave it out"));
        }
    }
    if *state == ExpectState::Waiting {
        until.map_or(Ok(()), |until| known.is_to_come(until, &["until"]))?;
    }
    anchor.map_or(Ok(()), |anchor| known.has_come(anchor, &["anchor"]))
}

fn why_not(expected: &ExpectWhyNot, known: &Known<'_>) -> Result<(), Nonsense> {
    let names = reasons();
    for (word, list) in [("contains", Some(&expected.contains)), ("exactly", expected.exactly.as_ref())] {
        for (number, name) in list.into_iter().flatten().enumerate() {
            let found = is_one(name, &names, &[], "reason");
            found.map_err(|nonsense| nonsense.below([word.into(), number.into()]))?;
        }
    }
    match (expected.contains.as_slice(), &expected.exactly) {
        ([], None) => Err(Nonsense::word([], "no reason is named", "write `contains = [...]` or `exactly = [...]`")),
        ([_, ..], Some(_)) => Err(Nonsense::word(parts(&["contains"]), "`exactly` says it all", "leave it out")),
        (_, _) => expected.until.map_or(Ok(()), |until| known.is_to_come(until, &["until"])),
    }
}

fn log(expected: &ExpectLog, known: &Known<'_>) -> Result<(), Nonsense> {
    is_one(&expected.event, &events(), &["event"], "event of the log")?;
    let names = details();
    for name in expected.metadata.keys() {
        is_one(name, &names, &["metadata"], "detail of the log")?;
    }
    about(known, expected.worker.as_ref(), expected.tag.as_ref())
}

fn wake_up(expected: &ExpectWakeUp, known: &Known<'_>) -> Result<(), Nonsense> {
    let said = [
        expected.network.map(|_| "network"),
        expected.charging.map(|_| "charging"),
        expected.unmetered.map(|_| "unmetered"),
        expected.not_roaming.map(|_| "not_roaming"),
        expected.battery_not_low.map(|_| "battery_not_low"),
        expected.earliest.map(|_| "earliest"),
        expected.latest.map(|_| "latest"),
    ];
    match said.into_iter().flatten().next() {
        Some(word) if !expected.armed => {
            Err(Nonsense::word(parts(&[word]), format!("what is not asked for has no `{word}`"), "leave it out"))
        }
        Some(_) | None => expected.latest.map_or(Ok(()), |latest| known.is_to_come(latest, &["latest"])),
    }
}
