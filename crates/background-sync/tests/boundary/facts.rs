//! A call carries what was true when it was made, and nobody is asked again.

use std::sync::mpsc::channel;

use background_sync::policy::{
    DomExceptionName, Facts, Incarnation, Origin, PermissionState, Refusal, RegistrationKey, StorageKey, UserSwitch,
    WindowClients, WorkerState,
};
use background_sync::registration::Tag;
use background_sync::{Call, HostCall, Notice, RegisterError};

use crate::run::{driver, turns};
use crate::store::Disk;
use crate::toy::{PROFILE, Workers, key, origin, stage};

/// What a call with these facts comes to.
fn outcome(key: RegistrationKey, facts: Facts) -> Result<(), RegisterError> {
    let mut driver = driver(&stage(Workers::OfTheTest), &Disk::default());
    let (answer, answered) = channel();
    let reply = move |result, _| answer.send(result).unwrap();
    driver.register(key, Tag::from("outbox"), Call::by_page(facts), reply).unwrap();
    let _ = turns(&mut driver);
    answered.try_recv().unwrap()
}

#[test]
fn the_callers_facts_count_and_the_hosts_are_not_asked() {
    let open = Facts::of_an_open_window();
    let refused = |refusal| Err(RegisterError::Refused(refusal));
    let stage = stage(Workers::OfTheTest).saying(|says| {
        says.windows = WindowClients::none();
        says.permission = PermissionState::Denied;
        says.switch = UserSwitch::Off;
        says.worker = WorkerState::None;
    });
    let mut driver = driver(&stage, &Disk::default());
    let _ = turns(&mut driver);
    let (answer, answered) = channel();
    let reply = move |result, _| answer.send(result).unwrap();
    driver.register(key(), Tag::from("outbox"), Call::by_page(open), reply).unwrap();
    let _ = turns(&mut driver);
    assert_eq!(answered.try_recv().unwrap(), Ok(()));
    for call in [HostCall::Windows, HostCall::Permission, HostCall::UserSwitch] {
        assert!(stage.toy.calls(call) <= usize::from(stage.toy.calls(HostCall::Start) > 0), "{call:?}");
    }
    let closed = Facts { windows: WindowClients::none(), ..open };
    assert_eq!(outcome(key(), closed), refused(Refusal::NoWindow));
    let denied = Facts { permission: PermissionState::Denied, ..open };
    assert_eq!(outcome(key(), denied), refused(Refusal::PermissionDenied));
}

#[test]
fn a_caller_that_is_no_secure_context_is_refused() {
    let insecure = Facts { secure_context: false, ..Facts::of_an_open_window() };
    let refused = outcome(key(), insecure).unwrap_err();
    assert_eq!(refused.dom_exception(), DomExceptionName::SecurityError);
}

/// Whatever the caller says.
#[test]
fn http_of_another_machine_is_refused_and_of_this_one_is_not() {
    let key_of = |origin: &str| {
        let scope = format!("{origin}/");
        let storage_key = StorageKey::first_party(Origin::parse(origin).unwrap());
        RegistrationKey::new(PROFILE, storage_key, &scope, Incarnation(1)).unwrap()
    };
    let public = outcome(key_of("http://insecure.example"), Facts::of_an_open_window()).unwrap_err();
    assert_eq!(public.dom_exception(), DomExceptionName::SecurityError);
    assert_eq!(outcome(key_of("http://localhost:8080"), Facts::of_an_open_window()), Ok(()));
}

/// The window closes in the very next message, on one thread: nothing can come between.
#[test]
fn a_window_that_closes_in_the_next_message_changes_nothing() {
    let stage = stage(Workers::OfTheTest);
    let mut driver = driver(&stage, &Disk::default());
    let (answer, answered) = channel();
    let facts = stage.toy.facts(&origin());
    let reply = move |result, _| answer.send(result).unwrap();
    driver.poster().register(key(), Tag::from("outbox"), Call::by_page(facts), reply).unwrap();
    stage.toy.say(|says| says.windows = WindowClients::none());
    driver.poster().notify(Notice::Clients(PROFILE, origin()));
    let _ = turns(&mut driver);
    assert_eq!(answered.try_recv().unwrap(), Ok(()));
}
