use std::time::Duration;

use background_sync::policy::{PermissionState, RegistrationKey};

use super::{go_online, open};
use crate::session::Session;
use crate::{Behaviour, EngineUnderTest};

fn registered<E: EngineUnderTest>(session: &mut Session<E>) -> RegistrationKey {
    let key = open(session);
    session.call(&key, "outbox");
    session.settle();
    session.expect_registered(&key, "outbox");
    key
}

/// It is gone, and stays so over a crash.
fn gone<E: EngineUnderTest>(mut session: Session<E>, key: &RegistrationKey) -> Session<E> {
    session.expect_taken_away(key, "outbox");
    let mut session = session.crash();
    session.expect_taken_away(key, "outbox");
    go_online(&mut session);
    session
}

pub(super) fn unregistered<E: EngineUnderTest>(mut session: Session<E>) -> Session<E> {
    let key = registered(&mut session);
    session.unregister(&key);
    gone(session, &key)
}

/// The event's end means nothing any more.
pub(super) fn unregistered_in_an_event<E: EngineUnderTest>(mut session: Session<E>) -> Session<E> {
    go_online(&mut session);
    let key = open(&mut session);
    session.behave(&key, Behaviour::Hangs);
    session.call(&key, "outbox");
    session.advance(Duration::from_secs(5));
    session.unregister(&key);
    session.expect_taken_away(&key, "outbox");
    session.advance(Duration::from_secs(300));
    session
}

pub(super) fn cleared<E: EngineUnderTest>(mut session: Session<E>) -> Session<E> {
    let key = registered(&mut session);
    session.clear(&key);
    gone(session, &key)
}

pub(super) fn revoked<E: EngineUnderTest>(mut session: Session<E>) -> Session<E> {
    let key = registered(&mut session);
    session.set_permission(&key, PermissionState::Denied);
    gone(session, &key)
}
