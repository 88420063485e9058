//! `periodic.fire`: whether an event may be dispatched now, and what its end makes of its registration.

use std::time::Duration;

use background_sync::SyncEventInit;
use background_sync::policy::RegistrationKey;
use background_sync::registration::{Now, Tag, WallTime};
use background_sync::scheduler::{JitterMode, NetworkMode, SyncParameters};

use super::Periodic;
use super::record::{Record, Span, Tries, longest_tries, turn_lasts};
use super::site::Judged;
use crate::Site;
use crate::oracle::attempts::Ran;
use crate::oracle::background::Dispatched;
use crate::oracle::model::End;
use crate::oracle::record::{Again, Certainty};
use crate::oracle::series::Excused;
use crate::oracle::told::{Sight, Told};
use crate::oracle::{Verdict, broken};

impl Periodic {
    /// The least and the most that the cap of the next event of a tag may be: a retry has less.
    pub(in crate::oracle) fn own_cap(
        &self,
        key: Option<&RegistrationKey>,
        tag: &Tag,
        parameters: &SyncParameters,
    ) -> (Duration, Duration) {
        let (retry, first) = (parameters.periodic.max_retry_duration, parameters.periodic.max_event_duration);
        let record = key.and_then(|key| self.records.get(&Self::name(key, tag)));
        let is_first = record.is_none_or(|record| record.tries.is_none() && record.unsettled_until.is_none());
        if is_first { (first, first) } else { (retry, first) }
    }

    pub(in crate::oracle) fn dispatched(
        &mut self,
        now: Now,
        key: &RegistrationKey,
        event: &SyncEventInit,
        dispatched: Dispatched,
        told: &Told,
        parameters: &SyncParameters,
    ) -> Verdict {
        let (name, site) = (Self::name(key, &event.tag), Site::of(key));
        let own_cap = self.own_cap(Some(key), &event.tag, parameters);
        if event.last_chance {
            return broken("I6", format!("a periodic event of {:?} is told that it is the last", event.tag));
        }
        let Some(record) = self.records.get(&name) else {
            return broken("I1", format!("a periodic event of {:?}, which is not registered", event.tag));
        };
        fires_on_its_network(&event.tag, record, told, parameters)?;
        given_its_time(now, &site, own_cap, dispatched, told, parameters)?;
        let state = self.sites.entry(site.clone()).or_default();
        if state.is_suspended() == Certainty::Yes {
            return broken("suspended", format!("{:?} fires, and its origin is suspended", event.tag));
        }
        let longest = longest_tries(&parameters.periodic, parameters.max_start_duration);
        let judged = record.over_since.and_then(|over| state.judge(now.wall, key, &event.tag, over, longest));
        // What the host has put off for longer than the interval may be tried again, and belongs to its turn then.
        let judged = match judged {
            Some(Judged::Anew) if record.may_be_retried() => Some(Judged::Either),
            judged => judged,
        };
        let Some(record) = self.records.get_mut(&name) else { return Ok(()) };
        match judged {
            Some(judged) => {
                record.begins(now.wall);
                state.begins(now.wall, key, &event.tag, judged, &parameters.periodic);
                if judged == Judged::Anew {
                    self.passes.fired(now.wall, key.partition().is_private(), &parameters.periodic)?;
                }
            }
            None => is_retried(now, &event.tag, record, parameters, longest)?,
        }
        record.running = Some(dispatched.attempt);
        state.fired(now.wall);
        self.days.dispatched(now, site, dispatched.attempt, dispatched.started, dispatched.cap);
        Ok(())
    }

    /// The process stood still for so long, and events with it.
    pub(in crate::oracle) fn postpone(&mut self, by: Duration) {
        self.days.postpone(by);
    }

    /// periodic.fire.6.4 to periodic.fire.6.9.
    pub(in crate::oracle) fn ended(&mut self, now: Now, ran: &Ran, end: End, parameters: &SyncParameters) {
        self.days.ended(ran.attempt, now);
        let name = Self::name(&ran.key, &ran.event.tag);
        let Some(record) = self.records.get_mut(&name).filter(|record| record.running == Some(ran.attempt)) else {
            return;
        };
        record.running = None;
        record.certain = true;
        let deferral = match end {
            End::Fulfilled => return record.is_over(now.wall),
            End::Failed => Duration::ZERO,
            End::Deferred(by) => by.min(parameters.max_deferral),
        };
        let Some(tries) = record.tries.as_mut().filter(|_| record.again != Again::Yes) else {
            return record.is_over(now.wall);
        };
        let before = tries.charged;
        tries.charged += u32::from(ran.excused == Excused::No);
        let longest = longest_tries(&parameters.periodic, parameters.max_start_duration);
        // The system may have slept for long in the middle of it.
        let stood_still = now.wall.since(tries.first).saturating_sub(longest);
        tries.put_off = tries.put_off.saturating_add(deferral).max(stood_still);
        if tries.charged > parameters.periodic.max_retries {
            return record.is_over(now.wall);
        }
        // What is excused waits as after a first failure.
        let index = if ran.excused == Excused::No { before } else { 0 };
        let wait = shortest_retry_delay(index, parameters).max(deferral);
        tries.follows = Some(now.monotonic.after(wait));
        let by = tries.first.after(longest);
        // It may be over, and may be tried again.
        record.over_since = None;
        record.anchor = Span { least: now.wall, most: now.wall.max(by) };
    }

    /// Starts that come to nothing use up retries too, and the turn with them.
    pub(in crate::oracle) fn start_failed(
        &mut self,
        now: Now,
        key: &RegistrationKey,
        tags: &[Tag],
        parameters: &SyncParameters,
    ) {
        let longest = longest_tries(&parameters.periodic, parameters.max_start_duration);
        for tag in tags {
            let Some(record) = self.records.get_mut(&Self::name(key, tag)) else { continue };
            record.anchor.most = record.anchor.most.max(now.wall);
            record.unsettled_until = Some(now.wall.after(longest.saturating_add(Duration::from_secs(3_600))));
        }
        if !tags.is_empty()
            && let Some(state) = self.sites.get_mut(&Site::of(key))
        {
            state.may_have_fired(now.wall);
        }
    }

    pub(in crate::oracle) fn within_the_day(&mut self, now: Now, parameters: &SyncParameters) -> Verdict {
        self.days.within(now, &parameters.periodic)
    }
}

impl Record {
    /// Its event, which is no retry, begins.
    fn begins(&mut self, now: WallTime) {
        self.tries = Some(Tries { first: now, events: 1, put_off: Duration::ZERO, charged: 0, follows: None });
        self.again = Again::No;
        self.over_since = None;
        self.unsettled_until = None;
    }
}

/// I13: a retry comes after a failure, after its back-off, in time, and not too often.
fn is_retried(now: Now, tag: &Tag, record: &mut Record, parameters: &SyncParameters, longest: Duration) -> Verdict {
    let Some(Tries { first, events, put_off, follows: Some(follows), .. }) = record.tries.as_ref().cloned() else {
        let what = if record.over_since.is_some() { "its origin is not due" } else { "its interval is not over" };
        return broken("floor", format!("{tag:?} fires, and {what}"));
    };
    if now.monotonic < follows {
        return broken("retry", format!("{tag:?} is tried again {:?} too soon", follows.since(now.monotonic)));
    }
    let since = now.wall.since(first);
    // What is put off is given as long again as a turn lasts.
    let in_time = !put_off.is_zero() && now.monotonic <= follows.after(turn_lasts(parameters));
    if since > longest.saturating_add(put_off) && !in_time {
        return broken("retry", format!("{tag:?} is tried again {since:?} after its first event"));
    }
    let events = events + 1;
    let most = parameters.periodic.max_retries.saturating_add(1).saturating_mul(2);
    if events > most {
        return broken("I5", format!("{events} events for one turn of {tag:?}"));
    }
    if let Some(tries) = &mut record.tries {
        tries.events = events;
        tries.follows = None;
    }
    record.again = Again::No;
    Ok(())
}

/// The shortest wait before a retry, after so many failures that count.
fn shortest_retry_delay(failures: u32, parameters: &SyncParameters) -> Duration {
    let factor = parameters.periodic.retry_delay_factor.max(1);
    let whole =
        (0..failures.min(64)).fold(parameters.periodic.initial_retry_delay, |delay, _| delay.saturating_mul(factor));
    match parameters.jitter {
        JitterMode::Equal => whole / 2,
        JitterMode::None => whole,
    }
}

/// periodic.privacy.history.
fn fires_on_its_network(tag: &Tag, record: &Record, told: &Told, parameters: &SyncParameters) -> Verdict {
    let elsewhere = match parameters.network_mode {
        NetworkMode::Any => Certainty::No,
        NetworkMode::Same | NetworkMode::AskOnChange => record.is_elsewhere(told.link().state().network_id()),
    };
    match elsewhere {
        Certainty::Yes => broken("network", format!("{tag:?} fires on another network")),
        Certainty::No | Certainty::Maybe => Ok(()),
    }
}

/// I13, `periodic.limit`: an event is given what its kind may have, or less where the day or the wake-up has less.
fn given_its_time(
    now: Now,
    site: &Site,
    own_cap: (Duration, Duration),
    Dispatched { attempt, cap, background, .. }: Dispatched,
    told: &Told,
    parameters: &SyncParameters,
) -> Verdict {
    let is_so = match told.sight(now.monotonic, site, parameters) {
        Sight::Seen => !background,
        Sight::Either => true,
        Sight::Background => background,
    };
    if !is_so {
        return broken("I13", format!("{attempt:?} is said to be in the background: {background}; it is not so"));
    }
    let mut least = own_cap.0.min(parameters.min_event_duration).min(parameters.periodic.time_per_day);
    let mut most = own_cap.1.min(parameters.periodic.time_per_day);
    if let Some(left) = told.left_of_wake_up(now.monotonic).filter(|_| background) {
        (least, most) = (told.least_of_wake_up(least), most.min(left));
    }
    if cap < least || cap > most {
        return broken("I13", format!("{attempt:?} is given {cap:?}; due are {least:?} to {most:?}"));
    }
    Ok(())
}
