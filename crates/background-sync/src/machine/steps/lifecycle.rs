//! Sleep, freeze and end of the machine itself.

use crate::input::Unavailable;
use crate::machine::Machine;
use crate::machine::parts::Phase;
use crate::machine::parts::attempts::AttemptPhase;
use crate::machine::parts::registry::WorkerIx;
use crate::machine::parts::time::Timer;
use crate::machine::steps::outcomes::End;
use crate::{AttemptId, Input, Output, RegisterError, TerminateReason};

impl Machine {
    /// Answers a request that can't be served, whatever it asks for.
    pub(in crate::machine) fn reject(&mut self, input: &Input, why: Unavailable) {
        if let Some((request, reply)) = input.rejection(why) {
            self.out.reply(request, reply);
        }
    }

    /// I7: at shutdown every request gets its reply and every attempt its end.
    pub(in crate::machine) fn shut_down(&mut self) {
        if let Phase::Loading(loading) = std::mem::replace(&mut self.phase, Phase::Stopped) {
            self.forget_rows();
            self.wake_done();
            for entry in loading.into_parts().1.into_entries() {
                self.route(entry.input);
                for (request, taken) in entry.asked {
                    self.confirm(request, taken);
                }
            }
            return;
        }
        self.phase = Phase::Running;
        for ix in self.registry.workers_where(|_| true) {
            self.reject_everything_of(ix);
        }
        for id in self.attempts.ids() {
            self.end_at_shutdown(id);
        }
        self.wake_done();
        self.journal.note_profile_at_the_end();
        self.journal.bring_along();
        self.journal.hurry();
        self.phase = Phase::Stopping { last: None };
        self.arm_wake_up();
        self.stop_if_written();
    }

    fn reject_everything_of(&mut self, ix: WorkerIx) {
        for tag in self.registry.busy_tags(ix) {
            self.withdraw_asks(tag, Err(RegisterError::Shutdown), |_| true);
        }
        let Some(asker) = self.asker(ix) else { return };
        for (request, reply) in self.replies.give_up(asker) {
            self.out.reply(request, reply);
        }
    }

    fn end_at_shutdown(&mut self, id: AttemptId) {
        let Some(attempt) = self.attempts.get(id) else { return };
        match attempt.phase() {
            AttemptPhase::AskingUser { .. } | AttemptPhase::Starting { .. } => self.abandon(id),
            AttemptPhase::Running(_) => {
                self.out.emit(Output::Terminate { attempt: id, reason: TerminateReason::Shutdown });
                self.settle(id, End::Shutdown);
                self.release(id);
            }
            AttemptPhase::Terminating { .. } => self.release(id),
        }
    }

    /// Whoever comes next may find only what is written.
    pub(in crate::machine) fn slept(&mut self) {
        self.time.sleep();
        self.keep_running_time();
        self.journal.bring_along();
        self.journal.hurry();
    }

    pub(in crate::machine) fn woke(&mut self) {
        #[cfg(feature = "periodic")]
        self.wake.system_woke(self.time.wall());
        if self.time.wake() {
            self.realign_waits();
        }
        self.recheck_all_origins();
    }

    /// What runs may fail now without being charged.
    pub(in crate::machine) fn frozen(&mut self) {
        self.time.freeze();
        self.keep_running_time();
        self.journal.bring_along();
        self.journal.hurry();
        self.attempts.interrupt(|_| true);
    }

    /// Caps count the time in which a worker could run.
    pub(in crate::machine) fn thawed(&mut self) {
        let (stood_still, shows) = self.time.thaw();
        if let Some(stood_still) = stood_still {
            for (id, deadline) in self.attempts.postpone(stood_still) {
                self.time.set(Timer::Attempt(id), deadline);
            }
        }
        if shows {
            self.realign_waits();
        }
        self.recheck_all_origins();
    }
}
