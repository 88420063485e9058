//! How far the machine is.

#[cfg(test)]
mod tests;

use std::time::Duration;

use background_sync_registration::MonotonicTime;
use background_sync_scheduler::SyncParameters;

use super::intake::Intake;
use super::waiting::Waiting;
use crate::TxnId;

/// How far the machine is.
#[derive(Debug)]
pub(in crate::machine) enum Phase {
    /// Background sync is switched off, and stays so: everybody is answered, and the store is not touched.
    Off,
    /// The store is being read; inputs that touch registrations wait.
    Loading(Box<Loading>),
    /// The ordinary state.
    Running,
    /// Everybody has been told; what is left is the last commit, once it is sent.
    Stopping { last: Option<TxnId> },
    /// Nothing will happen any more.
    Stopped,
}

/// What there is before the store was read.
#[derive(Debug, Default)]
pub(in crate::machine) struct Loading {
    waiting: Waiting,
    intake: Intake,
    retry_at: Option<MonotonicTime>,
    failures: u32,
}

impl Loading {
    pub(in crate::machine) fn waiting(&mut self) -> &mut Waiting {
        &mut self.waiting
    }

    pub(in crate::machine) fn intake(&mut self) -> &mut Intake {
        &mut self.intake
    }

    pub(in crate::machine) fn into_parts(self) -> (Intake, Waiting) {
        (self.intake, self.waiting)
    }

    /// The store could not be read: it is tried again, later each time.
    pub(in crate::machine) fn failed(&mut self, now: MonotonicTime) {
        const LONGEST: Duration = Duration::from_secs(60);
        self.intake = Intake::default();
        self.failures = self.failures.saturating_add(1);
        let delay = Duration::from_secs(2_u64.saturating_pow(self.failures.saturating_sub(1).min(6))).min(LONGEST);
        self.retry_at = Some(now.after(delay));
    }

    /// Whether it is to be tried again now. Says so once.
    pub(in crate::machine) fn is_due(&mut self, now: MonotonicTime) -> bool {
        self.retry_at.take_if(|at| *at <= now).is_some()
    }
}

impl Phase {
    /// How a session begins.
    pub(in crate::machine) fn first(params: &SyncParameters) -> Self {
        if params.enabled { Self::Loading(Box::default()) } else { Self::Off }
    }

    pub(in crate::machine) fn retry_load_at(&self) -> Option<MonotonicTime> {
        match self {
            Self::Loading(loading) => loading.retry_at,
            Self::Off | Self::Running | Self::Stopping { .. } | Self::Stopped => None,
        }
    }

    pub(in crate::machine) fn is_loading(&self) -> bool {
        match self {
            Self::Loading(_) => true,
            Self::Off | Self::Running | Self::Stopping { .. } | Self::Stopped => false,
        }
    }

    pub(in crate::machine) fn is_running(&self) -> bool {
        match self {
            Self::Running => true,
            Self::Off | Self::Loading(_) | Self::Stopping { .. } | Self::Stopped => false,
        }
    }

    pub(in crate::machine) fn is_stopped(&self) -> bool {
        match self {
            Self::Stopped => true,
            Self::Off | Self::Loading(_) | Self::Running | Self::Stopping { .. } => false,
        }
    }

    /// The last commit, if this is the time of that, was sent.
    pub(in crate::machine) fn commit_sent(&mut self, txn: TxnId) {
        if let Self::Stopping { last } = self {
            *last = Some(txn);
        }
    }

    pub(in crate::machine) fn heap_bytes(&self) -> usize {
        match self {
            Self::Loading(loading) => size_of::<Loading>() + loading.waiting.heap_bytes() + loading.intake.heap_bytes(),
            Self::Off | Self::Running | Self::Stopping { .. } | Self::Stopped => 0,
        }
    }
}
