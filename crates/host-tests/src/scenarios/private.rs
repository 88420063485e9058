use std::time::Duration;

use background_sync::policy::{RegistrationKey, WindowClients};

use super::{PRIVATE, go_online, key_of, open, open_one};
use crate::EngineUnderTest;
use crate::session::Session;

const MINUTE: Duration = Duration::from_secs(60);

/// The same site in a private window and in an ordinary one, with the same tag. Of the private one nothing is stored.
fn both<E: EngineUnderTest>(session: &mut Session<E>) -> (RegistrationKey, RegistrationKey) {
    let (ordinary, private) = (open(session), key_of(PRIVATE, "https://chat.example"));
    session.apart_from(&ordinary, |session| open_one(session, &private));
    for key in [&ordinary, &private] {
        session.call(key, "outbox");
        session.settle();
        session.expect_registered(key, "outbox");
    }
    (ordinary, private)
}

/// Each event comes to its own worker.
pub(super) fn window<E: EngineUnderTest>(mut session: Session<E>) -> Session<E> {
    let (ordinary, private) = both(&mut session);
    session.apart_from(&private, |session| session.set_windows(&ordinary, WindowClients::none()));
    go_online(&mut session);
    session.expect_kept(&private, "outbox", 5 * MINUTE);
    session.expect_kept(&ordinary, "outbox", 5 * MINUTE);
    session
}

/// What it was to do is forgotten, and the ordinary window's is not.
pub(super) fn closed<E: EngineUnderTest>(mut session: Session<E>) -> Session<E> {
    let (ordinary, private) = both(&mut session);
    session.apart_from(&ordinary, |session| session.close_private(PRIVATE));
    session.expect_taken_away(&private, "outbox");
    session.expect_registered(&ordinary, "outbox");
    go_online(&mut session);
    session.expect_kept(&ordinary, "outbox", 5 * MINUTE);
    session
}

pub(super) fn crash<E: EngineUnderTest>(mut session: Session<E>) -> Session<E> {
    let (ordinary, private) = both(&mut session);
    let mut session = session.crash();
    session.expect_taken_away(&private, "outbox");
    session.expect_registered(&ordinary, "outbox");
    go_online(&mut session);
    session.expect_kept(&ordinary, "outbox", 5 * MINUTE);
    session
}
