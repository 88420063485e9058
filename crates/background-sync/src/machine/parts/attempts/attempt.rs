use std::time::Duration;

use background_sync_policy::SyncKind;
use background_sync_registration::{MonotonicTime, NetworkIdentity, Sequence, TagId};
use background_sync_scheduler::{AttemptStage, BudgetTicket, NetworkState};

use crate::TxnId;
use crate::machine::parts::origins::OriginIx;
use crate::machine::parts::registry::WorkerIx;

/// What an attempt is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::machine) struct Subject {
    pub(in crate::machine) worker: WorkerIx,
    pub(in crate::machine) origin: OriginIx,
    pub(in crate::machine) kind: SyncKind,
    pub(in crate::machine) tag: TagId,
    /// The registration it is for. Another one of the same tag is another generation.
    pub(in crate::machine) sequence: Sequence,
    /// Of a private partition: nothing of it is written.
    pub(in crate::machine) private: bool,
}

/// An attempt to run one event.
#[derive(Debug)]
pub(in crate::machine) struct Attempt {
    pub(super) subject: Subject,
    pub(super) last_chance: bool,
    /// The booking of its background time, made with the start so that one commit carries both.
    pub(super) ticket: Option<BudgetTicket>,
    pub(super) phase: AttemptPhase,
}

#[derive(Debug)]
pub(in crate::machine) enum AttemptPhase {
    /// The host asks the user about the network. Nothing was started or written.
    AskingUser { deadline: MonotonicTime, about: Option<NetworkIdentity> },
    /// The worker is being started and the attempt written, at the same time.
    Starting { deadline: MonotonicTime, written: Written, ready: Option<Readiness> },
    /// The event runs.
    Running(Run),
    /// It was asked to end. What it decides is decided.
    Terminating { deadline: MonotonicTime },
}

/// What the host said when the worker was ready.
#[derive(Clone, Debug)]
pub(in crate::machine) struct Readiness {
    pub(in crate::machine) network: NetworkState,
    /// The notice about the network in general that was the last one then.
    pub(in crate::machine) general_epoch: u64,
}

/// An event that runs.
#[derive(Clone, Copy, Debug)]
pub(in crate::machine) struct Run {
    pub(super) deadline: MonotonicTime,
    /// When it has run for as long as its `Dispatch` said. The deadline may be sooner, after a window closed.
    pub(super) announced: MonotonicTime,
    /// When it has run for as long as an event of its kind may.
    pub(super) own_cap: MonotonicTime,
    /// Since when its time counts as background time.
    pub(super) background_since: Option<MonotonicTime>,
    /// Something happened that its worker could not help.
    pub(super) interrupted: bool,
}

/// Whether an attempt is durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::machine) enum Written {
    /// It waits for a commit to be sent.
    No,
    /// It is in this commit.
    In(TxnId),
    /// It is durable, or needs not be.
    Yes,
}

/// How an event ended that ran.
#[derive(Clone, Copy, Debug)]
pub(in crate::machine) struct Ended {
    pub(in crate::machine) subject: Subject,
    /// The booking to correct, and the time it took in the background.
    pub(in crate::machine) used: Option<(BudgetTicket, Duration)>,
    /// Something happened that its worker could not help.
    pub(in crate::machine) interrupted: bool,
    /// It had time of its own left.
    pub(in crate::machine) cut_short: bool,
}

impl Attempt {
    pub(in crate::machine) fn subject(&self) -> Subject {
        self.subject
    }

    pub(in crate::machine) fn last_chance(&self) -> bool {
        self.last_chance
    }

    pub(in crate::machine) fn ticket(&self) -> Option<BudgetTicket> {
        self.ticket
    }

    pub(in crate::machine) fn phase(&self) -> &AttemptPhase {
        &self.phase
    }

    pub(in crate::machine) fn is_starting(&self) -> bool {
        match self.phase {
            AttemptPhase::Starting { .. } => true,
            AttemptPhase::AskingUser { .. } | AttemptPhase::Running(_) | AttemptPhase::Terminating { .. } => false,
        }
    }

    /// Whether it is being started and waits for a commit to carry it.
    pub(in crate::machine) fn is_unsent(&self) -> bool {
        matches!(self.phase, AttemptPhase::Starting { written: Written::No, .. })
    }

    pub(in crate::machine) fn run(&self) -> Option<&Run> {
        match &self.phase {
            AttemptPhase::Running(run) => Some(run),
            AttemptPhase::AskingUser { .. } | AttemptPhase::Starting { .. } | AttemptPhase::Terminating { .. } => None,
        }
    }

    pub(in crate::machine) fn stage(&self) -> AttemptStage {
        match self.phase {
            AttemptPhase::AskingUser { .. } | AttemptPhase::Starting { .. } => AttemptStage::Starting,
            AttemptPhase::Running(_) | AttemptPhase::Terminating { .. } => AttemptStage::Running,
        }
    }
}

impl Run {
    /// How long it may still run.
    pub(in crate::machine) fn left(&self, now: MonotonicTime) -> Duration {
        self.deadline.since(now)
    }
}

impl AttemptPhase {
    pub(super) fn deadline(&self) -> MonotonicTime {
        match self {
            Self::AskingUser { deadline, .. } | Self::Starting { deadline, .. } | Self::Terminating { deadline } => {
                *deadline
            }
            Self::Running(run) => run.deadline,
        }
    }

    pub(super) fn postpone(&mut self, by: Duration) {
        let later = |at: &mut MonotonicTime| *at = at.after(by);
        match self {
            Self::AskingUser { deadline, .. } | Self::Starting { deadline, .. } | Self::Terminating { deadline } => {
                later(deadline);
            }
            Self::Running(Run { deadline, announced, own_cap, background_since, interrupted: _ }) => {
                [deadline, announced, own_cap].into_iter().for_each(later);
                background_since.as_mut().into_iter().for_each(later);
            }
        }
    }
}

pub(super) fn starting(subject: Subject, deadline: MonotonicTime) -> AttemptPhase {
    // I12: a private attempt has nothing to be written to.
    let written = if subject.private { Written::Yes } else { Written::No };
    AttemptPhase::Starting { deadline, written, ready: None }
}
