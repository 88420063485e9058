//! Whoever takes registrations away may want to hear when they are durably gone.

use crate::machine::Machine;
use crate::machine::parts::journal::Gone;
use crate::taken::Taken;
use crate::{RemovalError, Reply, RequestId};

impl Machine {
    /// Says that what was just taken away is durably gone, now or when it is.
    pub(in crate::machine) fn confirm(&mut self, request: RequestId, taken: Taken) {
        if self.phase.is_stopped() {
            return self.say_gone(request, Err(RemovalError::Shutdown));
        }
        match taken {
            // I12: what is in a private partition is in no store.
            Taken::Nothing | Taken::Private => self.say_gone(request, Ok(())),
            Taken::Stored => match self.journal.confirm(request, self.rules.params().max_queued_requests) {
                Gone::Durably => self.say_gone(request, Ok(())),
                Gone::NotYet => {}
                Gone::NoRoom => self.say_gone(request, Err(RemovalError::QueueFull)),
            },
        }
    }

    /// The store takes nothing any more: the next start finds what should be gone.
    pub(in crate::machine) fn give_up_confirmations(&mut self) {
        for request in self.journal.give_up_confirmations() {
            self.say_gone(request, Err(RemovalError::Store));
        }
    }

    pub(in crate::machine) fn say_gone(&mut self, request: RequestId, gone: Result<(), RemovalError>) {
        self.out.reply(request, Reply::Durable(gone));
    }
}
