use std::time::Duration;

use background_sync::policy::{RegistrationKey, WindowClients};

use super::{go_offline, go_online, open};
use crate::session::Session;
use crate::{Behaviour, EngineUnderTest};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);

/// A registration whose event ends like this at first, and well the next time.
fn once<E: EngineUnderTest>(session: &mut Session<E>, behaviour: Behaviour, runs: Duration) -> RegistrationKey {
    go_online(session);
    let key = open(session);
    session.behave(&key, behaviour);
    session.call(&key, "outbox");
    session.advance(runs);
    session.expect_registered(&key, "outbox");
    session.behave(&key, Behaviour::Fulfils);
    key
}

pub(super) fn rejected<E: EngineUnderTest>(mut session: Session<E>) -> Session<E> {
    let key = once(&mut session, Behaviour::Rejects, Duration::from_secs(5));
    session.expect_kept(&key, "outbox", HOUR);
    session
}

pub(super) fn crashes<E: EngineUnderTest>(mut session: Session<E>) -> Session<E> {
    let key = once(&mut session, Behaviour::Crashes, Duration::from_secs(5));
    session.expect_kept(&key, "outbox", HOUR);
    session
}

/// It is terminated at its cap.
pub(super) fn hangs<E: EngineUnderTest>(mut session: Session<E>) -> Session<E> {
    let key = once(&mut session, Behaviour::Hangs, 4 * MINUTE);
    session.expect_kept(&key, "outbox", HOUR);
    session
}

pub(super) fn does_not_start<E: EngineUnderTest>(mut session: Session<E>) -> Session<E> {
    let key = once(&mut session, Behaviour::DoesNotStart, Duration::from_secs(5));
    session.expect_kept(&key, "outbox", HOUR);
    session
}

/// It fires once more, for the promise that was made meanwhile.
pub(super) fn registered_again<E: EngineUnderTest>(mut session: Session<E>) -> Session<E> {
    let key = once(&mut session, Behaviour::Hangs, Duration::from_secs(5));
    session.call(&key, "outbox");
    session.settle();
    session.expect_kept(&key, "outbox", HOUR);
    session
}

pub(super) fn link_goes_down<E: EngineUnderTest>(mut session: Session<E>) -> Session<E> {
    let key = once(&mut session, Behaviour::Hangs, Duration::from_secs(5));
    go_offline(&mut session);
    session.advance(5 * MINUTE);
    go_online(&mut session);
    session.expect_kept(&key, "outbox", HOUR);
    session
}

/// The engine stands still, as a phone's does, until the system wakes it.
pub(super) fn woken<E: EngineUnderTest>(mut session: Session<E>) -> Session<E> {
    let key = once(&mut session, Behaviour::Rejects, Duration::from_secs(5));
    session.set_windows(&key, WindowClients::none());
    session.settle();
    session.expect_woken(24 * HOUR);
    session.expect_kept(&key, "outbox", HOUR);
    session
}
