//! Periodic syncs: what only they need.

mod calls;
mod events;
mod judge;
mod plan;
mod world;

use background_sync_policy::SyncKind;
use background_sync_registration::WallTime;

use crate::machine::Machine;
use crate::machine::parts::registry::Wanted;
use crate::machine::steps::requests::Call;
use crate::{Input, PeriodicInput, Reply};

impl Machine {
    pub(in crate::machine) fn route_periodic(&mut self, input: PeriodicInput, said_at: WallTime) {
        match input {
            PeriodicInput::Register { request, key, tag, min_interval, asked_by, facts } => {
                let call = Call { request, said_at, asked_by, wanted: Wanted::Periodic(min_interval) };
                self.register(call, &key, &tag, facts);
            }
            PeriodicInput::Unregister { request, key, tag } => self.unregister_tag(request, &key, &tag),
            PeriodicInput::Visited { partition, origin, offset } => self.visited(partition, &origin, offset),
            PeriodicInput::UtcOffset(offset) => self.offset_changed(offset),
            PeriodicInput::EngagementChanged { partition, origin, engagement } => {
                self.engagement_changed(partition, &origin, engagement);
            }
            PeriodicInput::PauseChanged { partition, origin, paused } => {
                self.pause_changed(partition, &origin, paused);
            }
        }
    }

    /// Before the store was read, calls and what is said of origins wait; civil time counts at once.
    pub(in crate::machine) fn route_periodic_while_loading(&mut self, input: PeriodicInput) {
        match input {
            PeriodicInput::Register { .. } | PeriodicInput::Unregister { .. } => {
                self.request_while_loading(Input::Periodic(input));
            }
            PeriodicInput::UtcOffset(offset) => self.offset_changed(offset),
            PeriodicInput::Visited { .. }
            | PeriodicInput::EngagementChanged { .. }
            | PeriodicInput::PauseChanged { .. } => self.notice_while_loading(Input::Periodic(input), None),
        }
    }

    /// Switched off: everybody is answered, and nothing else happens.
    pub(in crate::machine) fn route_periodic_off(&mut self, input: PeriodicInput) {
        match input {
            PeriodicInput::Register { request, key, tag, .. } => self.refuse(request, &key, SyncKind::Periodic, &tag),
            PeriodicInput::Unregister { request, .. } => self.out.reply(request, Reply::Unregistered(Ok(()))),
            PeriodicInput::Visited { .. }
            | PeriodicInput::UtcOffset(_)
            | PeriodicInput::EngagementChanged { .. }
            | PeriodicInput::PauseChanged { .. } => {}
        }
    }
}
