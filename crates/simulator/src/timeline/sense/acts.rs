//! Steps that name what exists and do something.

use std::borrow::Cow;

use background_sync::policy::{Origin, SyncKind};
use background_sync::registration::Tag;

use super::known::{Asked, parts};
use super::{Known, Made, Nonsense, Sense};
use crate::timeline::{
    Behaviour, Clear, Odd, Override, PartitionName, Process, RequestName, Step, StoreMood, Switch, Time, Word as _,
    WorkerCondition,
};

impl Sense for Step {
    const BARE: bool = true;

    fn makes(&self) -> Vec<Made<'_>> {
        match self {
            Self::Register(call) => vec![(&call.worker, Cow::Borrowed(&call.tag))],
            Self::RegisterPeriodic(call) => vec![(&call.worker, Cow::Borrowed(&call.tag))],
            Self::RegisterMany(many) => many.tags().map(|tag| (many.worker.as_str(), Cow::Owned(tag))).collect(),
            Self::Behave(Behaviour { worker, registers: Some(tag), .. }) => vec![(worker, Cow::Borrowed(tag))],
            Self::Windows(_)
            | Self::Network(_)
            | Self::OriginNetwork(_)
            | Self::UnregisterPeriodic(_)
            | Self::GetTags(_)
            | Self::Cancel(_)
            | Self::Permission(_)
            | Self::Switch(_)
            | Self::Restriction(_)
            | Self::Power(_)
            | Self::Override(_)
            | Self::Visit(_)
            | Self::UtcOffset(_)
            | Self::Engagement(_)
            | Self::Pause(_)
            | Self::Worker(_)
            | Self::Unregister(_)
            | Self::Reinstall(_)
            | Self::Behave(_)
            | Self::Finish(_)
            | Self::Clear(_)
            | Self::Close(_)
            | Self::System(_)
            | Self::Process(_)
            | Self::Clock(_)
            | Self::Woken(_)
            | Self::Store(_)
            | Self::Replies(_)
            | Self::Notices(_)
            | Self::Removals(_)
            | Self::WorkersKnown(_)
            | Self::WakeUps(_)
            | Self::User(_)
            | Self::Odd(_) => Vec::new(),
        }
    }

    fn look(&self, known: &mut Known<'_>) -> Result<(), Nonsense> {
        let word = self.word();
        match self {
            Self::Windows(windows) => self.stays(known, Some((windows.partition, &windows.origin)), None),
            Self::OriginNetwork(network) => self.stays_for_origin(known, &network.origin),
            Self::Register(call) => asks(known, &call.worker, call.id.as_ref(), (Asked::Register, word)),
            Self::RegisterPeriodic(call) => asks(known, &call.worker, call.id.as_ref(), (Asked::Register, word)),
            Self::RegisterMany(many) => {
                some(many.count > 0, "nothing is registered")?;
                asks(known, &many.worker, many.id.as_ref(), (Asked::Register, word))
            }
            Self::UnregisterPeriodic(away) => {
                removes(known, (&away.worker, &away.tag), away.id.as_ref(), (Asked::Unregister, word))
            }
            Self::GetTags(ask) => asks(known, &ask.worker, ask.id.as_ref(), (Asked::Tags, word)),
            Self::Cancel(away) => removes(known, (&away.worker, &away.tag), away.id.as_ref(), (Asked::Cancel, word)),
            Self::Permission(given) => self.stays(known, Some((given.partition, &given.origin)), Some(given.kind)),
            Self::Switch(Switch { to: _, origin, partition, kind })
            | Self::Override(Override { to: _, origin, partition, kind }) => {
                self.stays(known, origin.as_ref().map(|origin| (*partition, origin)), Some(*kind))
            }
            Self::Visit(visit) => known.site(visit.partition, &visit.origin),
            Self::Engagement(engagement) => known.site(engagement.partition, &engagement.origin),
            Self::Pause(pause) => self.stays(known, Some((pause.partition, &pause.origin)), None),
            Self::Worker(step) => {
                known.worker(&step.name, &["name"])?;
                known.worker_is(&step.name, Some(step.state))
            }
            Self::Unregister(name) => {
                known.worker(name, &[])?;
                known.worker_is(name, None)
            }
            Self::Reinstall(name) => {
                known.worker(name, &[])?;
                known.worker_is(name, Some(WorkerCondition::Active))
            }
            Self::Behave(behaviour) => behave(behaviour, known),
            Self::Finish(finish) => {
                known.worker(&finish.worker, &["worker"])?;
                known.tag(Some(&finish.worker), &finish.tag, &["tag"])
            }
            Self::Clear(clear) => look_at_clear(clear, known, word),
            Self::Close(partition) => known.partition(*partition, &[]),
            Self::System(what) => known.running.system(*what),
            Self::Process(what) => process(*what, known),
            Self::Clock(jump) => some(jump.by != Time::ZERO, "the clock is set to what it shows"),
            Self::Store(mood) => store(*mood, known),
            Self::Odd(odd) => look_at_odd(*odd),
            Self::Network(_)
            | Self::Restriction(_)
            | Self::Power(_)
            | Self::UtcOffset(_)
            | Self::Replies(_)
            | Self::Notices(_)
            | Self::Removals(_)
            | Self::WorkersKnown(_)
            | Self::WakeUps(_)
            | Self::User(_) => self.stays(known, None, None),
            Self::Woken(_) => Ok(()),
        }
    }
}

/// A request of a worker.
fn asks(
    known: &mut Known<'_>,
    worker: &str,
    id: Option<&RequestName>,
    (asked, word): (Asked, &'static str),
) -> Result<(), Nonsense> {
    known.worker(worker, &["worker"])?;
    known.request(id, asked, word)
}

/// A request that takes a tag away. Whether there is one is shown by its answer, or known.
fn removes(
    known: &mut Known<'_>,
    (worker, tag): (&str, &Tag),
    id: Option<&RequestName>,
    asked: (Asked, &'static str),
) -> Result<(), Nonsense> {
    asks(known, worker, id, asked)?;
    if id.is_some() { Ok(()) } else { known.tag(Some(worker), tag, &["tag"]) }
}

fn process(what: Process, known: &mut Known<'_>) -> Result<(), Nonsense> {
    if what == Process::Crash {
        known.no_windows();
    }
    known.running.process(what)
}

impl Step {
    /// An origin has this from now on, in whatever partition.
    fn stays_for_origin(&self, known: &mut Known<'_>, origin: &Origin) -> Result<(), Nonsense> {
        known.origin(origin)?;
        known.is_now(format!("{} {origin}", self.word()), self.written())
    }

    /// This is so from now on, there or everywhere.
    fn stays(
        &self,
        known: &mut Known<'_>,
        site: Option<(PartitionName, &Origin)>,
        kind: Option<SyncKind>,
    ) -> Result<(), Nonsense> {
        site.map_or(Ok(()), |(partition, origin)| known.site(partition, origin))?;
        known.is_now(format!("{} {kind:?} {site:?}", self.word()), self.written())
    }

    fn written(&self) -> String {
        self.value().map(|value| value.to_string()).unwrap_or_default()
    }
}

fn behave(behaviour: &Behaviour, known: &Known<'_>) -> Result<(), Nonsense> {
    known.worker(&behaviour.worker, &["worker"])?;
    if let Some(tag) = &behaviour.tag {
        known.tag(Some(&behaviour.worker), tag, &["tag"])?;
    }
    match behaviour.times {
        Some(0) => Err(Nonsense::value(parts(&["times"]), "for no event at all", "write 1 or more, or leave it out")),
        Some(_) | None => Ok(()),
    }
}

fn look_at_clear(clear: &Clear, known: &mut Known<'_>, word: &'static str) -> Result<(), Nonsense> {
    let Clear { partition, origin, worker, since, id } = clear;
    match (worker, origin) {
        (Some(worker), None) => known.worker(worker, &["worker"])?,
        (Some(_), Some(_)) => {
            let message = "a worker has an origin already, so this says nothing";
            return Err(Nonsense::word(parts(&["origin"]), message, "leave `origin` or `worker` out"));
        }
        (None, Some(origin)) => known.site(*partition, origin)?,
        (None, None) => known.partition(*partition, &["partition"])?,
    }
    since.map_or(Ok(()), |since| known.has_come(since, &["since"]))?;
    known.request(id.as_ref(), Asked::Clear, word)
}

fn store(mood: StoreMood, known: &mut Known<'_>) -> Result<(), Nonsense> {
    match mood {
        StoreMood::FailsNext(0)
        | StoreMood::FailsAfterWriting(0)
        | StoreMood::FailsToLoad(0)
        | StoreMood::CrashesAfter(0)
        | StoreMood::CrashesBefore(0) => some(false, "this is for no commit at all"),
        StoreMood::CrashesAfter(_) | StoreMood::CrashesBefore(_) => {
            known.no_windows();
            Ok(())
        }
        StoreMood::Works
        | StoreMood::Takes(_)
        | StoreMood::Fails
        | StoreMood::FailsNext(_)
        | StoreMood::FailsAfterWriting(_)
        | StoreMood::LosesContents
        | StoreMood::Holds
        | StoreMood::HoldsAnswers
        | StoreMood::FailsToLoad(_) => Ok(()),
    }
}

fn look_at_odd(odd: Odd) -> Result<(), Nonsense> {
    match odd {
        Odd::Chatter(0) | Odd::Ticks(0) => some(false, "this is said no times"),
        Odd::Backwards(Time::ZERO) => some(false, "the clock is read rightly"),
        Odd::RepeatFinished
        | Odd::RepeatReady
        | Odd::RepeatCommitted
        | Odd::RepeatDelivered
        | Odd::RepeatLoaded
        | Odd::Finished(_)
        | Odd::Ready(_)
        | Odd::NotStarted(_)
        | Odd::Committed(_)
        | Odd::CommitFailed(_)
        | Odd::Delivered(_)
        | Odd::Answered(_)
        | Odd::StaleNetwork
        | Odd::StaleOriginNetworks
        | Odd::Chatter(_)
        | Odd::Backwards(_)
        | Odd::EarlierLife
        | Odd::Ticks(_) => Ok(()),
    }
}

/// It does something.
fn some(does: bool, why: &str) -> Result<(), Nonsense> {
    if does { Ok(()) } else { Err(Nonsense::idle([], format!("this does nothing: {why}"), "write another value")) }
}
