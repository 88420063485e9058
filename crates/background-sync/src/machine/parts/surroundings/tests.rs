//! The link, the networks, the switches, as the host tells of them.

use proptest::prelude::*;

use super::*;
use crate::machine::parts::named::at;

fn named(name: &str) -> NetworkState {
    NetworkState::Online { metered: false, roaming: false, network_id: Some(NetworkId::new(name)) }
}

fn state(number: usize) -> NetworkState {
    [named("home"), named("work"), NetworkState::online(), NetworkState::Offline, NetworkState::Captive][number].clone()
}

proptest! {
    /// Notices with a number, some of them late, against all that was heard so far.
    #[test]
    fn the_last_notice_counts_and_the_last_named_network_is_remembered(
        notices in prop::collection::vec((0_usize..5, 0_u64..12), 0..20),
    ) {
        let params = SyncParameters::recommended();
        let mut around = Surroundings::unknown();
        let (mut newest, mut last, mut named, mut comings) = (0, NetworkState::Unknown, None, 1);
        for (time, (number, epoch)) in (0..).zip(notices) {
            let told = state(number);
            let counts = epoch >= newest;
            let change = around.network(told.clone(), epoch, at(time), &params);
            prop_assert_eq!(change.is_some(), counts);
            if counts {
                comings += u64::from(told.is_online() && !last.is_online());
                named = told.network_id().cloned().or(named);
                (newest, last) = (epoch, told);
            }
            prop_assert_eq!(around.link().state(), &last);
            prop_assert_eq!(around.link_epoch(), comings);
            prop_assert_eq!(around.here(), last.network_id().map(|id| around.identity_of(id)));
            prop_assert_eq!(around.last_network(), named.as_ref().map(|id| around.identity_of(id)));
        }
    }
}

/// The network `name` is up, and what there is was registered on `home`, or nobody knows where.
fn on(name: &str, known: bool) -> (Surroundings, SyncRegistration) {
    use background_sync_registration::{Now, Observed, Sequence, Series, StoredRegistration, StoredState};
    let mut around = Surroundings::unknown();
    around.network(named(name), 1, at(0), &SyncParameters::recommended());
    let stored = StoredRegistration {
        sequence: Sequence(1),
        key: crate::machine::parts::named::key(0),
        kind: SyncKind::OneShot,
        tag: "outbox".into(),
        state: StoredState::Pending(None),
        series: Series::default(),
        registered: Observed::default(),
        network: known.then(|| around.identity_of(&NetworkId::new("home"))),
        schedule: None,
    };
    (around, SyncRegistration::from_stored(&stored, Now::default()))
}

#[test]
fn what_belongs_elsewhere_goes_by_the_mode_and_by_what_the_user_said() {
    use NetworkMode::{Any, AskOnChange, Same};
    let belongs = |name, known, declined: Option<&str>, mode| {
        let (around, registration) = on(name, known);
        let declined = declined.map(|name| around.identity_of(&NetworkId::new(name)));
        (around.belongs_elsewhere(&registration, declined, mode), around.must_ask(&registration, mode))
    };
    assert_eq!([Any, Same, AskOnChange].map(|mode| belongs("home", true, None, mode)), [(false, false); 3]);
    let at_work = [Any, Same, AskOnChange].map(|mode| belongs("work", true, None, mode));
    assert_eq!(at_work, [(false, false), (true, false), (false, true)]);
    let unknown = [Any, Same, AskOnChange].map(|mode| belongs("work", false, None, mode));
    assert_eq!(unknown, [(false, false); 3], "nobody knows where it belongs");
    assert_eq!(belongs("work", true, Some("work"), AskOnChange), (true, true), "the user said no to this one");
    assert_eq!(belongs("work", true, Some("school"), AskOnChange), (false, true), "and no to another one");
}

#[test]
fn a_network_is_hashed_with_the_secret_that_is_read_later() {
    let (mut around, _) = on("home", false);
    let before = around.last_network();
    around.set_secret([1, 2].into());
    assert_ne!(around.last_network(), before);
    assert_eq!(around.last_network(), around.here());
}

#[test]
fn switches_are_of_a_kind_and_restrictions_tell_of_changes() {
    let mut around = Surroundings::unknown();
    around.set_switch(SyncKind::OneShot, UserSwitch::Off);
    assert_eq!(SyncKind::ALL.map(|kind| around.switch(kind)), [UserSwitch::Off, UserSwitch::On]);
    around.set_switch(SyncKind::OneShot, UserSwitch::On);
    assert_eq!(around.switch(SyncKind::OneShot), UserSwitch::On);
    let words = [SystemRestriction::None, SystemRestriction::Restricted, SystemRestriction::Restricted];
    assert_eq!(words.map(|word| around.set_restriction(word)), [false, true, false]);
    assert!(around.is_restricted());
}
