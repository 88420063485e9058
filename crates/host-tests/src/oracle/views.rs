//! What inspectors are shown, against what is known.

use std::collections::BTreeMap;

use background_sync::policy::SyncKind;
use background_sync::scheduler::NetworkState;
use background_sync::{Machine, WhyNot};

use super::Oracle;
use super::holds::Hold;
use super::model::Name;
use super::record::{Certainty, Record};
use super::{Verdict, broken};
use crate::Site;

/// Holds that are named whenever they hold beyond doubt.
const ALWAYS_NAMED: [Hold; 9] = [
    Hold::Suspended,
    Hold::Restricted,
    Hold::Network,
    Hold::Flap,
    Hold::Concurrency,
    Hold::Wait,
    Hold::Delivery,
    Hold::Worker,
    Hold::Condition,
];

impl Oracle {
    /// Compares what the machine shows at a quiet moment: its list, and why each registration does not fire.
    ///
    /// # Errors
    /// What it shows that is not so, or does not show.
    pub fn compare(&self, machine: &Machine) -> Result<(), crate::Broken> {
        if !self.told.is_loaded() || self.told.stopping() {
            return Ok(());
        }
        #[cfg(feature = "periodic")]
        self.compare_periodic(machine)?;
        let shown = machine
            .registrations()
            .filter(|view| view.kind == SyncKind::OneShot)
            .map(|view| ((view.key, view.tag), view.why_not));
        let mut shown: Vec<(Name, Vec<WhyNot>)> = shown.collect();
        shown.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        // Both are in the order of names, so one walk tells which stand in one of them alone.
        let mut unknown: Vec<&Name> = Vec::new();
        let mut rest = shown.as_slice();
        for (name, record) in self.model.records() {
            while let [(other, _), after @ ..] = rest
                && other != name
                && other < name
            {
                unknown.push(other);
                rest = after;
            }
            match rest {
                [(other, reasons), after @ ..] if other == name => {
                    self.compare_reasons(name, record, reasons)?;
                    rest = after;
                }
                [..] if record.certain => {
                    return broken("I3", format!("{:?} is registered and not shown", name.1));
                }
                [..] => {}
            }
        }
        unknown.extend(rest.iter().map(|(name, _)| name));
        match unknown.into_iter().find(|name| !self.model.has_asks(name)) {
            Some(name) => broken("I3", format!("{:?} is shown and not registered", name.1)),
            None => Ok(()),
        }
    }

    fn compare_reasons(&self, name: &Name, record: &Record, reasons: &[WhyNot]) -> Verdict {
        if !record.certain || self.model.has_asks(name) {
            return Ok(());
        }
        if reasons.is_empty() {
            return broken("I15", format!("{:?} waits for no reason", name.1));
        }
        let wrong = reasons.iter().find(|reason| !self.may_be(reason, name, record));
        if let Some(reason) = wrong {
            return broken("I15", format!("{:?} is said to wait for {reason:?}, and cannot", name.1));
        }
        let named = |hold| reasons.iter().any(|reason| hold_of(reason) == Some(hold));
        let missing =
            ALWAYS_NAMED.into_iter().find(|hold| !named(*hold) && self.hold(*hold, name, record) == Certainty::Yes);
        missing.map_or(Ok(()), |hold| {
            broken("I15", format!("{:?} waits for {hold:?}, and only {reasons:?} is said", name.1))
        })
    }

    fn may_be(&self, reason: &WhyNot, name: &Name, record: &Record) -> bool {
        let state = self.told.link().state();
        match reason {
            WhyNot::NetworkUnknown => *state == NetworkState::Unknown,
            WhyNot::Offline => *state == NetworkState::Offline,
            WhyNot::Captive => *state == NetworkState::Captive,
            WhyNot::Condition { condition, until: _ } => self.condition_holds(*condition, name, record).is_possible(),
            other => hold_of(other).is_some_and(|hold| self.hold(hold, name, record).is_possible()),
        }
    }

    /// I17: no origin takes more of the log than its share.
    pub(super) fn check_log(&self, machine: &Machine) -> Verdict {
        let mut entries: BTreeMap<Site, usize> = BTreeMap::new();
        for entry in machine.log() {
            if let Some(key) = &entry.key {
                *entries.entry(Site::of(key)).or_default() += 1;
            }
        }
        let most = self.parameters.max_log_entries_per_origin;
        match entries.into_iter().find(|(_, entries)| *entries > most) {
            Some((site, entries)) => broken("I17", format!("{entries} entries of the log are about {}", site.origin)),
            None if machine.log().count() > self.parameters.max_log_entries => {
                broken("I10", format!("the log has {} entries", machine.log().count()))
            }
            None => Ok(()),
        }
    }
}

/// The hold that a reason names.
pub(super) fn hold_of(reason: &WhyNot) -> Option<Hold> {
    match reason {
        WhyNot::ReplyNotDelivered { .. } => Some(Hold::Delivery),
        WhyNot::BackOff { .. } | WhyNot::Spacing { .. } | WhyNot::Deferred { .. } => Some(Hold::Wait),
        WhyNot::Starting | WhyNot::Running => Some(Hold::Busy),
        WhyNot::WorkerNotLoaded | WhyNot::WorkersNotKnown | WhyNot::NoActiveWorker => Some(Hold::Worker),
        WhyNot::NetworkUnknown | WhyNot::Offline | WhyNot::Captive => Some(Hold::Network),
        WhyNot::NetworkHold { .. } => Some(Hold::Flap),
        WhyNot::OriginNetwork => Some(Hold::OriginNetwork),
        WhyNot::OtherNetwork => Some(Hold::OtherNetwork),
        WhyNot::Condition { .. } => Some(Hold::Condition),
        WhyNot::Spread { .. } => Some(Hold::Spread),
        WhyNot::Budget { .. } => Some(Hold::Budget),
        WhyNot::WakeUp { .. } => Some(Hold::WakeUp),
        WhyNot::Concurrency => Some(Hold::Concurrency),
        WhyNot::OriginConcurrency => Some(Hold::OriginConcurrency),
        WhyNot::Store { .. } => Some(Hold::Store),
        WhyNot::SystemRestricted => Some(Hold::Restricted),
        WhyNot::Suspended => Some(Hold::Suspended),
        // Of what is registered and loaded none of these is true.
        WhyNot::NotRegistered | WhyNot::SwitchedOff | WhyNot::Loading | WhyNot::Commit | WhyNot::Shutdown => None,
        _ => None,
    }
}
