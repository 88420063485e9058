//! The parameters with which worlds were recorded.

use background_sync::scheduler::Preset;

use crate::timeline::{Overrides, Relaxes, Time};

/// Sets what a preset has had another value for since worlds were recorded back to that.
pub(super) fn set_back(preset: Preset, set: &mut Overrides) {
    // None was switched off.
    set.enabled = None;
    // Every call was written.
    set.max_age_behind = Some(Time::ZERO);
    // No condition held anything.
    set.one_shot_not_roaming = Some(Relaxes(None));
    if preset != Preset::Chromium {
        set.max_concurrent_events.get_or_insert(8);
    }
}
