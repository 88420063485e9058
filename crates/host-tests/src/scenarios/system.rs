use std::time::Duration;

use background_sync::policy::SystemRestriction;

use super::{go_online, open};
use crate::session::Session;
use crate::{Behaviour, EngineUnderTest};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);

/// What is registered waits, what is called is refused, and afterwards everything goes on.
pub(super) fn restricted<E: EngineUnderTest>(mut session: Session<E>) -> Session<E> {
    let key = open(&mut session);
    session.call(&key, "outbox");
    session.settle();
    session.set_restriction(SystemRestriction::Restricted);
    go_online(&mut session);
    session.advance(HOUR);
    session.expect_registered(&key, "outbox");
    session.call(&key, "refused");
    session.settle();
    session.expect_taken_away(&key, "refused");
    session.set_restriction(SystemRestriction::None);
    session.expect_kept(&key, "outbox", 5 * MINUTE);
    session
}

/// A retry that comes due in the night is made in the morning, and an event that hangs is not over its cap for having been
/// slept through.
pub(super) fn sleeps<E: EngineUnderTest>(mut session: Session<E>) -> Session<E> {
    go_online(&mut session);
    let key = open(&mut session);
    session.behave(&key, Behaviour::Rejects);
    session.call(&key, "outbox");
    session.advance(MINUTE / 12);
    session.expect_registered(&key, "outbox");
    session.behave(&key, Behaviour::Hangs);
    session.call(&key, "drafts");
    session.advance(MINUTE / 12);
    session.sleep(8 * HOUR);
    session.behave(&key, Behaviour::Fulfils);
    session.expect_kept(&key, "outbox", 10 * MINUTE);
    session.expect_kept(&key, "drafts", HOUR);
    session
}
