use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

#[cfg(feature = "periodic")]
use background_sync::PeriodicInput;
use background_sync::policy::{Origin, Partition, RegistrationKey, SystemRestriction, WindowClients};
use background_sync::registration::{MonotonicTime, Now};
use background_sync::scheduler::{NetworkState, SyncParameters};
use background_sync::{Input, Loaded, NetworkSubject};

use super::link::{Link, Notice};
use super::{Verdict, broken};
use crate::Site;

/// What the machine was told about the world, workers aside.
#[derive(Clone, Debug)]
pub(super) struct Told {
    link: Link,
    origins: BTreeMap<Origin, (u64, NetworkState)>,
    windows: BTreeMap<Site, Windows>,
    /// What was said about windows before the store was read: it counts from then.
    early_windows: Vec<EarlyWindows>,
    closed: BTreeSet<Partition>,
    restriction: SystemRestriction,
    stopping: bool,
    loaded: bool,
    asleep: bool,
    frozen_at: Option<MonotonicTime>,
    wake_up: WakeUp,
}

/// The latest wake-up, and the longest of the session.
#[derive(Clone, Copy, Debug, Default)]
struct WakeUp {
    began: MonotonicTime,
    lasts: Duration,
    longest: Duration,
}

/// The windows of an origin.
#[derive(Clone, Copy, Debug)]
struct Windows {
    clients: WindowClients,
    /// When the last one closed, in this session.
    closed_at: Option<MonotonicTime>,
    /// That was said before the store was read: whether the moment since then counts as seen is open.
    unsure: bool,
}

/// Whether an origin counts as seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sight {
    Seen,
    /// Its last window closed this very long ago: both are right at that moment.
    Either,
    Background,
}

/// Something that was said about windows before the store was read.
#[derive(Clone, Debug)]
struct EarlyWindows {
    site: Site,
    clients: WindowClients,
    with_a_call: bool,
}

impl Default for Told {
    fn default() -> Self {
        Self {
            link: Link::default(),
            origins: BTreeMap::new(),
            windows: BTreeMap::new(),
            early_windows: Vec::new(),
            closed: BTreeSet::new(),
            restriction: SystemRestriction::None,
            stopping: false,
            loaded: false,
            asleep: false,
            frozen_at: None,
            wake_up: WakeUp::default(),
        }
    }
}

impl Told {
    /// Gives what a notice about everybody's network changed.
    pub(super) fn hear(&mut self, now: Now, input: &Input, parameters: &SyncParameters) -> Notice {
        match input {
            Input::NetworkChanged { subject: NetworkSubject::All, state, epoch } => {
                return self.link.notice(now.monotonic, state, *epoch, parameters);
            }
            Input::NetworkChanged { subject: NetworkSubject::Origin(origin), state, epoch } => {
                let latest = self.origins.get(origin).map_or(0, |(latest, _)| *latest);
                if *epoch >= latest.max(self.link.epoch()) {
                    self.origins.insert(origin.clone(), (*epoch, state.clone()));
                }
            }
            Input::Register { key, facts, .. } => {
                self.told_with_a_call(now, key, facts.windows);
            }
            Input::ClientsChanged { partition, origin, windows } => {
                self.windows_told(now, Site { partition: *partition, origin: origin.clone() }, *windows);
            }
            Input::Loaded(loaded) if !self.loaded => {
                self.loaded = true;
                self.windows_of_the_store(now, loaded);
            }
            // Calls that waited for the store are turned down, and what came with them with them.
            Input::LoadFailed => self.early_windows.retain(|early| !early.with_a_call),
            Input::RestrictionChanged { restriction } => self.restriction_told(*restriction),
            Input::Shutdown => self.stopping = true,
            Input::Woken { budget, .. } => {
                self.link.woken(now.monotonic, *budget);
                let longest = self.wake_up.longest.max(*budget);
                self.wake_up = WakeUp { began: now.monotonic, lasts: *budget, longest };
            }
            Input::Slept => self.asleep = true,
            Input::Woke => self.asleep = false,
            Input::Frozen => self.frozen_at = self.frozen_at.or(Some(now.monotonic)),
            Input::Thawed => self.frozen_at = None,
            #[cfg(feature = "periodic")]
            Input::Periodic(PeriodicInput::Register { key, facts, .. }) => {
                self.told_with_a_call(now, key, facts.windows);
            }
            #[cfg(feature = "periodic")]
            Input::Periodic(_) => {}
            Input::Rows { .. }
            | Input::Loaded(_)
            | Input::PartitionClosed { .. }
            | Input::GetTags { .. }
            | Input::Cancel { .. }
            | Input::ReplyDelivered { .. }
            | Input::RequesterGone { .. }
            | Input::Ready { .. }
            | Input::NotStarted { .. }
            | Input::Finished { .. }
            | Input::Committed { .. }
            | Input::CommitFailed { .. }
            | Input::ContentsLost { .. }
            | Input::PermissionChanged { .. }
            | Input::UserSwitch { .. }
            | Input::PowerChanged { .. }
            | Input::ConditionOverride { .. }
            | Input::WorkersKnown { .. }
            | Input::WorkerChanged { .. }
            | Input::Unregistered { .. }
            | Input::DataCleared { .. }
            | Input::Answered { .. }
            | Input::Tick => {}
        }
        Notice::Nothing
    }

    /// What was said about windows before the store was read counts now.
    fn windows_of_the_store(&mut self, now: Now, loaded: &Loaded) {
        for facts in &loaded.origins {
            let site = Site { partition: facts.partition, origin: facts.origin.clone() };
            self.windows_told(now, site, facts.windows);
        }
        for early in std::mem::take(&mut self.early_windows) {
            self.windows_told(now, early.site.clone(), early.clients);
            if let Some(windows) = self.windows.get_mut(&early.site) {
                windows.unsure = true;
            }
        }
    }

    fn told_with_a_call(&mut self, now: Now, key: &RegistrationKey, windows: WindowClients) {
        if self.loaded {
            self.windows_told(now, Site::of(key), windows);
        } else {
            let (site, clients) = (Site::of(key), windows);
            self.early_windows.push(EarlyWindows { site, clients, with_a_call: true });
        }
        self.closed.remove(&key.partition());
    }

    /// What is said while a partition is being closed may still name it; nothing after that.
    pub(super) fn after(&mut self, input: &Input) {
        // Before the store was read this waits like everything else.
        if let Input::PartitionClosed { request: _, partition } = input
            && partition.is_private()
            && self.loaded
        {
            self.closed.insert(*partition);
            self.windows.retain(|site, _| site.partition != *partition);
        }
    }

    pub(super) fn windows_told(&mut self, now: Now, site: Site, clients: WindowClients) {
        if !self.loaded {
            // Of notices the last one counts.
            self.early_windows.retain(|early| early.with_a_call || early.site != site);
            return self.early_windows.push(EarlyWindows { site, clients, with_a_call: false });
        }
        let nothing_said = Windows { clients: WindowClients::none(), closed_at: None, unsure: false };
        let windows = self.windows.entry(site).or_insert(nothing_said);
        let closed_at = match (windows.clients.in_background(), clients.in_background()) {
            (false, true) => Some(now.monotonic),
            (true, true) => windows.closed_at,
            (_, false) => None,
        };
        *windows = Windows { clients, closed_at, unsure: false };
    }

    /// A notice, or what a worker that is ready brings.
    pub(super) fn restriction_told(&mut self, restriction: SystemRestriction) {
        self.restriction = restriction;
    }

    pub(super) fn is_restricted(&self) -> bool {
        self.restriction != SystemRestriction::None
    }

    pub(super) fn is_loaded(&self) -> bool {
        self.loaded
    }

    pub(super) fn stopping(&self) -> bool {
        self.stopping
    }

    /// How long the process had stood still by now.
    pub(super) fn frozen_for(&self, now: Now) -> Duration {
        self.frozen_at.map_or(Duration::ZERO, |since| now.monotonic.since(since))
    }

    /// Now, as caps count it: while the process is frozen they stand still.
    pub(super) fn cap_time(&self, now: Now) -> Now {
        Now { monotonic: self.frozen_at.unwrap_or(now.monotonic), ..now }
    }

    pub(super) fn is_frozen(&self) -> bool {
        self.frozen_at.is_some()
    }

    /// Nothing may start while the system sleeps or the process stands still.
    pub(super) fn is_suspended(&self) -> bool {
        self.asleep || self.is_frozen()
    }

    pub(super) fn link(&self) -> &Link {
        &self.link
    }

    /// The last word about this origin alone, if nothing newer was said about everybody.
    pub(super) fn own_network(&self, origin: &Origin) -> Option<&NetworkState> {
        self.origins.get(origin).filter(|(epoch, _)| *epoch >= self.link.epoch()).map(|(_, state)| state)
    }

    /// I4: the last word, for everybody and, if it is newer, for this origin.
    pub(super) fn is_online(&self, origin: &Origin) -> bool {
        self.link.state().is_online() && self.own_network(origin).is_none_or(NetworkState::is_online)
    }

    /// Whether the events of an origin count as seen: a navigation is no absence.
    pub(super) fn sight(&self, now: MonotonicTime, site: &Site, parameters: &SyncParameters) -> Sight {
        let Some(windows) = self.windows.get(site) else { return Sight::Background };
        if !windows.clients.in_background() {
            return Sight::Seen;
        }
        let Some(closed_at) = windows.closed_at else { return Sight::Background };
        match now.since(closed_at).cmp(&parameters.background_grace) {
            std::cmp::Ordering::Less if windows.unsure => Sight::Either,
            std::cmp::Ordering::Less => Sight::Seen,
            std::cmp::Ordering::Equal => Sight::Either,
            std::cmp::Ordering::Greater => Sight::Background,
        }
    }

    /// What a wake-up leaves to an event that nobody sees: all that is left but two seconds, or a quarter of a short one.
    /// `None` when none goes on as far as the system said.
    pub(super) fn left_of_wake_up(&self, now: MonotonicTime) -> Option<Duration> {
        let WakeUp { began, lasts, longest: _ } = self.wake_up;
        let left = lasts.checked_sub(now.since(began)).filter(|left| !left.is_zero())?;
        Some(left.saturating_sub(Duration::from_secs(2).min(lasts / 4)))
    }

    /// The least of it with which an event may begin that needs so much: where wake-ups are short, a third of the
    /// longest.
    pub(super) fn least_of_wake_up(&self, needed: Duration) -> Duration {
        needed.min(self.wake_up.longest / 3)
    }

    /// I12: of a partition that was closed nothing is said any more.
    pub(super) fn of_a_closed_partition(&self, key: Option<&RegistrationKey>) -> Verdict {
        match key {
            Some(key) if self.closed.contains(&key.partition()) => {
                broken("I12", format!("the log still speaks of {key:?}, whose partition is closed"))
            }
            Some(_) | None => Ok(()),
        }
    }
}
