//! What becomes of attempts.

use background_sync::AttemptId;
use background_sync::SyncEventInit;
use background_sync::policy::{RegistrationKey, SyncKind};
use background_sync::registration::Tag;

use super::attempt::Tagged;
use crate::oracle::series::Excused;

/// An event that ran.
#[derive(Clone, Debug)]
pub(in crate::oracle) struct Ran {
    pub(in crate::oracle) attempt: AttemptId,
    pub(in crate::oracle) key: RegistrationKey,
    pub(in crate::oracle) event: SyncEventInit,
    pub(in crate::oracle) excused: Excused,
}

/// A start that came to nothing, and the tags that it may have been for.
#[derive(Clone, Debug)]
pub(in crate::oracle) struct NeverRan {
    pub(in crate::oracle) key: RegistrationKey,
    pub(in crate::oracle) tags: Vec<Tagged>,
}

impl NeverRan {
    /// Those of a kind.
    pub(in crate::oracle) fn of(&self, kind: SyncKind) -> Vec<Tag> {
        self.tags.iter().filter(|(other, _)| *other == kind).map(|(_, tag)| tag.clone()).collect()
    }
}

/// Why an event ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::oracle) enum Cause {
    /// The host says so.
    Host,
    /// The host says that it has to wait.
    Deferral,
    /// We asked for it when its time was over.
    Timeout,
    /// We asked for it at the shutdown.
    Shutdown,
    /// We asked for it for another reason.
    Removal,
}
