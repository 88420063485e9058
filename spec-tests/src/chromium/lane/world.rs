//! A timeline's world, made of a browser: its steps are translated into what users, pages and workers do.

mod windows;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use background_sync::policy::{Origin, PermissionState, SyncKind, UserSwitch};
use background_sync::registration::Tag;
use background_sync::scheduler::NetworkState;
use background_sync_simulator::timeline::{
    Behaviour, By, Clear, End, Finish, PartitionName, Process, RegisterPeriodic, Step, Time, WorkerCondition,
    WorkerDeclaration, WorkerName,
};
use serde_json::{Value, json};

use super::browser::{Context, Running};
use super::link::Link;
use super::notes::Notes;
use super::places::{Place, Places, local};
use crate::chromium::Pace;
use crate::chromium::observable::caller;
use crate::seen::{Answer, Kind};

/// How long something may take that a browser does at once.
const PATIENCE: Duration = Duration::from_secs(5);

/// Pages are told of a link at once. What decides about events waits a moment whether it lasts.
pub(super) const BELIEVES: Duration = Duration::from_secs(3);

/// How often it is looked at.
const GLANCE: Duration = Duration::from_millis(10);

/// What calls are called that the timeline gives no name.
pub(super) const UNNAMED: &str = "#";

/// Whose, where, which, and what it is.
type Permitted = (Option<Origin>, PartitionName, &'static str, &'static str);

/// Everything there is while a timeline is played.
pub(super) struct World<'a> {
    pace: &'a Pace,
    notes: Arc<Notes>,
    link: &'a Link,
    profile: PathBuf,
    workers: Vec<WorkerDeclaration>,
    browser: Option<Running>,
    contexts: BTreeMap<PartitionName, Context>,
    places: Places,
    permissions: Vec<Permitted>,
    online: bool,
    asked: u64,
    undone: Vec<String>,
}

impl<'a> World<'a> {
    /// With a browser that runs, and every worker registered.
    pub(super) fn start(
        pace: &'a Pace,
        notes: Arc<Notes>,
        link: &'a Link,
        profile: PathBuf,
        workers: &[WorkerDeclaration],
    ) -> Result<Self, String> {
        link.set(true)?;
        let mut world = Self {
            pace,
            notes,
            link,
            profile,
            workers: workers.to_vec(),
            browser: None,
            contexts: BTreeMap::new(),
            places: Places::default(),
            permissions: Vec::new(),
            online: true,
            asked: 0,
            undone: Vec::new(),
        };
        world.start_browser()?;
        for worker in workers {
            world.install(worker)?;
        }
        Ok(world)
    }

    fn start_browser(&mut self) -> Result<(), String> {
        self.browser = Some(Running::start(self.profile.clone(), &self.pace.field_trial())?);
        self.contexts.clear();
        self.places.clear();
        for (origin, partition, name, setting) in self.permissions.clone() {
            self.set_permission(origin.as_ref(), partition, name, setting)?;
        }
        Ok(())
    }

    fn browser(&mut self) -> Result<&mut Running, String> {
        self.browser.as_mut().ok_or_else(|| "the browser does not run".to_owned())
    }

    fn context(&mut self, partition: PartitionName) -> Result<Context, String> {
        if let Some(context) = self.contexts.get(&partition) {
            return Ok(context.clone());
        }
        let context = self.browser()?.context(partition != PartitionName::default())?;
        self.contexts.insert(partition, context.clone());
        Ok(context)
    }

    fn declared(&self, worker: &str) -> Result<WorkerDeclaration, String> {
        let found = self.workers.iter().find(|declared| declared.name == worker);
        found.cloned().ok_or_else(|| format!("there is no worker `{worker}`"))
    }

    /// Registers a service worker, from a page that is closed again.
    fn install(&mut self, worker: &WorkerDeclaration) -> Result<(), String> {
        match worker.state {
            WorkerCondition::Active => {}
            WorkerCondition::None => self.notes.hold(&worker.name, true),
            WorkerCondition::Activating => self.notes.hold(&worker.name, false),
            WorkerCondition::NotLoaded => return Err("a browser has loaded its registrations".to_owned()),
        }
        let place = Place::of(worker)?;
        let context = self.context(worker.partition)?;
        let page = self.open_page(&place.origin, &context)?;
        let install = json!({ "script": place.script, "scope": place.scope });
        let script = format!(
            "install({install}).then(() => navigator.serviceWorker.getRegistration({})).then(r => !!r)",
            json!(place.scope)
        );
        let browser = self.browser()?;
        browser.run(&page.session, &script, true)?;
        if worker.state == WorkerCondition::Active {
            let active = format!(
                "navigator.serviceWorker.getRegistration({}).then(r => r?.active?.state === 'activated')",
                json!(place.scope)
            );
            wait_until("a worker is not activated", || browser.run(&page.session, &active, true).map(|is| is == true))?;
        }
        browser.close(&page)
    }

    /// Does what a step says.
    pub(super) fn perform(&mut self, act: &Step) -> Result<(), String> {
        match act {
            Step::Windows(windows) => {
                let origin = local(windows.origin.as_str())?;
                let wanted = [windows.top_level, windows.auxiliary, windows.nested].map(|count| count as usize);
                self.windows(&origin, windows.partition, wanted)
            }
            Step::Network(network) => self.set_network(network.0 != NetworkState::Offline),
            Step::Register(call) => {
                let what = json!({ "call": "register", "tag": call.tag.to_utf16() });
                self.ask(&call.worker, call.by, call.id.as_deref(), what).map(drop)
            }
            Step::RegisterPeriodic(call) => self.register_periodic(call),
            Step::UnregisterPeriodic(call) => {
                let what = json!({ "call": "unregister_periodic", "tag": call.tag.to_utf16() });
                self.ask(&call.worker, By::Page, call.id.as_deref(), what).map(drop)
            }
            Step::GetTags(call) => {
                let what = json!({ "call": "get_tags", "kind": Kind::from(call.kind) });
                self.ask(&call.worker, By::Page, call.id.as_deref(), what).map(drop)
            }
            Step::Permission(permission) => {
                let setting = match permission.state {
                    PermissionState::Granted => "granted",
                    PermissionState::Prompt => "prompt",
                    PermissionState::Denied => "denied",
                };
                self.permit(Some(&permission.origin), permission.partition, permission.kind, setting)
            }
            Step::Switch(switch) => {
                let setting = if switch.to == UserSwitch::On { "granted" } else { "denied" };
                self.permit(switch.origin.as_ref(), switch.partition, switch.kind, setting)
            }
            Step::Unregister(worker) => {
                self.ask(worker, By::Page, None, json!({ "call": "unregister" })).and_then(|id| self.wait_for(&id))
            }
            Step::Reinstall(worker) => self.declared(worker).and_then(|worker| self.install(&worker)),
            Step::Worker(step) => self.renew(&step.name),
            Step::Behave(behaviour) => {
                let takes = Time(self.pace.real(behaviour.takes.0));
                self.notes.behave(Behaviour { takes, ..behaviour.clone() });
                Ok(())
            }
            Step::Finish(finish) => self.finish(finish),
            Step::Clear(clear) => self.clear(clear),
            Step::Close(partition) => self.close(*partition),
            Step::Process(process) => self.process(*process),
            Step::OriginNetwork(_)
            | Step::RegisterMany(_)
            | Step::Cancel(_)
            | Step::Restriction(_)
            | Step::Power(_)
            | Step::Override(_)
            | Step::Visit(_)
            | Step::UtcOffset(_)
            | Step::Engagement(_)
            | Step::Pause(_)
            | Step::System(_)
            | Step::Clock(_)
            | Step::Woken(_)
            | Step::Store(_)
            | Step::Replies(_)
            | Step::Notices(_)
            | Step::Removals(_)
            | Step::WorkersKnown(_)
            | Step::WakeUps(_)
            | Step::User(_)
            | Step::Odd(_) => Err("no page can do this".to_owned()),
        }
    }

    /// Its interval is in real time.
    fn register_periodic(&mut self, call: &RegisterPeriodic) -> Result<(), String> {
        let ms = call.min_interval.ms();
        let interval = u64::try_from(self.pace.real(Duration::from_millis(ms)).as_millis()).unwrap_or(ms);
        let what = json!({ "call": "register_periodic", "tag": call.tag.to_utf16(), "min_interval": interval });
        self.ask(&call.worker, call.by, call.id.as_deref(), what).map(drop)
    }

    fn clear(&mut self, clear: &Clear) -> Result<(), String> {
        let origin = clear.origin.as_ref().ok_or("a browser clears an origin")?;
        let context = self.context(clear.partition)?;
        let what = json!({ "origin": local(origin.as_str())?, "storageTypes": "all" });
        self.browser()?.call(Some(&context.control), "Storage.clearDataForOrigin", what)?;
        if let Some(id) = &clear.id {
            self.notes.answered(id.clone(), Answer::Resolved);
        }
        Ok(())
    }

    fn close(&mut self, partition: PartitionName) -> Result<(), String> {
        let context = self.context(partition)?;
        self.contexts.remove(&partition);
        self.places.forget(partition);
        let what = json!({ "browserContextId": context.id });
        self.browser()?.call(None, "Target.disposeBrowserContext", what).map(drop)
    }

    fn set_network(&mut self, online: bool) -> Result<(), String> {
        if self.online == online {
            return Ok(());
        }
        self.link.set(online)?;
        self.online = online;
        if self.browser.is_some() {
            let control = self.context(PartitionName::default())?.control;
            let browser = self.browser()?;
            wait_until("the browser does not notice its link", || {
                browser.run(&control, "navigator.onLine", false).map(|is| is == online)
            })?;
            self.wait_for_belief(online);
        }
        Ok(())
    }

    /// What fires as soon as a link is believed in, shows that it is. That it is gone shows nowhere.
    fn wait_for_belief(&self, online: bool) {
        let before = self.notes.events().len();
        let until = self.notes.now().plus(BELIEVES);
        while self.notes.now() < until && !(online && self.notes.events().len() > before) {
            std::thread::sleep(GLANCE);
        }
    }

    /// Makes a call; its name, by which its answer is kept.
    fn ask(&mut self, worker: &str, by: By, id: Option<&str>, mut what: Value) -> Result<String, String> {
        self.asked += 1;
        let id = id.map_or_else(|| format!("{UNNAMED}{}", self.asked), str::to_owned);
        let declared = self.declared(worker)?;
        let place = Place::of(&declared)?;
        what["id"] = id.clone().into();
        what["scope"] = place.scope.clone().into();
        let site = (declared.partition, place.origin.clone());
        match caller(by, self.places.windows(&site)) {
            By::Page => {
                let session = self.places.page(&site).ok_or("there is no page")?;
                if !self.browser()?.survives(&session, &format!("void ask({what})"))? {
                    self.replace_page(&site)?;
                }
            }
            By::Worker => self.ask_worker(&declared, &place, &format!("ask({what})"))?,
        }
        Ok(id)
    }

    /// Runs a script in a worker. The debugger stays no longer than that: while it is there, the browser's own limits are off.
    fn ask_worker(&mut self, worker: &WorkerDeclaration, place: &Place, script: &str) -> Result<(), String> {
        let context = self.context(worker.partition)?;
        let browser = self.browser()?;
        browser.call(Some(&context.control), "ServiceWorker.startWorker", json!({ "scopeURL": place.scope }))?;
        let mut found = None;
        wait_until("a worker does not start", || {
            let workers = browser.targets("service_worker")?;
            let mine = |info: &&Value| {
                let context_fits = context.id.as_deref().is_none_or(|context| info["browserContextId"] == context);
                info["url"] == place.script.as_str() && context_fits
            };
            found = workers.iter().find(mine).map(|info| super::browser::word(info, "targetId")).transpose()?;
            Ok(found.is_some())
        })?;
        let session = browser.attach(&found.ok_or("a worker does not start")?)?;
        let ran = browser.run(&session, script, true);
        browser.detach(&session)?;
        ran.map(|_| ())
    }

    /// What `getTags()` gives now; none when nobody can be asked.
    pub(super) fn listed(&mut self, worker: &WorkerName, kind: SyncKind) -> Result<Option<Vec<Tag>>, String> {
        if self.browser.is_none() {
            return Ok(None);
        }
        let what = json!({ "call": "get_tags", "kind": Kind::from(kind) });
        let asked = self.ask(worker, By::Page, None, what);
        // A registration that is gone has no worker to ask, and no tags.
        let Ok(id) = asked else { return Ok(Some(Vec::new())) };
        self.wait_for(&id)?;
        Ok(match self.notes.answers().remove(&id) {
            Some(Answer::Tags(tags)) => Some(tags),
            Some(Answer::Rejected(_) | Answer::Resolved) => Some(Vec::new()),
            None => None,
        })
    }

    fn wait_for(&self, id: &str) -> Result<(), String> {
        wait_until("a call has no answer", || Ok(self.notes.answers().contains_key(id)))
    }

    fn permit(
        &mut self,
        origin: Option<&Origin>,
        partition: PartitionName,
        kind: SyncKind,
        setting: &'static str,
    ) -> Result<(), String> {
        let name = match kind {
            SyncKind::OneShot => "background-sync",
            SyncKind::Periodic => "periodic-background-sync",
        };
        let of = |(of, its, named, _): &Permitted| (of.as_ref(), *its, *named) != (origin, partition, name);
        self.permissions.retain(of);
        self.permissions.push((origin.cloned(), partition, name, setting));
        self.set_permission(origin, partition, name, setting)
    }

    fn set_permission(
        &mut self,
        origin: Option<&Origin>,
        partition: PartitionName,
        name: &str,
        setting: &str,
    ) -> Result<(), String> {
        let context = self.context(partition)?;
        let origins = match origin {
            Some(origin) => vec![local(origin.as_str())?],
            // One that has a permission of its own would not follow everybody's.
            None => self
                .workers
                .iter()
                .map(|worker| Place::of(worker).map(|place| place.origin))
                .collect::<Result<_, _>>()?,
        };
        for origin in origins {
            let mut what = json!({ "permission": { "name": name }, "setting": setting, "origin": origin });
            if let Some(id) = &context.id {
                what["browserContextId"] = id.clone().into();
            }
            self.browser()?.call(None, "Browser.setPermission", what)?;
        }
        Ok(())
    }

    /// A worker that was held is let go; an active one gets a successor.
    fn renew(&mut self, worker: &str) -> Result<(), String> {
        if self.notes.let_go(worker) {
            std::thread::sleep(Duration::from_millis(200));
            return Ok(());
        }
        self.notes.change_script(worker);
        let id = self.ask(worker, By::Page, None, json!({ "call": "update" }))?;
        self.wait_for(&id)
    }

    fn finish(&mut self, finish: &Finish) -> Result<(), String> {
        match finish.how {
            End::Fulfil | End::Reject => {
                let kind = finish.kind.map(Kind::from);
                if !self.notes.finish(&finish.worker, kind, &finish.tag, finish.how == End::Fulfil) {
                    self.undone.push(format!("an event {:?} of {} is ended; none ran", finish.tag, finish.worker));
                }
                Ok(())
            }
            End::Terminate | End::Crash => self.stop_worker(&finish.worker),
            End::Defer(_) => Err("a worker cannot put an event off".to_owned()),
        }
    }

    fn stop_worker(&mut self, worker: &str) -> Result<(), String> {
        let declared = self.declared(worker)?;
        let place = Place::of(&declared)?;
        let context = self.context(declared.partition)?;
        let browser = self.browser()?;
        for version in browser.active_versions(&place.scope)? {
            browser.call(Some(&context.control), "ServiceWorker.stopWorker", json!({ "versionId": version }))?;
        }
        self.notes.stopped(Some(worker));
        Ok(())
    }

    fn process(&mut self, process: Process) -> Result<(), String> {
        match process {
            Process::Start => self.start_browser(),
            Process::Shutdown => {
                if let Some(browser) = self.browser.take() {
                    browser.quit();
                }
                self.notes.stopped(None);
                Ok(())
            }
            Process::Crash => {
                self.browser = None;
                self.notes.stopped(None);
                Ok(())
            }
            Process::Freeze | Process::Thaw => Err("a frozen browser can be asked nothing".to_owned()),
        }
    }

    /// What could not be done since the last time.
    pub(super) fn take_undone(&mut self) -> Vec<String> {
        std::mem::take(&mut self.undone)
    }

    /// Whatever the server wants done meanwhile.
    pub(super) fn attend(&mut self) -> Result<(), String> {
        for worker in self.notes.take_to_stop() {
            self.stop_worker(&worker)?;
        }
        match &mut self.browser {
            Some(browser) => browser.look(GLANCE),
            None => {
                std::thread::sleep(GLANCE);
                Ok(())
            }
        }
    }
}

pub(super) fn wait_until(otherwise: &str, mut done: impl FnMut() -> Result<bool, String>) -> Result<(), String> {
    let mut waited = Duration::ZERO;
    while !done()? {
        if waited > PATIENCE {
            return Err(otherwise.to_owned());
        }
        std::thread::sleep(GLANCE);
        waited += GLANCE;
    }
    Ok(())
}
