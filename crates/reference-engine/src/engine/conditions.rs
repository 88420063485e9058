//! What conditions go by: the charger and the battery, and what the user says of them.

use background_sync::Notice;
use background_sync::policy::SyncKind;
use background_sync::scheduler::ConditionOverride;
use background_sync_simulator::timeline::{Override, Power};

use super::{Engine, Who};

impl Engine {
    /// The charger is plugged in or pulled out, or the battery runs low.
    pub(super) fn set_power(&mut self, power: Power) {
        self.mirror.borrow_mut().power = power.into();
        self.tell(Who::User, in_words(power), "");
        self.poster().notify(Notice::Power);
    }

    /// The user wants what conditions hold back to run all the same, or no longer.
    pub(super) fn override_conditions(&mut self, said: &Override) {
        let Override { to, origin, partition, kind } = said;
        let what = match kind {
            SyncKind::OneShot => "what waits",
            SyncKind::Periodic => "what is periodic and waits",
        };
        let whose = origin.as_ref().map(|origin| format!(" of {origin}")).unwrap_or_default();
        let told = match to {
            ConditionOverride::RunAnyway => format!("has {what}{whose} run whatever it costs"),
            ConditionOverride::None => format!("lets {what}{whose} wait again"),
        };
        self.tell(Who::User, told, "");
        let origin = origin.clone().map(|origin| (partition.0, origin));
        self.poster().notify(Notice::ConditionOverride(origin, *kind, *to));
    }
}

fn in_words(Power { charging, battery_low }: Power) -> String {
    let charger = match charging {
        Some(true) => "is on the charger",
        Some(false) => "runs on its battery",
        None => "says nothing of its charger",
    };
    let battery = match battery_low {
        Some(true) => ", which is low",
        Some(false) | None => "",
    };
    format!("the device {charger}{battery}")
}
