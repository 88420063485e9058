//! How much collections hold on the heap, in bytes, as they ask an allocator for it.
//!
//! What a collection says of itself (its capacity, its length) is exact. How it lays things out is known from its
//! source and not promised, so what is made of that is an estimate. What an allocator adds of its own is not counted,
//! and neither is what the things in a collection hold elsewhere: they say so themselves.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use slab::Slab;

/// Control bytes behind a hash table, which is searched in groups.
const GROUP: usize = 16;
/// Entries of a node of a tree that grew in order, and room for them.
const ENTRIES_OF_NODE: usize = 7;
const ROOM_OF_NODE: usize = 11;

/// What a vector holds, its spare room included.
#[must_use]
pub fn of_vec<T>(vec: &Vec<T>) -> usize {
    vec.capacity() * size_of::<T>()
}

/// What a queue holds, its spare room included.
#[must_use]
pub fn of_deque<T>(deque: &VecDeque<T>) -> usize {
    deque.capacity() * size_of::<T>()
}

/// What a slab holds, its spare room included. A place has a thing, or the number of the next one that is free.
#[must_use]
pub fn of_slab<T>(slab: &Slab<T>) -> usize {
    slab.capacity() * size_of::<Result<T, usize>>()
}

/// What a hash map holds, its spare room included.
#[must_use]
pub fn of_map<K, V, S>(map: &HashMap<K, V, S>) -> usize {
    of_hash_table(map.capacity(), size_of::<(K, V)>())
}

/// What a hash table has that can take so many entries of this size: places for a power of two of them, of which one in
/// eight stays free, and a byte for each.
#[must_use]
pub fn of_hash_table(capacity: usize, size: usize) -> usize {
    let places = match capacity {
        0 => return 0,
        1..=3 => 4,
        4..=7 => 8,
        _ => (capacity * 8 / 7).next_power_of_two(),
    };
    places * (size + 1) + GROUP
}

/// What a tree with values holds. Its nodes are taken to be as full as in a tree that grew in order.
#[must_use]
pub fn of_tree<K, V>(tree: &BTreeMap<K, V>) -> usize {
    of_nodes(tree.len(), size_of::<K>() + size_of::<V>())
}

/// What a tree without values holds; see [`of_tree`].
#[must_use]
pub fn of_tree_set<K>(tree: &BTreeSet<K>) -> usize {
    of_nodes(tree.len(), size_of::<K>())
}

fn of_nodes(entries: usize, size: usize) -> usize {
    // A node knows its parent and its place there; one in seven has twelve children as well.
    let node = ROOM_OF_NODE * size + 2 * size_of::<usize>();
    let nodes = entries.div_ceil(ENTRIES_OF_NODE);
    nodes * node + nodes / ENTRIES_OF_NODE * (ROOM_OF_NODE + 1) * size_of::<usize>()
}

/// What is behind an `Arc` of so many bytes: the two counts, and the bytes. Whoever shares it counts it once.
#[must_use]
pub fn of_shared(bytes: usize) -> usize {
    2 * size_of::<usize>() + bytes.next_multiple_of(align_of::<usize>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_empty_holds_nothing() {
        let map = HashMap::<u64, u64>::new();
        let sizes = [of_vec::<u64>(&Vec::new()), of_slab::<u64>(&Slab::new()), of_map(&map)];
        assert_eq!((sizes, of_tree::<u64, u64>(&BTreeMap::new())), ([0; 3], 0));
    }

    #[test]
    fn spare_room_counts() {
        assert_eq!(of_vec::<u32>(&Vec::with_capacity(10)), 40);
        assert_eq!(of_slab::<u64>(&Slab::with_capacity(10)), 160);
    }

    #[test]
    fn a_hash_table_has_a_power_of_two_of_places() {
        assert_eq!([1, 7, 14, 15].map(|capacity| of_hash_table(capacity, 9)), [4, 8, 16, 32].map(|it| it * 10 + 16));
        let map: HashMap<u64, u64> = (0..1_000).map(|n| (n, n)).collect();
        assert_eq!(of_map(&map), 2_048 * 17 + 16);
    }
}
