use std::hash::{Hash, Hasher};

use hashbrown::{Equivalent, HashMap};

use crate::TAGS_PER_WORKER;
use crate::world::tag_text;

/// A hash table of the same tags: looking a tag up in it is the least that any operation on it can cost.
#[derive(Debug, Default)]
pub struct Known(HashMap<Key, u64>);

/// A worker and one of its tags.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Key(u64, Box<str>);

/// The same, borrowed.
#[derive(Clone, Copy, Debug)]
struct Asked<'a>(u64, &'a str);

impl Hash for Asked<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
        self.1.hash(state);
    }
}

impl Equivalent<Key> for Asked<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        self.0 == key.0 && self.1 == &*key.1
    }
}

impl Known {
    /// So many tags, a thousand a worker.
    #[must_use]
    pub fn new(tags: u64) -> Self {
        let key = |number| Key(number / TAGS_PER_WORKER, tag_text(number % TAGS_PER_WORKER).into());
        Self((0..tags).map(|number| (key(number), number)).collect())
    }

    /// What is known of a tag.
    #[must_use]
    pub fn get(&self, worker: u64, tag: &str) -> Option<u64> {
        self.0.get(&Asked(worker, tag)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_by_its_borrowed_form_and_under_its_own_worker_only() {
        let known = Known::new(2_001);
        assert_eq!(known.get(1, &tag_text(3)), Some(1_003));
        assert_eq!(known.get(2, &tag_text(3)), None);
    }
}
