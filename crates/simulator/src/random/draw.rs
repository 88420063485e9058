use rand_core::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::Op;
use crate::timeline::{FireOn, Overrides, Preset, Time};

/// A source of random operations.
pub(super) struct Dice(Pcg64Mcg);

impl Dice {
    pub(super) fn seeded(seed: u64) -> Self {
        Self(Pcg64Mcg::seed_from_u64(seed))
    }

    fn byte(&mut self) -> u8 {
        self.0.next_u32().to_le_bytes()[3]
    }

    fn coin(&mut self) -> bool {
        self.byte().is_multiple_of(2)
    }

    fn one_in(&mut self, n: u32) -> bool {
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
            set.network_mode = Some(if self.coin() { FireOn::Same } else { FireOn::AskOnChange });
        }
        if self.one_in(3) {
            set.max_log_entries = Some(3);
            set.max_queued_requests = Some(2);
        }
        (preset, set)
    }

    /// So many operations. What would stop everything is mended a few operations later, or nothing else
    /// would ever be seen.
    pub(super) fn ops(&mut self, steps: usize) -> Vec<Op> {
        let mut ops = Vec::with_capacity(steps);
        let mut mending: Vec<(usize, Op)> = Vec::new();
        while ops.len() < steps {
            let due = mending.iter().position(|(at, _)| *at <= ops.len());
            let op = due.map_or_else(|| self.op(), |at| mending.swap_remove(at).1);
            if let Some(mended) = mended_by(op) {
                mending.push((ops.len() + 2 + usize::from(self.byte() % 8), mended));
            }
            ops.push(op);
        }
        ops
    }

    /// The next operation. What happens often in life is likely.
    fn op(&mut self) -> Op {
        match self.0.next_u32() % 1_000 {
            0..300 => Op::Pause(self.pause()),
            300..500 => {
                Op::Register { worker: self.byte(), tag: self.byte(), by_worker: self.one_in(4), flaw: self.byte() }
            }
            500..550 => Op::GetTags { worker: self.byte() },
            550..565 => Op::Cancel { worker: self.byte(), tag: self.byte() },
            565..640 => Op::Network(self.byte()),
            640..655 => Op::OriginNetwork { origin: self.byte(), network: self.byte() },
            655..700 => Op::Windows { site: self.byte(), windows: self.byte() },
            700..800 => self.behave(),
            800..840 => Op::Finish { worker: self.byte(), tag: self.byte(), how: self.byte() },
            840..880 => Op::Store(self.byte()),
            880..895 => Op::Replies(self.byte()),
            other => self.rarer(other),
        }
    }

    fn rarer(&mut self, number: u32) -> Op {
        match number {
            895..903 => Op::Permission { site: self.byte(), state: self.byte() },
            903..910 => Op::Switch { site: self.byte(), on: !self.one_in(3) },
            910..925 => Op::Worker { worker: self.byte(), state: self.byte() },
            925..930 => Op::Unregister { worker: self.byte() },
            930..938 => Op::Reinstall { worker: self.byte() },
            938..943 => Op::Clear { scope: self.byte(), since: self.byte() },
            943..946 => Op::Close,
            946..952 => Op::Sleep,
            952..962 => Op::Wake,
            962..966 => Op::Freeze,
            966..974 => Op::Thaw,
            974..976 => Op::Shutdown { down: self.byte() },
            976..983 => Op::Crash { down: self.byte() },
            983..987 => Op::Clock { by: self.byte(), back: self.coin() },
            987..990 => Op::Woken { budget: self.byte() },
            990..993 => Op::User(self.byte()),
            _ => Op::Odd(self.byte()),
        }
    }

    /// Mostly short ones.
    fn pause(&mut self) -> u8 {
        if self.one_in(12) { self.byte() } else { self.byte() % 11 }
    }

    fn behave(&mut self) -> Op {
        Op::Behave {
            worker: self.byte(),
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

fn mended_by(op: Op) -> Option<Op> {
    match op {
        Op::Sleep => Some(Op::Wake),
        Op::Freeze => Some(Op::Thaw),
        Op::Network(n) if n % 8 != 0 => Some(Op::Network(0)),
        Op::OriginNetwork { origin, network } if network % 3 != 0 => Some(Op::OriginNetwork { origin, network: 0 }),
        Op::Permission { site, state } if state % 3 == 2 => Some(Op::Permission { site, state: 0 }),
        Op::Switch { site, on: false } => Some(Op::Switch { site, on: true }),
        Op::Worker { worker, state } if state % 5 > 1 => Some(Op::Worker { worker, state: 0 }),
        Op::Unregister { worker } => Some(Op::Reinstall { worker }),
        Op::Store(n) if n % 14 != 0 => Some(Op::Store(0)),
        _ => None,
    }
}
