//! How many entries of the log are about each origin.

use background_sync_policy::{Origin, Partition, RegistrationKey};
use rustc_hash::FxHashMap;
use slab::Slab;

/// Names an origin of which the log speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SiteIx(usize);

/// The origins of which the log speaks. Pages choose origins, but no more of them than there are entries, so a quick
/// hash will do.
#[derive(Debug, Default)]
pub(super) struct Sites {
    sites: Slab<Site>,
    by_name: FxHashMap<(Partition, Origin), SiteIx>,
}

#[derive(Debug)]
struct Site {
    name: (Partition, Origin),
    entries: usize,
}

impl Sites {
    /// There is one entry more about the origin of this key.
    pub(super) fn add(&mut self, key: &RegistrationKey) -> SiteIx {
        let name = (key.partition(), key.origin().clone());
        let ix = *self
            .by_name
            .entry(name)
            .or_insert_with_key(|name| SiteIx(self.sites.insert(Site { name: name.clone(), entries: 0 })));
        if let Some(site) = self.sites.get_mut(ix.0) {
            site.entries += 1;
        }
        ix
    }

    pub(super) fn entries_of(&self, ix: SiteIx) -> usize {
        self.sites.get(ix.0).map_or(0, |site| site.entries)
    }

    /// There is one entry fewer about an origin. It is forgotten with the last one.
    pub(super) fn remove(&mut self, ix: SiteIx) {
        let Some(site) = self.sites.get_mut(ix.0) else { return };
        site.entries -= 1;
        if site.entries == 0 {
            let site = self.sites.remove(ix.0);
            self.by_name.remove(&site.name);
        }
    }
}
