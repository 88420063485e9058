use background_sync_policy::SyncKind;
use background_sync_registration::{Damage, Series, WallTime, open, seal};
use serde::{Deserialize, Serialize};

use super::{Across, PeriodicParameters, PlanFacts};
use crate::SyncParameters;
use crate::visits::{Availability, UtcOffset, WakeUpLateness};

/// Version of the stored form of what all origins share.
pub const STORED_PERIODIC_PROFILE_VERSION: u8 = 1;

/// What the periodic syncs of all origins share: when anything fired, when an event could run, how late the system wakes
/// the browser, and what civil time is.
#[derive(Clone, Debug, Default)]
pub struct PeriodicProfile {
    across: Across,
    availability: Availability,
    lateness: WakeUpLateness,
    offset: UtcOffset,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    fired: Vec<WallTime>,
    availability: Vec<u8>,
    lateness: WakeUpLateness,
}

impl PeriodicProfile {
    /// When anything fired.
    #[must_use]
    pub const fn across(&self) -> &Across {
        &self.across
    }

    /// When an event could run.
    #[must_use]
    pub const fn availability(&self) -> &Availability {
        &self.availability
    }

    /// What civil time is ahead by.
    #[must_use]
    pub const fn offset(&self) -> UtcOffset {
        self.offset
    }

    /// What a plan made now depends on.
    #[must_use]
    pub fn facts<'a>(&'a self, now: WallTime, params: &'a SyncParameters) -> PlanFacts<'a> {
        let least_event = params.least_event(SyncKind::Periodic, Series::default(), false);
        let (across, params) = (&self.across, &params.periodic);
        PlanFacts { now, offset: self.offset, lateness: self.lateness, least_event, across, params }
    }

    /// An origin is judged to be due.
    pub fn judged(&mut self, now: WallTime) {
        self.across.judged(now);
    }

    /// A worker is started. Says whether that is a wake-up that has to be stored.
    pub fn fired(&mut self, now: WallTime, is_private: bool, params: &PeriodicParameters) -> bool {
        self.across.fired(now, is_private, params)
    }

    /// Civil time is ahead by so much. Says whether that is news.
    pub fn set_offset(&mut self, offset: UtcOffset) -> bool {
        std::mem::replace(&mut self.offset, offset) != offset
    }

    /// From now on an event can run, or cannot.
    pub fn available(&mut self, now: WallTime, available: bool) {
        self.availability.changed(now, self.offset, available);
    }

    /// Nothing periodic is left: what was learnt about the device's day goes, and says something about the user's. Says
    /// whether there was anything.
    pub fn forget_availability(&mut self) -> bool {
        std::mem::take(&mut self.availability).has_learnt()
    }

    /// A wake-up was asked for and came.
    pub fn woken(&mut self, asked: WallTime, came: WallTime) {
        self.lateness.woken(asked, came);
    }

    /// The clock was set back: what lies in the future counts as of now.
    pub fn no_later_than(&mut self, now: WallTime) {
        self.across.no_later_than(now);
    }

    /// The bytes to store; none where nothing is known.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        if self.across.to_stored().is_empty()
            && self.lateness == WakeUpLateness::default()
            && !self.availability.has_learnt()
        {
            return Vec::new();
        }
        let (fired, availability) = (self.across.to_stored(), self.availability.encode());
        seal(STORED_PERIODIC_PROFILE_VERSION, &Stored { fired, availability, lateness: self.lateness })
    }

    /// Reads stored bytes. What was learnt is left out where it makes no sense: it is learnt again. The offset stays:
    /// the host says it anew.
    ///
    /// # Errors
    /// What is wrong with them. Nothing has changed then.
    pub fn restore(&mut self, bytes: &[u8], now: WallTime, params: &PeriodicParameters) -> Result<(), Damage> {
        if bytes.is_empty() {
            return Ok(());
        }
        let Stored { fired, availability, lateness } = open(STORED_PERIODIC_PROFILE_VERSION, bytes)?;
        self.across = Across::restored(fired, now, params);
        self.lateness = lateness;
        if let Ok(availability) = Availability::decode(&availability) {
            self.availability = availability;
        }
        Ok(())
    }
}
