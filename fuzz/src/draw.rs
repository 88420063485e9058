//! Values out of bytes: mostly from short lists, so that things meet, and now and then anything at all.

use std::time::Duration;

use arbitrary::{Result, Unstructured};
use background_sync::policy::{
    Facts, Incarnation, Origin, Partition, PartitionId, PerKind, PermissionState, RegistrationKey, StorageKey,
    SyncKind, SystemRestriction, UserSwitch, WindowClients,
};
use background_sync::registration::{
    MinInterval, NetworkIdentity, Observed, Schedule, Sequence, Series, StoredRegistration, StoredState, StoredWait,
    Tag, WallTime,
};
use background_sync::scheduler::{
    ConditionOverride, Engagement, NetworkId, NetworkMode, NetworkState, PowerState, StoredBudget, UtcOffset,
};
use background_sync::{
    AskedBy, AttemptId, ClearedScope, Input, Loaded, NetworkSecret, NetworkSubject, NotStarted, OriginFacts, Outcome,
    PeriodicInput, RequestId, StoredProfile, TxnId, WakeToken, WorkerState,
};
use background_sync_registration::seal;
use background_sync_scheduler::{STORED_PERIODIC_ORIGIN_VERSION, STORED_PERIODIC_PROFILE_VERSION};

use super::stored::Body;

type Bytes<'a> = Unstructured<'a>;

const PARTITIONS: [Partition; 3] =
    [Partition::Profile(PartitionId(0)), Partition::Profile(PartitionId(u64::MAX)), Partition::Private(PartitionId(0))];

fn partition(bytes: &mut Bytes<'_>) -> Result<Partition> {
    bytes.choose(&PARTITIONS).copied()
}

fn origin(bytes: &mut Bytes<'_>) -> Result<Origin> {
    let url = *bytes.choose(&["https://a.example", "https://b.example"])?;
    Ok(Origin::parse(url).expect("an origin"))
}

pub(super) fn key(bytes: &mut Bytes<'_>) -> Result<RegistrationKey> {
    let origin = origin(bytes)?;
    let path = *bytes.choose(&["/", "/mail/"])?;
    let scope = format!("{}{path}", origin.as_str());
    let incarnation = Incarnation(bytes.int_in_range(0..=1)?);
    let storage_key = match bytes.ratio(1, 16)? {
        true => StorageKey::third_party(origin, "https://top.example"),
        false => StorageKey::first_party(origin),
    };
    Ok(RegistrationKey::new(partition(bytes)?, storage_key, &scope, incarnation).expect("a scope of this origin"))
}

fn tag(bytes: &mut Bytes<'_>) -> Result<Tag> {
    Ok(match bytes.int_in_range(0..=7)? {
        0 => Tag::from(""),
        1 => Tag::from_utf16(&[0xD800]),
        2 => Tag::from_utf16(&bytes.arbitrary::<Vec<u16>>()?),
        3 => Tag::from("b"),
        _ => Tag::from("a"),
    })
}

fn kind(bytes: &mut Bytes<'_>) -> Result<SyncKind> {
    bytes.choose(&SyncKind::ALL).copied()
}

/// Mostly those of an open window, whose page may do everything.
pub(super) fn facts(bytes: &mut Bytes<'_>) -> Result<Facts> {
    if bytes.ratio(2, 3)? {
        return Ok(Facts { permission: PermissionState::Granted, ..Facts::of_an_open_window() });
    }
    Ok(Facts {
        secure_context: bytes.ratio(7, 8)?,
        fenced: bytes.ratio(1, 8)?,
        worker: worker_state(bytes)?,
        windows: windows(bytes)?,
        permission: *bytes.choose(&[PermissionState::Prompt, PermissionState::Granted, PermissionState::Denied])?,
        switch: switch(bytes)?,
        restriction: restriction(bytes)?,
    })
}

fn windows(bytes: &mut Bytes<'_>) -> Result<WindowClients> {
    let number = |bytes: &mut Bytes<'_>| bytes.choose(&[0, 1, u32::MAX]).copied();
    Ok(WindowClients::new(number(bytes)?, number(bytes)?))
}

fn switch(bytes: &mut Bytes<'_>) -> Result<UserSwitch> {
    bytes.choose(&[UserSwitch::On, UserSwitch::Off]).copied()
}

fn restriction(bytes: &mut Bytes<'_>) -> Result<SystemRestriction> {
    bytes.choose(&[SystemRestriction::None, SystemRestriction::Restricted]).copied()
}

pub(super) fn network_mode(bytes: &mut Bytes<'_>) -> Result<NetworkMode> {
    bytes.choose(&[NetworkMode::Any, NetworkMode::Same, NetworkMode::AskOnChange]).copied()
}

fn network(bytes: &mut Bytes<'_>) -> Result<NetworkState> {
    Ok(match bytes.int_in_range(0..=7)? {
        0 => NetworkState::Unknown,
        1 => NetworkState::Offline,
        2 => NetworkState::Captive,
        3..=4 => NetworkState::online(),
        _ => {
            let network_id = Some(NetworkId::new(bytes.choose(&["home", "cafe", ""])?));
            NetworkState::Online { metered: bytes.arbitrary()?, roaming: bytes.arbitrary()?, network_id }
        }
    })
}

pub(super) fn worker_state(bytes: &mut Bytes<'_>) -> Result<WorkerState> {
    let states = [
        WorkerState::Active,
        WorkerState::Activating,
        WorkerState::None,
        WorkerState::NotLoaded,
        WorkerState::NoSuchRegistration,
    ];
    bytes.choose(&states).copied()
}

/// Seconds, or as short or long as can be.
pub(super) fn duration(bytes: &mut Bytes<'_>) -> Result<Duration> {
    Ok(match bytes.int_in_range(0..=7)? {
        0 => Duration::ZERO,
        1 => Duration::from_nanos(1),
        2 => Duration::MAX,
        3 => bytes.arbitrary()?,
        4 => Duration::from_secs(bytes.int_in_range(0..=5_000_000)?),
        _ => Duration::from_secs(bytes.int_in_range(0..=200)?),
    })
}

pub(super) fn wall_time(bytes: &mut Bytes<'_>) -> Result<WallTime> {
    Ok(WallTime::from_unix_ms(match bytes.int_in_range(0..=7)? {
        0 => i64::MIN,
        1 => i64::MAX,
        2 => 0,
        3 => bytes.arbitrary()?,
        _ => 1_700_000_000_000 + bytes.int_in_range(-10_000_000..=10_000_000)?,
    }))
}

/// Small, so that it may name something, or anything.
fn number(bytes: &mut Bytes<'_>) -> Result<u64> {
    Ok(match bytes.int_in_range(0..=7)? {
        0 => u64::MAX,
        1 => bytes.arbitrary()?,
        _ => bytes.int_in_range(0..=20)?,
    })
}

/// Any input. A request has this name.
pub(super) fn input(bytes: &mut Bytes<'_>, request: RequestId) -> Result<Input> {
    Ok(match bytes.int_in_range(0..=47)? {
        0..=5 => Input::Register {
            request,
            key: key(bytes)?,
            tag: tag(bytes)?,
            asked_by: *bytes.choose(&[AskedBy::Page, AskedBy::Worker])?,
            facts: facts(bytes)?,
        },
        6 => Input::GetTags { kind: kind(bytes)?, request, key: key(bytes)? },
        7 => Input::Cancel { kind: kind(bytes)?, request, key: key(bytes)?, tag: tag(bytes)? },
        8 => Input::ReplyDelivered { request: RequestId(number(bytes)?) },
        9 => Input::RequesterGone { request: RequestId(number(bytes)?) },
        10 => Input::Committed { txn: TxnId(number(bytes)?) },
        11 if bytes.ratio(1, 3)? => Input::ContentsLost { txn: TxnId(number(bytes)?) },
        11 => Input::CommitFailed { txn: TxnId(number(bytes)?) },
        12 => Input::Answered { attempt: AttemptId(number(bytes)?), yes: bytes.arbitrary()? },
        13 => Input::Loaded(Loaded::default()),
        14 => Input::LoadFailed,
        15..=18 => about_attempt(bytes)?,
        19..=27 => about_the_world(bytes, request)?,
        28 => Input::Woken { token: WakeToken(number(bytes)?), budget: duration(bytes)? },
        29 => bytes.choose(&[Input::Slept, Input::Frozen, Input::Tick])?.clone(),
        30 => bytes.choose(&[Input::Woke, Input::Thawed, Input::Tick])?.clone(),
        31 if bytes.ratio(1, 16)? => Input::Shutdown,
        31..=32 => Input::Tick,
        33..=35 => about_conditions(bytes)?,
        _ => Input::Periodic(periodic(bytes, request)?),
    })
}

fn periodic(bytes: &mut Bytes<'_>, request: RequestId) -> Result<PeriodicInput> {
    Ok(match bytes.int_in_range(0..=15)? {
        0..=5 => PeriodicInput::Register {
            request,
            key: key(bytes)?,
            tag: tag(bytes)?,
            min_interval: min_interval(bytes)?,
            asked_by: *bytes.choose(&[AskedBy::Page, AskedBy::Worker])?,
            facts: facts(bytes)?,
        },
        6..=7 => PeriodicInput::Unregister { request, key: key(bytes)?, tag: tag(bytes)? },
        8..=11 => {
            PeriodicInput::Visited { partition: partition(bytes)?, origin: origin(bytes)?, offset: offset(bytes)? }
        }
        12 => PeriodicInput::UtcOffset(offset(bytes)?),
        13..=14 => PeriodicInput::EngagementChanged {
            partition: partition(bytes)?,
            origin: origin(bytes)?,
            engagement: engagement(bytes)?,
        },
        _ => PeriodicInput::PauseChanged {
            partition: partition(bytes)?,
            origin: origin(bytes)?,
            paused: bytes.arbitrary()?,
        },
    })
}

/// What conditions are about, and the user's word against them.
fn about_conditions(bytes: &mut Bytes<'_>) -> Result<Input> {
    if bytes.arbitrary()? {
        return Ok(Input::PowerChanged {
            state: PowerState { charging: bytes.arbitrary()?, battery_low: bytes.arbitrary()? },
        });
    }
    let origin = if bytes.arbitrary()? { Some((partition(bytes)?, origin(bytes)?)) } else { None };
    let said = *bytes.choose(&[ConditionOverride::None, ConditionOverride::RunAnyway])?;
    Ok(Input::ConditionOverride { origin, kind: kind(bytes)?, said })
}

/// Nothing, hours, or as long as can be.
fn min_interval(bytes: &mut Bytes<'_>) -> Result<MinInterval> {
    Ok(MinInterval::from_ms(match bytes.int_in_range(0..=7)? {
        0 => 0,
        1 => u64::MAX,
        2 => bytes.arbitrary()?,
        _ => bytes.int_in_range(1..=60)? * 3_600_000,
    }))
}

fn offset(bytes: &mut Bytes<'_>) -> Result<UtcOffset> {
    let minutes = bytes.int_in_range(UtcOffset::MIN.minutes()..=UtcOffset::MAX.minutes())?;
    Ok(UtcOffset::from_minutes(minutes).expect("an offset that there is"))
}

fn engagement(bytes: &mut Bytes<'_>) -> Result<Engagement> {
    let all =
        [Engagement::None, Engagement::Minimal, Engagement::Low, Engagement::Medium, Engagement::High, Engagement::Max];
    bytes.choose(&all).copied()
}

fn about_attempt(bytes: &mut Bytes<'_>) -> Result<Input> {
    let attempt = AttemptId(number(bytes)?);
    Ok(match bytes.int_in_range(0..=7)? {
        0..=2 => Input::Ready { attempt, facts: facts(bytes)?, network: network(bytes)? },
        3 => {
            let reasons = [NotStarted::NoActiveWorker, NotStarted::StartFailed, NotStarted::Busy, NotStarted::Lost];
            Input::NotStarted { attempt, reason: *bytes.choose(&reasons)? }
        }
        4 => Input::Finished { attempt, outcome: Outcome::Deferred(duration(bytes)?) },
        _ => {
            let outcomes = [Outcome::Fulfilled, Outcome::Rejected, Outcome::Terminated, Outcome::Crashed];
            Input::Finished { attempt, outcome: *bytes.choose(&outcomes)? }
        }
    })
}

fn about_the_world(bytes: &mut Bytes<'_>, request: RequestId) -> Result<Input> {
    let request = if bytes.arbitrary()? { Some(request) } else { None };
    Ok(match bytes.int_in_range(0..=15)? {
        0..=4 => Input::NetworkChanged { subject: NetworkSubject::All, state: network(bytes)?, epoch: number(bytes)? },
        5 => {
            let subject = NetworkSubject::Origin(origin(bytes)?);
            Input::NetworkChanged { subject, state: network(bytes)?, epoch: number(bytes)? }
        }
        6..=7 => {
            Input::ClientsChanged { partition: partition(bytes)?, origin: origin(bytes)?, windows: windows(bytes)? }
        }
        8 => {
            let state = facts(bytes)?.permission;
            Input::PermissionChanged {
                request,
                kind: kind(bytes)?,
                partition: partition(bytes)?,
                origin: origin(bytes)?,
                state,
            }
        }
        9 => {
            let origin = if bytes.arbitrary()? { Some((partition(bytes)?, origin(bytes)?)) } else { None };
            Input::UserSwitch { request, kind: kind(bytes)?, origin, switch: switch(bytes)? }
        }
        10 if bytes.ratio(1, 3)? => Input::WorkersKnown { states: vec![(key(bytes)?, worker_state(bytes)?)] },
        10..=11 => Input::WorkerChanged { key: key(bytes)?, state: worker_state(bytes)? },
        12 if bytes.ratio(1, 3)? => Input::RestrictionChanged { restriction: restriction(bytes)? },
        12 => Input::Unregistered { request, key: key(bytes)? },
        13 => Input::PartitionClosed { request, partition: partition(bytes)? },
        _ => {
            let scope = match bytes.int_in_range(0..=2)? {
                0 => ClearedScope::Partition(partition(bytes)?),
                1 => ClearedScope::Origin(partition(bytes)?, origin(bytes)?),
                _ => ClearedScope::Key(key(bytes)?),
            };
            let since = if bytes.arbitrary()? { Some(wall_time(bytes)?) } else { None };
            Input::DataCleared { request, scope, since }
        }
    })
}

pub(super) fn origin_facts(bytes: &mut Bytes<'_>, partition: Partition, origin: Origin) -> Result<OriginFacts> {
    let (one_shot, periodic) = (facts(bytes)?, facts(bytes)?);
    let permission = PerKind { one_shot: one_shot.permission, periodic: periodic.permission };
    let switch = PerKind { one_shot: one_shot.switch, periodic: periodic.switch };
    let facts = OriginFacts::new(partition, origin, one_shot.windows, permission, switch);
    Ok(facts.with_periodic(engagement(bytes)?, bytes.ratio(1, 4)?))
}

pub(super) fn stored_registration(bytes: &mut Bytes<'_>) -> Result<StoredRegistration> {
    let wait = |bytes: &mut Bytes<'_>| Ok(StoredWait::new(wall_time(bytes)?, duration(bytes)?));
    let count = |bytes: &mut Bytes<'_>| bytes.choose(&[0, 1, 2, 11, u32::MAX - 1, u32::MAX]).copied();
    let kind = kind(bytes)?;
    // A periodic one may have been written before there were schedules; one that is none has no use for one.
    let scheduled = bytes.ratio(if kind == SyncKind::Periodic { 7 } else { 1 }, 8)?;
    let schedule = if scheduled { Some(Schedule::new(min_interval(bytes)?, wall_time(bytes)?)) } else { None };
    Ok(StoredRegistration {
        sequence: Sequence(number(bytes)?),
        key: key(bytes)?,
        kind,
        tag: tag(bytes)?,
        state: match bytes.int_in_range(0..=4)? {
            0 => StoredState::Pending(None),
            1 => StoredState::Pending(Some(wait(bytes)?)),
            2 => StoredState::Waiting(wait(bytes)?, bytes.arbitrary()?),
            3 => StoredState::Firing(bytes.arbitrary()?),
            _ => StoredState::ReregisteredWhileFiring,
        },
        series: Series::new(count(bytes)?, count(bytes)?, count(bytes)?),
        registered: Observed { wall: wall_time(bytes)?, running: duration(bytes)? },
        network: bytes.arbitrary::<Option<u64>>()?.map(NetworkIdentity::from),
        schedule,
    })
}

pub(super) fn stored_budget(bytes: &mut Bytes<'_>) -> Result<StoredBudget> {
    let mut entries = Vec::new();
    for _ in 0..bytes.int_in_range(0..=70)? {
        entries.push((wall_time(bytes)?, bytes.arbitrary()?, duration(bytes)?));
    }
    Ok(StoredBudget::new(partition(bytes)?, origin(bytes)?, entries).with_periodic(record(bytes)?))
}

pub(super) fn stored_profile(bytes: &mut Bytes<'_>) -> Result<StoredProfile> {
    let secret = NetworkSecret::from(bytes.arbitrary::<[u64; 2]>()?);
    let periodic = record(bytes)?;
    Ok(StoredProfile::new(Sequence(number(bytes)?), duration(bytes)?, secret).with(|it| it.periodic = periodic))
}

/// What is stored within a record for periodic syncs: nothing, any bytes, or bytes that are sealed as if they were right.
fn record(bytes: &mut Bytes<'_>) -> Result<Vec<u8>> {
    let body = |bytes: &mut Bytes<'_>| -> Result<Vec<u8>> {
        let length = bytes.int_in_range(0..=600)?;
        Ok(bytes.bytes(length.min(bytes.len()))?.to_vec())
    };
    Ok(match bytes.int_in_range(0..=3)? {
        0 => Vec::new(),
        1 => body(bytes)?,
        _ => {
            let version = *bytes.choose(&[STORED_PERIODIC_ORIGIN_VERSION, STORED_PERIODIC_PROFILE_VERSION])?;
            seal(version, &Body(&body(bytes)?))
        }
    })
}
