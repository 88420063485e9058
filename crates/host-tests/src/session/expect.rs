//! What has to come of it.

use std::time::Duration;

use background_sync::Input;
use background_sync::policy::{RegistrationKey, SyncKind};
use background_sync::registration::Tag;

use super::Session;
use crate::{EngineUnderTest, Rule};

impl<E: EngineUnderTest> Session<E> {
    /// The event comes within `most`, and the registration is gone then.
    pub(crate) fn expect_kept(&mut self, key: &RegistrationKey, tag: &str, most: Duration) {
        let tag = Tag::from(tag);
        let is_gone = |session: &mut Self| !session.is_registered(key, &tag);
        if !self.advance_until(most, is_gone) {
            let why = self.process.driver.machine().why_not(key, SyncKind::OneShot, &tag);
            self.found(Rule::PromiseNotKept, format!("{tag:?} is still there after {most:?}, held by {why:?}"));
        }
    }

    /// It is registered.
    pub(crate) fn expect_registered(&mut self, key: &RegistrationKey, tag: &str) {
        if !self.is_registered(key, &Tag::from(tag)) {
            self.found(Rule::PromiseNotKept, format!("{tag:?} is not there, and nobody took it away"));
        }
    }

    /// It is gone, without an event.
    pub(crate) fn expect_taken_away(&mut self, key: &RegistrationKey, tag: &str) {
        if self.is_registered(key, &Tag::from(tag)) {
            self.found(Rule::NotTakenAway, format!("{tag:?} is still there"));
        }
    }

    /// The wake-up that waits is delivered at its time.
    pub(crate) fn expect_woken(&mut self, most: Duration) {
        let Some(wake_up) = self.process.driver.machine().next_wakeup() else {
            return self.found(Rule::WakeUpLost, "none was asked for, and something waits");
        };
        let sleeps = wake_up.latest.since(self.clock.read().wall);
        if sleeps > most {
            return self.found(Rule::WakeUpLost, format!("it is asked for in {sleeps:?}"));
        }
        self.watch.borrow_mut().forget_heard();
        // Time goes on while the engine stands still.
        self.clock.advance(sleeps);
        self.settle();
        let woken = self.watch.borrow().has_heard(|input| matches!(input, Input::Woken { .. }));
        if !woken {
            self.found(Rule::WakeUpLost, format!("the latest moment of {wake_up:?} is over"));
        }
    }

    fn is_registered(&self, key: &RegistrationKey, tag: &Tag) -> bool {
        self.process.driver.machine().registration(key, SyncKind::OneShot, tag).is_some()
    }
}
