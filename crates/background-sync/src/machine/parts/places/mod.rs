//! Where registrations are filed: by what they wait for, and by age.

mod chain;
mod heap;
mod line;
#[cfg(test)]
mod model;
mod waits;

use std::time::Duration;

use background_sync_policy::{PerKind, SyncKind};
use background_sync_registration::{MonotonicTime, Sequence, SyncRegistrationLists, TagId, memory};
use background_sync_scheduler::Standing;

use super::origins::{Lane, OriginIx};
use super::table::Beside;
use super::time::earlier;
use chain::{Linked, Links};
use line::Line;
use waits::{InHeap, Waits};

/// The queues in which registrations wait. Each is in at most one line of its origin, at most one heap, and in the
/// line of ages; all hold the number of its place in the lists and nothing of its data.
#[derive(Debug, Default)]
pub(in crate::machine) struct Places {
    slots: Vec<Slot>,
    origins: Beside<Lines>,
    /// Ends of waits of the profile's registrations.
    waits: Waits,
    /// Ends of waits of private ones, which wake nothing.
    private_waits: Waits,
    /// By running time of the last call: who expires first.
    ages: Line<ByAge, Duration>,
    /// How many conditions hold: mostly none, and then nobody looks for one.
    conditional: usize,
}

/// What is kept for one registration: its neighbours in a line, its neighbours by age, its place in a heap.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    turn: Links,
    age: Links,
    in_heap: InHeap,
    filed: Filed,
    private: bool,
}

/// The links of the line of its origin.
#[derive(Debug)]
struct ByTurn;

/// The links of the line of ages.
#[derive(Debug)]
struct ByAge;

impl Linked for ByTurn {
    type Slot = Slot;

    fn links(slot: &mut Slot) -> &mut Links {
        &mut slot.turn
    }

    fn read(slot: &Slot) -> Links {
        slot.turn
    }
}

impl Linked for ByAge {
    type Slot = Slot;

    fn links(slot: &mut Slot) -> &mut Links {
        &mut slot.age
    }

    fn read(slot: &Slot) -> Links {
        slot.age
    }
}

/// In which line of its origin it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Filed {
    #[default]
    Nowhere,
    Ready(SyncKind),
    Waiting,
    Elsewhere,
    Conditional,
}

impl Filed {
    fn of(kind: SyncKind, standing: Standing) -> Self {
        match standing {
            Standing::Ready => Self::Ready(kind),
            Standing::BackingOff { deferred: false, .. } => Self::Waiting,
            Standing::Elsewhere => Self::Elsewhere,
            Standing::Conditional(_) => Self::Conditional,
            Standing::BackingOff { deferred: true, .. } | Standing::Until(_) | Standing::Held => Self::Nowhere,
        }
    }
}

impl Filed {
    fn is_ready(self) -> bool {
        match self {
            Self::Ready(_) => true,
            Self::Nowhere | Self::Waiting | Self::Elsewhere | Self::Conditional => false,
        }
    }
}

/// The lines of an origin, first registration first.
#[derive(Debug, Default)]
struct Lines {
    /// Nothing of their own holds them back.
    ready: PerKind<Line<ByTurn, Sequence>>,
    /// A returning link may end their back-off.
    waiting: Line<ByTurn, Sequence>,
    /// They wait for another network.
    elsewhere: Line<ByTurn, Sequence>,
    /// Conditions hold them.
    conditional: Line<ByTurn, Sequence>,
}

/// One registration to be filed.
#[derive(Clone, Copy, Debug)]
pub(in crate::machine) struct Card {
    pub(in crate::machine) tag: TagId,
    pub(in crate::machine) sequence: Sequence,
    pub(in crate::machine) lane: Lane,
    /// Which of two waits that end together goes first.
    pub(in crate::machine) worker: u32,
    pub(in crate::machine) private: bool,
    /// Running time of its last call.
    pub(in crate::machine) registered: Duration,
    /// Whether it goes when it is too old.
    pub(in crate::machine) ages: bool,
    /// There was a call since it was filed last.
    pub(in crate::machine) renewed: bool,
    pub(in crate::machine) standing: Standing,
}

/// What filing a registration did to those of its origin that nothing holds.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::machine) struct Moved {
    /// It is one of them.
    pub(in crate::machine) is_ready: bool,
    /// It was one of them.
    pub(in crate::machine) was_ready: bool,
}

impl Places {
    /// Files a registration where it belongs now.
    pub(in crate::machine) fn file(&mut self, card: Card, lists: &SyncRegistrationLists) -> Moved {
        let slot = card.tag.slot();
        if self.slots.len() <= slot as usize {
            self.slots.resize(slot as usize + 1, Slot::default());
        }
        if card.renewed {
            self.ages.take(slot, &mut self.slots);
        }
        if card.ages && self.slots[slot as usize].age.is_out() {
            self.ages.put(card.registered, slot, &mut self.slots);
        }
        let filed = Filed::of(card.lane.kind, card.standing);
        let was_ready = self.slots[slot as usize].filed.is_ready();
        self.refile(slot, filed, card.sequence, card.lane.origin);
        let waits = if card.private { &mut self.private_waits } else { &mut self.waits };
        self.slots[slot as usize].private = card.private;
        waits.file(card.standing, card.worker, slot, &mut self.slots, lists);
        Moved { is_ready: filed.is_ready(), was_ready }
    }

    /// Takes a registration that is gone out of everything.
    pub(in crate::machine) fn remove(&mut self, tag: TagId, origin: OriginIx, lists: &SyncRegistrationLists) -> Moved {
        let slot = tag.slot();
        let Some(place) = self.slots.get(slot as usize).copied() else { return Moved::default() };
        self.ages.take(slot, &mut self.slots);
        self.refile(slot, Filed::Nowhere, Sequence(0), origin);
        let waits = if place.private { &mut self.private_waits } else { &mut self.waits };
        waits.cancel(slot, &mut self.slots, lists);
        Moved { is_ready: false, was_ready: place.filed.is_ready() }
    }

    fn refile(&mut self, slot: u32, filed: Filed, sequence: Sequence, origin: OriginIx) {
        let before = std::mem::replace(&mut self.slots[slot as usize].filed, filed);
        if before == filed {
            return;
        }
        self.conditional -= usize::from(before == Filed::Conditional);
        self.conditional += usize::from(filed == Filed::Conditional);
        let lines = self.origins.get_mut(origin.name());
        if let Some(line) = lines.line(before) {
            line.take(slot, &mut self.slots);
        }
        if let Some(line) = lines.line(filed) {
            line.put(sequence, slot, &mut self.slots);
        }
    }

    pub(in crate::machine) fn has_ready(&self, lane: Lane) -> bool {
        self.origins.get(lane.origin.name()).is_some_and(|lines| !lines.ready.of(lane.kind).is_empty())
    }

    /// The first registration of a lane that nothing of its own holds.
    pub(in crate::machine) fn first_ready(&self, lane: Lane, lists: &SyncRegistrationLists) -> Option<TagId> {
        let slot = self.origins.get(lane.origin.name())?.ready.of(lane.kind).first(&sequence_at(lists))?;
        lists.at(slot).map(|(tag, _)| tag)
    }

    /// Whether any registration waits for another network.
    pub(in crate::machine) fn any_elsewhere(&self, origin: OriginIx) -> bool {
        self.origins.get(origin.name()).is_some_and(|lines| !lines.elsewhere.is_empty())
    }

    /// Those that a returning link may let go, first registration first.
    pub(in crate::machine) fn waiting<'a>(
        &'a self,
        origin: OriginIx,
        lists: &'a SyncRegistrationLists,
    ) -> impl Iterator<Item = TagId> + 'a {
        let line = self.origins.get(origin.name()).map(|lines| &lines.waiting);
        line.into_iter()
            .flat_map(|line| line.iter(&self.slots, sequence_at(lists)))
            .filter_map(|slot| lists.at(slot).map(|(tag, _)| tag))
    }

    /// All that a change of the network may concern, first registration first.
    pub(in crate::machine) fn network_bound(&self, origin: OriginIx, lists: &SyncRegistrationLists) -> Vec<TagId> {
        let Some(lines) = self.origins.get(origin.name()) else { return Vec::new() };
        let lines = [&lines.ready.one_shot, &lines.ready.periodic, &lines.elsewhere, &lines.conditional];
        let slots = lines.into_iter().flat_map(|line| line.iter(&self.slots, sequence_at(lists)));
        let mut bound: Vec<_> = slots.filter_map(|slot| lists.at(slot)).map(|(tag, r)| (r.sequence(), tag)).collect();
        bound.sort_by_key(|(sequence, _)| *sequence);
        bound.into_iter().map(|(_, tag)| tag).collect()
    }

    /// Those of an origin that conditions hold, and with `ready` also those of a kind that nothing of their own holds, first
    /// registration first within either.
    pub(in crate::machine) fn condition_bound(
        &self,
        Lane { origin, kind }: Lane,
        ready: bool,
        lists: &SyncRegistrationLists,
    ) -> Vec<TagId> {
        let Some(lines) = self.origins.get(origin.name()) else { return Vec::new() };
        let bound = [Some(&lines.conditional), ready.then_some(lines.ready.of(kind))];
        let slots = bound.into_iter().flatten().flat_map(|line| line.iter(&self.slots, sequence_at(lists)));
        slots.filter_map(|slot| lists.at(slot)).map(|(tag, _)| tag).collect()
    }

    /// When the first wait ends.
    pub(in crate::machine) fn next_wait(&self) -> Option<MonotonicTime> {
        earlier(self.waits.next(), self.private_waits.next())
    }

    /// The same, of those that the device is woken for.
    pub(in crate::machine) fn next_wait_of_profile(&self) -> Option<MonotonicTime> {
        self.waits.next()
    }

    /// Whether conditions hold any registration.
    #[inline]
    pub(in crate::machine) fn any_conditional(&self) -> bool {
        self.conditional > 0
    }

    /// The registration whose wait that is, if what it waits for are conditions.
    pub(in crate::machine) fn next_conditional_of_profile(&self, lists: &SyncRegistrationLists) -> Option<TagId> {
        let slot = self.waits.first_slot()?;
        let filed = self.slots.get(slot as usize)?.filed;
        (filed == Filed::Conditional).then(|| lists.at(slot).map(|(tag, _)| tag)).flatten()
    }

    /// Takes out the first registration whose wait is over.
    pub(in crate::machine) fn pop_due(&mut self, now: MonotonicTime, lists: &SyncRegistrationLists) -> Option<TagId> {
        if !self.waits.is_due(now) && !self.private_waits.is_due(now) {
            return None;
        }
        let private = match (self.waits.first(lists), self.private_waits.first(lists)) {
            (None, None) => return None,
            (one, None) => one.is_none(),
            (None, Some(_)) => true,
            (Some(profile), Some(private)) => private < profile,
        };
        let waits = if private { &mut self.private_waits } else { &mut self.waits };
        let slot = waits.pop_due(now, &mut self.slots, lists)?;
        lists.at(slot).map(|(tag, _)| tag)
    }

    /// The running time of the oldest call.
    pub(in crate::machine) fn oldest(&self, lists: &SyncRegistrationLists) -> Option<Duration> {
        let slot = self.ages.first(&registered_at(lists))?;
        lists.at(slot).map(|(_, registration)| registration.registered().running)
    }

    /// Takes out all whose last call, in running time, is too old; whoever is older than one of those is too. Filing
    /// them puts them in again.
    pub(in crate::machine) fn take_old(
        &mut self,
        is_too_old: impl Fn(Duration) -> bool,
        lists: &SyncRegistrationLists,
    ) -> Vec<TagId> {
        let mut old = Vec::new();
        while let Some(slot) = self.ages.first(&registered_at(lists)) {
            match lists.at(slot) {
                Some((_, registration)) if !is_too_old(registration.registered().running) => break,
                Some((tag, _)) => old.push(tag),
                None => {}
            }
            self.ages.take(slot, &mut self.slots);
        }
        old
    }

    pub(in crate::machine) fn heap_bytes(&self) -> usize {
        let Self { slots, origins, waits, private_waits, ages, conditional: _ } = self;
        let of_lines = |lines: &Lines| {
            let Lines { ready, waiting, elsewhere, conditional } = lines;
            let all = [&ready.one_shot, &ready.periodic, waiting, elsewhere, conditional];
            all.into_iter().map(Line::heap_bytes).sum::<usize>()
        };
        let lines = origins.heap_bytes() + origins.iter().map(of_lines).sum::<usize>() + ages.heap_bytes();
        memory::of_vec(slots) + lines + waits.heap_bytes() + private_waits.heap_bytes()
    }
}

impl Places {
    /// Whether a registration is filed as one that stands like this.
    pub(in crate::machine) fn agree_with(&self, tag: TagId, kind: SyncKind, private: bool, standing: Standing) -> bool {
        let Some(slot) = self.slots.get(tag.slot() as usize) else { return false };
        let waits = if private { &self.private_waits } else { &self.waits };
        slot.filed == Filed::of(kind, standing) && waits.agree_with(standing, tag.slot(), &self.slots)
    }

    /// Says what is wrong with the queues, if anything is: whoever is filed is registered, and every registration is
    /// filed by its age but for those that were found too old and are being dealt with.
    pub(in crate::machine) fn check(&self, lists: &SyncRegistrationLists) -> Result<(), String> {
        for (number, slot) in (0..).zip(&self.slots) {
            let filed = slot.filed != Filed::Nowhere || slot.in_heap.is_in() || !slot.age.is_out();
            if filed && lists.at(number).is_none() {
                return Err(format!("{slot:?} is filed at {number} and is gone"));
            }
            if slot.turn.is_out() != (slot.filed == Filed::Nowhere) {
                return Err(format!("{slot:?} at {number} is in another line than it says"));
            }
        }
        let in_heaps = self.slots.iter().filter(|slot| slot.in_heap.is_in()).count();
        if in_heaps != self.waits.len() + self.private_waits.len() {
            return Err(format!("{in_heaps} wait, and the heaps hold something else"));
        }
        let conditional = self.slots.iter().filter(|slot| slot.filed == Filed::Conditional).count();
        if conditional != self.conditional {
            return Err(format!("conditions hold {conditional}, and {} are counted", self.conditional));
        }
        Ok(())
    }
}

impl Lines {
    fn line(&mut self, filed: Filed) -> Option<&mut Line<ByTurn, Sequence>> {
        match filed {
            Filed::Nowhere => None,
            Filed::Ready(kind) => Some(self.ready.of_mut(kind)),
            Filed::Waiting => Some(&mut self.waiting),
            Filed::Elsewhere => Some(&mut self.elsewhere),
            Filed::Conditional => Some(&mut self.conditional),
        }
    }
}

fn sequence_at(lists: &SyncRegistrationLists) -> impl Fn(u32) -> Option<Sequence> + '_ {
    |slot| lists.at(slot).map(|(_, registration)| registration.sequence())
}

fn registered_at(lists: &SyncRegistrationLists) -> impl Fn(u32) -> Option<Duration> + '_ {
    |slot| lists.at(slot).map(|(_, registration)| registration.registered().running)
}
