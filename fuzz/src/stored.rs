//! Records that no program wrote, and a machine that finds them in its store.

use std::fmt::Debug;
use std::time::Duration;

use arbitrary::{Result, Unstructured};
use background_sync::registration::{Damage, StoredRegistration};
use background_sync::scheduler::{NetworkState, StoredBudget, SyncParameters};
use background_sync::{Input, Loaded, NetworkSubject, STORED_PROFILE_VERSION, StoredProfile};
use background_sync_registration::{STORED_REGISTRATION_VERSION, seal};
use background_sync_scheduler::STORED_BUDGET_VERSION;
use serde::ser::{Serialize, SerializeTuple, Serializer};

use super::draw;
use super::host::Host;

/// Reads the bytes as records, and makes records out of them.
///
/// # Panics
/// When a record does not survive being written and read, or a machine does not survive the records.
pub fn run(bytes: &[u8]) {
    round_trip(bytes, StoredRegistration::decode, StoredRegistration::encode);
    round_trip(bytes, StoredBudget::decode, StoredBudget::encode);
    round_trip(bytes, StoredProfile::decode, StoredProfile::encode);
    let sealed = |version| seal(version, &Body(bytes));
    round_trip(&sealed(STORED_REGISTRATION_VERSION), StoredRegistration::decode, StoredRegistration::encode);
    round_trip(&sealed(STORED_BUDGET_VERSION), StoredBudget::decode, StoredBudget::encode);
    round_trip(&sealed(STORED_PROFILE_VERSION), StoredProfile::decode, StoredProfile::encode);
    // When the bytes end, so does the life.
    let _: Result<()> = live(&mut Unstructured::new(bytes));
}

/// What can be read is written to something that reads the same.
fn round_trip<T: PartialEq + Debug>(
    bytes: &[u8],
    decode: fn(&[u8]) -> std::result::Result<T, Damage>,
    encode: fn(&T) -> Vec<u8>,
) {
    if let Ok(record) = decode(bytes) {
        assert_eq!(decode(&encode(&record)), Ok(record));
    }
}

/// A machine takes absurd records up and lives on with them.
fn live(bytes: &mut Unstructured<'_>) -> Result<()> {
    let loaded = loaded(bytes)?;
    let mut host = Host::new(SyncParameters::recommended(), 7);
    host.set_wall_clock(draw::wall_time(bytes)?);
    host.break_word();
    host.say(Input::Loaded(loaded));
    let (subject, state) = (NetworkSubject::All, NetworkState::online());
    host.say(Input::NetworkChanged { subject, state, epoch: 1 });
    for _ in 0..20 {
        host.keep_all();
        host.pass_to_deadline();
        host.pass(Duration::from_millis(bytes.int_in_range(0..=100_000)?));
        let request = host.next_request(false);
        host.say(draw::input(bytes, request)?);
    }
    host.shut_down();
    Ok(())
}

fn loaded(bytes: &mut Unstructured<'_>) -> Result<Loaded> {
    let mut loaded = Loaded { lost: bytes.arbitrary()?, ..Loaded::default() };
    for _ in 0..bytes.int_in_range(0..=8)? {
        let stored = draw::stored_registration(bytes)?;
        assert_eq!(StoredRegistration::decode(&stored.encode()).as_ref(), Ok(&stored));
        if bytes.ratio(7, 8)? {
            loaded.worker_states.push((stored.key.clone(), draw::worker_state(bytes)?));
        }
        loaded.registrations.push(stored);
    }
    for _ in 0..bytes.int_in_range(0..=2)? {
        let budget = draw::stored_budget(bytes)?;
        assert_eq!(StoredBudget::decode(&budget.encode()).as_ref(), Ok(&budget));
        loaded.origins.push(draw::origin_facts(bytes, budget.partition, budget.origin.clone())?);
        loaded.budgets.push(budget);
    }
    if bytes.arbitrary()? {
        let profile = draw::stored_profile(bytes)?;
        assert_eq!(StoredProfile::decode(&profile.encode()), Ok(profile.clone()));
        loaded.profile = Some(profile);
    }
    Ok(loaded)
}

/// Bytes that are a record's body as they are.
pub(super) struct Body<'a>(pub(super) &'a [u8]);

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple(self.0.len())?;
        for byte in self.0 {
            tuple.serialize_element(byte)?;
        }
        tuple.end()
    }
}
