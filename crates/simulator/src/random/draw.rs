use background_sync::scheduler::{NetworkMode, Preset};
use rand_core::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::Op;
use super::draw_periodic;
use super::likely::Likely;
use crate::timeline::{Overrides, Time};

/// A source of random operations.
pub(super) struct Dice(Pcg64Mcg);

impl Dice {
    pub(super) fn seeded(seed: u64) -> Self {
        Self(Pcg64Mcg::seed_from_u64(seed))
    }

    pub(super) fn byte(&mut self) -> u8 {
        self.0.next_u32().to_le_bytes()[3]
    }

    fn coin(&mut self) -> bool {
        self.byte().is_multiple_of(2)
    }

    pub(super) fn one_in(&mut self, n: u32) -> bool {
        self.0.next_u32().is_multiple_of(n)
    }

    /// Parameters to play with: a preset, and caps so low that they are met.
    pub(super) fn parameters(&mut self) -> (Preset, Overrides) {
        let preset = match self.byte() % 5 {
            0 => Preset::Chromium,
            1 => Preset::Private,
            _ => Preset::Recommended,
        };
        let mut set = Overrides { max_tag_length: Some(16), ..Overrides::default() };
        if self.coin() {
            set.max_sync_attempts = Some(1 + u32::from(self.byte() % 4));
        }
        if self.coin() {
            set.max_registrations_per_worker = Some(2);
            set.max_registrations_per_origin = Some(3);
        }
        if self.coin() {
            set.background_starts_per_day = Some(u32::from(self.byte() % 4));
            set.background_time_per_day = Some(Time::seconds(100));
        }
        if self.coin() {
            set.max_concurrent_events = Some(2);
            set.max_concurrent_events_per_origin = Some(1);
        }
        if self.one_in(3) {
            set.network_mode = Some(if self.coin() { NetworkMode::Same } else { NetworkMode::AskOnChange });
        }
        if self.one_in(3) {
            set.max_log_entries = Some(3);
            set.max_queued_requests = Some(2);
        }
        if self.one_in(4) {
            set.max_log_entries_per_origin = Some(2);
            set.max_queued_requests_per_origin = Some(1);
            set.max_tag_bytes_per_origin = Some(20);
        }
        (preset, set)
    }

    /// So many operations, most of them aimed at what is there by then, as far as that can be told beforehand.
    /// What would stop everything is mended a few operations later, or nothing else would ever be seen.
    pub(super) fn ops(&mut self, steps: usize) -> Vec<Op> {
        let mut ops = Vec::with_capacity(steps);
        let mut mending: Vec<(usize, Op)> = Vec::new();
        let mut likely = Likely::default();
        while ops.len() < steps {
            let due = mending.iter().position(|(at, _)| *at <= ops.len());
            let op = due.map_or_else(|| self.op(&likely), |at| mending.swap_remove(at).1);
            if let Some(mended) = mended_by(op) {
                mending.push((ops.len() + 2 + usize::from(self.byte() % 8), mended));
            }
            likely.note(op);
            ops.push(op);
        }
        ops
    }

    /// The next operation. What happens often in life is likely.
    pub(super) fn op(&mut self, likely: &Likely) -> Op {
        match self.0.next_u32() % 1_000 {
            0..280 => Op::Pause(self.pause(likely)),
            280..500 => {
                let (worker, tag) = if self.one_in(3) { likely.tag(self) } else { (self.worker(), self.byte()) };
                Op::Register { worker, tag, by_worker: self.one_in(4), flaw: self.flaw() }
            }
            500..540 => Op::GetTags { worker: self.worker() },
            540..560 => {
                let (worker, tag) = likely.tag(self);
                Op::Cancel { worker, tag }
            }
            560..650 => Op::Network(likely.other_network(self)),
            650..670 => Op::OriginNetwork { origin: self.byte(), network: self.byte() },
            670..750 => {
                let site = self.byte();
                Op::Windows { site, windows: likely.other_windows(self, site) }
            }
            750..800 => self.behave(),
            800..810 => Op::Unnoticed { site: self.byte(), what: self.byte() },
            810..850 => {
                let (worker, tag) = likely.hanging(self);
                Op::Finish { worker, tag, how: self.byte() }
            }
            850..875 => Op::Store(self.byte()),
            875..882 => Op::Replies(self.byte()),
            882..888 => Op::Notices(self.byte()),
            888..893 => Op::WakeUps(!self.one_in(4)),
            other => self.rarer(other, likely),
        }
    }

    fn rarer(&mut self, number: u32, likely: &Likely) -> Op {
        match number {
            893..901 => Op::Permission { site: self.byte(), state: 2 },
            901..908 => Op::Switch { site: self.byte(), on: false },
            908..922 => Op::Worker { worker: self.worker(), state: 2 + self.byte() % 3 },
            922..926 => Op::Unregister { worker: likely.tag(self).0 },
            926..931 => Op::Reinstall { worker: likely.tag(self).0 },
            931..939 => Op::Clear { scope: self.byte(), since: self.byte() },
            939..942 => Op::Close,
            942..949 => Op::Sleep,
            949..955 => Op::Freeze,
            955..957 => Op::Shutdown { down: self.byte() },
            957..966 => Op::Crash { down: self.byte() },
            966..970 => Op::Clock { by: self.byte(), back: self.coin() },
            970..974 => Op::Woken { budget: self.byte() },
            974..978 => Op::User(self.byte()),
            978..983 => Op::Restriction(true),
            983..988 => Op::HangTogether { worker: self.worker(), first: self.byte(), second: self.byte() },
            988..994 => Op::Unnoticed { site: self.byte(), what: self.byte() },
            _ => Op::Odd(self.byte()),
        }
    }

    /// Mostly short ones; while a store fails no very long ones, in which it would be tried again and again.
    fn pause(&mut self, likely: &Likely) -> u8 {
        let long = self.one_in(12);
        let pause = self.byte();
        if long && !likely.store_fails() { pause } else { pause % 11 }
    }

    /// Rarely one that is embedded elsewhere, whose calls are all refused.
    pub(super) fn worker(&mut self) -> u8 {
        if self.one_in(15) { 4 } else { self.byte() % 4 }
    }

    /// Mostly none.
    pub(super) fn flaw(&mut self) -> u8 {
        if self.one_in(8) { self.byte() } else { 23 }
    }

    fn behave(&mut self) -> Op {
        Op::Behave {
            worker: self.worker(),
            tag: self.byte(),
            start: self.byte(),
            starts_in: self.byte(),
            deed: self.byte(),
            takes: self.byte(),
            registers: self.byte(),
            times: self.byte(),
        }
    }
}

pub(super) fn mended_by(op: Op) -> Option<Op> {
    match op {
        Op::Sleep => Some(Op::Wake),
        Op::Freeze => Some(Op::Thaw),
        Op::Network(n) if n % 8 != 0 => Some(Op::Network(0)),
        Op::OriginNetwork { origin, network } if network % 3 != 0 => Some(Op::OriginNetwork { origin, network: 0 }),
        Op::Permission { site, state } if state % 3 == 2 => Some(Op::Permission { site, state: 0 }),
        Op::Switch { site, on: false } => Some(Op::Switch { site, on: true }),
        Op::Worker { worker, state } if state % 5 > 1 => Some(Op::Worker { worker, state: 0 }),
        Op::Unregister { worker } => Some(Op::Reinstall { worker }),
        Op::Restriction(true) => Some(Op::Restriction(false)),
        Op::Notices(n) if n % 4 != 0 => Some(Op::Notices(0)),
        Op::Store(n) if n % 17 != 0 => Some(Op::Store(0)),
        Op::Periodic(op) => draw_periodic::mended(op).map(Op::Periodic),
        _ => None,
    }
}
