use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::message::Site;

/// How many calls wait in the queue: of all, and of each origin (invariant I17). What one wastes is its own.
#[derive(Debug)]
pub(super) struct Shares {
    most: usize,
    most_of_one: usize,
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    all: usize,
    of: HashMap<Site, usize>,
}

impl Shares {
    pub(super) fn new(most: usize, most_of_one: usize) -> Self {
        Self { most, most_of_one, counts: Mutex::default() }
    }

    /// Counts a call in, if there is room for it.
    pub(super) fn enter(&self, site: &Site) -> bool {
        let mut counts = self.counts();
        if counts.all >= self.most || counts.of.get(site).is_some_and(|of_one| *of_one >= self.most_of_one) {
            return false;
        }
        counts.all += 1;
        *counts.of.entry(site.clone()).or_default() += 1;
        true
    }

    /// A call left the queue.
    pub(super) fn leave(&self, site: Site) {
        let mut counts = self.counts();
        let Entry::Occupied(mut of_one) = counts.of.entry(site) else { return };
        *of_one.get_mut() -= 1;
        if *of_one.get() == 0 {
            of_one.remove();
        }
        counts.all -= 1;
    }

    /// Nothing panics while it holds the lock.
    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use background_sync_policy::{Origin, Partition, PartitionId};

    fn site(host: &str) -> Site {
        (Partition::Profile(PartitionId(0)), Origin::parse(&format!("https://{host}.example")).unwrap())
    }

    #[test]
    fn one_origin_fills_its_own_share_and_all_of_them_the_whole() {
        let shares = Shares::new(3, 2);
        let (a, b, c) = (site("a"), site("b"), site("c"));
        assert!(shares.enter(&a) && shares.enter(&a));
        assert!(!shares.enter(&a), "its share is used up");
        assert!(shares.enter(&b));
        assert!(!shares.enter(&c), "there is no room at all");
        shares.leave(a.clone());
        assert!(shares.enter(&c));
        for gone in [a, b, c] {
            shares.leave(gone);
        }
        let counts = shares.counts();
        assert_eq!((counts.all, counts.of.len()), (0, 0), "nothing is remembered");
    }
}
