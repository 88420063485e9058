use std::sync::Arc;
use std::time::Duration;

use background_sync_policy::{Refusal, SyncKind};
use background_sync_registration::{Charge, Sequence};
use background_sync_scheduler::LastChance;

use super::samples::{PRIVATE, WALLS, budget, key, keys, origin, profile, registrations, tags};
use super::{come_back, every_variant_is_among};
#[cfg(feature = "periodic")]
use crate::UnregisterError;
use crate::{
    AttemptId, CancelError, Detail, EventName, FailureReason, GetTagsError, Ignored, LogEntry, NotStarted, Obstacle,
    Output, Reason, RegisterError, RemovalError, RemovalReason, Reply, RequestId, Status, StoreOp, SyncEventInit,
    TerminateReason, TxnId, WakeToken, WakeUp,
};

const ATTEMPT: AttemptId = AttemptId(u64::MAX);
const TXN: TxnId = TxnId(u64::MAX);

#[test]
fn every_output_comes_back() {
    let events = log().into_iter().map(|entry| Output::Event(Arc::new(entry))).collect();
    let outputs = [replies(), of_attempts(), of_the_store(), of_the_device(), events].concat();
    every_variant_is_among!(
        outputs,
        Output {
            Load,
            Reply,
            Start,
            Dispatch,
            Abandon,
            Terminate,
            Commit,
            Rewrite,
            AskNetwork,
            AskUser,
            ArmWakeUp,
            WakeDone,
            KeepAlive,
            Event,
        }
    );
    come_back(&outputs);
}

fn replies() -> Vec<Output> {
    let refused = Refusal::ALL.iter().map(|refusal| RegisterError::Refused(*refusal));
    let others = [RegisterError::Cleared, RegisterError::Store, RegisterError::Shutdown, RegisterError::QueueFull];
    let mut replies =
        vec![Reply::Registered(Ok(())), Reply::Tags(Ok(tags())), Reply::Cancelled(Ok(true)), Reply::Durable(Ok(()))];
    replies.extend(refused.chain(others).map(|error| Reply::Registered(Err(error))));
    let errors = [GetTagsError::Store, GetTagsError::Shutdown, GetTagsError::QueueFull];
    replies.extend(errors.map(|error| Reply::Tags(Err(error))));
    let errors = [CancelError::Store, CancelError::Shutdown, CancelError::QueueFull];
    replies.extend(errors.map(|error| Reply::Cancelled(Err(error))));
    #[cfg(feature = "periodic")]
    replies.extend([
        Reply::Unregistered(Ok(())),
        Reply::Unregistered(Err(UnregisterError::Store)),
        Reply::Unregistered(Err(UnregisterError::Shutdown)),
        Reply::Unregistered(Err(UnregisterError::QueueFull)),
    ]);
    let errors = [
        RemovalError::Store,
        RemovalError::Shutdown,
        RemovalError::QueueFull,
        RemovalError::SwitchedOff,
        RemovalError::HostPanicked,
    ];
    replies.extend(errors.map(|error| Reply::Durable(Err(error))));
    replies.into_iter().map(|reply| Output::Reply { request: RequestId(u64::MAX), reply }).collect()
}

fn of_attempts() -> Vec<Output> {
    let reasons = [
        TerminateReason::Timeout,
        TerminateReason::SwitchedOff,
        TerminateReason::PartitionClosed,
        TerminateReason::Shutdown,
    ];
    let started = keys().into_iter().map(|key| Output::Start { attempt: ATTEMPT, key, kind: SyncKind::Periodic });
    let dispatched = tags().into_iter().map(|tag| Output::Dispatch {
        attempt: ATTEMPT,
        event: SyncEventInit::new(SyncKind::Periodic, tag, true),
        cap: Duration::MAX,
        background: true,
    });
    let terminated = reasons.map(|reason| Output::Terminate { attempt: ATTEMPT, reason });
    started.chain(dispatched).chain(terminated).chain([Output::Abandon { attempt: ATTEMPT }]).collect()
}

fn of_the_store() -> Vec<Output> {
    let others = [
        StoreOp::RemoveRegistration(Sequence(u64::MAX)),
        StoreOp::PutBudget(budget()),
        StoreOp::RemoveBudget(PRIVATE, origin()),
        StoreOp::PutProfile(profile()),
    ];
    let ops: Vec<_> = registrations().into_iter().map(StoreOp::PutRegistration).chain(others).collect();
    vec![
        Output::Load,
        Output::Commit { txn: TXN, ops: ops.clone() },
        Output::Rewrite { txn: TXN, ops },
        Output::Commit { txn: TXN, ops: Vec::new() },
    ]
}

fn of_the_device() -> Vec<Output> {
    vec![
        Output::AskNetwork { origin: origin() },
        Output::AskUser { attempt: ATTEMPT, key: key() },
        Output::ArmWakeUp(None),
        Output::ArmWakeUp(Some(WakeUp::new(WALLS[0], WALLS[1], true, false))),
        Output::ArmWakeUp(Some(WakeUp {
            unmetered: true,
            battery_not_low: true,
            ..WakeUp::new(WALLS[2], WALLS[1], true, true)
        })),
        Output::WakeDone { token: WakeToken(u64::MAX) },
        Output::KeepAlive(true),
        Output::KeepAlive(false),
    ]
}

/// Every event with every detail there is.
pub(super) fn log() -> Vec<LogEntry> {
    let entry = |event: &EventName| LogEntry {
        at: WALLS[0],
        key: Some(key()),
        kind: Some(SyncKind::OneShot),
        tag: tags().pop(),
        instance: Some(Sequence(u64::MAX)),
        event: *event,
        metadata: details(),
    };
    let bare = LogEntry { key: None, kind: None, tag: None, instance: None, ..entry(&EventName::StoreLoaded) };
    EventName::ALL.iter().map(entry).chain([bare]).collect()
}

fn details() -> Vec<Detail> {
    let mut details = vec![
        Detail::LastChance(true),
        Detail::LastChanceReason(LastChance::Attempts),
        Detail::LastChanceReason(LastChance::Age),
        Detail::NextAttemptDelay(Duration::MAX),
        Detail::Status(Status::Succeeded),
        Detail::Attempts(u32::MAX),
        Detail::Charge(Charge::Free),
        Detail::Count(u64::MAX),
        Detail::Lost(u64::MAX),
        Detail::Reason(Reason::TookTooLong),
        Detail::Reason(Reason::Rejected(RegisterError::Refused(Refusal::NoWindow))),
        Detail::Reason(Reason::NotStarted(NotStarted::Busy)),
    ];
    details.extend(
        FailureReason::ALL.iter().flat_map(|why| [Detail::FailureReason(*why), Detail::Status(Status::Failed(*why))]),
    );
    details.extend(RemovalReason::ALL.iter().map(|why| Detail::Status(Status::Removed(*why))));
    details.extend(Refusal::ALL.iter().map(|why| Detail::Reason(Reason::Refused(*why))));
    details.extend(Obstacle::ALL.iter().map(|why| Detail::Reason(Reason::Obstacle(*why))));
    details.extend(Ignored::ALL.iter().map(|why| Detail::Reason(Reason::Ignored(*why))));
    every_variant_is_among!(
        details,
        Detail {
            LastChance,
            LastChanceReason,
            NextAttemptDelay,
            FailureReason,
            Status,
            Reason,
            Attempts,
            Charge,
            Count,
            Lost,
        }
    );
    details
}
