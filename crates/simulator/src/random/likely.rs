use super::Op;
use super::draw::Dice;

/// So many registrations are remembered.
const REMEMBERED: usize = 6;

/// What is likely to be there by the operations so far, so that the next ones can be aimed at it. It is a guess:
/// whether anything was refused, or has fired meanwhile, only the world knows.
#[derive(Debug, Default)]
pub(super) struct Likely {
    /// Worker and tag of the last calls of `register`, in the numbers of their operations.
    registered: Vec<(u8, u8)>,
    /// Workers that were told to let events hang.
    hang: Vec<u8>,
    network: u8,
    /// Whether the windows of the three sites are closed.
    closed: [bool; 3],
    store: u8,
}

impl Likely {
    pub(super) fn note(&mut self, op: Op) {
        match op {
            Op::Register { worker, tag, .. } => self.register(worker, tag),
            Op::HangTogether { worker, first, second } => {
                self.register(worker, first);
                self.register(worker, second);
                self.hang.push(worker);
            }
            Op::Behave { worker, deed, registers, .. } => {
                // See the list of deeds.
                if deed % 8 == 2 || deed % 8 == 7 {
                    self.hang.push(worker);
                }
                if registers.is_multiple_of(4) {
                    self.register(worker, registers / 4);
                }
            }
            Op::Network(n) => self.network = n % 8,
            Op::Windows { site, windows } => self.closed[usize::from(site % 3)] = windows % 4 == 1 || windows % 4 == 3,
            Op::Crash { .. } | Op::Shutdown { .. } => self.closed = [true; 3],
            Op::Store(n) => self.store = n % 17,
            _ => {}
        }
        let surplus = self.hang.len().saturating_sub(REMEMBERED);
        self.hang.drain(..surplus);
    }

    fn register(&mut self, worker: u8, tag: u8) {
        self.registered.retain(|known| *known != (worker, tag));
        self.registered.push((worker, tag));
        if self.registered.len() > REMEMBERED {
            self.registered.remove(0);
        }
    }

    /// A tag that was registered lately, mostly.
    pub(super) fn tag(&self, dice: &mut Dice) -> (u8, u8) {
        let number = usize::from(dice.byte());
        match self.registered.get(number % self.registered.len().max(1)) {
            Some(known) if !dice.one_in(6) => *known,
            Some(_) | None => (dice.worker(), dice.byte()),
        }
    }

    /// A tag whose event may hang, mostly.
    pub(super) fn hanging(&self, dice: &mut Dice) -> (u8, u8) {
        let (worker, tag) = self.tag(dice);
        let of_hanging = self.registered.iter().rev().find(|(worker, _)| self.hang.contains(worker));
        match of_hanging {
            Some(hanging) if !dice.one_in(4) => *hanging,
            Some(_) | None => (worker, tag),
        }
    }

    /// Another network than the one that is up.
    pub(super) fn other_network(&self, dice: &mut Dice) -> u8 {
        let number = dice.byte() % 8;
        // The first two of the list are one.
        if number.max(1) == self.network.max(1) { number + 2 } else { number }
    }

    /// Other windows than there are.
    pub(super) fn other_windows(&self, dice: &mut Dice, site: u8) -> u8 {
        let open = dice.byte() / 128 * 2;
        if self.closed[usize::from(site % 3)] { open } else { open + 1 }
    }

    /// Whether the store may fail at the moment.
    pub(super) fn store_fails(&self) -> bool {
        // See the list of moods: the first ones work.
        self.store > 3
    }
}
