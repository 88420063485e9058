//! What inspectors are shown of periodic registrations, against what is known.

use std::collections::BTreeMap;

use background_sync::policy::SyncKind;
use background_sync::registration::{StateName, WallTime};
use background_sync::scheduler::{NetworkState, PeriodicHold};
use background_sync::{Machine, RegistrationView, WhyNot};

use super::record::Record;
use crate::Site;
use crate::oracle::holds::Hold;
use crate::oracle::model::Name;
use crate::oracle::record::Certainty;
use crate::oracle::views::hold_of;
use crate::oracle::{Oracle, Verdict, broken};

/// Holds that are named whenever they hold beyond doubt.
const ALWAYS_NAMED: [Hold; 6] =
    [Hold::Suspended, Hold::Restricted, Hold::Network, Hold::Flap, Hold::Concurrency, Hold::Worker];

impl Oracle {
    pub(in crate::oracle) fn compare_periodic(&self, machine: &Machine) -> Verdict {
        let shown = machine.registrations().filter(|view| view.kind == SyncKind::Periodic);
        let shown: BTreeMap<Name, RegistrationView> =
            shown.map(|view| ((view.key.clone(), view.tag.clone()), view)).collect();
        for (name, record) in &self.periodic.records {
            match shown.get(name) {
                Some(view) => self.compare_view(name, record, view)?,
                None if record.certain => {
                    return broken("I3", format!("periodic {:?} is registered and not shown", name.1));
                }
                None => {}
            }
        }
        let unknown =
            shown.keys().find(|name| !self.periodic.records.contains_key(name) && !self.periodic.has_asks(name));
        unknown.map_or(Ok(()), |name| broken("I3", format!("periodic {:?} is shown and not registered", name.1)))
    }

    fn compare_view(&self, name: &Name, record: &Record, view: &RegistrationView) -> Verdict {
        if !record.certain || self.periodic.has_asks(name) {
            return Ok(());
        }
        let reasons = &view.why_not;
        if !self.parameters.runs(SyncKind::Periodic) {
            return match reasons.contains(&WhyNot::KindNotRun) {
                true => Ok(()),
                false => broken("I15", format!("periodic {:?} is run by nobody, and {reasons:?} is said", name.1)),
            };
        }
        if reasons.is_empty() {
            return broken("I15", format!("periodic {:?} waits for no reason", name.1));
        }
        if let Some(reason) = reasons.iter().find(|reason| !self.periodic_may_be(reason, name, record)) {
            return broken("I15", format!("periodic {:?} is said to wait for {reason:?}, and cannot", name.1));
        }
        let named = |hold| reasons.iter().any(|reason| hold_of(reason) == Some(hold));
        let missing = ALWAYS_NAMED
            .into_iter()
            .find(|hold| !named(*hold) && self.periodic_hold(*hold, name, record) == Certainty::Yes);
        if let Some(hold) = missing {
            return broken("I15", format!("periodic {:?} waits for {hold:?}, and only {reasons:?} is said", name.1));
        }
        self.compare_suspension(name, record, view)
    }

    /// `periodic.def.state`: what is suspended is listed as that.
    fn compare_suspension(&self, name: &Name, record: &Record, view: &RegistrationView) -> Verdict {
        let site = Site::of(&name.0);
        let suspended = self.periodic.sites.get(&site).map_or(Certainty::No, |state| state.is_suspended());
        let rests = record.running.is_none() && record.tries.is_none() && record.unsettled_until.is_none();
        let is_shown = view.state == StateName::Suspended;
        if (is_shown && !suspended.is_possible()) || (!is_shown && suspended == Certainty::Yes && rests) {
            return broken("suspended", format!("{:?} is shown {:?}; suspended: {suspended:?}", name.1, view.state));
        }
        Ok(())
    }

    fn periodic_may_be(&self, reason: &WhyNot, name: &Name, record: &Record) -> bool {
        let state = self.told.link().state();
        match reason {
            WhyNot::NetworkUnknown => *state == NetworkState::Unknown,
            WhyNot::Offline => *state == NetworkState::Offline,
            WhyNot::Captive => *state == NetworkState::Captive,
            WhyNot::Periodic { why, until } => self.plan_may_be(*why, *until, name, record),
            other => hold_of(other).is_some_and(|hold| self.periodic_hold(hold, name, record).is_possible()),
        }
    }

    fn periodic_hold(&self, hold: Hold, name: &Name, record: &Record) -> Certainty {
        let (now, site) = (self.last_now, Site::of(&name.0));
        let maybe = |may| Certainty::between(may, false);
        match hold {
            Hold::Suspended | Hold::Restricted | Hold::Network | Hold::Flap | Hold::Concurrency | Hold::Store => {
                self.hold_of_all(hold)
            }
            Hold::OriginConcurrency | Hold::Spread | Hold::OriginNetwork => self.hold_of_origin(hold, &site),
            Hold::Budget => {
                let params = &self.parameters.periodic;
                let least = params.max_event_duration.min(self.parameters.min_event_duration);
                maybe(self.periodic.days.may_be_used_up(now.wall, &site, least, params))
            }
            Hold::WakeUp => maybe(self.told.left_of_wake_up(now.monotonic).is_some()),
            Hold::Busy => {
                let busy = self.attempts.is_busy(now, &name.0, SyncKind::Periodic, &name.1);
                maybe(busy.is_possible() || record.running.is_some())
            }
            Hold::Wait => maybe(record.tries.is_some() || record.unsettled_until.is_some()),
            Hold::Condition => maybe(!self.unmet_of_periodic(&site, Certainty::Maybe).is_empty()),
            // Of the reply to its first call it is not noted when that arrived.
            Hold::Delivery => Certainty::Maybe,
            Hold::Worker => self.workers.hold(&name.0),
            Hold::OtherNetwork => maybe(self.parameters.network_mode != background_sync::scheduler::NetworkMode::Any),
        }
    }

    /// Whether a plan that cannot be known may be so: its reason is one, and its moment is to come.
    fn plan_may_be(&self, why: PeriodicHold, until: Option<WallTime>, name: &Name, record: &Record) -> bool {
        let (now, params) = (self.last_now.wall, &self.parameters.periodic);
        let site = Site::of(&name.0);
        let Some(state) = self.periodic.sites.get(&site) else { return false };
        let is_to_come = until.is_some_and(|until| until > now);
        match why {
            PeriodicHold::MinInterval => {
                let own = record.anchor.most.after(self.periodic.interval(name, record).most.duration());
                is_to_come && until.is_some_and(|until| until <= own.after(super::due::APART))
            }
            PeriodicHold::OriginInterval => {
                let due = state.due(params).map(|due| due.most.after(super::due::APART));
                is_to_come && until <= due
            }
            PeriodicHold::Slot => is_to_come && state.visited && params.follow_visits,
            PeriodicHold::Clock => is_to_come,
            PeriodicHold::AcrossOrigins => is_to_come && self.periodic.passes.may_be_used_up(now, params),
            PeriodicHold::Budget => is_to_come && self.periodic_hold(Hold::Budget, name, record).is_possible(),
            PeriodicHold::OtherEvent => true,
            PeriodicHold::ReaderAway => until.is_none() && state.visited && params.follow_visits,
            PeriodicHold::NoEngagement => until.is_none() && state.has_no_engagement().is_possible(),
            PeriodicHold::Paused => until.is_none() && state.is_paused(),
        }
    }
}
