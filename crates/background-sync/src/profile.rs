use std::{fmt, hash::Hasher as _, time::Duration};

use background_sync_registration::{Damage, Sequence, open, seal};
use serde::{Deserialize, Serialize};
use siphasher::sip::SipHasher13;

/// Version of the stored form of the profile record.
pub const STORED_PROFILE_VERSION: u8 = 2;

/// The one record of a store that is about the profile as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StoredProfile {
    /// No registration has this number or a larger one yet.
    pub next_sequence: Sequence,
    /// Time this profile has been running, over all its sessions.
    pub running: Duration,
    /// Secret key of the hashes that networks are remembered by.
    pub network_secret: NetworkSecret,
    /// What periodic syncs of all origins need, in a form of its own; empty where there are none. An engine without
    /// those keeps it as it is.
    pub periodic: Vec<u8>,
}

/// What was written when there was nothing periodic.
#[derive(Deserialize)]
struct Version1 {
    next_sequence: Sequence,
    running: Duration,
    network_secret: NetworkSecret,
}

/// The secret key of the hashes that networks are remembered by. Whoever has it and the store can try out which networks
/// a user was on.
///
/// `Debug` does not show it. It is serialized, as the store and the machine's process need it.
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkSecret([u64; 2]);

impl NetworkSecret {
    pub(crate) fn hash_of(&self, bytes: &[u8]) -> u64 {
        let mut hasher = SipHasher13::new_with_keys(self.0[0], self.0[1]);
        hasher.write(bytes);
        hasher.finish()
    }
}

impl From<[u64; 2]> for NetworkSecret {
    fn from(secret: [u64; 2]) -> Self {
        Self(secret)
    }
}

impl fmt::Debug for NetworkSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NetworkSecret(..)")
    }
}

impl StoredProfile {
    /// The same with something changed.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// A record to write.
    #[must_use]
    pub const fn new(next_sequence: Sequence, running: Duration, network_secret: NetworkSecret) -> Self {
        Self { next_sequence, running, network_secret, periodic: Vec::new() }
    }

    /// The bytes to store.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        seal(STORED_PROFILE_VERSION, self)
    }

    /// Reads stored bytes of any version.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn decode(bytes: &[u8]) -> Result<Self, Damage> {
        match open(STORED_PROFILE_VERSION, bytes) {
            Err(Damage::UnknownVersion(1)) => {
                let Version1 { next_sequence, running, network_secret } = open(1, bytes)?;
                Ok(Self::new(next_sequence, running, network_secret))
            }
            result => result,
        }
    }
}

#[cfg(test)]
mod tests {
    use background_sync_policy::{Facts, Incarnation, Origin, Partition, PartitionId, RegistrationKey, StorageKey};
    use background_sync_registration::{Now, Tag};
    use background_sync_scheduler::{AskedBy, SyncParameters};

    use super::*;
    use crate::{Input, Loaded, Machine, Output, RequestId, StoreOp};

    /// What a machine writes about a new profile.
    fn new_profile(seed: [u8; 32]) -> (Machine, StoredProfile) {
        let mut machine = Machine::new(SyncParameters::recommended(), seed);
        machine.handle(Now::default(), Input::Loaded(Loaded::default()));
        let origin = Origin::parse("https://a.example").unwrap();
        let (partition, storage_key) = (Partition::Profile(PartitionId(0)), StorageKey::first_party(origin));
        let key = RegistrationKey::new(partition, storage_key, "https://a.example/", Incarnation(1)).unwrap();
        let (asked_by, facts) = (AskedBy::Page, Facts::of_an_open_window());
        let request = Input::Register { request: RequestId(1), key, tag: Tag::from("a"), asked_by, facts };
        machine.handle(Now::default(), request);
        let profile = std::iter::from_fn(|| machine.poll_output()).find_map(|output| match output {
            Output::Commit { ops, .. } => ops.into_iter().find_map(|op| match op {
                StoreOp::PutProfile(profile) => Some(profile),
                _ => None,
            }),
            _ => None,
        });
        (machine, profile.expect("a profile is written"))
    }

    #[test]
    fn every_byte_of_the_seed_counts_for_the_secret() {
        let (_, before) = new_profile([7; 32]);
        for n in 0..32 {
            let mut seed = [7; 32];
            seed[n] ^= 0x80;
            assert_ne!(new_profile(seed).1.network_secret, before.network_secret, "byte {n}");
        }
    }

    #[test]
    fn neither_seed_nor_secret_is_shown() {
        let seed = std::array::from_fn(|n| 0x51 + n as u8);
        let (machine, profile) = new_profile(seed);
        let shown = format!("{machine:?} {profile:?} {:?}", StoreOp::PutProfile(profile.clone()));
        let words = [
            profile.network_secret.0.to_vec(),
            seed.chunks(8).map(|of| u64::from_le_bytes(of.try_into().unwrap())).collect(),
        ];
        for word in words.concat() {
            assert!(!shown.contains(&word.to_string()) && !shown.contains(&format!("{word:x}")), "{word}");
        }
        assert_eq!(StoredProfile::decode(&profile.encode()), Ok(profile), "but it is stored");
    }
}
