//! A call that is answered without a write leaves the age in the store behind, by less than an hour on either clock.

use background_sync::policy::Facts;
use background_sync::registration::{Now, StoredState};
use background_sync::scheduler::{NetworkState, SyncParameters};
use background_sync::{Output, StoreOp, StoredProfile, TxnId};
use background_sync_host_tests::{Broken, Oracle};

use crate::words::*;

/// Registered at the beginning, written with the running time of then, and acknowledged once more at this moment
/// without a write.
fn again(now: Now) -> Result<(), Broken> {
    let mut story = but(4, vec![(0, delivered(1), vec![]), (0, network(NetworkState::Offline, 3), vec![])]);
    let row = StoreOp::PutRegistration(stored(profile(), StoredState::Pending(None)));
    let ops = vec![row, StoreOp::PutProfile(StoredProfile::default())];
    story[2].2[0] = Output::Commit { txn: TxnId(0), ops };
    let mut oracle = Oracle::new(SyncParameters::recommended());
    for (seconds, input, outputs) in &story {
        oracle.observe(at(*seconds), input, outputs).expect("a good story");
    }
    oracle.observe(now, &register(2, Facts::of_an_open_window()), &[resolved(2)])
}

#[test]
fn the_age_in_the_store_is_less_than_an_hour_behind_on_either_clock() {
    const HOUR: u64 = 3_600;
    let clocks = |ran, passed| Now { monotonic: at(ran).monotonic, wall: at(passed).wall };
    assert_eq!(again(clocks(HOUR - 1, HOUR - 1)), Ok(()));
    caught("I3", "an hour passed", again(clocks(HOUR, HOUR)));
    caught("I3", "an hour ran, and the wall clock was set back", again(clocks(HOUR, 0)));
    caught("I3", "the system slept for an hour", again(clocks(0, HOUR)));
}
