//! The parameters with which worlds were recorded.

use crate::timeline::{Overrides, Preset, Time};

/// Sets what a preset has had another value for since worlds were recorded back to that.
pub(super) fn set_back(preset: Preset, set: &mut Overrides) {
    // Every call was written.
    set.max_age_behind = Some(Time::ZERO);
    match preset {
        Preset::Recommended | Preset::Private => {
            set.max_concurrent_events.get_or_insert(8);
        }
        Preset::Chromium => {}
    }
}
