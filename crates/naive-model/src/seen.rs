use crate::{Kind, Tag, WorkerId};

/// What a call came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replied {
    /// The promise is resolved.
    Resolved,
    /// It is rejected, with an exception of this name.
    Rejected(&'static str),
}

/// The states of both texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It fires as soon as it may.
    Pending,
    /// A one-shot one that failed waits.
    Waiting,
    /// Its event runs. A periodic one is in it from the first event to the last retry.
    Firing,
    /// The same, and it was registered again.
    ReregisteredWhileFiring,
}

/// An event that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Running {
    /// Its worker.
    pub worker: WorkerId,
    /// Its kind.
    pub kind: Kind,
    /// Its tag.
    pub tag: Tag,
    /// `lastChance`.
    pub last_chance: bool,
}

/// What can be seen of an engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Every registration, list by list, in the order of the list.
    pub registered: Vec<(WorkerId, Kind, Tag, State)>,
    /// Every event that runs, sorted.
    pub running: Vec<Running>,
}

impl Seen {
    /// One list: what `getTags()` of it says.
    #[must_use]
    pub fn of(&self, worker: WorkerId, kind: Kind) -> Vec<Tag> {
        let in_it = |(of, its, ..): &&(WorkerId, Kind, Tag, State)| *of == worker && *its == kind;
        self.registered.iter().filter(in_it).map(|(.., tag, _)| *tag).collect()
    }
}
