use background_sync_policy::Facts;
use serde::{Deserialize, Serialize};

use crate::AskedBy;

/// What comes with a call of `register`: who called, and what was true at that moment.
///
/// Whoever routes the call gathers the facts when it is made, and nobody is asked again: a tab that is closed right
/// after it, or a worker that is replaced, changes nothing (the moment of invariant I1 is the call's).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Call {
    /// Which global called.
    pub asked_by: AskedBy,
    /// Gathered by trusted code, never by the page's process.
    pub facts: Facts,
}

impl Call {
    /// A call from a window of the origin.
    #[must_use]
    pub const fn by_page(facts: Facts) -> Self {
        Self { asked_by: AskedBy::Page, facts }
    }

    /// A call from the service worker itself.
    #[must_use]
    pub const fn by_worker(facts: Facts) -> Self {
        Self { asked_by: AskedBy::Worker, facts }
    }
}
