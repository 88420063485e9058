//! Attempts to run events, from the start of the worker to the end of the event.

mod attempt;
#[cfg(test)]
mod model;
#[cfg(test)]
mod time;

use std::time::Duration;

use background_sync_policy::SyncKind;
use background_sync_registration::{MonotonicTime, NetworkIdentity, memory};
use background_sync_scheduler::BudgetTicket;
use rustc_hash::FxHashMap;

use super::origins::OriginIx;
use super::session::Session;
use super::table::Beside;
use crate::{AttemptId, TxnId};
use attempt::starting;
pub(in crate::machine) use attempt::{Attempt, AttemptPhase, Ended, Readiness, Run, Subject, Written};

/// All attempts, also those of registrations that are gone: their events still run.
#[derive(Debug, Default)]
pub(in crate::machine) struct Attempts {
    /// Names are ours, so a quick hash will do.
    all: FxHashMap<AttemptId, Attempt>,
    of_origin: Beside<usize>,
    of_profile: usize,
    last: u64,
}

impl Attempts {
    pub(in crate::machine) fn len(&self) -> usize {
        self.all.len()
    }

    pub(in crate::machine) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub(in crate::machine) fn of_origin(&self, origin: OriginIx) -> usize {
        self.of_origin.get(origin.name()).copied().unwrap_or(0)
    }

    /// Whether any is of the profile.
    pub(in crate::machine) fn any_of_profile(&self) -> bool {
        self.of_profile > 0
    }

    pub(in crate::machine) fn get(&self, id: AttemptId) -> Option<&Attempt> {
        self.all.get(&id)
    }

    /// First started first.
    pub(in crate::machine) fn ids(&self) -> Vec<AttemptId> {
        in_order(self.all.keys().copied())
    }

    /// All of them, in no order.
    pub(in crate::machine) fn iter(&self) -> impl Iterator<Item = (AttemptId, &Attempt)> {
        self.all.iter().map(|(id, attempt)| (*id, attempt))
    }

    /// One that begins by asking the user.
    pub(in crate::machine) fn ask(
        &mut self,
        subject: Subject,
        last_chance: bool,
        about: Option<NetworkIdentity>,
        deadline: MonotonicTime,
    ) -> AttemptId {
        self.add(subject, last_chance, AttemptPhase::AskingUser { deadline, about })
    }

    /// One that begins with the start of the worker.
    pub(in crate::machine) fn start(
        &mut self,
        subject: Subject,
        last_chance: bool,
        deadline: MonotonicTime,
    ) -> AttemptId {
        self.add(subject, last_chance, starting(subject, deadline))
    }

    /// They are numbered from here on.
    pub(in crate::machine) fn begin(&mut self, session: Session) {
        self.last = session.before_the_first();
    }

    fn add(&mut self, subject: Subject, last_chance: bool, phase: AttemptPhase) -> AttemptId {
        self.last += 1;
        let id = AttemptId(self.last);
        self.all.insert(id, Attempt { subject, last_chance, ticket: None, phase });
        *self.of_origin.get_mut(subject.origin.name()) += 1;
        self.of_profile += usize::from(!subject.private);
        id
    }

    /// Its background time was booked.
    pub(in crate::machine) fn book(&mut self, id: AttemptId, ticket: BudgetTicket) {
        if let Some(attempt) = self.all.get_mut(&id) {
            attempt.ticket = Some(ticket);
        }
    }

    pub(in crate::machine) fn remove(&mut self, id: AttemptId) -> Option<Attempt> {
        let attempt = self.all.remove(&id)?;
        let of_origin = self.of_origin.get_mut(attempt.subject.origin.name());
        *of_origin = of_origin.saturating_sub(1);
        self.of_profile = self.of_profile.saturating_sub(usize::from(!attempt.subject.private));
        Some(attempt)
    }

    /// The user agreed: the worker is started.
    pub(in crate::machine) fn agreed(&mut self, id: AttemptId, deadline: MonotonicTime) {
        if let Some(attempt) = self.all.get_mut(&id) {
            attempt.phase = starting(attempt.subject, deadline);
        }
    }

    /// The worker runs. `false` when nobody waits for that word.
    pub(in crate::machine) fn ready(&mut self, id: AttemptId, said: Readiness) -> bool {
        let phase = self.all.get_mut(&id).map(|attempt| &mut attempt.phase);
        if let Some(AttemptPhase::Starting { ready: ready @ None, .. }) = phase {
            *ready = Some(said);
            return true;
        }
        false
    }

    /// What the worker and its origin were like when it was ready, if the attempt is durable too.
    pub(in crate::machine) fn can_dispatch(&self, id: AttemptId) -> Option<&Readiness> {
        match &self.all.get(&id)?.phase {
            AttemptPhase::Starting { written: Written::Yes, ready, .. } => ready.as_ref(),
            AttemptPhase::Starting { .. }
            | AttemptPhase::AskingUser { .. }
            | AttemptPhase::Running(_)
            | AttemptPhase::Terminating { .. } => None,
        }
    }

    fn written(&mut self, id: AttemptId) -> Option<&mut Written> {
        match &mut self.all.get_mut(&id)?.phase {
            AttemptPhase::Starting { written, .. } => Some(written),
            AttemptPhase::AskingUser { .. } | AttemptPhase::Running(_) | AttemptPhase::Terminating { .. } => None,
        }
    }

    /// A commit with its registration is sent. Says whether that carries the attempt. I3: a last chance never shares
    /// a commit with calls, which were promised more than that.
    pub(in crate::machine) fn sent(&mut self, id: AttemptId, txn: TxnId, with_calls: bool) -> bool {
        let last_chance = self.get(id).is_some_and(|attempt| attempt.last_chance);
        let Some(written) = self.written(id) else { return false };
        if last_chance && with_calls {
            *written = Written::No;
            return false;
        }
        let carried = *written == Written::No;
        if carried {
            *written = Written::In(txn);
        }
        carried
    }

    /// I5: a commit is durable. Says whether the attempt is so by that.
    pub(in crate::machine) fn durable(&mut self, id: AttemptId, txn: TxnId) -> bool {
        let written = self.written(id).filter(|written| **written == Written::In(txn));
        written.map(|written| *written = Written::Yes).is_some()
    }

    /// Whether it waits for the end of this commit.
    pub(in crate::machine) fn is_in(&self, id: AttemptId, txn: TxnId) -> bool {
        let phase = self.get(id).map(|attempt| &attempt.phase);
        matches!(phase, Some(AttemptPhase::Starting { written: Written::In(carried), .. }) if *carried == txn)
    }

    /// The store has lost what it had: what was durable has to be written again.
    pub(in crate::machine) fn nothing_is_written(&mut self) {
        for attempt in self.all.values_mut().filter(|attempt| !attempt.subject.private) {
            if let AttemptPhase::Starting { written: written @ Written::Yes, .. } = &mut attempt.phase {
                *written = Written::No;
            }
        }
    }

    /// The event is dispatched, and may run for so long. One that has to be paid for, as any in the background, uses what
    /// was booked for it; else it needs no booking, and gives that back.
    pub(in crate::machine) fn dispatch(
        &mut self,
        id: AttemptId,
        now: MonotonicTime,
        cap: Duration,
        most: Duration,
        paid: bool,
    ) -> Option<BudgetTicket> {
        let attempt = self.all.get_mut(&id)?;
        let deadline = now.after(cap);
        attempt.phase = AttemptPhase::Running(Run {
            deadline,
            announced: deadline,
            own_cap: now.after(most),
            background_since: paid.then_some(now),
            interrupted: false,
        });
        if paid { None } else { attempt.ticket.take() }
    }

    /// Whatever runs of these may fail without being charged.
    pub(in crate::machine) fn interrupt(&mut self, which: impl Fn(&Subject) -> bool) {
        for attempt in self.all.values_mut().filter(|attempt| which(&attempt.subject)) {
            if let AttemptPhase::Running(run) = &mut attempt.phase {
                run.interrupted = true;
            }
        }
    }

    /// The event has ended, or is asked to; the host has until `deadline` to say that it has. `None` when it does
    /// not run.
    pub(in crate::machine) fn end(
        &mut self,
        id: AttemptId,
        cap_time: MonotonicTime,
        deadline: MonotonicTime,
    ) -> Option<Ended> {
        let attempt = self.all.get_mut(&id)?;
        let AttemptPhase::Running(run) = attempt.phase else { return None };
        attempt.phase = AttemptPhase::Terminating { deadline };
        let since = run.background_since;
        let used = attempt.ticket.take().zip(since).map(|(ticket, since)| (ticket, cap_time.since(since)));
        // What has used up its own cap is charged, whatever else ended with it.
        let cut_short = cap_time < run.own_cap;
        Some(Ended { subject: attempt.subject, used, interrupted: run.interrupted, cut_short })
    }

    /// One-shot events of an origin that run, not in the background; or that do.
    pub(in crate::machine) fn running_of(&self, origin: OriginIx, in_background: bool) -> Vec<AttemptId> {
        let those = self.all.iter().filter(|(_, attempt)| {
            attempt.subject.origin == origin
                && attempt.subject.kind == SyncKind::OneShot
                && attempt.run().is_some_and(|run| run.background_since.is_some() == in_background)
        });
        in_order(those.map(|(id, _)| *id))
    }

    /// The rest of an event is background time: so much of it was booked. Gives its new deadline.
    pub(in crate::machine) fn goes_to_background(
        &mut self,
        id: AttemptId,
        now: MonotonicTime,
        (ticket, granted): (BudgetTicket, Duration),
    ) -> Option<MonotonicTime> {
        let attempt = self.all.get_mut(&id)?;
        let AttemptPhase::Running(run) = &mut attempt.phase else { return None };
        attempt.ticket = Some(ticket);
        run.background_since = Some(now);
        run.deadline = now.after(granted);
        Some(run.deadline)
    }

    /// A window is open again: what closing cut off is given back. Gives its booking with the time it used, and its
    /// new deadline.
    pub(in crate::machine) fn leaves_background(
        &mut self,
        id: AttemptId,
        now: MonotonicTime,
    ) -> Option<(Option<(BudgetTicket, Duration)>, MonotonicTime)> {
        let attempt = self.all.get_mut(&id)?;
        let AttemptPhase::Running(run) = &mut attempt.phase else { return None };
        let since = run.background_since.take()?;
        run.deadline = run.announced;
        Some((attempt.ticket.take().map(|ticket| (ticket, now.since(since))), run.deadline))
    }

    /// Everything happens later by so much: the process stood still. Gives all new deadlines.
    pub(in crate::machine) fn postpone(&mut self, by: Duration) -> Vec<(AttemptId, MonotonicTime)> {
        let postponed = self.all.iter_mut().map(|(id, attempt)| {
            attempt.phase.postpone(by);
            (*id, attempt.phase.deadline())
        });
        postponed.collect()
    }

    pub(in crate::machine) fn heap_bytes(&self) -> usize {
        let Self { all, of_origin, of_profile: _, last: _ } = self;
        memory::of_map(all) + of_origin.heap_bytes()
    }
}

/// First started first.
fn in_order(ids: impl Iterator<Item = AttemptId>) -> Vec<AttemptId> {
    let mut ids: Vec<_> = ids.collect();
    ids.sort_unstable();
    ids
}
