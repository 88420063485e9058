//! What a browser makes of a store when it starts: asked of the machine itself.

use std::collections::HashMap;
use std::time::Duration;

use background_sync::policy::{Origin, Partition, SyncKind};
use background_sync::registration::{MonotonicTime, Now, Observed, Sequence, StoredRegistration, WallTime};
use background_sync::scheduler::{NetworkState, StoredBudget, ValidParameters};
use background_sync::{
    Input, Loaded, Machine, MetadataName, NetworkSubject, RegistrationView, StoreContents, StoredProfile, WhyNot,
    WorkerState,
};
use background_sync_scheduler::{Budget, LastChance};

use super::super::args::{Inspecting, SupposedNetwork};

/// A store, and what the next start makes of it.
pub(super) struct NextStart {
    /// The moment it is looked at from.
    pub(super) at: WallTime,
    pub(super) parameters: ValidParameters,
    pub(super) profile: Option<StoredProfile>,
    /// By scope, first registration first.
    pub(super) registrations: Vec<Registered>,
    /// What origins used of their background budgets within a day.
    pub(super) used: Vec<Used>,
}

/// One registration.
pub(super) struct Registered {
    pub(super) stored: StoredRegistration,
    pub(super) becomes: Becomes,
}

/// What becomes of a registration when a browser starts.
pub(super) enum Becomes {
    /// It is taken up.
    Kept {
        view: RegistrationView,
        /// The next attempt starts then at the earliest, whatever happens.
        not_before: Option<WallTime>,
        /// Why that attempt is the last one, if it is.
        last_chance: Option<LastChance>,
    },
    /// It is removed, and why.
    Removed(String),
}

/// What an origin used of its background budget within a day.
pub(super) struct Used {
    pub(super) partition: Partition,
    pub(super) origin: Origin,
    pub(super) starts: usize,
    pub(super) time: Duration,
}

impl NextStart {
    pub(super) fn of(contents: &StoreContents, inspecting: &Inspecting) -> Self {
        let at = inspecting.at.resolve(contents);
        let parameters = still(inspecting.parameters.preset().parameters());
        let machine = started(contents, at, &parameters, inspecting.network);
        let mut views: HashMap<Sequence, RegistrationView> =
            machine.registrations().map(|view| (view.sequence, view)).collect();
        let mut reasons = removals(&machine);
        let running = contents.profile.as_ref().map_or(Duration::ZERO, |profile| profile.running);
        let becomes = |stored: &StoredRegistration| match views.remove(&stored.sequence) {
            Some(view) => kept(view, Observed { wall: at, running }, stored, &parameters),
            None => {
                let reason = reasons.remove(&stored.sequence);
                Becomes::Removed(reason.unwrap_or_else(|| "its record makes no sense".to_owned()))
            }
        };
        let mut stored = contents.registrations.clone();
        stored.sort_by(|a, b| (&a.key, a.sequence).cmp(&(&b.key, b.sequence)));
        let mut becomes = becomes;
        let registrations = stored.into_iter().map(|stored| Registered { becomes: becomes(&stored), stored }).collect();
        let used = contents.budgets.iter().map(|budget| Used::of(budget, at)).filter(|used| used.starts > 0);
        Self { at, profile: contents.profile.clone(), registrations, used: used.collect(), parameters }
    }

    /// What an origin used.
    pub(super) fn used_by(&self, stored: &StoredRegistration) -> Option<&Used> {
        let of = (stored.key.partition(), stored.key.origin());
        self.used.iter().find(|used| (used.partition, &used.origin) == of)
    }
}

/// Nothing is spread, because nothing starts here; and nothing is forgotten of what the machine says.
fn still(parameters: ValidParameters) -> ValidParameters {
    let still = parameters.clone().into_parameters().with(|it| {
        it.first_fire_spread = Duration::ZERO;
        it.first_fire_spread_in_background = Duration::ZERO;
        it.max_log_entries = usize::MAX;
    });
    still.validated().unwrap_or(parameters)
}

/// A machine that read this store in a browser without windows, whose workers are all there. It was online, so
/// that it looked at the budgets, and is asked about single origins' networks, so that it starts nothing.
fn started(contents: &StoreContents, at: WallTime, parameters: &ValidParameters, network: SupposedNetwork) -> Machine {
    let mut machine = Machine::new(parameters.clone(), [0; 32]);
    let now = Now { monotonic: MonotonicTime::ZERO, wall: at };
    let worker_states = contents.registrations.iter().map(|stored| (stored.key.clone(), WorkerState::Active)).collect();
    machine.handle(
        now,
        Input::Loaded(Loaded {
            registrations: contents.registrations.clone(),
            budgets: contents.budgets.clone(),
            profile: contents.profile.clone(),
            lost: contents.lost,
            worker_states,
            origins: Vec::new(),
        }),
    );
    let mut tell = |state, epoch| {
        machine.handle(now, Input::NetworkChanged { subject: NetworkSubject::All, state, epoch });
        while machine.poll_output().is_some() {}
    };
    tell(NetworkState::online(), 1);
    match network {
        SupposedNetwork::Online => {}
        SupposedNetwork::Offline => tell(NetworkState::Offline, 2),
        SupposedNetwork::Unknown => tell(NetworkState::Unknown, 2),
    }
    machine
}

/// Why the machine removed what it removed.
fn removals(machine: &Machine) -> HashMap<Sequence, String> {
    let told = machine.log().filter_map(|entry| {
        let status = entry.metadata.iter().find(|detail| detail.name() == MetadataName::Status)?;
        Some((entry.instance?, status.to_string()))
    });
    told.collect()
}

fn kept(
    mut view: RegistrationView,
    now: Observed,
    stored: &StoredRegistration,
    parameters: &ValidParameters,
) -> Becomes {
    // Its origin's network is the one that is supposed.
    view.why_not.retain(|why| *why != WhyNot::OriginNetwork);
    let not_before = view.why_not.iter().filter(|why| !may_end_sooner(why)).filter_map(WhyNot::until).max();
    let then = Observed { wall: not_before.unwrap_or(now.wall), ..now };
    let last_chance = match view.kind {
        SyncKind::OneShot => parameters.why_last_chance(view.series, stored.registered, then),
        SyncKind::Periodic => None,
    };
    Becomes::Kept { view, not_before, last_chance }
}

/// Whether its end is only the latest one: a condition may be met at any time.
const fn may_end_sooner(why: &WhyNot) -> bool {
    matches!(why, WhyNot::Condition { .. })
}

impl Used {
    fn of(stored: &StoredBudget, now: WallTime) -> Self {
        let mut budget = Budget::restored(stored, now);
        budget.forget(now);
        let (partition, origin) = (stored.partition, stored.origin.clone());
        let entries = budget.to_stored(partition, &origin).entries;
        let starts = entries.iter().map(|(_, starts, _)| *starts as usize).sum();
        let time = entries.iter().fold(Duration::ZERO, |sum, (_, _, time)| sum.saturating_add(*time));
        Self { partition, origin, starts, time }
    }
}
