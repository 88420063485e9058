//! Draws worlds in which there are both kinds.

use background_sync::scheduler::{EngagementFactors, Preset};

use super::draw::{Dice, mended_by};
use super::likely::Likely;
use super::{Op, PeriodicOp};
use crate::timeline::{AcrossOverride, Overrides, PeriodicOverrides, Time};

/// So many registrations are remembered.
const REMEMBERED: usize = 6;

/// Periodic registrations that are likely to be there.
#[derive(Debug, Default)]
struct Registered(Vec<(u8, u8)>);

impl Registered {
    fn note(&mut self, op: Op) {
        if let Op::Periodic(PeriodicOp::Register { worker, tag, .. } | PeriodicOp::MidTurn { worker, tag, .. }) = op {
            self.0.push((worker, tag));
            if self.0.len() > REMEMBERED {
                self.0.remove(0);
            }
        }
    }
}

impl Dice {
    /// Parameters in which a day has many turns, or few.
    pub(super) fn parameters_of_both(&mut self) -> (Preset, Overrides) {
        let (preset, mut set) = self.parameters();
        let mut periodic = PeriodicOverrides::default();
        if preset == Preset::Private {
            periodic.enabled = Some(!self.one_in(4));
        }
        if !self.one_in(3) {
            periodic.min_interval_for_any_origin = Some(Time::seconds(3_600));
            periodic.initial_retry_delay = Some(Time::seconds(60));
            if !self.one_in(3) {
                periodic.starts_per_day = Some(24);
                periodic.time_per_day = Some(Time::seconds(5_000));
            }
        }
        if self.one_in(3) {
            periodic.across_origins = Some(AcrossOverride::WakeUpsPerDay(1 + u32::from(self.byte() % 3)));
        } else if self.one_in(2) {
            periodic.across_origins = Some(AcrossOverride::WakeUpsPerDay(100));
        }
        if self.one_in(3) {
            periodic.max_retries = Some(u32::from(self.byte() % 3));
        }
        if self.one_in(4) {
            periodic.time_per_day = Some(Time::seconds(200));
        }
        if self.one_in(4) {
            periodic.starts_per_day = Some(1 + u32::from(self.byte() % 3));
        }
        if self.one_in(5) {
            periodic.second_slot = Some(true);
            periodic.second_slot_gap = Some(Time::seconds(1_200));
        }
        if self.one_in(3) {
            periodic.follow_visits = Some(false);
        }
        if self.one_in(3) {
            periodic.engagement = Some(EngagementFactors::CHROMIUM);
        }
        set.periodic = periodic;
        (preset, set)
    }

    /// So many operations, about half of them of periodic syncs.
    pub(super) fn ops_of_both(&mut self, steps: usize) -> Vec<Op> {
        let mut ops = Vec::with_capacity(steps);
        let mut mending: Vec<(usize, Op)> = Vec::new();
        let (mut likely, mut registered) = (Likely::default(), Registered::default());
        // In some worlds nobody tells of visits.
        let visits = !self.one_in(3);
        while ops.len() < steps {
            let due = mending.iter().position(|(at, _)| *at <= ops.len());
            let op = match due {
                Some(at) => mending.swap_remove(at).1,
                None if self.byte() < 115 => Op::Periodic(self.periodic_op(&registered, visits)),
                None => self.op(&likely),
            };
            if let Some(mended) = mended_by(op) {
                mending.push((ops.len() + 2 + usize::from(self.byte() % 8), mended));
            }
            likely.note(op);
            registered.note(op);
            ops.push(op);
        }
        ops
    }

    fn periodic_op(&mut self, registered: &Registered, visits: bool) -> PeriodicOp {
        match self.byte() {
            0..90 => PeriodicOp::Pause(self.periodic_pause()),
            90..150 => {
                let (worker, tag) = if self.one_in(3) { self.tag_of(registered) } else { (self.worker(), self.byte()) };
                let interval = if self.one_in(8) { self.byte() } else { self.byte() % 5 };
                PeriodicOp::Register { worker, tag, interval, by_worker: self.one_in(4), flaw: self.flaw() }
            }
            150..162 => {
                let (worker, tag) = self.tag_of(registered);
                PeriodicOp::Unregister { worker, tag }
            }
            162..170 => PeriodicOp::GetTags { worker: self.worker() },
            170..176 => {
                let (worker, tag) = self.tag_of(registered);
                PeriodicOp::Cancel { worker, tag }
            }
            176..182 => PeriodicOp::Permission { site: self.byte(), state: 1 + self.byte() % 2 },
            182..186 => PeriodicOp::Unnoticed { site: self.byte() },
            186..190 => PeriodicOp::Switch { site: self.byte(), on: false },
            190..206 if visits => PeriodicOp::Visit { site: self.byte() },
            206..214 if visits => PeriodicOp::Habit { site: self.byte(), days: self.byte() },
            190..214 => PeriodicOp::Pause(self.periodic_pause()),
            214..218 => PeriodicOp::UtcOffset(self.byte()),
            218..230 => PeriodicOp::Engagement { site: self.byte(), level: self.byte() },
            230..240 => PeriodicOp::PauseSyncs { site: self.byte(), paused: true },
            240..248 => {
                let (worker, tag) = self.tag_of(registered);
                PeriodicOp::MidTurn { worker, tag, how: self.byte(), what: self.byte() }
            }
            248..251 => PeriodicOp::Override { site: self.byte(), said: self.byte() },
            251..=255 => {
                let (worker, tag) = self.tag_of(registered);
                PeriodicOp::Finish { worker, tag, how: self.byte() }
            }
        }
    }

    fn periodic_pause(&mut self) -> u8 {
        if self.one_in(10) { self.byte() } else { self.byte() % 8 }
    }

    fn tag_of(&mut self, registered: &Registered) -> (u8, u8) {
        let number = usize::from(self.byte());
        match registered.0.get(number % registered.0.len().max(1)) {
            Some(known) if !self.one_in(6) => *known,
            Some(_) | None => (self.worker(), self.byte()),
        }
    }
}

/// What mends what an operation of periodic syncs broke.
pub(super) fn mended(op: PeriodicOp) -> Option<PeriodicOp> {
    match op {
        PeriodicOp::Permission { site, state } if state % 3 != 0 => Some(PeriodicOp::Permission { site, state: 0 }),
        PeriodicOp::Switch { site, on: false } => Some(PeriodicOp::Switch { site, on: true }),
        PeriodicOp::PauseSyncs { site, paused: true } => Some(PeriodicOp::PauseSyncs { site, paused: false }),
        PeriodicOp::Engagement { site, level } if level % 7 < 2 => Some(PeriodicOp::Engagement { site, level: 5 }),
        _ => None,
    }
}
