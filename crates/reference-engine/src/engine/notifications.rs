//! Notifications: shown, looked at, clicked, closed.

use background_sync::policy::RegistrationKey;

use super::home::Home;
use super::running::{RealmId, WorkerEvent};
use super::{ClickNotification, CloseNotification, Engine, EngineError, ExpectNotification, Mismatch, Who};
use crate::script::{Answer, CallId, DomError, NotificationEvent, NotificationInfo, PermissionState};

/// What one origin may show at once; systems and browsers have such limits, too.
const MOST_NOTIFICATIONS: usize = 50;

/// A notification that is shown.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    info: NotificationInfo,
    home: Home,
    shown_by: ShownBy,
}

#[derive(Clone, Debug)]
enum ShownBy {
    /// `registration.showNotification()`: its worker hears of clicks.
    Registration(RegistrationKey),
    /// `new Notification()`: the page hears of clicks, as long as it is there.
    Page(RealmId),
}

impl Shown {
    fn in_words(&self) -> String {
        let NotificationInfo { title, body, .. } = &self.info;
        if body.is_empty() { title.clone() } else { format!("{title}: {body}") }
    }
}

impl Engine {
    /// `registration.showNotification(...)` and `new Notification(...)`.
    pub(super) fn show_notification(
        &mut self,
        id: RealmId,
        call: CallId,
        registration: Option<u64>,
        info: NotificationInfo,
        renotify: bool,
    ) {
        let Some(home) = self.home_of(id) else { return };
        if self.notification_permission(&home) != PermissionState::Granted {
            let origin = home.origin();
            self.tell(self.who(id), format!("may not show \"{}\"", info.title), format!("{origin} has no permission"));
            let why = "No permission to show notifications; ask with Notification.requestPermission() in a page.";
            return self.settle_call(id, call, Err(DomError::type_error(why)));
        }
        let shown_by = match registration {
            None => ShownBy::Page(id),
            Some(number) => match self.registrations.numbered(&home, number).filter(|found| found.active.is_some()) {
                Some(found) => ShownBy::Registration(found.key.clone()),
                None => {
                    let why = "The registration has no active worker to hear of clicks.";
                    return self.settle_call(id, call, Err(DomError::type_error(why)));
                }
            },
        };
        let shown = Shown { info, home, shown_by };
        let replaced = self
            .notifications
            .iter_mut()
            .find(|old| !shown.info.tag.is_empty() && old.info.tag == shown.info.tag && old.home == shown.home);
        let (words, why) =
            (shown.in_words(), if replaced.is_some() && !renotify { "in place of the last" } else { "" });
        let old = match replaced {
            Some(old) => Some(std::mem::replace(old, shown)),
            None => {
                self.make_room_for_notification(&shown.home);
                self.notifications.push(shown);
                None
            }
        };
        old.iter().for_each(|old| self.tell_page_of_close(old));
        self.tell(Who::Notification, words, why);
        self.settle_call(id, call, Ok(Answer::Nothing));
    }

    /// An origin's oldest notification goes when it has as many as it may.
    fn make_room_for_notification(&mut self, home: &Home) {
        let mut own = self.notifications.iter().enumerate().filter(|(_, shown)| shown.home == *home);
        let oldest = own.next().map(|(at, _)| at);
        if let Some(oldest) = oldest.filter(|_| own.count() + 1 >= MOST_NOTIFICATIONS) {
            self.notifications.remove(oldest);
        }
    }

    /// `registration.getNotifications(...)`.
    pub(super) fn notifications_of(&self, id: RealmId, number: u64, tag: &str) -> Vec<NotificationInfo> {
        let Some(home) = self.home_of(id) else { return Vec::new() };
        let of = |shown: &&Shown| match &shown.shown_by {
            ShownBy::Registration(key) => home.holds(key) && key.incarnation().0 == number,
            ShownBy::Page(_) => false,
        };
        let meant = self.notifications.iter().filter(of).filter(|shown| tag.is_empty() || shown.info.tag == tag);
        meant.map(|shown| shown.info.clone()).collect()
    }

    /// `notification.close()`.
    pub(super) fn close_notification(&mut self, id: RealmId, name: &str) {
        let home = self.home_of(id);
        let meant = |shown: &mut Shown| shown.info.id == name && Some(&shown.home) == home.as_ref();
        let closed: Vec<_> = self.notifications.extract_if(.., meant).collect();
        closed.iter().for_each(|shown| self.tell_page_of_close(shown));
    }

    /// A page hears of every end of its notification, a worker of the user's doing only.
    fn tell_page_of_close(&mut self, shown: &Shown) {
        match shown.shown_by {
            ShownBy::Page(_) => self.tell_of_notification(shown, NotificationEvent::Close, ""),
            ShownBy::Registration(_) => {}
        }
    }

    /// The user clicks a notification.
    pub(super) fn click_notification(&mut self, click: &ClickNotification) -> Result<(), EngineError> {
        let shown = self.shown(&click.title)?.clone();
        let action = click.action.clone().unwrap_or_default();
        if !action.is_empty() && !shown.info.actions.iter().any(|(name, _)| *name == action) {
            let names: Vec<_> = shown.info.actions.iter().map(|(name, _)| name.as_str()).collect();
            let message = format!("\"{}\" has no button `{action}`; it has {names:?}", click.title);
            return Err(EngineError::Step(message));
        }
        self.tell(Who::User, format!("clicks \"{}\"", click.title), action.clone());
        self.tell_of_notification(&shown, NotificationEvent::Click, &action);
        Ok(())
    }

    /// The user puts a notification away.
    pub(super) fn dismiss_notification(&mut self, close: &CloseNotification) -> Result<(), EngineError> {
        let shown = self.shown(&close.title)?.clone();
        self.notifications.retain(|other| other.info.id != shown.info.id);
        self.tell(Who::User, format!("puts \"{}\" away", close.title), "");
        self.tell_of_notification(&shown, NotificationEvent::Close, "");
        Ok(())
    }

    fn shown(&self, title: &str) -> Result<&Shown, EngineError> {
        self.notifications.iter().rev().find(|shown| shown.info.title == title).ok_or_else(|| {
            let titles: Vec<_> = self.notifications.iter().map(|shown| format!("{:?}", shown.info.title)).collect();
            let others =
                if titles.is_empty() { "; there is none".to_owned() } else { format!(", but {}", titles.join(", ")) };
            EngineError::Step(format!("no notification {title:?} is shown{others}"))
        })
    }

    fn tell_of_notification(&mut self, shown: &Shown, event: NotificationEvent, action: &str) {
        match &shown.shown_by {
            ShownBy::Page(page) => {
                if let Some(realm) = self.realm(*page) {
                    realm.notification_happened(&shown.info.id, event);
                }
            }
            ShownBy::Registration(key) => {
                let active = self.registrations.get(key).and_then(|registration| registration.active.as_ref());
                let Some(worker) = active.map(|worker| worker.id) else { return };
                let Ok(realm) = self.start_for(key, worker, "for a notification") else { return };
                let may_show_window = event == NotificationEvent::Click;
                self.fire(realm, WorkerEvent::Notification { may_show_window }, |realm, id| {
                    realm.dispatch_notification(id, event, &shown.info, action);
                });
            }
        }
    }

    /// A registration is gone, and its notifications with it.
    pub(super) fn forget_notifications_of(&mut self, key: &RegistrationKey) {
        self.notifications
            .retain(|shown| !matches!(&shown.shown_by, ShownBy::Registration(shown_by) if shown_by == key));
    }

    /// All notifications of a storage that is gone go, too.
    pub(super) fn forget_notifications(&mut self, gone: impl Fn(&Home) -> bool) {
        self.notifications.retain(|shown| !gone(&shown.home));
    }

    pub(super) fn check_notification(&self, expected: &ExpectNotification) -> Option<Mismatch> {
        let fits = |shown: &&Shown| {
            expected.title.as_ref().is_none_or(|title| *title == shown.info.title)
                && expected.body.as_ref().is_none_or(|body| shown.info.body.contains(body))
                && expected.tag.as_ref().is_none_or(|tag| *tag == shown.info.tag)
        };
        let count = self.notifications.iter().filter(fits).count();
        let enough = expected.count.map_or(count > 0, |wanted| wanted == count);
        if enough {
            return None;
        }
        let shown: Vec<_> = self.notifications.iter().map(Shown::in_words).collect();
        let wanted = toml::Value::try_from(expected).map(|value| value.to_string()).unwrap_or_default();
        let found = if shown.is_empty() { "that none is shown".to_owned() } else { format!("these: {shown:?}") };
        Some(Mismatch { expected: format!("expect_notification = {wanted}"), found })
    }
}
