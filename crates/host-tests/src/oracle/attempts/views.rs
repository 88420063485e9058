//! What others ask about attempts, and what must hold of all of them.

use std::time::Duration;

use background_sync::AttemptId;
use background_sync::policy::{RegistrationKey, SyncKind};
use background_sync::registration::{Now, Tag};

use super::Attempts;
#[cfg(feature = "periodic")]
use super::attempt::Attempt;
use super::attempt::{Phase, Tagged};
use crate::Site;
use crate::oracle::record::Certainty;
use crate::oracle::told::Told;
use crate::oracle::{Verdict, broken};

/// An event may outlast its cap by this much before somebody has to notice.
const LATE: Duration = Duration::from_secs(1);

impl Attempts {
    /// `sync.limit`: nobody outstays the cap of its kind. While the process is frozen nobody can notice.
    pub(in crate::oracle) fn none_past_its_cap(&self, now: Now, told: &Told) -> Verdict {
        if told.is_frozen() {
            return Ok(());
        }
        for (id, attempt) in &self.all {
            let Phase::Running { event, since, own_cap: (_, cap), .. } = &attempt.phase else { continue };
            if now.monotonic.since(*since) > *cap + LATE {
                return broken("cap", format!("{id:?} {:?} runs for more than {cap:?}", event.tag));
            }
        }
        Ok(())
    }

    /// I7, after a shutdown.
    pub(in crate::oracle) fn all_ended(&self) -> Verdict {
        match self.all.iter().find(|(_, attempt)| attempt.phase.is_live()) {
            Some((id, attempt)) => broken("I7", format!("{id:?} never ended: {attempt:?}")),
            None => Ok(()),
        }
    }

    /// Whether there are as many attempts as may be; of one origin, or of all.
    pub(in crate::oracle) fn are_full(&self, now: Now, site: Option<&Site>, most: usize) -> Certainty {
        if self.all.len() < most {
            return Certainty::No;
        }
        let of_site = || self.all.values().filter(|attempt| site.is_none_or(|site| site.holds(&attempt.key)));
        // What is live takes a place.
        let may = of_site().filter(|attempt| attempt.phase.takes_a_place(now, self.frozen)).count();
        let must = || of_site().filter(|attempt| attempt.phase.is_live()).count();
        Certainty::between(may >= most, may >= most && must() >= most)
    }

    /// Whether an attempt for this tag is going on.
    pub(in crate::oracle) fn is_busy(&self, now: Now, key: &RegistrationKey, kind: SyncKind, tag: &Tag) -> Certainty {
        let mut busy = Certainty::No;
        let is_for = |(other, named): &Tagged| *other == kind && named == tag;
        for attempt in self.all.values().filter(|attempt| attempt.tags.iter().any(is_for) && attempt.key == *key) {
            if attempt.phase.is_live() && attempt.tags.len() == 1 {
                return Certainty::Yes;
            }
            if attempt.phase.takes_a_place(now, self.frozen) {
                busy = Certainty::Maybe;
            }
        }
        busy
    }

    /// Whether anything is going on, and whether anything of the profile may be.
    pub(in crate::oracle) fn any(&self, now: Now, which: impl Fn(&RegistrationKey) -> bool) -> Certainty {
        let mut any = Certainty::No;
        for attempt in self.all.values().filter(|attempt| which(&attempt.key)) {
            if attempt.phase.is_live() {
                return Certainty::Yes;
            }
            if attempt.phase.takes_a_place(now, self.frozen) {
                any = Certainty::Maybe;
            }
        }
        any
    }

    /// Whether an event of a kind of an origin is going on.
    #[cfg(feature = "periodic")]
    pub(in crate::oracle) fn of_site(&self, now: Now, site: &Site, kind: SyncKind) -> Certainty {
        let is_of = |attempt: &&Attempt| {
            site.holds(&attempt.key)
                && attempt.phase.takes_a_place(now, self.frozen)
                && attempt.tags.iter().any(|(other, _)| *other == kind)
        };
        Certainty::between(self.all.values().any(|attempt| is_of(&attempt)), false)
    }

    /// One-shot events that run, with their site and how much of their own cap is left.
    pub(in crate::oracle) fn running(&self, now: Now) -> impl Iterator<Item = (AttemptId, Site, Duration)> {
        self.all.iter().filter_map(move |(id, attempt)| match &attempt.phase {
            Phase::Running { event, since, own_cap: (_, cap), .. } if event.kind == SyncKind::OneShot => {
                Some((*id, Site::of(&attempt.key), since.after(*cap).since(now.monotonic)))
            }
            Phase::Asking(_) | Phase::Starting { .. } | Phase::Running { .. } | Phase::Ending { .. } => None,
        })
    }
}
