use std::num::NonZeroU64;
use std::time::Duration;

use crate::time::{Moment, duration, nanos};
use crate::{Charge, MonotonicTime, Now, RegistrationState, Schedule, Series, Wait, WallTime};

/// Identity and rank of a registration.
///
/// Later first registrations have larger numbers, across restarts too, and no registration has the number of another
/// one; that of a call that was refused may be given again.
/// Lists are in this order, and an attempt that belongs to another number is another generation's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Sequence(pub u64);

/// When something was seen, on the two clocks that age counts on. Whoever says when says it on both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Observed {
    /// Civil time.
    pub wall: WallTime,
    /// Time this profile has been running, over all its sessions.
    pub running: Duration,
}

/// A network, as a keyed hash of the host's identifier. The identifier itself is never kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(from = "u64", into = "u64")]
pub struct NetworkIdentity(NonZeroU64);

impl From<u64> for NetworkIdentity {
    /// The identity with this hash. 0 counts as 1, so that "no network" takes no room of its own.
    fn from(hash: u64) -> Self {
        Self(NonZeroU64::new(hash).unwrap_or(NonZeroU64::MIN))
    }
}

impl From<NetworkIdentity> for u64 {
    fn from(identity: NetworkIdentity) -> Self {
        identity.0.get()
    }
}

/// A sync registration (`sync.def.registration`) but for its tag: the list of a service worker registration
/// keeps it under that.
///
/// One that was never tried takes six words; there may be a million of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncRegistration {
    sequence: Sequence,
    registered: Seen,
    network: Option<NetworkIdentity>,
    stage: Stage,
    /// Seconds by which the age in the store may be behind, rounded up; the largest number says that nobody knows.
    behind: u16,
    /// What only those have that were tried, have to wait, or are periodic. `None` where it would say nothing.
    past: Option<Box<Past>>,
}

/// [`Observed`] in two words. A profile that has been running for over 584 years has been running for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    wall: WallTime,
    /// In nanoseconds.
    running: u64,
}

impl From<Observed> for Seen {
    fn from(observed: Observed) -> Self {
        Self { wall: observed.wall, running: nanos(observed.running) }
    }
}

impl From<Seen> for Observed {
    fn from(seen: Seen) -> Self {
        Self { wall: seen.wall, running: duration(seen.running) }
    }
}

/// The state without its times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Pending,
    Waiting { deferred: bool },
    Firing { last_chance: bool },
    ReregisteredWhileFiring { last_chance: bool },
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Past {
    /// The spacing of a pending one, the back-off of a waiting one. Of one that was registered again while it fired,
    /// the length of the spacing of the event that follows.
    wait: Option<Wait>,
    series: Series,
    reregistered_in_a_row: u32,
    last_attempt_ended: Option<Moment>,
    /// Of a periodic one.
    schedule: Option<Box<Schedule>>,
}

impl Stage {
    fn and_wait_of(state: RegistrationState) -> (Self, Option<Wait>) {
        match state {
            RegistrationState::Pending { not_before } => (Self::Pending, not_before),
            RegistrationState::Waiting { back_off, deferred } => (Self::Waiting { deferred }, Some(back_off)),
            RegistrationState::Firing { last_chance } => (Self::Firing { last_chance }, None),
            RegistrationState::ReregisteredWhileFiring { last_chance, spacing } => {
                let wait = (!spacing.is_zero()).then(|| Wait::starting(Now::default(), spacing));
                (Self::ReregisteredWhileFiring { last_chance }, wait)
            }
        }
    }
}

impl Past {
    /// Nothing is kept where it says nothing.
    fn kept(self) -> Option<Box<Self>> {
        (self != Self::default()).then(|| Box::new(self))
    }
}

impl SyncRegistration {
    /// sync.register.9.1, sync.register.9.2: a new one is pending.
    pub(crate) fn new(sequence: Sequence, registered: Observed, spacing: Option<Wait>) -> Self {
        let state = RegistrationState::Pending { not_before: spacing };
        Self::resumed(sequence, registered, state, Series::default(), None)
    }

    /// One of an earlier session.
    pub(crate) fn resumed(
        sequence: Sequence,
        registered: Observed,
        state: RegistrationState,
        series: Series,
        network: Option<NetworkIdentity>,
    ) -> Self {
        let (stage, wait) = Stage::and_wait_of(state);
        let past = Past { wait, series, ..Past::default() }.kept();
        Self { sequence, registered: registered.into(), network, stage, behind: 0, past }
    }

    /// The state.
    #[must_use]
    #[inline]
    pub fn state(&self) -> RegistrationState {
        let wait = self.past.as_ref().and_then(|past| past.wait);
        match self.stage {
            Stage::Pending => RegistrationState::Pending { not_before: wait },
            Stage::Waiting { deferred } => match wait {
                Some(back_off) => RegistrationState::Waiting { back_off, deferred },
                // Only `set_state` makes this stage, and it keeps the wait.
                None => RegistrationState::Pending { not_before: None },
            },
            Stage::Firing { last_chance } => RegistrationState::Firing { last_chance },
            Stage::ReregisteredWhileFiring { last_chance } => {
                let spacing = wait.map_or(Duration::ZERO, Wait::length);
                RegistrationState::ReregisteredWhileFiring { last_chance, spacing }
            }
        }
    }

    pub(crate) fn set_state(&mut self, state: RegistrationState) {
        let (stage, wait) = Stage::and_wait_of(state);
        self.stage = stage;
        self.with_past(|past| past.wait = wait);
    }

    /// Changes what is kept of the past, and keeps nothing where it says nothing.
    fn with_past(&mut self, change: impl FnOnce(&mut Past)) {
        if let Some(past) = &mut self.past {
            change(past);
            if **past == Past::default() {
                self.past = None;
            }
        } else {
            let mut past = Past::default();
            change(&mut past);
            self.past = past.kept();
        }
    }

    /// Its identity and rank.
    #[must_use]
    #[inline]
    pub fn sequence(&self) -> Sequence {
        self.sequence
    }

    /// The attempts made so far.
    #[must_use]
    #[inline]
    pub fn series(&self) -> Series {
        self.past.as_ref().map(|past| past.series).unwrap_or_default()
    }

    pub(crate) fn set_series(&mut self, series: Series) {
        self.with_past(|past| past.series = series);
    }

    pub(crate) fn book(&mut self, charge: Charge) {
        self.with_past(|past| past.series.book(charge));
    }

    /// When it was last registered.
    #[must_use]
    #[inline]
    pub fn registered(&self) -> Observed {
        self.registered.into()
    }

    pub(crate) fn set_registered(&mut self, at: Observed) {
        self.behind = seconds(self.age_behind_at(at));
        self.registered = at.into();
    }

    /// Whether a call makes it younger and changes nothing else: it is pending, was never tried, and nothing holds it.
    #[must_use]
    #[inline]
    pub fn would_only_be_younger(&self) -> bool {
        match self.stage {
            Stage::Pending => self.past.is_none(),
            Stage::Waiting { .. } | Stage::Firing { .. } | Stage::ReregisteredWhileFiring { .. } => false,
        }
    }

    /// Whether it is pending and nothing was tried for its present promise, or turn.
    #[must_use]
    pub fn is_untried(&self) -> bool {
        match self.stage {
            Stage::Pending => self.series() == Series::default(),
            Stage::Waiting { .. } | Stage::Firing { .. } | Stage::ReregisteredWhileFiring { .. } => false,
        }
    }

    /// By how much its age in the store would be behind, on either clock, after a call at this moment that is not
    /// written. [`Duration::MAX`] when that is no longer known, which is so after 18 hours.
    #[must_use]
    #[inline]
    pub fn age_behind_at(&self, at: Observed) -> Duration {
        let before = self.registered();
        let running = at.running.saturating_sub(before.running);
        let younger = running.max(at.wall.since(before.wall));
        match self.behind {
            u16::MAX => Duration::MAX,
            behind => Duration::from_secs(behind.into()).saturating_add(younger),
        }
    }

    /// The store has its age.
    #[inline]
    pub fn age_is_written(&mut self) {
        self.behind = 0;
    }

    /// How many events in a row were registered again while they ran.
    #[must_use]
    #[inline]
    pub fn reregistered_in_a_row(&self) -> u32 {
        self.past.as_ref().map_or(0, |past| past.reregistered_in_a_row)
    }

    pub(crate) fn set_reregistered_in_a_row(&mut self, count: u32) {
        self.with_past(|past| past.reregistered_in_a_row = count);
    }

    /// When its last attempt ended, if one ended in this session.
    #[must_use]
    pub fn last_attempt_ended(&self) -> Option<MonotonicTime> {
        self.past.as_ref().and_then(|past| past.last_attempt_ended).map(Moment::get)
    }

    pub(crate) fn attempt_ended(&mut self, at: MonotonicTime) {
        self.with_past(|past| past.last_attempt_ended = Some(Moment::of(at)));
    }

    /// The network it was registered on, where the host names networks.
    #[must_use]
    #[inline]
    pub fn network(&self) -> Option<NetworkIdentity> {
        self.network
    }

    /// Remembers the network it was registered on.
    pub fn set_network(&mut self, network: Option<NetworkIdentity>) {
        self.network = network;
    }

    /// How often it may fire, and since when that counts; `None` of a one-shot one.
    #[must_use]
    #[inline]
    pub fn schedule(&self) -> Option<Schedule> {
        self.past.as_ref().and_then(|past| past.schedule.as_deref()).copied()
    }

    pub(crate) fn set_schedule(&mut self, schedule: Option<Schedule>) {
        self.with_past(|past| past.schedule = schedule.map(Box::new));
    }

    /// Takes every wait from the wall clock again after the clocks came apart. Says whether there was one.
    pub fn realign(&mut self, now: Now) -> bool {
        match self.stage {
            Stage::Firing { .. } | Stage::ReregisteredWhileFiring { .. } => return false,
            Stage::Pending | Stage::Waiting { .. } => {}
        }
        let Some(wait) = self.past.as_mut().and_then(|past| past.wait.as_mut()) else { return false };
        *wait = wait.realigned(now);
        true
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        let Some(past) = &self.past else { return 0 };
        size_of::<Past>() + past.schedule.as_ref().map_or(0, |_| size_of::<Schedule>())
    }
}

/// Whole seconds, rounded up, as far as 18 hours go.
fn seconds(length: Duration) -> u16 {
    let whole = length.as_secs().saturating_add(u64::from(length.subsec_nanos() > 0));
    u16::try_from(whole).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_was_never_tried_is_small() {
        assert_eq!(size_of::<Option<SyncRegistration>>(), 48);
        assert_eq!(size_of::<Past>(), 56);
    }

    #[test]
    fn every_nanosecond_of_the_running_time_is_kept_and_what_is_too_long_is_for_ever() {
        let kept = |running| {
            let observed = Observed { wall: WallTime::from_unix_ms(-5), running };
            SyncRegistration::new(Sequence(1), observed, None).registered()
        };
        for running in [Duration::ZERO, Duration::new(3, 141_592_653), Duration::from_nanos(u64::MAX - 1)] {
            assert_eq!(kept(running), Observed { wall: WallTime::from_unix_ms(-5), running });
        }
        assert_eq!(kept(Duration::from_secs(1 << 40)).running, Duration::MAX);
    }

    #[test]
    fn what_is_kept_of_the_past_goes_when_it_says_nothing() {
        let wait = Wait::starting(Now::default(), Duration::from_secs(1));
        let fresh = SyncRegistration::new(Sequence(1), Observed::default(), None);
        let mut registration = SyncRegistration::new(Sequence(1), Observed::default(), Some(wait));
        assert!(registration.past.is_some());
        registration.set_state(RegistrationState::Pending { not_before: None });
        assert_eq!(registration, fresh);
    }
}
