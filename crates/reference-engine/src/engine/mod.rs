//! A small browser engine: pages, service workers, servers, a network, a profile on disk, and background sync.
//!
//! Everything happens on one thread. [`Engine::perform`] makes one step of a timeline happen,
//! [`Engine::advance_to`] lets time go on, and what follows from both is done before they return. The
//! engine embeds background sync as any engine would: through the host traits, with a
//! [`Driver`] on its own loop.

mod answers;
mod apply;
mod calls;
mod check;
mod client_workers;
mod clients;
mod clock;
mod conditions;
mod events;
mod expect;
mod fetches;
mod home;
mod install;
mod jobs;
mod kept_permissions;
mod kept_registrations;
mod lifecycle;
mod lost_workers;
mod messages;
mod mirror;
mod notifications;
mod page;
mod patient_store;
mod permissions;
mod ports;
mod profile;
mod realms;
mod received;
mod registering;
mod registrations;
mod running;
mod servers;
mod site;
mod site_data;
mod start;
mod steps;
mod story;
mod surroundings;
mod sync_calls;
mod telling;
mod turn;
mod visits;
mod windows;
mod worker_addresses;
mod workers;

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use background_sync::policy::RegistrationKey;
use background_sync::scheduler::ValidParameters;
use background_sync::{AttemptId, Driver, Machine, Poster, StartCompletion};
use background_sync_simulator::runner::Checker;
use background_sync_simulator::timeline::WorkerDeclaration;
use background_sync_simulator::world::Record;
use background_sync_store::StoreReport;

use crate::script::{Caches, CallId, FetchRequest, IndexedDb, Limits};
use answers::Answers;
pub use check::Mismatch;
use client_workers::ClientWorker;
pub use clock::{EngineClock, TimeMode};
pub use expect::refuse;
use home::Home;
use jobs::Jobs;
use kept_permissions::Permissions;
use mirror::Mirror;
pub use page::Frame;
use page::Page;
use patient_store::StoreWatch;
use ports::Ports;
pub use profile::Profile;
pub use received::ExpectRequest;
use registrations::{Registrations, WorkerId};
use running::{Attempt, RealmId, RunningWorker};
use servers::Servers;
pub use servers::{ExpectServer, ServerStep};
pub use site::{SiteFile, Sites};
pub use steps::{
    Api, App, ClearSite, ClickNotification, CloseNotification, End, EngineStep, ExpectNotification, Open, Run,
    ScriptLimits,
};
use story::Story;
pub use story::{Happening, Who};
use turn::Scheduled;

/// What an engine is made from.
#[derive(Debug)]
pub struct EngineOptions {
    /// The parameters of background sync.
    pub params: ValidParameters,
    /// Feeds all chance there is.
    pub seed: u64,
    /// Folder of the sites.
    pub folder: PathBuf,
    /// Where the profile is kept.
    pub profile: Profile,
    /// The clock.
    pub clock: EngineClock,
    /// What the timeline calls service worker registrations; they need not be there yet.
    pub workers: Vec<WorkerDeclaration>,
    /// What earlier steps made of the world outside: the network, servers, permissions, switches.
    pub earlier: Vec<EngineStep>,
    /// What the servers keep from an earlier process, see [`Engine::servers`].
    pub servers: serde_json::Value,
}

/// The engine. See the [module](self).
pub struct Engine {
    clock: EngineClock,
    driver: Driver<mirror::Shared>,
    mirror: Rc<RefCell<Mirror>>,
    store: StoreWatch,
    sites: Sites,
    servers: Rc<RefCell<Servers>>,
    profile: Profile,
    registrations: Registrations,
    /// What there is to do with registrations.
    jobs: Jobs,
    databases: BTreeMap<Home, IndexedDb>,
    caches: BTreeMap<Home, Caches>,
    /// By the names of their windows.
    pages: BTreeMap<String, Page>,
    client_workers: BTreeMap<RealmId, ClientWorker>,
    /// The page that was opened or focused last, while it is there.
    front: Option<RealmId>,
    running: BTreeMap<WorkerId, RunningWorker>,
    ports: Ports,
    notifications: Vec<notifications::Shown>,
    notification_permissions: Permissions,
    /// Whether realms find background sync.
    has_background_sync: bool,
    /// What realms may use up.
    limits: Limits,
    /// Attempts that were started, until they end.
    attempts: BTreeMap<AttemptId, Attempt>,
    /// Starts that wait for an activation.
    awaiting_activation: Vec<(RegistrationKey, StartCompletion)>,
    /// Clients that wait for `serviceWorker.ready`.
    awaiting_ready: Vec<(RealmId, CallId)>,
    /// Requests of clients whose worker is being activated.
    awaiting_fetches: Vec<(RealmId, CallId, FetchRequest)>,
    answers: Answers,
    scheduled: VecDeque<Scheduled>,
    /// Expressions that pages were asked to run, with their realms, and what came of them.
    runs: BTreeMap<u64, (RealmId, Option<Result<String, String>>)>,
    console: VecDeque<String>,
    checker: Checker,
    record: Record,
    story: Story,
    /// What the store tells of itself, if it does.
    reports: Option<Receiver<StoreReport>>,
    /// What timelines call service worker registrations.
    declared: Vec<WorkerDeclaration>,
    seed: u64,
    next_id: u64,
    /// Calls and tasks of each realm at this moment.
    steps_here: BTreeMap<RealmId, u32>,
    /// How often time was to pass and did not.
    stalled: u32,
}

/// Why an engine cannot start or go on.
#[derive(Debug)]
#[non_exhaustive]
pub enum EngineError {
    /// The profile's files can't be used; what, where and why.
    Profile(String),
    /// A step asks for what is not there; what to do about it.
    Step(String),
    /// Something keeps itself busy without time passing.
    NeverSettles,
    /// The disk has not answered for a minute.
    DiskHangs,
}

impl fmt::Display for EngineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Profile(what) | Self::Step(what) => f.write_str(what),
            Self::NeverSettles => f.write_str(
                "something keeps itself busy without time passing; look for a loop of timers or fetches in a script",
            ),
            Self::DiskHangs => f.write_str("the disk under the store has not answered for a minute; check it"),
        }
    }
}

impl std::error::Error for EngineError {}

impl Engine {
    /// Time since the start of the timeline.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.clock.elapsed()
    }

    /// Background sync's machine, to look at.
    #[must_use]
    pub fn machine(&self) -> &Machine {
        self.driver.machine()
    }

    /// What has happened since the last time this was asked.
    pub fn take_story(&mut self) -> Vec<Happening> {
        self.story.take()
    }

    fn poster(&self) -> Poster {
        self.driver.poster().clone()
    }

    fn new_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("elapsed", &self.clock.elapsed()).finish_non_exhaustive()
    }
}

/// A path for people.
fn shown(path: &Path) -> String {
    path.display().to_string()
}
