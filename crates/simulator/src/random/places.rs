use background_sync::policy::{Origin, Partition, PartitionId};
use background_sync::registration::Tag;

use crate::timeline::PartitionName;

pub(super) const PRIVATE: PartitionName = PartitionName(Partition::Private(PartitionId(0)));
pub(super) const PROFILE: PartitionName = PartitionName(Partition::Profile(PartitionId(0)));

/// The origins and tags of the small world. They are made once for a timeline, and handed out as often as
/// operations name them.
#[derive(Debug)]
pub(super) struct Places {
    origins: [Origin; 2],
    /// The usual ones stand in it twice.
    tags: Vec<Tag>,
}

impl Places {
    pub(super) fn new() -> Self {
        let origin = |url| Origin::parse(url).expect("a URL of this file");
        let [outbox, empty, drafts] = ["outbox", "", "drafts"].map(Tag::from);
        let usual = [outbox, empty, drafts, Tag::from_utf16(&[0xD800])];
        let others = ["e\u{301}", "\u{e9}", "just seventeen .."].map(Tag::from);
        Self {
            origins: [origin("https://a.example"), origin("https://b.example")],
            tags: [&usual[..], &usual, &others].concat(),
        }
    }

    pub(super) fn origin(&self, n: u8) -> Origin {
        self.origins[usize::from(n) % self.origins.len()].clone()
    }

    pub(super) fn tag(&self, n: u8) -> Tag {
        self.tags[usize::from(n) % self.tags.len()].clone()
    }

    /// An origin and its partition; every third one is private.
    pub(super) fn site(&self, n: u8) -> (Origin, PartitionName) {
        match n % 3 {
            0 => (self.origin(0), PROFILE),
            1 => (self.origin(1), PROFILE),
            _ => (self.origin(0), PRIVATE),
        }
    }
}
