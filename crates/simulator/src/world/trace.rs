use std::fmt;
use std::time::Duration;

use background_sync::policy::SyncKind;
use background_sync::registration::{StoredRegistration, StoredState};
use background_sync::{Input, Output, PeriodicInput, Reply, StoreOp};

use super::Surroundings;
use crate::timeline::Time;

/// Everything that happened, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace(Vec<TraceLine>);

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceLine {
    /// When, since the start.
    pub at: Duration,
    /// Who says it.
    pub who: Who,
    /// What, and why.
    pub what: String,
}

/// Who says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// The world does something to itself.
    World,
    /// The host tells the machine.
    Host,
    /// The machine tells the host.
    Machine,
}

impl Trace {
    pub(crate) fn add(&mut self, at: Duration, who: Who, what: String) {
        self.0.push(TraceLine { at, who, what });
    }

    /// All lines.
    #[must_use]
    pub fn lines(&self) -> &[TraceLine] {
        &self.0
    }

    /// The last lines, at most so many.
    #[must_use]
    pub fn last(&self, lines: usize) -> &[TraceLine] {
        &self.0[self.0.len().saturating_sub(lines)..]
    }
}

impl fmt::Display for TraceLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let who = match self.who {
            Who::World => "--",
            Who::Host => "->",
            Who::Machine => "<-",
        };
        write!(f, "{:>14} {who} {}", Time(self.at).to_string(), self.what)
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// An input in a few words.
pub(super) fn input(input: &Input, around: &Surroundings) -> String {
    match input.removal_request() {
        Some(request) => format!("request {}: {}", request.0, what(input, around)),
        None => what(input, around),
    }
}

fn what(input: &Input, around: &Surroundings) -> String {
    match input {
        Input::Rows { registrations } => format!("of the store: {} registrations", registrations.len()),
        Input::Loaded(loaded) => format!("loaded: {} registrations, {} lost", loaded.registrations.len(), loaded.lost),
        Input::LoadFailed => "the store cannot be read".to_owned(),
        Input::Register { request, key, tag, asked_by, facts } => {
            let windows = facts.windows;
            let name = around.name(key);
            format!("request {}: {asked_by:?} of {name} registers {tag:?}, with {windows:?}", request.0)
        }
        Input::GetTags { request, key, kind } => {
            format!("request {}: {} tags of {}", request.0, kind.name(), around.name(key))
        }
        Input::Cancel { request, key, kind, tag } => {
            format!("request {}: cancel {} {tag:?} of {}", request.0, kind.name(), around.name(key))
        }
        Input::Periodic(input) => periodic(input, around),
        Input::ReplyDelivered { request } => format!("reply to request {} arrived", request.0),
        Input::RequesterGone { request } => format!("caller of request {} is gone", request.0),
        Input::Ready { attempt, network, .. } => {
            format!("attempt {}: worker is ready, network {network:?}", attempt.in_session())
        }
        Input::NotStarted { attempt, reason } => format!("attempt {}: not started, {reason:?}", attempt.in_session()),
        Input::Finished { attempt, outcome } => format!("attempt {}: finished, {outcome:?}", attempt.in_session()),
        Input::Committed { txn } => format!("commit {} is durable", txn.in_session()),
        Input::CommitFailed { txn } => format!("commit {} failed", txn.in_session()),
        Input::ContentsLost { txn } => format!("commit {} failed, and the store has lost records", txn.in_session()),
        Input::NetworkChanged { subject, state, epoch } => {
            format!("network of {subject:?}: {state:?} (notice {epoch})")
        }
        Input::ClientsChanged { partition, origin, windows } => format!("{origin} in {partition:?}: {windows:?}"),
        Input::PermissionChanged { request: _, partition, origin, kind, state } => {
            format!("{origin} in {partition:?}: {} permission {state:?}", kind.name())
        }
        Input::UserSwitch { request: _, origin: None, kind, switch } => {
            format!("{} switch of everybody: {switch:?}", kind.name())
        }
        Input::UserSwitch { request: _, origin: Some((_, origin)), kind, switch } => {
            format!("{} switch of {origin}: {switch:?}", kind.name())
        }
        Input::RestrictionChanged { restriction } => format!("the system's restriction: {restriction:?}"),
        Input::PowerChanged { state } => format!("{state:?}"),
        Input::ConditionOverride { origin, kind, said } => {
            let whose = origin.as_ref().map_or_else(|| "everybody".to_owned(), |(_, origin)| origin.to_string());
            format!("the user's word about conditions of {} syncs of {whose}: {said:?}", kind.name())
        }
        Input::WorkersKnown { states } => format!("the host knows its workers, and speaks of {}", states.len()),
        Input::WorkerChanged { key, state } => format!("worker {}: {state:?}", around.name(key)),
        Input::Unregistered { request: _, key } => format!("worker {} is unregistered", around.name(key)),
        Input::DataCleared { request: _, scope, since } => format!("data cleared: {scope:?} since {since:?}"),
        Input::PartitionClosed { request: _, partition } => format!("{partition:?} is closed"),
        Input::Answered { attempt, yes } => {
            format!("attempt {}: the user says {}", attempt.in_session(), if *yes { "yes" } else { "no" })
        }
        Input::Slept => "the system goes to sleep".to_owned(),
        Input::Woke => "the system woke up".to_owned(),
        Input::Frozen => "the process is frozen".to_owned(),
        Input::Thawed => "the process goes on".to_owned(),
        Input::Woken { token, budget } => format!("woken for {} (wake-up {})", Time(*budget), token.0),
        Input::Tick => "tick".to_owned(),
        Input::Shutdown => "shut down".to_owned(),
    }
}

/// The kind, where it is not the one that everybody expects.
pub(crate) fn adjective(kind: SyncKind) -> &'static str {
    match kind {
        SyncKind::OneShot => "",
        SyncKind::Periodic => "periodic ",
    }
}

fn periodic(input: &PeriodicInput, around: &Surroundings) -> String {
    match input {
        PeriodicInput::Register { request, key, tag, min_interval, asked_by, facts } => {
            let (windows, ms) = (facts.windows, min_interval.ms());
            let name = around.name(key);
            format!("request {}: {asked_by:?} of {name} registers {tag:?} every {ms} ms, with {windows:?}", request.0)
        }
        PeriodicInput::Unregister { request, key, tag } => {
            format!("request {}: {} unregisters {tag:?}", request.0, around.name(key))
        }
        PeriodicInput::Visited { partition, origin, offset } => {
            format!("{origin} in {partition:?} is visited, {} min ahead of UTC", offset.minutes())
        }
        PeriodicInput::UtcOffset(offset) => format!("civil time is {} min ahead of UTC", offset.minutes()),
        PeriodicInput::EngagementChanged { partition, origin, engagement } => {
            format!("{origin} in {partition:?}: engagement {engagement:?}")
        }
        PeriodicInput::PauseChanged { partition, origin, paused } => {
            format!("{origin} in {partition:?}: periodic syncs {}", if *paused { "paused" } else { "go on" })
        }
    }
}

/// An output in a few words.
pub(super) fn output(output: &Output, around: &Surroundings) -> String {
    match output {
        Output::Load => "read the store".to_owned(),
        Output::Reply { request, reply } => format!("reply to request {}: {}", request.0, described(reply)),
        Output::Start { attempt, key, kind: _ } => {
            format!("attempt {}: start {}", attempt.in_session(), around.name(key))
        }
        Output::Dispatch { attempt, event, cap, background } => {
            let last = if event.last_chance { ", last chance" } else { "" };
            let place = if *background { ", in the background" } else { "" };
            let (attempt, tag, cap) = (attempt.in_session(), &event.tag, Time(*cap));
            format!("attempt {attempt}: dispatch {}{tag:?}{last}{place}, cap {cap}", adjective(event.kind))
        }
        Output::Abandon { attempt } => format!("attempt {}: abandoned", attempt.in_session()),
        Output::Terminate { attempt, reason } => format!("attempt {}: terminate, {reason:?}", attempt.in_session()),
        Output::Commit { txn, ops } => {
            let ops: Vec<_> = ops.iter().map(op).collect();
            format!("commit {}: {}", txn.in_session(), ops.join("; "))
        }
        Output::Rewrite { txn, ops } => {
            let ops: Vec<_> = ops.iter().map(op).collect();
            format!("commit {} replaces everything: {}", txn.in_session(), ops.join("; "))
        }
        Output::AskNetwork { origin } => format!("is there a network for {origin}?"),
        Output::AskUser { attempt, key } => {
            format!("attempt {}: may {} use this network?", attempt.in_session(), around.name(key))
        }
        Output::ArmWakeUp(None) => "no wake-up needed".to_owned(),
        Output::ArmWakeUp(Some(wake)) => {
            let length = wake.latest.since(wake.earliest);
            let flags = [
                (wake.charging, ", on the charger"),
                (wake.unmetered, ", not paid by volume"),
                (wake.not_roaming, ", not roaming"),
                (wake.battery_not_low, ", with a battery that is not low"),
            ];
            let needs: String = flags.into_iter().filter(|(needed, _)| *needed).map(|(_, what)| what).collect();
            format!("wake-up at {}, or up to {} later{needs}", wake.earliest.unix_ms(), Time(length))
        }
        Output::WakeDone { token } => format!("wake-up {} is done", token.0),
        Output::KeepAlive(yes) => format!("keep alive: {yes}"),
        Output::Event(entry) => {
            let details: Vec<_> = entry.metadata.iter().map(|detail| format!("{}: {detail}", detail.name())).collect();
            let tag = entry.tag.as_ref().map(|tag| format!(" {tag:?}")).unwrap_or_default();
            format!("log: {}{tag} [{}]", entry.event, details.join(", "))
        }
    }
}

fn described(reply: &Reply) -> String {
    match reply {
        Reply::Registered(Ok(())) => "registered".to_owned(),
        Reply::Registered(Err(error)) => format!("{error:?}"),
        Reply::Tags(Ok(tags)) => format!("{tags:?}"),
        Reply::Tags(Err(error)) => format!("{error:?}"),
        Reply::Cancelled(Ok(found)) => format!("cancelled: {found}"),
        Reply::Cancelled(Err(error)) => format!("{error:?}"),
        Reply::Unregistered(Ok(())) => "unregistered".to_owned(),
        Reply::Unregistered(Err(error)) => format!("{error:?}"),
        Reply::Durable(Ok(())) => "durably gone".to_owned(),
        Reply::Durable(Err(error)) => format!("{error:?}"),
    }
}

fn op(op: &StoreOp) -> String {
    match op {
        StoreOp::PutRegistration(StoredRegistration { sequence, tag, state, series, .. }) => {
            let state = match state {
                StoredState::Pending(None) => "pending".to_owned(),
                StoredState::Pending(Some(wait)) => format!("pending for {}", Time(wait.length)),
                StoredState::Waiting(wait, _) => format!("waiting {}", Time(wait.length)),
                StoredState::Firing(last) => format!("firing{}", if *last { " the last time" } else { "" }),
                StoredState::ReregisteredWhileFiring => "re-registered while firing".to_owned(),
            };
            format!("put #{} {tag:?} {state}, {} attempts", sequence.0, series.attempts)
        }
        StoreOp::RemoveRegistration(sequence) => format!("remove #{}", sequence.0),
        StoreOp::PutBudget(budget) => format!("put budget of {}, {} entries", budget.origin, budget.entries.len()),
        StoreOp::RemoveBudget(_, origin) => format!("remove budget of {origin}"),
        StoreOp::PutProfile(profile) => format!("put profile, next #{}", profile.next_sequence.0),
    }
}
