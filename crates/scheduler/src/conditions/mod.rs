//! What an engine may wait for before it spends the user's data volume or battery on a sync.

mod around;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use around::{Circumstances, ConditionOverride, NetworkCost, PowerState};

/// Something that has to be so before an event starts, unless it has waited for long enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// There is a network that the user does not pay by volume.
    Unmetered,
    /// There is a network, and it is the user's own operator's.
    NotRoaming,
    /// The device is on the charger.
    Charging,
    /// The battery is not low.
    BatteryNotLow,
}

impl Condition {
    /// Every one of them.
    pub const ALL: [Self; 4] = [Self::Unmetered, Self::NotRoaming, Self::Charging, Self::BatteryNotLow];

    /// Its name, as it is serialized.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unmetered => "unmetered",
            Self::NotRoaming => "not_roaming",
            Self::Charging => "charging",
            Self::BatteryNotLow => "battery_not_low",
        }
    }
}

/// The conditions of one kind of sync, each with the age at which it relaxes: what is that old goes without it.
///
/// A condition that is absent never holds. None of them is exposed to the web, and none outlives
/// [`latest`](Self::latest): a device that is never charged must not keep a promise for ever.
///
/// The age of a one-shot sync counts from its last `register`; that of a periodic one from the moment at which its
/// event was due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Conditions {
    /// Only on a network that is not paid by volume, until this age.
    pub unmetered: Option<Duration>,
    /// Only in the network of the user's own operator, until this age.
    pub not_roaming: Option<Duration>,
    /// Only on the charger, until this age.
    pub charging: Option<Duration>,
    /// Not while the battery is low, until this age.
    pub battery_not_low: Option<Duration>,
    /// Past this age none of them holds, whatever it says itself.
    pub latest: Duration,
}

impl Conditions {
    /// None at all.
    #[must_use]
    pub const fn none() -> Self {
        const DAYS: u64 = 3;
        let latest = Duration::from_secs(DAYS * 86_400);
        Self { unmetered: None, not_roaming: None, charging: None, battery_not_low: None, latest }
    }

    /// The same with something changed.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// The age at which a condition is over, if it applies: its own, and never more than [`latest`](Self::latest).
    #[must_use]
    pub fn relaxes_at(&self, condition: Condition) -> Option<Duration> {
        let age = match condition {
            Condition::Unmetered => self.unmetered,
            Condition::NotRoaming => self.not_roaming,
            Condition::Charging => self.charging,
            Condition::BatteryNotLow => self.battery_not_low,
        };
        age.map(|age| age.min(self.latest))
    }

    /// Whether none applies.
    #[must_use]
    #[inline]
    pub const fn is_none(&self) -> bool {
        let Self { unmetered, not_roaming, charging, battery_not_low, latest: _ } = self;
        unmetered.is_none() && not_roaming.is_none() && charging.is_none() && battery_not_low.is_none()
    }

    /// Which of them hold something of this age back in these surroundings, and for how much longer. The one answer
    /// that starts, dispatches, inspectors and wake-ups go by.
    #[must_use]
    pub fn holding(&self, age: Duration, around: &Circumstances) -> Holding {
        let mut holding = Holding::default();
        if self.is_none() || around.user.wins() {
            return holding;
        }
        for (left, condition) in holding.left.iter_mut().zip(Condition::ALL) {
            let relaxes_in = self.relaxes_at(condition).map(|at| at.saturating_sub(age));
            *left = relaxes_in.filter(|left| !left.is_zero() && !around.meet(condition));
        }
        holding
    }
}

/// The conditions that hold something back, each with how long it does so at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holding {
    /// In the order of [`Condition::ALL`]; never zero.
    left: [Option<Duration>; Condition::ALL.len()],
}

impl Holding {
    /// Whether none does.
    #[must_use]
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.left.iter().all(Option::is_none)
    }

    /// After so long none of them holds any more, if nothing changes around; `None` when none does now.
    #[must_use]
    pub fn longest(&self) -> Option<Duration> {
        self.left.iter().copied().flatten().max()
    }

    /// After so long one of them less holds it; `None` when none does now.
    #[must_use]
    pub fn shortest(&self) -> Option<Duration> {
        self.left.iter().copied().flatten().min()
    }

    /// Whether this one does.
    #[must_use]
    pub fn has(&self, condition: Condition) -> bool {
        self.iter().any(|(one, _)| one == condition)
    }

    /// Each of them, with how long it holds at most.
    pub fn iter(&self) -> impl Iterator<Item = (Condition, Duration)> + use<> {
        Condition::ALL.into_iter().zip(self.left).filter_map(|(condition, left)| Some((condition, left?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NetworkState;

    const HOUR: Duration = Duration::from_secs(3_600);

    fn strict() -> Conditions {
        Conditions::none().with(|it| {
            it.unmetered = Some(24 * HOUR);
            it.not_roaming = Some(48 * HOUR);
            it.charging = Some(1_000 * HOUR);
            it.battery_not_low = Some(12 * HOUR);
            it.latest = 72 * HOUR;
        })
    }

    fn worst() -> Circumstances {
        let network = NetworkState::Online { metered: true, roaming: true, network_id: None };
        Circumstances {
            cost: NetworkCost::of(&network),
            power: PowerState { charging: Some(false), battery_low: Some(true) },
            user: ConditionOverride::None,
        }
    }

    fn names(holding: &Holding) -> Vec<(&'static str, u64)> {
        holding.iter().map(|(condition, left)| (condition.name(), left.as_secs() / 3_600)).collect()
    }

    #[test]
    fn each_relaxes_at_its_own_age_and_none_outlives_the_latest() {
        let holding = |hours: u32| strict().holding(hours * HOUR, &worst());
        let all = [("unmetered", 24), ("not_roaming", 48), ("charging", 72), ("battery_not_low", 12)];
        assert_eq!(names(&holding(0)), all);
        assert_eq!(names(&holding(12)), [("unmetered", 12), ("not_roaming", 36), ("charging", 60)]);
        assert_eq!(names(&holding(47)), [("not_roaming", 1), ("charging", 25)]);
        assert_eq!((holding(47).shortest(), holding(47).longest()), (Some(HOUR), Some(25 * HOUR)));
        assert_eq!(names(&holding(71)), [("charging", 1)]);
        assert!(holding(72).is_empty() && holding(10_000).is_empty());
        assert_eq!(holding(72).longest(), None);
    }

    #[test]
    fn what_is_met_or_unknown_holds_nothing() {
        let hold = |around: Circumstances| names(&strict().holding(Duration::ZERO, &around));
        let unknown = Circumstances { power: PowerState::default(), ..worst() };
        assert_eq!(hold(unknown), [("unmetered", 24), ("not_roaming", 48)], "an engine that cannot tell");
        let at_home = Circumstances { cost: NetworkCost::of(&NetworkState::online()), ..worst() };
        assert_eq!(hold(at_home), [("charging", 72), ("battery_not_low", 12)]);
        let without = Circumstances { cost: NetworkCost::of(&NetworkState::Offline), ..at_home };
        assert_eq!(hold(without).len(), 4, "no network is none that costs nothing");
        let charging = PowerState { charging: Some(true), battery_low: Some(true) };
        assert_eq!(hold(Circumstances { power: charging, ..at_home }), [("battery_not_low", 12)]);
    }

    #[test]
    fn the_users_word_wins_over_all_of_them() {
        let around = Circumstances { user: ConditionOverride::RunAnyway, ..worst() };
        assert!(strict().holding(Duration::ZERO, &around).is_empty());
        assert!(Conditions::none().holding(Duration::ZERO, &worst()).is_empty());
    }

    #[test]
    fn the_worse_word_about_a_network_counts() {
        let cost = |metered, roaming| NetworkCost { metered, roaming };
        assert_eq!(cost(true, false).or(cost(false, true)), cost(true, true));
        assert_eq!(cost(false, false).or(cost(false, false)), cost(false, false));
    }
}
