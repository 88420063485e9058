//! How many entries of the log are about each origin.

use background_sync_policy::{Origin, Partition, RegistrationKey};
use background_sync_registration::memory;
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
    /// By where the key lies that a site was first met with: most entries are about a clone of it.
    by_address: FxHashMap<usize, SiteIx>,
}

#[derive(Debug)]
struct Site {
    key: RegistrationKey,
    entries: usize,
}

impl Sites {
    /// There is one entry more about the origin of this key.
    pub(super) fn add(&mut self, key: &RegistrationKey) -> SiteIx {
        let known = self.by_address.get(&key.address()).copied();
        let ix = known.unwrap_or_else(|| self.find_or_make(key));
        if let Some(site) = self.sites.get_mut(ix.0) {
            site.entries += 1;
        }
        ix
    }

    fn find_or_make(&mut self, key: &RegistrationKey) -> SiteIx {
        let Self { sites, by_name, by_address } = self;
        *by_name.entry(name_of(key)).or_insert_with(|| {
            let ix = SiteIx(sites.insert(Site { key: key.clone(), entries: 0 }));
            by_address.insert(key.address(), ix);
            ix
        })
    }

    pub(super) fn entries_of(&self, ix: SiteIx) -> usize {
        self.sites.get(ix.0).map_or(0, |site| site.entries)
    }

    /// There is one entry fewer about an origin. It is forgotten with the last one.
    pub(super) fn remove(&mut self, ix: SiteIx) {
        let Some(site) = self.sites.get_mut(ix.0) else { return };
        site.entries -= 1;
        if site.entries == 0 {
            let Site { key, entries: _ } = self.sites.remove(ix.0);
            self.by_address.remove(&key.address());
            self.by_name.remove(&name_of(&key));
        }
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let Self { sites, by_name, by_address } = self;
        memory::of_slab(sites) + memory::of_map(by_name) + memory::of_map(by_address)
    }
}

fn name_of(key: &RegistrationKey) -> (Partition, Origin) {
    (key.partition(), key.origin().clone())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use background_sync_policy::{Incarnation, PartitionId, StorageKey};

    use super::*;

    fn key(host: &str, path: &str) -> RegistrationKey {
        let origin = Origin::parse(&format!("https://{host}.example")).unwrap();
        let scope = format!("https://{host}.example/{path}");
        let partition = Partition::Profile(PartitionId(0));
        RegistrationKey::new(partition, StorageKey::first_party(origin), &scope, Incarnation(1)).unwrap()
    }

    #[test]
    fn all_keys_of_an_origin_are_one_site_until_its_last_entry_goes() {
        let mut sites = Sites::default();
        let (chat, again, other, mail) = (key("chat", "a"), key("chat", "a"), key("chat", "b"), key("mail", "a"));
        let site = sites.add(&chat);
        assert_eq!([&chat.clone(), &again, &other].map(|key| sites.add(key)), [site; 3]);
        assert_ne!(sites.add(&mail), site);
        assert_eq!(sites.entries_of(site), 4);
        (0..4).for_each(|_| sites.remove(site));
        assert_eq!((sites.entries_of(site), sites.by_name.len(), sites.by_address.len()), (0, 1, 1));
        let anew = sites.add(&other);
        assert_eq!((sites.entries_of(anew), sites.add(&chat)), (1, anew), "and it is found by any of them");
    }
}
