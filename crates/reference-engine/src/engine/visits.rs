//! What the user does of their own accord, as periodic syncs are placed by it.

use background_sync::Notice;
use background_sync::scheduler::{Engagement, UtcOffset};
use background_sync_simulator::timeline::EngagementStep;

use super::home::Home;
use super::page::{Frame, Page};
use super::{Engine, EngineError, Who};

impl Engine {
    /// The user comes back to a page that is open.
    pub(super) fn come_back(&mut self, window: &str) -> Result<(), EngineError> {
        self.user_is_there()?;
        let Some(page) = self.pages.get(window) else {
            return Err(EngineError::Step(format!("no window `{window}` is open; there is nothing to come back to")));
        };
        let (id, visited) = (page.client.id, visited(page));
        self.front = Some(id);
        self.tell(Who::User, format!("comes back to {window}"), "");
        self.user_visits(visited);
        Ok(())
    }

    /// Tells background sync of a visit, if it is one. Whoever visits a site has something to do with it.
    pub(super) fn user_visits(&self, visited: Option<Home>) {
        let Some(home) = visited else { return };
        let whose = (home.partition, home.origin().clone());
        let engagement = &mut self.mirror.borrow_mut().engagement;
        if engagement.get(&whose) == Some(&Engagement::None) {
            engagement.remove(&whose);
        }
        self.poster().notify(Notice::Visited(whose.0, whose.1));
    }

    /// The user has come to where civil time is ahead of UTC by this.
    pub(super) fn set_utc_offset(&mut self, offset: UtcOffset) {
        self.clock.set_utc_offset(offset);
        self.tell(Who::User, format!("is where clocks show {}", shown(offset)), "");
        self.poster().notify(Notice::UtcOffset);
    }

    /// The engine judges anew how much the user has to do with an origin.
    pub(super) fn set_engagement(&mut self, change: &EngagementStep) {
        let whose = (change.partition.0, change.origin.clone());
        self.mirror.borrow_mut().engagement.insert(whose.clone(), change.level);
        let level = format!("{:?}", change.level).to_lowercase();
        self.tell(Who::Engine, format!("the user's engagement with {} is {level} now", change.origin), "");
        self.poster().notify(Notice::Engagement(whose.0, whose.1));
    }
}

/// Whose page the user is at when they come to this one: a tab's, not a frame's, and not one that a script has opened
/// beside another. Pages that are no secure contexts can have no syncs, and the embedded ones of other sites' pages say
/// nothing about what the user wants.
pub(super) fn visited(page: &Page) -> Option<Home> {
    let by_user = match page.frame {
        Frame::TopLevel => !page.fenced && !page.detached,
        Frame::Auxiliary | Frame::Nested => false,
    };
    let home = &page.client.home;
    (by_user && !page.client.insecure && !home.storage_key.is_third_party()).then(|| home.clone())
}

/// `UTC+05:30`.
fn shown(offset: UtcOffset) -> String {
    let minutes = offset.minutes();
    let (sign, ahead) = (if minutes < 0 { '-' } else { '+' }, minutes.unsigned_abs());
    format!("UTC{sign}{:02}:{:02}", ahead / 60, ahead % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_as_people_write_them() {
        let minutes = |minutes| shown(UtcOffset::from_minutes(minutes).unwrap());
        assert_eq!([0, 60, -210, 345].map(minutes), ["UTC+00:00", "UTC+01:00", "UTC-03:30", "UTC+05:45"]);
    }
}
