//! Steps happen.

use background_sync::policy::{PermissionState, SyncKind, UserSwitch};
use background_sync::{NetworkSubject, Notice, Removal};
use background_sync_simulator::timeline::{Network, OriginNetwork, Permission, Restriction, Switch, System};

use super::{Api, Engine, EngineError, EngineStep, ScriptLimits, Who};

impl Engine {
    /// Makes one thing happen.
    pub(super) fn apply(&mut self, act: &EngineStep) -> Result<(), EngineError> {
        match act {
            EngineStep::Say(text) => self.tell(Who::Narrator, text.clone(), ""),
            EngineStep::Open(open) => self.open_window(open)?,
            EngineStep::Close(window) => {
                if !self.pages.contains_key(window) {
                    return Err(EngineError::Step(format!("no window `{window}` is open; there is nothing to close")));
                }
                self.close_window(window);
            }
            EngineStep::Detach(window) => self.detach_frame(window)?,
            EngineStep::Run(run) => drop(self.run_in_page(run)?),
            EngineStep::Network(network) => self.set_network(network),
            EngineStep::OriginNetwork(change) => self.set_origin_network(change),
            EngineStep::Server(step) => {
                self.servers.borrow_mut().change(step);
                self.tell(Who::Server(step.host()), step.in_words(), "");
            }
            EngineStep::Permission(change) => self.set_permission(change),
            EngineStep::App(app) => self.set_app(app),
            EngineStep::Visit(window) => self.come_back(window)?,
            EngineStep::Engagement(change) => self.set_engagement(change),
            EngineStep::Pause(pause) => self.set_paused(pause),
            EngineStep::Power(power) => self.set_power(*power),
            EngineStep::Override(said) => self.override_conditions(said),
            EngineStep::UtcOffset(offset) => self.set_utc_offset(*offset),
            EngineStep::Notifications(change) => {
                let state = permission_name(change.state);
                self.tell(Who::User, format!("sets notifications of {} to {state}", change.origin), "");
                self.set_notification_permission(change.partition.0, change.origin.clone(), change.state);
            }
            EngineStep::ClickNotification(click) => self.click_notification(click)?,
            EngineStep::CloseNotification(close) => self.dismiss_notification(close)?,
            EngineStep::BackgroundSync(api) => self.set_api(*api),
            EngineStep::Limits(limits) => self.set_limits(limits),
            EngineStep::Switch(change) => self.set_switch(change),
            EngineStep::Restriction(restriction) => self.set_restriction(*restriction),
            EngineStep::Clear(site) => self.clear_site(site.partition.0, &site.origin),
            EngineStep::System(System::Sleep) => {
                self.tell(Who::User, "lets the system sleep", "");
                self.poster().notify(Notice::Slept);
                self.settle()?;
                self.clock.set_asleep(true);
            }
            EngineStep::System(System::Wake) => {
                self.clock.set_asleep(false);
                self.tell(Who::User, "wakes the system", "");
                self.poster().notify(Notice::Woke);
            }
            // The end of the process is the runner's affair, the expectations are looked at afterwards.
            EngineStep::Process(_)
            | EngineStep::ExpectServer(_)
            | EngineStep::ExpectNotification(_)
            | EngineStep::ExpectConsole(_) => {}
        }
        Ok(())
    }

    fn set_network(&mut self, network: &Network) {
        self.mirror.borrow_mut().network = network.0.clone();
        self.tell(Who::Network, network_name(&network.0), "");
        self.network_changed(NetworkSubject::All);
    }

    fn set_origin_network(&mut self, change: &OriginNetwork) {
        self.mirror.borrow_mut().origin_networks.insert(change.origin.clone(), change.state.0.clone());
        self.tell(Who::Network, format!("{}: {}", change.origin, network_name(&change.state.0)), "");
        self.network_changed(NetworkSubject::Origin(change.origin.clone()));
    }

    fn set_permission(&mut self, change: &Permission) {
        let (partition, origin) = (change.partition.0, change.origin.clone());
        let state = permission_name(change.state);
        let what = match change.kind {
            SyncKind::OneShot => "the permission",
            SyncKind::Periodic => "the permission for periodic syncs",
        };
        self.tell(Who::User, format!("sets {what} of {origin} to {state}"), "");
        self.set_sync_permission(partition, origin, change.kind, change.state);
    }

    fn set_api(&mut self, api: Api) {
        self.has_background_sync = api == Api::Present;
        let has = if self.has_background_sync { "has" } else { "has no" };
        self.tell(Who::Engine, format!("this browser {has} background sync"), "from the next page on");
    }

    fn set_limits(&mut self, ScriptLimits { entry_time }: &ScriptLimits) {
        self.limits.entry_time = entry_time.0;
        self.tell(
            Who::Engine,
            format!("no script may compute for more than {entry_time} at a time"),
            "of processor time",
        );
    }

    fn set_switch(&mut self, change: &Switch) {
        let origin = change.origin.clone().map(|origin| (change.partition.0, origin));
        self.mirror.borrow_mut().switch(origin.clone(), change.kind, change.to);
        let whose = change.origin.as_ref().map(|origin| format!(" for {origin}")).unwrap_or_default();
        let what = match change.kind {
            SyncKind::OneShot => "background sync",
            SyncKind::Periodic => "periodic background sync",
        };
        self.tell(Who::User, format!("switches {what} {}{whose}", on_or_off(change.to)), "");
        self.poster().notify(Removal::UserSwitch(origin, change.kind, change.to));
    }

    fn set_restriction(&mut self, restriction: Restriction) {
        self.mirror.borrow_mut().restriction = restriction.into();
        let what = match restriction {
            Restriction::Restricted => "restricts background work",
            Restriction::None => "allows background work again",
        };
        self.tell(Who::User, format!("the operating system {what}"), "");
        self.poster().notify(Notice::Restriction);
    }
}

fn network_name(state: &background_sync::scheduler::NetworkState) -> String {
    use background_sync::scheduler::NetworkState;
    match state {
        NetworkState::Unknown => "unknown".to_owned(),
        NetworkState::Offline => "offline".to_owned(),
        NetworkState::Captive => "a portal answers".to_owned(),
        NetworkState::Online { metered, roaming, network_id, .. } => {
            let cost = match (metered, roaming) {
                (false, false) => "",
                (true, false) => ", paid by volume",
                (false, true) => ", of another operator",
                (true, true) => ", of another operator, paid by volume",
            };
            let on = network_id.as_ref().map(|id| format!(", on {}", id.as_str())).unwrap_or_default();
            format!("online{cost}{on}")
        }
    }
}

const fn permission_name(state: PermissionState) -> &'static str {
    match state {
        PermissionState::Granted => "granted",
        PermissionState::Prompt => "not decided",
        PermissionState::Denied => "denied",
    }
}

const fn on_or_off(switch: UserSwitch) -> &'static str {
    match switch {
        UserSwitch::On => "on",
        UserSwitch::Off => "off",
    }
}
