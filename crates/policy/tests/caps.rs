//! The caps over a random history: an origin fills its share to the last registration and byte, and no further.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use background_sync_policy::{
    Facts, Incarnation, Limits, Origin, Partition, PartitionId, RegistrationCounts, RegistrationKey,
    RegistrationRequest, StorageKey, SyncKind, authorize,
};
use proptest::prelude::*;

/// What happens to what one origin has registered.
#[derive(Clone, Copy, Debug)]
enum Op {
    /// A tag of so many code units is registered for the first time, by one of three workers.
    Register { worker: usize, length: usize },
    /// One of those registered is fulfilled.
    Fulfil(prop::sample::Index),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        3 => (0_usize..3, 0_usize..9).prop_map(|(worker, length)| Op::Register { worker, length }),
        1 => any::<prop::sample::Index>().prop_map(Op::Fulfil),
    ]
}

/// Bytes that the tags of other origins take.
const OF_OTHERS: usize = 20;

/// What is registered, by worker and length of tag.
struct Registered(Vec<(usize, usize)>);

impl Registered {
    fn of_worker(&self, worker: usize) -> usize {
        self.0.iter().filter(|(of, _)| *of == worker).count()
    }

    fn tag_bytes(&self) -> usize {
        self.0.iter().map(|(_, length)| 2 * length).sum()
    }

    fn keeps(&self, limits: &Limits) -> bool {
        (0..3).all(|worker| self.of_worker(worker) <= limits.max_registrations_per_worker)
            && self.0.len() <= limits.max_registrations_per_origin
            && self.tag_bytes() <= limits.max_tag_bytes_per_origin
            && OF_OTHERS + self.tag_bytes() <= limits.max_tag_bytes_per_profile
            && self.0.iter().all(|(_, length)| *length <= limits.max_tag_length)
    }
}

fn key() -> RegistrationKey {
    let origin = Origin::parse("https://chat.example").unwrap();
    let partition = Partition::Profile(PartitionId(0));
    RegistrationKey::new(partition, StorageKey::first_party(origin), "https://chat.example/", Incarnation(1)).unwrap()
}

proptest! {
    /// I10, I17.
    #[test]
    fn i17_what_is_registered_keeps_the_caps_and_nothing_is_refused_that_would(
        ops in prop::collection::vec(op(), 1..40),
        (max_tag_length, per_worker, per_origin, bytes, all_bytes) in
            (0_usize..9, 1_usize..5, 1_usize..9, 0_usize..60, OF_OTHERS..80),
    ) {
        let limits = Limits::default().with(|it| {
it.max_tag_length = max_tag_length;
it.max_registrations_per_worker = per_worker;
it.max_registrations_per_origin = per_origin;
it.max_tag_bytes_per_origin = bytes;
it.max_tag_bytes_per_profile = all_bytes;
});
        let key = key();
        let mut registered = Registered(Vec::new());
        for op in ops {
            match op {
                Op::Fulfil(index) => {
                    if !registered.0.is_empty() {
                        registered.0.remove(index.index(registered.0.len()));
                    }
                }
                Op::Register { worker, length } => {
                    let bytes = registered.tag_bytes();
                    let (of_worker, of_origin) = (registered.of_worker(worker), registered.0.len());
                    let counts = RegistrationCounts::new(of_worker, of_origin, bytes, OF_OTHERS + bytes);
                    let request = RegistrationRequest::new(&key, SyncKind::OneShot, length, Some(counts));
                    let permitted = authorize(&request, &Facts::of_an_open_window(), &limits).is_ok();
                    registered.0.push((worker, length));
                    prop_assert_eq!(permitted, registered.keeps(&limits), "{:?} of {:?}", op, registered.0);
                    if !permitted {
                        registered.0.pop();
                    }
                }
            }
        }
    }
}
