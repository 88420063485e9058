//! Worlds in which background sync is switched off: whatever happens, it answers and does nothing else.

use crate::timeline::Overrides;

/// One world of so many.
const ONE_IN: u64 = 24;

/// Whether it is off in the world of this seed. The seed alone says so, as it does of a host's habits: nothing is drawn for
/// it, and so every other world is what it was before some were switched off.
pub(super) const fn is_off(seed: u64) -> bool {
    seed % ONE_IN == ONE_IN - 1
}

/// Switches the worlds off that are.
pub(super) fn switch(seed: u64, set: &mut Overrides) {
    if is_off(seed) {
        set.enabled = Some(false);
    }
}
