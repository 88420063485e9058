//! What the oracle makes of inputs that concern periodic syncs.

use background_sync::policy::RegistrationKey;
use background_sync::registration::Now;
use background_sync::{Input, NetworkSubject, PeriodicInput};

use super::Periodic;
use crate::Site;
use crate::oracle::Oracle;

impl Oracle {
    pub(in crate::oracle) fn hear_periodic(&mut self, now: Now, input: &Input) {
        match input {
            Input::PartitionClosed { request: _, partition } if partition.is_private() => {
                self.periodic.days.closed(*partition);
                self.periodic.sites.retain(|site, _| site.partition != *partition);
            }
            Input::NetworkChanged { subject: NetworkSubject::All, .. } => {
                self.periodic.network_named(self.told.link().last_named());
            }
            Input::Loaded(loaded) => {
                self.periodic.loaded(now, loaded, self.workers.are_known());
            }
            // What waited for it is turned down; what was said of origins waits on.
            Input::Periodic(input) if !self.told.stopping() => self.hear_periodic_input(now, input),
            _ => {}
        }
    }

    fn hear_periodic_input(&mut self, now: Now, input: &PeriodicInput) {
        match input {
            PeriodicInput::Register { request, key, tag, asked_by, min_interval, .. } => {
                // A worker that registers anything in its events goes on with a loop.
                self.workers.longest_hop(key, *asked_by, now.monotonic, &self.parameters);
                let network = self.told.link().last_named();
                let is_refused = self.requests.breaks_a_rule(*request, &self.parameters);
                self.periodic.asked(now, *request, (key, tag, *min_interval), network, is_refused);
            }
            PeriodicInput::Unregister { .. } | PeriodicInput::UtcOffset(_) => {}
            PeriodicInput::Visited { .. }
            | PeriodicInput::EngagementChanged { .. }
            | PeriodicInput::PauseChanged { .. } => self.periodic.said(input),
        }
    }
}

impl Periodic {
    /// Something is said of an origin.
    fn said(&mut self, input: &PeriodicInput) {
        if self.loading {
            self.early.push(input.clone());
        } else {
            self.counts(input);
        }
    }

    pub(super) fn counts(&mut self, input: &PeriodicInput) {
        match input {
            PeriodicInput::Visited { partition, origin, .. } => {
                let site = Site { partition: *partition, origin: origin.clone() };
                let has_any = self.is_registered(&site);
                self.sites.entry(site).or_default().was_visited(has_any);
            }
            PeriodicInput::EngagementChanged { partition, origin, engagement } => {
                let site = Site { partition: *partition, origin: origin.clone() };
                self.sites.entry(site).or_default().engagement_told(*engagement);
            }
            PeriodicInput::PauseChanged { partition, origin, paused } => {
                let site = Site { partition: *partition, origin: origin.clone() };
                self.sites.entry(site).or_default().pause_told(*paused);
            }
            PeriodicInput::Register { .. } | PeriodicInput::Unregister { .. } | PeriodicInput::UtcOffset(_) => {}
        }
    }

    /// A worker that was ready brought the news that its origin may not.
    pub(in crate::oracle) fn denied(&mut self, key: &RegistrationKey) {
        self.denied.push((key.partition(), key.origin().clone()));
    }
}
