//! What is taken away, and what goes for reasons of its own.

use background_sync::policy::{RegistrationKey, SyncKind};
use background_sync::registration::{Now, Tag};
use background_sync::{Detail, EventName, FailureReason, LogEntry, RemovalReason, Status};

use super::Periodic;
use crate::oracle::durable::Durable;
use crate::oracle::removed::Removed;
use crate::oracle::{Verdict, broken};

impl Periodic {
    pub(in crate::oracle) fn remove(&mut self, gone: &Removed, durable: &Durable) {
        for ask in self.asks.values_mut() {
            let (key, tag) = &ask.name;
            // Its reply may wait for its turn; what it asked for is registered then.
            let row = durable.row(SyncKind::Periodic, key, tag).and_then(|row| row.schedule);
            let may_be_applied = row.is_some_and(|schedule| schedule.min_interval == ask.interval);
            let is_open = !may_be_applied
                && !ask.is_decided
                && !key.partition().is_private()
                && !self.loading
                && gone.request().is_none();
            let takes = gone.takes(SyncKind::Periodic, key, tag, ask.at.wall);
            ask.taken_away |= is_open && takes;
            ask.undone_by = ask.undone_by.or(gone.request().filter(|_| takes));
        }
        let (loading, cancelled) = (self.loading, &mut self.cancelled);
        self.records.retain(|name, record| {
            if !gone.takes(SyncKind::Periodic, &name.0, &name.1, record.registered) {
                return true;
            }
            if loading {
                // It is done when the store has been read, and refused when it can't be.
                record.certain = false;
                return true;
            }
            if let Some(request) = gone.request() {
                cancelled.insert(request, (name.clone(), record.clone()));
            }
            false
        });
        self.forget_empty_sites();
    }

    /// What is said of a periodic registration.
    pub(in crate::oracle) fn logged(&mut self, now: Now, entry: &LogEntry) -> Verdict {
        let (Some(SyncKind::Periodic), Some(key), Some(tag)) = (entry.kind, &entry.key, &entry.tag) else {
            return Ok(());
        };
        let status = entry.metadata.iter().find_map(|detail| match detail {
            Detail::Status(status) => Some(*status),
            _ => None,
        });
        match (entry.event, status) {
            (EventName::SyncCompleted, status) => self.is_gone(key, tag, status),
            (EventName::PeriodicSyncEventEnded, Some(Status::Failed(FailureReason::NotInTime))) => {
                self.is_tried_no_more(now, key, tag)
            }
            (_, _) => Ok(()),
        }
    }

    /// A retry that was held for too long is not made, and its interval counts from now.
    fn is_tried_no_more(&mut self, now: Now, key: &RegistrationKey, tag: &Tag) -> Verdict {
        let Some(record) = self.records.get_mut(&Self::name(key, tag)) else { return Ok(()) };
        let may_wait = record.may_be_retried() || record.unsettled_until.is_some();
        if record.certain && (record.running.is_some() || !may_wait) {
            return broken("retry", format!("{tag:?} is tried no more, and no retry of it was to come"));
        }
        record.is_over(now.wall);
        Ok(())
    }

    /// I3: a periodic registration goes because somebody takes it away, and never by itself.
    fn is_gone(&mut self, key: &RegistrationKey, tag: &Tag, status: Option<Status>) -> Verdict {
        let name = Self::name(key, tag);
        let Some(record) = self.records.get(&name) else { return Ok(()) };
        let denied = self.denied.contains(&(key.partition(), key.origin().clone()));
        let justified = !record.certain
            || (denied && matches!(status, Some(Status::Removed(RemovalReason::Revoked | RemovalReason::SwitchedOff))));
        if !justified {
            return broken("I3", format!("periodic {tag:?} is gone without a reason: {status:?}"));
        }
        self.records.remove(&name);
        self.forget_empty_sites();
        Ok(())
    }
}
