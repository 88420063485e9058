//! What the steps of a timeline that only periodic syncs know do to the world.

use background_sync::policy::SyncKind;
use background_sync::scheduler::UtcOffset;
use background_sync::{Input, PeriodicInput};

use super::{Trouble, World};
use crate::timeline::{EngagementStep, Pause, RegisterPeriodic, Site, UnregisterPeriodic, Visit};

impl World {
    pub(super) fn register_periodic(&mut self, register: &RegisterPeriodic) -> Result<(), Trouble> {
        let key = self.key(&register.worker)?;
        let request = self.new_request(register.id.as_ref());
        let facts = register.facts(self.around.facts(&key, SyncKind::Periodic));
        let (min_interval, asked_by) = (register.min_interval, register.by.into());
        let tag = register.tag.clone();
        self.tell(Input::Periodic(PeriodicInput::Register { request, key, tag, min_interval, asked_by, facts }))
    }

    pub(super) fn unregister_periodic(&mut self, unregister: &UnregisterPeriodic) -> Result<(), Trouble> {
        let key = self.key(&unregister.worker)?;
        let request = self.new_request(unregister.id.as_ref());
        self.tell(Input::Periodic(PeriodicInput::Unregister { request, key, tag: unregister.tag.clone() }))
    }

    pub(super) fn visit(&mut self, visit: &Visit) -> Result<(), Trouble> {
        let Visit { origin, partition, nested } = visit;
        if *nested {
            self.note(|| format!("a frame of {origin} in another site's page is no visit"));
            return Ok(());
        }
        let site = Site { partition: partition.0, origin: origin.clone() };
        self.around.visited(&site);
        let Site { partition, origin } = site;
        let offset = self.around.utc_offset;
        self.notify(Input::Periodic(PeriodicInput::Visited { partition, origin, offset }))
    }

    pub(super) fn set_utc_offset(&mut self, offset: UtcOffset) -> Result<(), Trouble> {
        self.around.utc_offset = offset;
        self.notify(Input::Periodic(PeriodicInput::UtcOffset(offset)))
    }

    pub(super) fn set_engagement(&mut self, step: &EngagementStep) -> Result<(), Trouble> {
        let site = Site { partition: step.partition.0, origin: step.origin.clone() };
        self.around.engagement.insert(site.clone(), step.level);
        let Site { partition, origin } = site;
        self.notify(Input::Periodic(PeriodicInput::EngagementChanged { partition, origin, engagement: step.level }))
    }

    pub(super) fn set_pause(&mut self, pause: &Pause) -> Result<(), Trouble> {
        let site = Site { partition: pause.partition.0, origin: pause.origin.clone() };
        if pause.paused {
            self.around.paused.insert(site.clone());
        } else {
            self.around.paused.remove(&site);
        }
        let Site { partition, origin } = site;
        self.notify(Input::Periodic(PeriodicInput::PauseChanged { partition, origin, paused: pause.paused }))
    }
}
