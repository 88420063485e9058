use background_sync_policy::{RegistrationKey, WorkerState};
use background_sync_registration::StoredRegistration;
use background_sync_scheduler::StoredBudget;
use serde::{Deserialize, Serialize};

use crate::{OriginFacts, StoredProfile};

/// What the store held, but for the rows that came before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loaded {
    /// The registrations, in any order.
    pub registrations: Vec<StoredRegistration>,
    /// What origins used of their background budget.
    pub budgets: Vec<StoredBudget>,
    /// The profile's own record; `None` in a new store.
    pub profile: Option<StoredProfile>,
    /// Rows that are gone or damaged and were set aside, as the store reports them.
    pub lost: u64,
    /// What the host says about each key that occurs, also in rows that came before.
    pub worker_states: Vec<(RegistrationKey, WorkerState)>,
    /// What the host says about each origin that occurs, likewise. Of one that is missing nothing is known: it has no
    /// window, and nothing of it is removed.
    pub origins: Vec<OriginFacts>,
}
