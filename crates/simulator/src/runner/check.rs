use std::time::Duration;

use background_sync::policy::{RegistrationKey, SyncKind};
use background_sync::registration::Tag;
use background_sync::{CancelError, EventName, GetTagsError, MetadataName, RegisterError, RemovalError, Reply};

use crate::timeline::{
    ExpectEvent, ExpectEvents, ExpectLog, ExpectReply, ExpectTerminate, ExpectWakeUp, Expectation, Subject, Time,
    WorkerName,
};
use crate::world::{Dispatched, Trouble, adjective};

use super::Witness;
use super::registrations::{registered, registration, why_not};

/// As expected, or what was found instead.
pub type Found = Result<(), String>;

/// Compares, and remembers what earlier expectations counted.
#[derive(Debug, Default)]
pub struct Checker {
    commits: u64,
    store_ops: u64,
    abandoned: u64,
    asked: u64,
}

fn equal<T: PartialEq + std::fmt::Display>(expected: &T, found: &T) -> Found {
    if expected == found { Ok(()) } else { Err(found.to_string()) }
}

fn since_last(counted: &mut u64, total: u64, expected: u64) -> Found {
    let found = total - std::mem::replace(counted, total);
    equal(&expected, &found)
}

impl Checker {
    /// Whether it is as expected; what was found if it is not.
    ///
    /// # Errors
    /// When the expectation names what is not there.
    pub fn check(&mut self, world: &mut impl Witness, expectation: &Expectation) -> Result<Found, Trouble> {
        let record = world.record();
        Ok(match expectation {
            Expectation::Reply(expected) => reply(world, expected)?,
            Expectation::Event(expected) => event(world, expected)?,
            Expectation::NoEvent(subject) => no_event(world, subject)?,
            Expectation::Events(expected) => events(world, expected)?,
            Expectation::Starts(expected) => starts(world, expected)?,
            Expectation::Registered(expected) => registered(world, expected)?,
            Expectation::Registration(expected) => registration(world, expected)?,
            Expectation::WhyNot(expected) => why_not(world, expected)?,
            Expectation::Log(expected) => log(world, expected)?,
            Expectation::NoLog(event) => no_log(world, event),
            Expectation::Commits(expected) => since_last(&mut self.commits, record.commits, *expected),
            Expectation::StoreOps(expected) => since_last(&mut self.store_ops, record.store_ops, *expected),
            Expectation::Abandoned(expected) => since_last(&mut self.abandoned, record.abandoned, *expected),
            Expectation::Asked(expected) => since_last(&mut self.asked, record.asked, *expected),
            Expectation::LogEntries(expected) => {
                equal(expected, &(world.machine().map_or(0, |machine| machine.log().count()) as u64))
            }
            Expectation::Stored(expected) => equal(expected, &world.stored()?),
            Expectation::WakeUp(expected) => wake_up(world, expected),
            Expectation::WakeDone(expected) => equal(expected, &(record.wakes_done == record.wakes)),
            Expectation::Terminate(expected) => terminate(world, expected)?,
            Expectation::Running(expected) => equal(expected, &world.running_events()),
            Expectation::KeepAlive(expected) => equal(expected, &record.keep_alive),
        })
    }
}

fn reply(world: &impl Witness, expected: &ExpectReply) -> Result<Found, Trouble> {
    let Some(request) = world.record().requests.get(&expected.to) else {
        return Err(Trouble::Script(format!("no request is called `{}`; give it an `id`", expected.to)));
    };
    let found = world.record().replies.get(request);
    let (ok, error, refusal) = match found {
        None => (false, None, None),
        Some(
            Reply::Registered(Ok(()))
            | Reply::Tags(Ok(_))
            | Reply::Cancelled(Ok(_))
            | Reply::Unregistered(Ok(()))
            | Reply::Durable(Ok(())),
        ) => (true, None, None),
        Some(Reply::Registered(Err(error))) => (false, Some(error.dom_exception().name()), Some(rule(*error))),
        Some(Reply::Tags(Err(error))) => (false, Some(error.dom_exception().name()), Some(tags_rule(*error))),
        Some(Reply::Cancelled(Err(error))) => (false, Some("UnknownError"), Some(cancel_rule(*error))),
        Some(Reply::Unregistered(Err(error))) => {
            (false, Some(error.dom_exception().name()), Some(format!("{error:?}")))
        }
        // No page asked, and none sees an exception.
        Some(Reply::Durable(Err(error))) => (false, None, Some(removal_rule(*error))),
    };
    let matches = [
        expected.ok.is_none_or(|wanted| if wanted { ok } else { found.is_none() }),
        expected.error.as_deref().is_none_or(|wanted| error == Some(wanted)),
        expected.refusal.as_deref().is_none_or(|wanted| refusal.as_deref() == Some(wanted)),
        expected.tags.as_ref().is_none_or(|wanted| found == Some(&Reply::Tags(Ok(wanted.clone())))),
        expected.cancelled.is_none_or(|wanted| found == Some(&Reply::Cancelled(Ok(wanted)))),
    ];
    let said = found.map_or_else(|| "no reply yet".to_owned(), |reply| format!("{reply:?}"));
    Ok(if matches.iter().all(|matches| *matches) { Ok(()) } else { Err(said) })
}

fn rule(error: RegisterError) -> String {
    match error {
        RegisterError::Refused(refusal) => format!("{refusal:?}"),
        other => format!("{other:?}"),
    }
}

fn tags_rule(error: GetTagsError) -> String {
    format!("{error:?}")
}

fn cancel_rule(error: CancelError) -> String {
    format!("{error:?}")
}

fn removal_rule(error: RemovalError) -> String {
    format!("{error:?}")
}

/// What an expectation is about, where it says so.
#[derive(Clone, Copy)]
struct Meant<'a> {
    worker: Option<&'a WorkerName>,
    tag: Option<&'a Tag>,
    kind: Option<SyncKind>,
}

impl Meant<'_> {
    /// Whether this is meant; earlier lives of a worker go by its name too.
    fn is(&self, world: &impl Witness, key: &RegistrationKey, tag: Option<&Tag>, kind: Option<SyncKind>) -> bool {
        self.worker.is_none_or(|name| world.name(key) == name)
            && self.tag.is_none_or(|wanted| tag == Some(wanted))
            && self.kind.is_none_or(|wanted| kind == Some(wanted))
    }

    fn is_event(&self, world: &impl Witness, event: &Dispatched) -> bool {
        self.is(world, &event.key, Some(&event.event.tag), Some(event.event.kind))
    }

    const fn is_anything(&self) -> bool {
        self.worker.is_none() && self.tag.is_none() && self.kind.is_none()
    }
}

fn known(world: &impl Witness, worker: Option<&WorkerName>) -> Result<(), Trouble> {
    worker.map_or(Ok(()), |name| world.key(name).map(|_| ()))
}

fn told(world: &impl Witness, event: &Dispatched) -> String {
    let last = match (event.event.last_chance, why_last(world, event)) {
        (false, _) => String::new(),
        (true, None) => ", last chance".to_owned(),
        (true, Some(why)) => format!(", last chance ({why})"),
    };
    let place = if event.background { ", in the background" } else { "" };
    let name = world.name(&event.key);
    let (kind, tag) = (adjective(event.event.kind), &event.event.tag);
    format!("{kind}{tag:?} of {name} at {}{last}{place}, cap {}", Time(event.at), Time(event.cap))
}

/// Why an event was the last one, as the log has it.
fn why_last(world: &impl Witness, event: &Dispatched) -> Option<String> {
    let of_it = world.record().log.iter().find(|line| {
        let entry = &line.entry;
        let tells = entry.event == EventName::DispatchedSyncEvent && line.at >= event.at;
        tells && entry.key.as_ref() == Some(&event.key) && entry.tag.as_ref() == Some(&event.event.tag)
    })?;
    let why = of_it.entry.metadata.iter().find(|detail| detail.name() == MetadataName::LastChanceReason)?;
    Some(why.to_string())
}

fn event(world: &mut impl Witness, expected: &ExpectEvent) -> Result<Found, Trouble> {
    known(world, Some(&expected.worker))?;
    let meant = Meant { worker: Some(&expected.worker), tag: Some(&expected.tag), kind: expected.kind };
    let fits = |event: &Dispatched| !event.taken && meant.is_event(world, event);
    let Some(at) = world.record().dispatched.iter().position(fits) else {
        return Ok(Err("no such event".to_owned()));
    };
    let found = &world.record().dispatched[at];
    let matches = [
        expected.last_chance.is_none_or(|wanted| found.event.last_chance == wanted),
        expected.at.is_none_or(|wanted| found.at == wanted.0),
        expected.from.is_none_or(|wanted| found.at >= wanted.0),
        expected.until.is_none_or(|wanted| found.at <= wanted.0),
        expected.cap.is_none_or(|wanted| found.cap == wanted.0),
        expected.background.is_none_or(|wanted| found.background == wanted),
    ];
    let said = told(world, found);
    world.record_mut().dispatched[at].taken = true;
    Ok(if matches.iter().all(|matches| *matches) { Ok(()) } else { Err(said) })
}

fn no_event(world: &impl Witness, subject: &Subject) -> Result<Found, Trouble> {
    known(world, subject.worker.as_ref())?;
    let meant = Meant { worker: subject.worker.as_ref(), tag: subject.tag.as_ref(), kind: subject.kind };
    let fits = |event: &&Dispatched| !event.taken && meant.is_event(world, event);
    let found = world.record().dispatched.iter().find(fits);
    Ok(found.map_or(Ok(()), |event| Err(told(world, event))))
}

fn events(world: &impl Witness, expected: &ExpectEvents) -> Result<Found, Trouble> {
    known(world, expected.worker.as_ref())?;
    let meant = Meant { worker: expected.worker.as_ref(), tag: expected.tag.as_ref(), kind: expected.kind };
    let fits = world.record().dispatched.iter().filter(|event| meant.is_event(world, event));
    Ok(as_many(expected, fits.map(|event| event.at), "events"))
}

fn starts(world: &impl Witness, expected: &ExpectEvents) -> Result<Found, Trouble> {
    known(world, expected.worker.as_ref())?;
    let meant = Meant { worker: expected.worker.as_ref(), tag: None, kind: expected.kind };
    let fits = world.record().starts.iter().filter(|(_, key, kind)| meant.is(world, key, None, *kind));
    Ok(as_many(expected, fits.map(|(at, ..)| *at), "starts"))
}

fn as_many(expected: &ExpectEvents, moments: impl Iterator<Item = Duration>, of_what: &str) -> Found {
    let until = expected.until.map_or(Duration::MAX, |until| until.0);
    let moments: Vec<_> = moments.filter(|at| *at >= expected.from.0 && *at <= until).map(Time).collect();
    let found = moments.len() as u64;
    let fits = expected.count.is_none_or(|count| found == count)
        && expected.at_least.is_none_or(|least| found >= least)
        && expected.at_most.is_none_or(|most| found <= most)
        && expected.at.as_ref().is_none_or(|at| moments == *at);
    let at: Vec<_> = moments.iter().map(Time::to_string).collect();
    if fits { Ok(()) } else { Err(format!("{found} {of_what}, at [{}]", at.join(", "))) }
}

fn log(world: &mut impl Witness, expected: &ExpectLog) -> Result<Found, Trouble> {
    known(world, expected.worker.as_ref())?;
    let wanted = Meant { worker: expected.worker.as_ref(), tag: expected.tag.as_ref(), kind: expected.kind };
    let position = world.record().log.iter().position(|line| {
        let entry = &line.entry;
        let meant = match &entry.key {
            Some(key) => wanted.is(world, key, entry.tag.as_ref(), entry.kind),
            None => wanted.is_anything(),
        };
        let has = |name: &String, value: &String| {
            entry.metadata.iter().any(|found| found.name().name() == name && found.to_string() == *value)
        };
        let details = expected.metadata.iter().all(|(name, value)| has(name, value));
        !line.taken && entry.event.name() == expected.event && meant && details
    });
    Ok(match position {
        Some(at) => {
            world.record_mut().log[at].taken = true;
            Ok(())
        }
        None => Err(format!("not in the log; it has {}", rest_of_log(world))),
    })
}

fn rest_of_log(world: &impl Witness) -> String {
    let lines = world.record().log.iter().filter(|line| !line.taken).map(|line| {
        let details: Vec<_> = line.entry.metadata.iter().map(|detail| format!("{}: {detail}", detail.name())).collect();
        format!("{} [{}]", line.entry.event, details.join(", "))
    });
    lines.collect::<Vec<_>>().join("; ")
}

fn no_log(world: &impl Witness, event: &str) -> Found {
    let found = world.record().log.iter().find(|line| !line.taken && line.entry.event.name() == event);
    found.map_or(Ok(()), |line| Err(format!("{:?} at {}", line.entry, Time(line.at))))
}

fn wake_up(world: &impl Witness, expected: &ExpectWakeUp) -> Found {
    let Some(found) = world.record().wake_up else {
        return if expected.armed { Err("no wake-up".to_owned()) } else { Ok(()) };
    };
    let (earliest, latest) = (world.moment_of_wall(found.earliest), world.moment_of_wall(found.latest));
    let fits = expected.armed
        && expected.network.is_none_or(|wanted| found.network == wanted)
        && expected.charging.is_none_or(|wanted| found.charging == wanted)
        && expected.unmetered.is_none_or(|wanted| found.unmetered == wanted)
        && expected.not_roaming.is_none_or(|wanted| found.not_roaming == wanted)
        && expected.battery_not_low.is_none_or(|wanted| found.battery_not_low == wanted)
        && expected.earliest.is_none_or(|wanted| earliest == wanted)
        && expected.latest.is_none_or(|wanted| latest == wanted);
    if fits { Ok(()) } else { Err(format!("a wake-up from {earliest} to {latest}: {found:?}")) }
}

fn terminate(world: &mut impl Witness, expected: &ExpectTerminate) -> Result<Found, Trouble> {
    known(world, expected.worker.as_ref())?;
    let wanted = Meant { worker: expected.worker.as_ref(), tag: expected.tag.as_ref(), kind: expected.kind };
    let position = world.record().terminated.iter().position(|found| {
        let meant = wanted.is(world, &found.key, found.tag.as_ref(), found.kind);
        let reason = expected.reason.is_none_or(|reason| found.reason == reason);
        !found.taken && meant && reason && expected.at.is_none_or(|at| found.at == at.0)
    });
    Ok(match position {
        Some(at) => {
            world.record_mut().terminated[at].taken = true;
            Ok(())
        }
        None => {
            let left = world.record().terminated.iter().filter(|found| !found.taken);
            let said: Vec<_> = left.map(|f| format!("{:?} at {}, {:?}", f.tag, Time(f.at), f.reason)).collect();
            Err(format!("no such termination; there are [{}]", said.join("; ")))
        }
    })
}
