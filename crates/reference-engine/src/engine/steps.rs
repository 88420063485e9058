//! What can happen in a timeline with real pages.

use background_sync::policy::Origin;
use background_sync::scheduler::UtcOffset;
use background_sync_simulator::timeline::{
    EngagementStep, Known, Made, Network, Nonsense, OriginNetwork, Override, PartitionName, Pause, Permission, Power,
    Restriction, Sense, Switch, System, Time,
};
use background_sync_simulator::words;
use serde::{Deserialize, Serialize};

use super::page::Frame;
use super::servers::{ExpectServer, ServerStep};

words! {
    /// Something that happens in a timeline with real pages.
    EngineStep {
        /// A sentence for whoever watches.
        Say(String) = "say",
        /// A page is opened in a window.
        Open(Open) = "open",
        /// A window is closed.
        Close(String) = "close",
        /// A frame is taken out of its page while scripts still hold on to its objects.
        Detach(String) = "detach",
        /// A page runs an expression, as if the user did something there.
        Run(Run) = "run",
        /// The network is in this state from now on.
        Network(Network) = "network",
        /// One origin has another network than everybody.
        OriginNetwork(OriginNetwork) = "origin_network",
        /// A server answers like this from now on.
        Server(ServerStep) = "server",
        /// A permission changes.
        Permission(Permission) = "permission",
        /// The user installs a site as an app, or removes it.
        App(App) = "app",
        /// The user comes back to a page that is open, by its window.
        Visit(String) = "visit",
        /// The engine judges anew how much the user has to do with an origin.
        Engagement(EngagementStep) = "engagement",
        /// The user pauses the periodic syncs of an origin, or lets them go on.
        Pause(Pause) = "pause",
        /// What is known of the charger and the battery from now on.
        Power(Power) = "power",
        /// The user says to run what conditions hold back, of one origin or of all, or takes that back.
        Override(Override) = "override",
        /// Civil time is so many minutes ahead of UTC from now on.
        UtcOffset(UtcOffset) = "utc_offset",
        /// The user decides on an origin's notifications.
        Notifications(Permission) = "notifications",
        /// The user clicks a notification.
        ClickNotification(ClickNotification) = "click_notification",
        /// The user puts a notification away.
        CloseNotification(CloseNotification) = "close_notification",
        /// Whether pages and workers that start from now on find background sync in this browser at all.
        BackgroundSync(Api) = "background_sync",
        /// What scripts may use up that start from now on.
        Limits(ScriptLimits) = "limits",
        /// The user moves the switch.
        Switch(Switch) = "switch",
        /// The operating system restricts background work, or no longer does.
        Restriction(Restriction) = "restriction",
        /// Site data of an origin is cleared.
        Clear(ClearSite) = "clear",
        /// The system sleeps, or wakes.
        System(System) = "system",
        /// The browser is closed, or its process is killed; the next step starts it again.
        Process(End) = "process",
        /// A server is expected to have been sent something.
        ExpectServer(ExpectServer) = "expect_server",
        /// A notification is expected to be shown.
        ExpectNotification(ExpectNotification) = "expect_notification",
        /// Lines are expected to have been printed by pages or workers, in this order, since the last such expectation.
        ExpectConsole(ConsoleLines) = "expect_console",
    }
}

/// What is registered and asked is up to scripts; what they may say is judged when the step happens.
impl Sense for EngineStep {
    const BARE: bool = false;

    fn makes(&self) -> Vec<Made<'_>> {
        Vec::new()
    }

    fn look(&self, _: &mut Known<'_>) -> Result<(), Nonsense> {
        Ok(())
    }
}

impl EngineStep {
    /// The end of the process, if this is one.
    #[must_use]
    pub const fn end(&self) -> Option<End> {
        match self {
            Self::Process(end) => Some(*end),
            Self::Say(_)
            | Self::Open(_)
            | Self::Close(_)
            | Self::Detach(_)
            | Self::Run(_)
            | Self::Network(_)
            | Self::OriginNetwork(_)
            | Self::Server(_)
            | Self::Permission(_)
            | Self::App(_)
            | Self::Visit(_)
            | Self::Engagement(_)
            | Self::Pause(_)
            | Self::Power(_)
            | Self::Override(_)
            | Self::UtcOffset(_)
            | Self::Notifications(_)
            | Self::ClickNotification(_)
            | Self::CloseNotification(_)
            | Self::BackgroundSync(_)
            | Self::Limits(_)
            | Self::Switch(_)
            | Self::Restriction(_)
            | Self::Clear(_)
            | Self::System(_)
            | Self::ExpectServer(_)
            | Self::ExpectNotification(_)
            | Self::ExpectConsole(_) => None,
        }
    }
}

/// See [`EngineStep::Open`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Open {
    /// What the timeline calls the window.
    pub window: String,
    /// The page.
    pub url: url::Url,
    /// Where it lives.
    #[serde(default)]
    pub partition: PartitionName,
    /// What kind of window it is.
    #[serde(default)]
    pub frame: Frame,
    /// The site in whose page it is embedded, if that is another one: its storage is partitioned.
    pub third_party_of: Option<String>,
    /// Whether it is inside a fenced frame.
    #[serde(default)]
    pub fenced: bool,
}

/// See [`EngineStep::App`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct App {
    /// The site's origin.
    pub origin: Origin,
    /// The partition.
    #[serde(default)]
    pub partition: PartitionName,
    /// Whether it is installed from now on.
    pub installed: bool,
}

/// See [`EngineStep::ClickNotification`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClickNotification {
    /// The notification's title.
    pub title: String,
    /// The name of the button, for a click on one.
    pub action: Option<String>,
}

/// See [`EngineStep::CloseNotification`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CloseNotification {
    /// The notification's title.
    pub title: String,
}

/// See [`EngineStep::ExpectNotification`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectNotification {
    /// Its title.
    pub title: Option<String>,
    /// A part of its text.
    pub body: Option<String>,
    /// Its tag.
    pub tag: Option<String>,
    /// How many like this are shown; at least one if this is not said.
    pub count: Option<usize>,
}

/// Parts of lines, each of another line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ConsoleLines {
    /// One line.
    One(String),
    /// Several.
    Several(Vec<String>),
}

impl ConsoleLines {
    pub(super) fn parts(&self) -> &[String] {
        match self {
            Self::One(part) => std::slice::from_ref(part),
            Self::Several(parts) => parts,
        }
    }
}

/// Whether a browser has an API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Api {
    /// It has it.
    Present,
    /// Scripts find nothing of it.
    Missing,
}

/// See [`EngineStep::Limits`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScriptLimits {
    /// Real time of one entry: one script, event, timer or answer with the microtasks that follow.
    pub entry_time: Time,
}

impl ScriptLimits {
    /// Whether scripts can run at all.
    ///
    /// # Errors
    /// Why not, and what to do.
    pub fn make_sense(&self) -> Result<(), String> {
        if self.entry_time.0.is_zero() {
            return Err("no script can run in no time; give `entry_time` some, like \"300ms\"".to_owned());
        }
        Ok(())
    }
}

/// See [`EngineStep::Run`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// In which window.
    pub window: String,
    /// The expression. If it is a promise, it is awaited.
    pub script: String,
    /// The JSON it is expected to give by the end of the step.
    pub gives: Option<String>,
    /// What it is expected to fail with: a part of the error's name and message.
    pub fails: Option<String>,
}

impl Run {
    /// Whether the expectations can be met at all.
    ///
    /// # Errors
    /// Why not, and what to do.
    pub fn make_sense(&self) -> Result<(), String> {
        match (&self.gives, &self.fails) {
            (Some(_), Some(_)) => Err(format!("`{}` either `gives` or `fails`; leave one out", self.script)),
            (Some(gives), None) => match serde_json::from_str::<serde_json::Value>(gives) {
                Ok(_) => Ok(()),
                Err(error) => {
                    Err(format!("`gives` is JSON, and `{gives}` is none ({error}); write strings as '\"text\"'"))
                }
            },
            (None, _) => Ok(()),
        }
    }
}

/// See [`EngineStep::Clear`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClearSite {
    /// The origin.
    pub origin: Origin,
    /// The partition.
    #[serde(default)]
    pub partition: PartitionName,
}

/// How the browser's process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// The user closes the browser.
    Close,
    /// The process dies where it is.
    Kill,
}
