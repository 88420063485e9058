//! What people are told.

use background_sync_registration::{Sequence, TagId};

use crate::machine::Machine;
use crate::machine::parts::outbox::{About, Details};
use crate::machine::parts::registry::Record;
use crate::{EventName, Ignored};

impl Machine {
    /// Something happened to a tag, and to this registration of it.
    pub(in crate::machine) fn report(
        &mut self,
        tag: TagId,
        instance: Option<Sequence>,
        event: EventName,
        details: Details,
    ) {
        if let Some(Record { worker, kind, name, .. }) = self.registry.record(tag) {
            let about = About { key: worker.key(), kind, tag: name, instance };
            self.out.report(self.time.wall(), about, event, details);
        }
    }

    pub(in crate::machine) fn report_general(&mut self, event: EventName, details: Details) {
        self.out.report_general(self.time.wall(), event, details);
    }

    /// I9: an input that makes no sense is counted, and that is all.
    pub(in crate::machine) fn ignore(&mut self, reason: Ignored) {
        self.out.ignore(self.time.wall(), reason);
    }
}
