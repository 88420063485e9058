use rand_core::SeedableRng;

/// A machine's seed for a number: the same for ever, so that a world can be named by a number. No secret comes of it.
#[must_use]
pub fn seed_of(number: u64) -> [u8; 32] {
    let mut seed = [0; 32];
    seed[..16].copy_from_slice(&Half::seed_from_u64(number).0);
    seed
}

/// What a generator would be made of. What `rand_core` makes of a number is what recorded worlds began with.
struct Half([u8; 16]);

impl SeedableRng for Half {
    type Seed = [u8; 16];

    fn from_seed(seed: [u8; 16]) -> Self {
        Self(seed)
    }
}
