use std::time::Duration;

/// Which life of a service worker registration this is.
///
/// Unregistering and registering the same scope again makes another registration, and objects that still point at the
/// old one must not reach the new. So the number is the same for the whole life of a registration, over updates and
/// restarts, and another for every registration that its storage key and scope ever had. Numbers have no order.
///
/// A host takes what it has:
/// * the number it gives its registrations, if it never gives one twice;
/// * 64 bits of a random name that a registration is stored with, such as that of its cache;
/// * the time it was made at, which most hosts store anyway: [`Incarnation::registered_at`].
///
/// Not sound are the script's URL and the times of updates or of activation: they change during one life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Incarnation(pub u64);

impl Incarnation {
    /// The life that began with `register()` at this time since the beginning of 1970. For hosts that store it with
    /// their registrations.
    ///
    /// What is passed is what a restart will read: a host that stores milliseconds rounds to them first. Whole seconds
    /// are too coarse, as a page can unregister and register again within one. Two lives have the same number only when
    /// a clock that was set back shows the very same time again.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use background_sync_policy::Incarnation;
    ///
    /// let stored_ms = 1_700_000_000_123;
    /// let incarnation = Incarnation::registered_at(Duration::from_millis(stored_ms));
    /// assert_ne!(incarnation, Incarnation::registered_at(Duration::from_millis(stored_ms + 1)));
    /// ```
    #[must_use]
    pub const fn registered_at(since_1970: Duration) -> Self {
        // Microseconds fit for half a million years; beyond, the number wraps.
        Self(since_1970.as_micros() as u64)
    }
}
