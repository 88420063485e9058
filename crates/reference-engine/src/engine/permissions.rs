//! The permissions scripts can ask about.

use background_sync::policy::{Origin, Partition, PermissionState as Policy};

use super::home::Home;
use super::running::RealmId;
use super::{Engine, Who};
use crate::script::{Answer, CallId, PermissionName, PermissionState};

impl Engine {
    /// `navigator.permissions.query(...)`.
    pub(super) fn query_permission(&mut self, id: RealmId, call: CallId, name: PermissionName) {
        let Some(home) = self.home_of(id) else { return };
        let state = match name {
            PermissionName::BackgroundSync => self.background_sync_permission(&home),
            PermissionName::Notifications => self.notification_permission(&home),
        };
        self.settle_call(id, call, Ok(Answer::Permission(state)));
    }

    fn background_sync_permission(&self, home: &Home) -> PermissionState {
        let key = (home.partition, home.origin().clone());
        as_scripts_see(self.mirror.borrow().permissions.get(&key).copied().unwrap_or(Policy::Prompt))
    }

    pub(super) fn notification_permission(&self, home: &Home) -> PermissionState {
        let key = (home.partition, home.origin().clone());
        self.notification_permissions.get(&key).copied().map_or(PermissionState::Prompt, as_scripts_see)
    }

    /// `Notification.requestPermission()`: the user says yes, unless the timeline has said something.
    pub(super) fn request_notification_permission(&mut self, id: RealmId, call: CallId) {
        let Some(home) = self.home_of(id) else { return };
        if self.notification_permission(&home) == PermissionState::Prompt {
            self.tell(Who::User, format!("lets {} show notifications", home.origin()), "");
            self.set_notification_permission(home.partition, home.origin().clone(), Policy::Granted);
        }
        let state = self.notification_permission(&home);
        self.settle_call(id, call, Ok(Answer::Permission(state)));
    }

    pub(super) fn set_notification_permission(&mut self, partition: Partition, origin: Origin, state: Policy) {
        self.notification_permissions.insert((partition, origin.clone()), state);
        self.save_permissions();
        self.permission_changed(partition, &origin, PermissionName::Notifications, as_scripts_see(state));
    }

    fn save_permissions(&mut self) {
        let Some(file) = self.profile.beside(".permissions.json") else { return };
        if let Err(error) = super::kept_permissions::write(&file, &self.notification_permissions) {
            let what = format!("the permissions can't be saved: {error}");
            self.tell(Who::Trouble, what, "make room or rights for the profile");
        }
    }

    pub(super) fn set_background_sync_permission(&mut self, partition: Partition, origin: Origin, state: Policy) {
        self.mirror.borrow_mut().permissions.insert((partition, origin.clone()), state);
        self.permission_changed(partition, &origin, PermissionName::BackgroundSync, as_scripts_see(state));
    }

    fn permission_changed(
        &mut self,
        partition: Partition,
        origin: &Origin,
        name: PermissionName,
        state: PermissionState,
    ) {
        let meant = |home: &Home| home.partition == partition && home.origin() == origin;
        let clients = self.clients_mut().filter(|client| meant(&client.home));
        clients.for_each(|client| client.realm.permission_changed(name, state));
        let workers = self.running.values_mut().filter(|running| meant(&Home::of(&running.key)));
        workers.for_each(|running| running.realm.permission_changed(name, state));
    }
}

const fn as_scripts_see(state: Policy) -> PermissionState {
    match state {
        Policy::Granted => PermissionState::Granted,
        Policy::Prompt => PermissionState::Prompt,
        Policy::Denied => PermissionState::Denied,
    }
}
