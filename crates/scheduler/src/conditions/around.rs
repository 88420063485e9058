use serde::{Deserialize, Serialize};

use super::Condition;
use crate::NetworkState;

/// What the power oracle says. What an engine cannot tell is `None`, and holds nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PowerState {
    /// The device is on the charger, or runs on no battery at all.
    pub charging: Option<bool>,
    /// The system calls the battery low.
    pub battery_low: Option<bool>,
}

/// Whether the user said to run what conditions would hold back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConditionOverride {
    /// Nothing was said: conditions hold.
    #[default]
    None,
    /// It may run now, whatever it costs.
    RunAnyway,
}

impl ConditionOverride {
    /// Whether conditions have no say.
    #[must_use]
    #[inline]
    pub const fn wins(self) -> bool {
        match self {
            Self::None => false,
            Self::RunAnyway => true,
        }
    }
}

/// What a network costs the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NetworkCost {
    /// It is paid by volume.
    pub metered: bool,
    /// It is another operator's.
    pub roaming: bool,
}

impl NetworkCost {
    /// That of a network; `None` where there is none.
    #[must_use]
    pub const fn of(network: &NetworkState) -> Option<Self> {
        match network {
            NetworkState::Online { metered, roaming, network_id: _ } => {
                Some(Self { metered: *metered, roaming: *roaming })
            }
            NetworkState::Unknown | NetworkState::Offline | NetworkState::Captive => None,
        }
    }

    /// What counts when two were said of one network: the worse.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self { metered: self.metered || other.metered, roaming: self.roaming || other.roaming }
    }
}

/// What decides whether conditions are met. Whoever asks has to say all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Circumstances {
    /// What the network costs that is up; `None` where there is none.
    pub cost: Option<NetworkCost>,
    /// The power.
    pub power: PowerState,
    /// The user's word.
    pub user: ConditionOverride,
}

impl Circumstances {
    /// Whether a condition is met. Those about the network are not where there is none, so that nobody is woken by any
    /// network when only some will do; those about power are where nothing is known of it.
    #[must_use]
    pub fn meet(&self, condition: Condition) -> bool {
        match condition {
            Condition::Unmetered => self.cost.is_some_and(|cost| !cost.metered),
            Condition::NotRoaming => self.cost.is_some_and(|cost| !cost.roaming),
            Condition::Charging => self.power.charging.unwrap_or(true),
            Condition::BatteryNotLow => !self.power.battery_low.unwrap_or(false),
        }
    }
}
