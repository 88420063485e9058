//! The permissions scripts can ask about.

use background_sync::policy::{Origin, Partition, PermissionState as Policy, SyncKind};
use background_sync::{Notice, Removal};
use background_sync_simulator::timeline::Pause;

use super::home::Home;
use super::kept_permissions::Decisions;
use super::running::RealmId;
use super::{App, Engine, Who};
use crate::script::{Answer, CallId, PermissionName, PermissionState};

impl Engine {
    /// `navigator.permissions.query(...)`.
    pub(super) fn query_permission(&mut self, id: RealmId, call: CallId, name: PermissionName) {
        let Some(home) = self.home_of(id) else { return };
        let state = match name {
            PermissionName::BackgroundSync => self.sync_permission(&home, SyncKind::OneShot),
            PermissionName::PeriodicBackgroundSync => self.sync_permission(&home, SyncKind::Periodic),
            PermissionName::Notifications => self.notification_permission(&home),
        };
        self.settle_call(id, call, Ok(Answer::Permission(state)));
    }

    fn sync_permission(&self, home: &Home, kind: SyncKind) -> PermissionState {
        as_scripts_see(self.mirror.borrow().permission_of(home.partition, home.origin(), kind))
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
        self.save_decisions();
        self.permission_changed(partition, &origin, PermissionName::Notifications, as_scripts_see(state));
    }

    /// Changes an origin's permission for syncs of a kind, tells its scripts, and has background sync look at what is
    /// registered (periodic.revoke.1).
    pub(super) fn set_sync_permission(&mut self, partition: Partition, origin: Origin, kind: SyncKind, state: Policy) {
        self.mirror.borrow_mut().permit(partition, origin.clone(), kind, state);
        let name = match kind {
            SyncKind::OneShot => PermissionName::BackgroundSync,
            SyncKind::Periodic => {
                self.save_decisions();
                PermissionName::PeriodicBackgroundSync
            }
        };
        self.permission_changed(partition, &origin, name, as_scripts_see(state));
        self.poster().notify(Removal::Permission(partition, origin, kind));
    }

    /// The user installs a site as an app, or removes it. As in the browser that ships periodic syncs, that is how their
    /// permission comes and goes: nobody is asked.
    pub(super) fn set_app(&mut self, app: &App) {
        let (does, state) = match app.installed {
            true => ("installs", Policy::Granted),
            false => ("uninstalls", Policy::Prompt),
        };
        let so = match app.installed {
            true => "it may sync periodically",
            false => "it may not sync periodically any more",
        };
        self.tell(Who::User, format!("{does} the app of {}", app.origin), so);
        self.set_sync_permission(app.partition.0, app.origin.clone(), SyncKind::Periodic, state);
    }

    /// The user pauses the periodic syncs of an origin, or lets them go on. Later browsers remember it.
    pub(super) fn set_paused(&mut self, pause: &Pause) {
        let whose = (pause.partition.0, pause.origin.clone());
        let what = match pause.paused {
            true => "pauses the periodic syncs of",
            false => "lets go on the periodic syncs of",
        };
        self.tell(Who::User, format!("{what} {}", pause.origin), "");
        match pause.paused {
            true => self.mirror.borrow_mut().paused.insert(whose.clone()),
            false => self.mirror.borrow_mut().paused.remove(&whose),
        };
        self.save_decisions();
        self.poster().notify(Notice::Paused(whose.0, whose.1));
    }

    fn save_decisions(&mut self) {
        let Some(file) = self.profile.beside(".permissions.json") else { return };
        let decisions = {
            let mirror = self.mirror.borrow();
            let periodic = mirror.permissions.iter().map(|(whose, state)| (whose.clone(), state.periodic));
            Decisions {
                notifications: self.notification_permissions.clone(),
                periodic: periodic.filter(|(_, state)| *state != Policy::Prompt).collect(),
                paused: mirror.paused.clone(),
            }
        };
        if let Err(error) = super::kept_permissions::write(&file, decisions) {
            let what = format!("the permissions can't be saved: {error}");
            self.tell(Who::Trouble, what, "make room or rights for the profile");
        }
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
