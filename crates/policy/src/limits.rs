/// The caps on what an origin may hold, and a profile (invariant I10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Limits {
    /// Longest tag, in UTF-16 code units, inclusive.
    pub max_tag_length: usize,
    /// Most registrations of one service worker registration.
    pub max_registrations_per_worker: usize,
    /// Most registrations of one origin in one partition, over all its workers.
    pub max_registrations_per_origin: usize,
    /// Most bytes that the tags of one origin in one partition may take together, two for each UTF-16 code
    /// unit: its share of what is stored (invariant I17).
    pub max_tag_bytes_per_origin: usize,
    /// Most bytes that all tags of a profile may take together, counted in the same way: what bounds its store. Those
    /// of private partitions, which are not stored, are counted for themselves.
    ///
    /// Origins share it, so one can find out that the others have used it up, as it can of a full disk; with the
    /// default that takes 64 of them.
    pub max_tag_bytes_per_profile: usize,
}

impl Limits {
    /// The same with something changed.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }
}

impl Default for Limits {
    /// 10,240 code units; 1,000 registrations a worker; 5,000 and 1 MiB of tags an origin; 64 MiB of tags a profile.
    fn default() -> Self {
        Self {
            max_tag_length: 10_240,
            max_registrations_per_worker: 1_000,
            max_registrations_per_origin: 5_000,
            max_tag_bytes_per_origin: 1 << 20,
            max_tag_bytes_per_profile: 64 << 20,
        }
    }
}
