use background_sync_policy::Facts;
use background_sync_registration::MinInterval;
use background_sync_scheduler::{AskedBy, Engagement, PeriodicHold, UtcOffset};

use super::samples::{PRIVATE, PROFILE, WALLS, keys, origin, tags};
use super::{come_back, every_variant_is_among};
use crate::{Notice, PeriodicInput, RequestId, WhyNot};

const REQUEST: RequestId = RequestId(u64::MAX);
const OFFSETS: [UtcOffset; 3] = [UtcOffset::MIN, UtcOffset::UTC, UtcOffset::MAX];

pub(super) fn inputs() -> Vec<PeriodicInput> {
    let calls = keys().into_iter().zip(tags()).flat_map(|(key, tag)| {
        let (asked_by, facts) = (AskedBy::Worker, Facts::of_an_open_window());
        let min_interval = MinInterval::from_ms(u64::MAX);
        [
            PeriodicInput::Register {
                request: REQUEST,
                key: key.clone(),
                tag: tag.clone(),
                min_interval,
                asked_by,
                facts,
            },
            PeriodicInput::Unregister { request: REQUEST, key, tag },
        ]
    });
    let visits = OFFSETS.map(|offset| PeriodicInput::Visited { partition: PRIVATE, origin: origin(), offset });
    let offsets = OFFSETS.map(PeriodicInput::UtcOffset);
    let engagements = [Engagement::None, Engagement::Max].map(|engagement| PeriodicInput::EngagementChanged {
        partition: PROFILE,
        origin: origin(),
        engagement,
    });
    let pauses =
        [true, false].map(|paused| PeriodicInput::PauseChanged { partition: PROFILE, origin: origin(), paused });
    calls.chain(visits).chain(offsets).chain(engagements).chain(pauses).collect()
}

#[test]
fn every_input_of_periodic_syncs_comes_back() {
    let inputs = inputs();
    every_variant_is_among!(
        inputs,
        PeriodicInput { Register, Unregister, Visited, UtcOffset, EngagementChanged, PauseChanged }
    );
    come_back(&inputs);
}

pub(super) fn notices() -> Vec<Notice> {
    vec![
        Notice::Visited(PROFILE, origin()),
        Notice::UtcOffset,
        Notice::Engagement(PRIVATE, origin()),
        Notice::Paused(PROFILE, origin()),
    ]
}

/// What holds periodic syncs, as inspectors are told.
pub(super) fn reasons() -> Vec<WhyNot> {
    let holds = [
        PeriodicHold::MinInterval,
        PeriodicHold::OriginInterval,
        PeriodicHold::Slot,
        PeriodicHold::Clock,
        PeriodicHold::AcrossOrigins,
        PeriodicHold::Budget,
        PeriodicHold::OtherEvent,
        PeriodicHold::ReaderAway,
        PeriodicHold::NoEngagement,
        PeriodicHold::Paused,
    ];
    let untils = [None, Some(WALLS[0]), Some(WALLS[1])];
    holds.into_iter().flat_map(|why| untils.map(|until| WhyNot::Periodic { why, until })).collect()
}
