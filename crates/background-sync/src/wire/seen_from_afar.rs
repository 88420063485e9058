//! What an inspector in another process is shown.

use background_sync_policy::SyncKind;
use background_sync_registration::{MinInterval, Schedule, Sequence, Series, StateName, WallTime};
use background_sync_scheduler::Condition;

use super::outputs::log;
use super::samples::{WALLS, key, networks, tags};
use super::{come_back, every_variant_is_among};
use crate::{
    Exit, HostCall, HostPanic, InspectError, RegistrationView, Report, ShutDownError, Snapshot, Stats, StoreFailure,
    WakeUp, WhyNot,
};

const EXITS: fn() -> [Exit; 2] = || [Exit::ShutDown, Exit::Panicked("index out of bounds".to_owned())];

fn reasons() -> Vec<WhyNot> {
    let with_time: [fn(WallTime) -> WhyNot; 9] = [
        |until| WhyNot::ReplyNotDelivered { until },
        |until| WhyNot::BackOff { until },
        |until| WhyNot::Spacing { until },
        |until| WhyNot::Deferred { until },
        |until| WhyNot::NetworkHold { until },
        |until| WhyNot::Spread { until },
        |until| WhyNot::Budget { until },
        |until| WhyNot::WakeUp { until },
        |until| WhyNot::Store { until },
    ];
    let without = [
        WhyNot::NotRegistered,
        WhyNot::KindNotRun,
        WhyNot::SwitchedOff,
        WhyNot::Loading,
        WhyNot::Commit,
        WhyNot::Starting,
        WhyNot::Running,
        WhyNot::WorkerNotLoaded,
        WhyNot::WorkersNotKnown,
        WhyNot::NoActiveWorker,
        WhyNot::NetworkUnknown,
        WhyNot::Offline,
        WhyNot::Captive,
        WhyNot::OriginNetwork,
        WhyNot::OtherNetwork,
        WhyNot::Concurrency,
        WhyNot::OriginConcurrency,
        WhyNot::SystemRestricted,
        WhyNot::Suspended,
        WhyNot::Shutdown,
    ];
    let conditional = Condition::ALL.map(|condition| WhyNot::Condition { condition, until: WALLS[0] });
    let timed = WALLS.into_iter().flat_map(|until| with_time.map(|of| of(until)));
    timed.chain(conditional).chain(without).collect()
}

#[test]
fn reasons_come_back() {
    let reasons = reasons();
    #[cfg(feature = "periodic")]
    let reasons = [reasons, super::periodic::reasons()].concat();
    every_variant_is_among!(
        reasons,
        WhyNot {
            NotRegistered,
            KindNotRun,
            SwitchedOff,
            Loading,
            Commit,
            ReplyNotDelivered,
            BackOff,
            Spacing,
            Deferred,
            Starting,
            Running,
            WorkerNotLoaded,
            WorkersNotKnown,
            NoActiveWorker,
            NetworkUnknown,
            Offline,
            Captive,
            NetworkHold,
            OriginNetwork,
            OtherNetwork,
            Condition,
            Spread,
            Budget,
            WakeUp,
            Concurrency,
            OriginConcurrency,
            Store,
            SystemRestricted,
            Suspended,
            #[cfg(feature = "periodic")]
            Periodic,
            Shutdown,
        }
    );
    come_back(&reasons);
}

#[test]
fn snapshots_come_back() {
    let states = [
        StateName::Pending,
        StateName::Waiting,
        StateName::Firing,
        StateName::ReregisteredWhileFiring,
        StateName::Suspended,
    ];
    let views = states.into_iter().flat_map(|state| {
        tags().into_iter().map(move |tag| RegistrationView {
            key: key(),
            kind: SyncKind::OneShot,
            tag,
            sequence: Sequence(u64::MAX),
            state,
            series: Series::new(u32::MAX, 0, u32::MAX),
            registered_at: WALLS[0],
            schedule: Some(Schedule::new(MinInterval::from_ms(u64::MAX), WallTime::from_unix_ms(i64::MIN))),
            why_not: reasons(),
        })
    });
    let views: Vec<_> = views.collect();
    let stats = Stats { events_dispatched: u64::MAX, origins_visited: 1, ..Stats::default() };
    let of = |(network, exit)| Snapshot {
        at: WALLS[1],
        exit,
        network,
        stats,
        registration_count: usize::MAX,
        registrations: views.clone(),
        log: log(),
        next_wakeup: Some(WakeUp::new(WALLS[0], WALLS[1], true, false)),
    };
    let exits = EXITS().into_iter().map(Some).chain(std::iter::repeat(None));
    let snapshots: Vec<_> = networks().into_iter().zip(exits).map(of).collect();
    come_back(&snapshots);
}

#[test]
fn how_it_ends_comes_back() {
    let exits = EXITS();
    every_variant_is_among!(exits, Exit { ShutDown, Panicked });
    come_back(&exits);
    let errors = [InspectError::Ended, InspectError::OnItsOwnThread, InspectError::Panicked("\u{0}".to_owned())];
    every_variant_is_among!(errors, InspectError { Ended, OnItsOwnThread, Panicked });
    come_back(&errors);
    let errors = [ShutDownError::StillRunning, ShutDownError::OnItsOwnThread];
    every_variant_is_among!(errors, ShutDownError { StillRunning, OnItsOwnThread });
    come_back(&errors);
}

#[test]
fn reports_come_back() {
    let events = log().into_iter().map(|entry| Report::Event(entry.into()));
    let panics = HostCall::ALL.iter().map(|during| HostPanic { during: *during, message: "no".to_owned() });
    let others = [Report::StoreFailed(StoreFailure::Dropped), Report::Missed(u64::MAX)];
    let reports: Vec<_> = events.chain(panics.map(Report::HostPanicked)).chain(others).collect();
    every_variant_is_among!(reports, Report { Event, StoreFailed, HostPanicked, Missed });
    come_back(&reports);
}
