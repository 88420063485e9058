//! An engine's beginning and end.

use std::cell::RefCell;
use std::rc::Rc;

use background_sync::policy::SyncKind;
use background_sync::{Driver, Hosts, Notice};
use background_sync_simulator::seed_of;

use super::kept_permissions::Decisions;
use super::kept_registrations::ReadRegistrations;
use super::mirror::{Mirror, Shared};
use super::patient_store::PatientStore;
use super::registrations::Registrations;
use super::servers::Servers;
use super::site::Sites;
use super::{Api, Engine, EngineClock, EngineError, EngineOptions, EngineStep, Profile};
use crate::script::Limits;

impl Engine {
    /// Starts the engine: reads its profile, and background sync reads its store.
    ///
    /// # Errors
    /// When the profile's files can't be used. None of them is changed then, unless the store was damaged and
    /// has been rescued.
    pub fn start(options: EngineOptions) -> Result<Self, EngineError> {
        let EngineOptions { params, seed, folder, profile, clock, workers, earlier, servers: kept } = options;
        // First of all: it holds the lock on the profile.
        let (store, reports) = profile.open_store()?;
        let ReadRegistrations { registrations, whole, damage } = open_registrations(&profile)?;
        let decisions = open_decisions(&profile)?;
        let (store, watch) = PatientStore::new(store);
        let sites = Sites::new(&folder);
        let World { mirror, mut servers, api, limits } =
            World::after(&earlier, &registrations, Servers::new(sites.clone()), &decisions, &clock);
        if !kept.is_null() {
            servers.restore(serde_json::from_value(kept).map_err(|error| EngineError::Profile(error.to_string()))?);
        }
        let mirror = Rc::new(RefCell::new(Mirror { workers_lost: !whole, ..mirror }));
        let shared = Shared(Rc::clone(&mirror));
        let hosts_clock = clock.clone();
        // This loop asks the driver in every round, so nobody need wake it.
        let driver = Driver::new(
            params,
            seed_of(seed),
            || {},
            move |_| {
                let hosts = Hosts::new(shared.clone(), store, hosts_clock);
                hosts.with_power(shared.clone()).with_wake_ups(shared.clone()).with_keep_alive(shared)
            },
        );
        // The profile's service workers were read before.
        driver.poster().notify(Notice::WorkersKnown);
        let mut engine = Self {
            servers: Rc::new(RefCell::new(servers)),
            clock,
            driver,
            mirror,
            store: watch,
            sites,
            profile,
            registrations,
            jobs: Default::default(),
            databases: Default::default(),
            caches: Default::default(),
            pages: Default::default(),
            client_workers: Default::default(),
            front: None,
            running: Default::default(),
            ports: Default::default(),
            notifications: Vec::new(),
            notification_permissions: decisions.notifications,
            has_background_sync: api == Api::Present,
            limits,
            attempts: Default::default(),
            awaiting_activation: Vec::new(),
            awaiting_ready: Vec::new(),
            awaiting_fetches: Vec::new(),
            answers: Default::default(),
            scheduled: Default::default(),
            runs: Default::default(),
            console: Default::default(),
            checker: Default::default(),
            record: Default::default(),
            story: Default::default(),
            reports,
            declared: workers,
            seed,
            next_id: 0,
            steps_here: Default::default(),
            stalled: 0,
        };
        engine.settle_with_the_disk()?;
        engine.tell_of_lost_workers(damage);
        Ok(engine)
    }

    /// Closes the browser: every request and attempt gets its end, the store its last commit.
    ///
    /// # Errors
    /// When something keeps itself busy, or the disk does not answer.
    pub fn close(&mut self) -> Result<(), EngineError> {
        for window in self.pages.keys().cloned().collect::<Vec<_>>() {
            self.close_window(&window);
        }
        self.clock.set_asleep(false);
        self.poster().notify(Notice::Shutdown);
        self.settle_with_the_disk()
    }

    /// What the servers keep: they are not part of the browser and go on when it ends.
    #[must_use]
    pub fn servers(&self) -> serde_json::Value {
        serde_json::to_value(self.servers.borrow().kept()).unwrap_or_default()
    }
}

fn open_registrations(profile: &Profile) -> Result<ReadRegistrations, EngineError> {
    let Some(file) = profile.beside(".workers.json") else {
        return Ok(ReadRegistrations { registrations: Registrations::starting_at(1), whole: true, damage: None });
    };
    super::kept_registrations::read(&file).map_err(|error| {
        EngineError::Profile(format!("{}: the service workers can't be read: {error}", super::shown(&file)))
    })
}

/// A browser that went on without them would drop every periodic sync.
fn open_decisions(profile: &Profile) -> Result<Decisions, EngineError> {
    let Some(file) = profile.beside(".permissions.json") else { return Ok(Decisions::default()) };
    super::kept_permissions::read(&file).map_err(|error| {
        EngineError::Profile(format!(
            "{}: the permissions can't be read: {error}; put a copy in its place, or, if periodic syncs may be lost and \
             users asked again, move the file away",
            super::shown(&file)
        ))
    })
}

/// What earlier processes' steps made of the world outside of them.
struct World {
    mirror: Mirror,
    servers: Servers,
    api: Api,
    limits: Limits,
}

impl World {
    fn after(
        steps: &[EngineStep],
        registrations: &Registrations,
        servers: Servers,
        decisions: &Decisions,
        clock: &EngineClock,
    ) -> Self {
        let mut mirror = Mirror { paused: decisions.paused.clone(), ..Mirror::default() };
        for ((partition, origin), state) in &decisions.periodic {
            mirror.permit(*partition, origin.clone(), SyncKind::Periodic, *state);
        }
        for registration in registrations.all() {
            mirror.workers.insert(registration.key.clone(), registration.worker_state());
        }
        let mut world = Self { mirror, servers, api: Api::Present, limits: Limits::default() };
        steps.iter().for_each(|step| world.remember(step, clock));
        world
    }

    fn remember(&mut self, step: &EngineStep, clock: &EngineClock) {
        let mirror = &mut self.mirror;
        match step {
            EngineStep::Network(network) => mirror.network = network.0.clone(),
            EngineStep::OriginNetwork(change) => {
                mirror.origin_networks.insert(change.origin.clone(), change.state.0.clone());
            }
            EngineStep::Server(step) => self.servers.change(step),
            EngineStep::Permission(change) => match change.kind {
                SyncKind::OneShot => {
                    mirror.permit(change.partition.0, change.origin.clone(), change.kind, change.state);
                }
                // The profile keeps these, with what installed apps have.
                SyncKind::Periodic => {}
            },
            EngineStep::BackgroundSync(api) => self.api = *api,
            EngineStep::Limits(limits) => self.limits.entry_time = limits.entry_time.0,
            EngineStep::Switch(change) => {
                let whose = change.origin.clone().map(|origin| (change.partition.0, origin));
                mirror.switch(whose, change.kind, change.to);
            }
            EngineStep::Engagement(change) => {
                mirror.engagement.insert((change.partition.0, change.origin.clone()), change.level);
            }
            EngineStep::Power(power) => mirror.power = (*power).into(),
            EngineStep::UtcOffset(offset) => clock.set_utc_offset(*offset),
            EngineStep::Restriction(restriction) => mirror.restriction = (*restriction).into(),
            // The profile keeps these.
            EngineStep::Notifications(_) | EngineStep::App(_) | EngineStep::Pause(_) => {}
            EngineStep::Say(_)
            | EngineStep::Open(_)
            | EngineStep::Close(_)
            | EngineStep::Detach(_)
            | EngineStep::Run(_)
            | EngineStep::ClickNotification(_)
            | EngineStep::CloseNotification(_)
            | EngineStep::Visit(_)
            // A browser that starts goes by its conditions.
            | EngineStep::Override(_)
            | EngineStep::Clear(_)
            | EngineStep::System(_)
            | EngineStep::Process(_)
            | EngineStep::ExpectServer(_)
            | EngineStep::ExpectNotification(_)
            | EngineStep::ExpectConsole(_) => {}
        }
    }
}
