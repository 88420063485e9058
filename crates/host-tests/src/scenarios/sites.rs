use std::time::Duration;

use background_sync::policy::{PermissionState, RegistrationKey, UserSwitch, WindowClients};

use super::{PROFILE, go_online, key_of, open, open_one};
use crate::session::Session;
use crate::{Behaviour, EngineUnderTest};

const MINUTE: Duration = Duration::from_secs(60);

/// A chat and a newspaper, each with something to send.
fn chat_and_news<E: EngineUnderTest>(session: &mut Session<E>) -> (RegistrationKey, RegistrationKey) {
    let (chat, news) = (open(session), key_of(PROFILE, "https://news.example"));
    session.apart_from(&chat, |session| open_one(session, &news));
    for key in [&chat, &news] {
        session.call(key, "outbox");
        session.settle();
        session.expect_registered(key, "outbox");
    }
    (chat, news)
}

/// One has its windows closed, its worker hang and its permission revoked, and nothing of that is the other's.
pub(super) fn two<E: EngineUnderTest>(mut session: Session<E>) -> Session<E> {
    let (chat, news) = chat_and_news(&mut session);
    session.apart_from(&news, |session| session.set_windows(&chat, WindowClients::none()));
    session.behave(&chat, Behaviour::Hangs);
    go_online(&mut session);
    session.expect_kept(&news, "outbox", 5 * MINUTE);
    session.call(&news, "drafts");
    session.apart_from(&news, |session| session.set_permission(&chat, PermissionState::Denied));
    session.expect_taken_away(&chat, "outbox");
    session.expect_kept(&news, "drafts", 5 * MINUTE);
    session
}

/// What was registered is gone, also when it is switched on again; what is registered then is kept.
pub(super) fn switched_off<E: EngineUnderTest>(mut session: Session<E>) -> Session<E> {
    let (chat, news) = chat_and_news(&mut session);
    session.apart_from(&news, |session| session.set_switch(&chat, UserSwitch::Off));
    session.expect_taken_away(&chat, "outbox");
    session.expect_registered(&news, "outbox");
    session.call(&chat, "refused");
    session.settle();
    session.expect_taken_away(&chat, "refused");
    let mut session = session.crash();
    session.expect_taken_away(&chat, "outbox");
    session.set_windows(&chat, WindowClients::new(1, 0));
    session.set_switch(&chat, UserSwitch::On);
    session.expect_taken_away(&chat, "outbox");
    session.call(&chat, "outbox");
    session.settle();
    go_online(&mut session);
    session.expect_kept(&chat, "outbox", 5 * MINUTE);
    session.expect_kept(&news, "outbox", 5 * MINUTE);
    session
}
