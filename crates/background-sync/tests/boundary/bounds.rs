//! What may cross threads, and what is never printed.

use background_sync::registration::Sequence;
use background_sync::{
    CommitCompletion, EventCompletion, Input, LoadCompletion, Machine, Output, Poster, Receipt, StartCompletion,
    StoreOp, StoredProfile, TxnId,
};

/// Does not compile for what stays on its thread.
fn crosses<T: Send>() -> bool {
    is_ours::<T>()
}

/// Does not compile for what one thread at a time may look at.
fn is_shared<T: Sync>() -> bool {
    is_ours::<T>()
}

fn is_ours<T>() -> bool {
    std::any::type_name::<T>().starts_with("background_sync")
}

/// An engine answers from the thread on which it has the answer.
#[test]
fn tokens_posters_and_the_machine_cross_threads() {
    assert!(crosses::<StartCompletion>() && crosses::<EventCompletion>() && crosses::<Receipt>());
    assert!(crosses::<LoadCompletion>() && crosses::<CommitCompletion>());
    assert!(crosses::<Poster>() && is_shared::<Poster>());
    assert!(crosses::<Machine>() && is_shared::<Machine>());
    assert!(crosses::<Input>() && crosses::<Output>());
}

#[cfg(feature = "thread")]
#[test]
fn what_shows_a_thread_from_outside_is_shared() {
    use background_sync::{Exit, Handle, Report, Snapshot};

    assert!(crosses::<Handle>() && is_shared::<Handle>());
    assert!(crosses::<Snapshot>() && is_shared::<Snapshot>());
    assert!(crosses::<Exit>() && crosses::<Report>());
}

/// A log of everything that is said between machine and store has no secret in it.
#[test]
fn the_secret_that_hides_networks_is_not_printed() {
    let secret = [0x00C0_FFEE, 0x5EC2E7];
    let profile = StoredProfile::default().with(|it| {
        it.next_sequence = Sequence(7);
        it.network_secret = secret.into();
    });
    let printed = format!("{:?}", Output::Commit { txn: TxnId(1), ops: vec![StoreOp::PutProfile(profile)] });
    assert!(printed.contains("NetworkSecret(..)") && printed.contains("Sequence(7)"), "{printed}");
    for part in secret {
        assert!(!printed.contains(&part.to_string()), "{printed}");
    }
}
