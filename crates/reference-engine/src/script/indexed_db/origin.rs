//! One origin's databases and the realms that use them.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::rc::Rc;
use std::{fmt, io, mem};

use serde::Serialize;

use super::journal::{Journal, NotStored};
use super::log::Parts;
use super::{IndexedDbStore, MemoryStore};
use crate::durable;
use crate::script::DomError;

/// The databases of one origin. Clones are the same databases; give one to every realm of the origin.
#[derive(Clone)]
pub struct IndexedDb(Rc<RefCell<Origin>>);

/// Why an origin's databases cannot be used.
#[derive(Debug)]
pub enum IndexedDbError {
    /// The store cannot be read. Nothing was changed.
    Unreadable(io::Error),
    /// What is stored is damaged. A copy was set aside; opening again finds what is whole.
    Corrupt {
        /// What is wrong with it.
        why: String,
        /// Where the copy is.
        set_aside: String,
    },
}

impl fmt::Display for IndexedDbError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(error) => write!(formatter, "the origin's IndexedDB cannot be read: {error}"),
            Self::Corrupt { why, set_aside } => write!(
                formatter,
                "the origin's IndexedDB is damaged ({why}); it was copied to {set_aside}, what is whole goes on being used"
            ),
        }
    }
}

impl std::error::Error for IndexedDbError {}

impl IndexedDb {
    /// Empty databases that live as long as this value and its clones.
    #[must_use]
    pub fn in_memory() -> Self {
        Self::of(Journal::new(Box::new(MemoryStore::default())), Parts::new())
    }

    /// The databases that `store` keeps.
    ///
    /// # Errors
    /// When they cannot be read, or are damaged.
    pub fn open(store: Box<dyn IndexedDbStore>) -> Result<Self, IndexedDbError> {
        let (journal, parts) = Journal::open(store)?;
        Ok(Self::of(journal, parts))
    }

    fn of(journal: Journal, parts: Parts) -> Self {
        Self(Rc::new(RefCell::new(Origin {
            journal,
            parts,
            generation: 1,
            latest: VecDeque::new(),
            latest_keys: 0,
            locks: HashMap::new(),
            seats: BTreeMap::new(),
            last_seat: 0,
        })))
    }

    /// Cuts the databases off from their store, which is about to be cleared: realms that still use them go on with
    /// what they had, and nothing of it is kept.
    pub fn detach(&self) {
        self.0.borrow_mut().journal = Journal::new(Box::new(MemoryStore::default()));
    }

    /// A seat for one more realm.
    pub(in crate::script) fn seat(&self) -> Seat {
        let mut origin = self.0.borrow_mut();
        origin.last_seat += 1;
        let id = origin.last_seat;
        origin.seats.insert(id, SeatState::default());
        Seat { id, origin: Rc::clone(&self.0) }
    }
}

impl fmt::Debug for IndexedDb {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin = self.0.borrow();
        formatter.debug_struct("IndexedDb").field("generation", &origin.generation).finish_non_exhaustive()
    }
}

pub(super) type SeatId = u32;

/// A realm's place among those that share the databases. Dropping it gives everything back.
pub(in crate::script) struct Seat {
    id: SeatId,
    origin: Rc<RefCell<Origin>>,
}

impl Seat {
    /// Answers a request of the realm's JavaScript, JSON for JSON.
    pub(in crate::script) fn answer(&self, request: &str) -> Result<String, serde_json::Error> {
        super::request::answer(&mut self.origin.borrow_mut(), self.id, request)
    }

    /// Whether something waits to be delivered.
    pub(in crate::script) fn has_notices(&self) -> bool {
        self.origin.borrow().seats.get(&self.id).is_some_and(|seat| !seat.notices.is_empty())
    }

    /// What happened elsewhere and concerns this realm, as JSON.
    pub(in crate::script) fn take_notices(&self) -> Result<String, serde_json::Error> {
        let mut origin = self.origin.borrow_mut();
        let notices = origin.seats.get_mut(&self.id).map(|seat| mem::take(&mut seat.notices));
        serde_json::to_string(&notices.unwrap_or_default())
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.origin.borrow_mut().leave(self.id);
    }
}

/// What a realm is told.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "notice", rename_all = "camelCase")]
pub(super) enum Notice {
    /// It now holds a lock it had asked for.
    Granted { lock: String },
    /// Another realm wants to upgrade or delete a database that this one has open.
    VersionChange { from: SeatId, database: String, old: f64, new: Option<f64> },
    /// That realm has fired its events for it.
    VersionChangeFired { by: SeatId, database: String },
    /// Another realm has closed connections.
    ConnectionsChanged,
}

#[derive(Default)]
struct SeatState {
    notices: Vec<Notice>,
    /// Open connections by database.
    connections: HashMap<String, u32>,
}

#[derive(Default)]
struct Lock {
    holder: Option<SeatId>,
    waiting: VecDeque<SeatId>,
}

pub(super) struct Origin {
    journal: Journal,
    parts: Parts,
    /// Rises with every commit.
    generation: u64,
    /// The keys that each of the latest commits changed, the newest last: a realm that has seen all before them need not
    /// look at everything.
    latest: VecDeque<Vec<String>>,
    /// How many keys those are.
    latest_keys: usize,
    locks: HashMap<String, Lock>,
    seats: BTreeMap<SeatId, SeatState>,
    last_seat: SeatId,
}

/// What a realm must take over to be up to date.
#[derive(Serialize)]
pub(super) struct Changes<'a> {
    generation: u64,
    /// Whether `changed` is all there is, and every other part gone.
    whole: bool,
    /// A part without text is gone.
    changed: Vec<(&'a str, Option<&'a str>)>,
}

impl Origin {
    /// Gives the lock, or queues for it.
    pub(super) fn lock(&mut self, seat: SeatId, name: String) -> bool {
        let lock = self.locks.entry(name).or_default();
        match lock.holder {
            None => lock.holder = Some(seat),
            Some(holder) if holder == seat => {}
            Some(_) => {
                if !lock.waiting.contains(&seat) {
                    lock.waiting.push_back(seat);
                }
                return false;
            }
        }
        true
    }

    /// Whether somebody else waits for the lock.
    pub(super) fn contended(&self, name: &str) -> bool {
        self.locks.get(name).is_some_and(|lock| !lock.waiting.is_empty())
    }

    /// Passes the lock on to who has waited longest.
    pub(super) fn unlock(&mut self, seat: SeatId, name: &str) {
        let Some(lock) = self.locks.get_mut(name).filter(|lock| lock.holder == Some(seat)) else { return };
        lock.holder = lock.waiting.pop_front();
        match lock.holder {
            Some(next) => self.notify(next, Notice::Granted { lock: name.to_owned() }),
            None => {
                self.locks.remove(name);
            }
        }
    }

    /// What has changed since `generation`; none if nothing has.
    pub(super) fn changes(&self, generation: u64) -> Option<Changes<'_>> {
        let behind = self.generation.checked_sub(generation).filter(|behind| *behind > 0)?;
        let unseen = usize::try_from(behind).ok().and_then(|behind| self.latest.len().checked_sub(behind));
        let (whole, changed) = match unseen.filter(|_| generation > 0) {
            Some(seen) => {
                let keys: BTreeSet<_> = self.latest.range(seen..).flatten().map(String::as_str).collect();
                (false, keys.into_iter().map(|key| (key, self.parts.get(key).map(String::as_str))).collect())
            }
            None => (true, self.parts.iter().map(|(key, text)| (key.as_str(), Some(text.as_str()))).collect()),
        };
        Some(Changes { generation: self.generation, whole, changed })
    }

    /// Stores changed parts, all or none; a part without text goes. Gives the new generation.
    pub(super) fn commit(&mut self, changes: Vec<(String, Option<String>)>) -> Result<u64, DomError> {
        let changed: BTreeMap<&str, Option<&str>> =
            changes.iter().map(|(key, text)| (key.as_str(), text.as_deref())).collect();
        let piece: Vec<_> = changed.iter().map(|(key, text)| (*key, *text)).collect();
        let kept = self.parts.iter().map(|(key, text)| (key.as_str(), text.as_str()));
        let all = || {
            let kept = kept.filter(|(key, _)| !changed.contains_key(key));
            kept.chain(changed.iter().filter_map(|(key, text)| Some((*key, (*text)?))))
        };
        self.journal.commit(&piece, all)?;
        self.generation += 1;
        self.note_latest(changes.iter().map(|(key, _)| key.clone()).collect());
        for (key, text) in changes {
            match text {
                Some(text) => self.parts.insert(key, text),
                None => self.parts.remove(&key),
            };
        }
        Ok(self.generation)
    }

    /// More than there are parts are not worth remembering.
    fn note_latest(&mut self, keys: Vec<String>) {
        const FEW: usize = 1_000;
        self.latest_keys += keys.len();
        self.latest.push_back(keys);
        while self.latest_keys > self.parts.len().max(FEW) {
            let Some(oldest) = self.latest.pop_front() else { break };
            self.latest_keys -= oldest.len();
        }
    }

    /// Notes how many connections a realm has open.
    pub(super) fn set_connections(&mut self, seat: SeatId, database: String, count: u32) {
        let Some(state) = self.seats.get_mut(&seat) else { return };
        let before = state.connections.insert(database, count).unwrap_or(0);
        if count < before {
            self.tell_others(seat, &Notice::ConnectionsChanged);
        }
    }

    /// The other realms that have a database open.
    pub(super) fn others_connected(&self, seat: SeatId, database: &str) -> Vec<SeatId> {
        let connected = |state: &SeatState| state.connections.get(database).is_some_and(|count| *count > 0);
        self.seats.iter().filter(|(id, state)| **id != seat && connected(state)).map(|(id, _)| *id).collect()
    }

    pub(super) fn notify(&mut self, seat: SeatId, notice: Notice) {
        if let Some(state) = self.seats.get_mut(&seat) {
            state.notices.push(notice);
        }
    }

    fn tell_others(&mut self, seat: SeatId, notice: &Notice) {
        for (_, other) in self.seats.iter_mut().filter(|(id, _)| **id != seat) {
            other.notices.push(notice.clone());
        }
    }

    fn leave(&mut self, seat: SeatId) {
        self.seats.remove(&seat);
        for lock in self.locks.values_mut() {
            lock.waiting.retain(|waiting| *waiting != seat);
        }
        let held = self.locks.iter().filter(|(_, lock)| lock.holder == Some(seat)).map(|(name, _)| name.clone());
        for name in held.collect::<Vec<_>>() {
            self.unlock(seat, &name);
        }
        self.tell_others(seat, &Notice::ConnectionsChanged);
    }
}

impl From<NotStored> for DomError {
    fn from(error: NotStored) -> Self {
        let full = matches!(&error, NotStored::Store(error) if durable::is_no_room(error));
        let name = if full { "QuotaExceededError" } else { "UnknownError" };
        Self { name: name.to_owned(), message: format!("IndexedDB could not be written: {error}") }
    }
}
