//! The router. It knows which page is of which origin, so it makes the keys and gathers the facts; pages are not asked.

use std::collections::HashMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};
use std::time::Duration;

use background_sync::policy::{
    Facts, Incarnation, Origin, Partition, PartitionId, RegistrationKey, StorageKey, WindowClients,
};
use background_sync::registration::Tag;
use background_sync::scheduler::SyncParameters;
use background_sync::{
    BackgroundSyncThread, Call, Handle, Hosts, NetworkSubject, Notice, OriginHost, Receipt, RegisterError,
    ServiceWorkerHost, StartCompletion, SystemClock, Unposted,
};
use background_sync_store::RedbStore;

use crate::content::{Page, PageId, Script};
use crate::content_link::{CallId, ContentLink, FromContent, ToContent, Tokens};
use crate::host::{Host, Task};
use crate::managers::Managers;

const PARTITION: Partition = Partition::Profile(PartitionId(0));

/// Everything the constellation is told.
pub(crate) enum ToConstellation {
    /// The user opens a page.
    Open(PageId, Origin, Script),
    /// Of a page on a script thread of this process.
    Page(PageId, Page),
    /// Of a content process.
    Content(FromContent),
    /// The content process has ended.
    ContentGone,
    /// Of background sync.
    Task(RegistrationKey, Task),
    /// Something that whoever watches should know.
    News(String),
    /// The system has a network.
    Online,
    /// Background sync answers a call of the content process.
    Answered(CallId, Result<(), RegisterError>, Receipt),
    /// The content process is killed, as a system does that is short of memory.
    KillContent,
    /// Background sync is ended and started again.
    Restart,
    Exit,
}

/// Where pages and service workers run.
pub(crate) enum Place {
    Threads(Managers),
    Process(ContentLink),
}

pub(crate) struct Constellation {
    me: Sender<ToConstellation>,
    host: Host,
    profile: PathBuf,
    sync: Handle,
    place: Place,
    /// Of what a content process does; on threads the tokens go along.
    tokens: Tokens,
    pages: HashMap<PageId, Origin>,
    /// What happened, for whoever watches.
    news: Sender<String>,
}

impl Constellation {
    pub(crate) fn new(
        profile: PathBuf,
        place: Place,
        me: Sender<ToConstellation>,
        news: Sender<String>,
    ) -> Result<Self, Box<dyn Error>> {
        let host = Host { known: Arc::default(), constellation: me.clone() };
        let sync = start(&profile, host.clone())?;
        Ok(Self { me, host, profile, sync, place, tokens: Tokens::default(), pages: HashMap::new(), news })
    }

    /// Runs until it is told to end.
    pub(crate) fn run(mut self, inbox: &Receiver<ToConstellation>) -> Result<(), Box<dyn Error>> {
        while let Ok(message) = inbox.recv() {
            match message {
                ToConstellation::Open(page, origin, script) => self.open(page, origin, script),
                ToConstellation::Page(page, said) => self.page(page, said)?,
                ToConstellation::Content(said) => self.content(said)?,
                ToConstellation::ContentGone => self.content_gone()?,
                ToConstellation::Answered(call, result, receipt) => {
                    // host lines: processes
                    self.tokens.receipts.insert(call, receipt);
                    self.tell_content(&ToContent::Answer(call, result));
                    // end of host lines
                }
                ToConstellation::KillContent => {
                    if let Place::Process(link) = &mut self.place {
                        link.kill()?;
                    }
                }
                ToConstellation::Task(key, task) => self.task(&key, task),
                ToConstellation::News(what) => self.news.send(what)?,
                ToConstellation::Online => {
                    self.host.known.lock().online = true;
                    self.sync.poster().notify(Notice::Network(NetworkSubject::All));
                }
                ToConstellation::Restart => {
                    self.sync.shut_down(Duration::from_secs(10))?;
                    self.sync = start(&self.profile, self.host.clone())?;
                    self.news.send("background sync started again".to_owned())?;
                }
                ToConstellation::Exit => break,
            }
        }
        self.sync.shut_down(Duration::from_secs(10))?;
        Ok(())
    }

    fn open(&mut self, page: PageId, origin: Origin, script: Script) {
        self.pages.insert(page, origin.clone());
        self.windows_changed(origin, 1);
        match &mut self.place {
            Place::Threads(managers) => managers.run_page(page, script),
            Place::Process(link) => link.send(&ToContent::Run(page, script)),
        }
    }

    fn windows_changed(&self, origin: Origin, by: i32) {
        let site = (PARTITION, origin);
        let mut known = self.host.known.lock();
        let windows = known.windows.entry(site.clone()).or_insert(WindowClients::none());
        windows.top_level = windows.top_level.saturating_add_signed(by);
        drop(known);
        self.sync.poster().notify(Notice::Clients(site.0, site.1));
    }

    fn page(&mut self, page: PageId, said: Page) -> Result<(), Box<dyn Error>> {
        match said {
            Page::WorkerRegistered(scope) => self.worker_registered(page, &scope),
            // host lines: thread
            Page::Register(scope, tag, settle) => {
                let answer = |result, receipt: Receipt| {
                    if settle(result) { receipt.delivered() } else { receipt.gone() }
                };
                self.register(page, &scope, tag, answer);
            }
            // end of host lines
            Page::Resolved => self.news.send(format!("page {page} has its answer"))?,
            Page::Gone => self.news.send(format!("page {page} is gone"))?,
            Page::Exited => self.exited(page),
        }
        Ok(())
    }

    fn content(&mut self, said: FromContent) -> Result<(), Box<dyn Error>> {
        match said {
            FromContent::WorkerRegistered(page, scope) => self.worker_registered(page, &scope),
            // host lines: processes
            FromContent::Register(page, call, scope, tag) => {
                let me = self.me.clone();
                let answer = move |result, receipt| drop(me.send(ToConstellation::Answered(call, result, receipt)));
                self.register(page, &scope, tag, answer);
            }
            FromContent::Ready(attempt) => {
                self.tokens.starts.remove(&attempt).into_iter().for_each(StartCompletion::ready);
            }
            FromContent::Finished(attempt, outcome) => {
                self.tokens.events.remove(&attempt).into_iter().for_each(|done| done.finish(outcome));
            }
            FromContent::Answered(call, there) => {
                let used = if there { Receipt::delivered } else { Receipt::gone };
                self.tokens.receipts.remove(&call).into_iter().for_each(used);
            }
            // end of host lines
            FromContent::Exited(page) => self.exited(page),
            FromContent::News(what) => self.news.send(what)?,
        }
        Ok(())
    }

    fn worker_registered(&mut self, page: PageId, scope: &str) {
        let Some(key) = self.key(page, scope) else { return };
        self.host.known.lock().workers.insert(key.clone());
        self.sync.poster().notify(Notice::Worker(key));
    }

    /// Whoever calls says which page it is and what the scope; the origin is known here. None for a page that does not
    /// exist, or lies.
    fn key(&self, page: PageId, scope: &str) -> Option<RegistrationKey> {
        let storage_key = StorageKey::first_party(self.pages.get(&page)?.clone());
        // This engine never unregisters a worker, so that each has one life.
        RegistrationKey::new(PARTITION, storage_key, scope, Incarnation(1)).ok()
    }

    fn register<R>(&mut self, page: PageId, scope: &str, tag: Tag, answer: R)
    where
        R: FnOnce(Result<(), RegisterError>, Receipt) + Send + 'static,
    {
        let Some(key) = self.key(page, scope) else { return };
        // host lines: any
        // What is true of the call at this moment. A real engine names the other facts too.
        let worker = ServiceWorkerHost::state(&mut self.host, &key);
        let windows = self.host.windows(PARTITION, key.origin());
        let call = Call::by_page(Facts { worker, windows, ..Facts::of_an_open_window() });
        self.sync.poster().register(key, tag, call, answer).unwrap_or_else(Unposted::answer);
        // end of host lines
    }

    fn exited(&mut self, page: PageId) {
        if let Some(origin) = self.pages.remove(&page) {
            self.windows_changed(origin, -1);
        }
    }

    /// Tokens go to a thread with the task. From another process they are spoken of by number.
    fn task(&mut self, key: &RegistrationKey, task: Task) {
        match (&mut self.place, task) {
            (Place::Threads(managers), task) => managers.give(key.origin(), task),
            // host lines: processes
            (Place::Process(link), Task::Start(start)) => {
                link.send(&ToContent::Start(start.attempt(), key.clone()));
                self.tokens.starts.insert(start.attempt(), start);
            }
            (Place::Process(link), Task::Dispatch(event, done)) => {
                link.send(&ToContent::Dispatch(done.attempt(), key.clone(), event));
                self.tokens.events.insert(done.attempt(), done);
            }
            (Place::Process(link), Task::Terminate(attempt)) => link.send(&ToContent::Terminate(attempt)),
            // end of host lines
        }
    }

    fn tell_content(&mut self, message: &ToContent) {
        match &mut self.place {
            Place::Threads(_) => {}
            Place::Process(link) => link.send(message),
        }
    }

    /// Its pages are gone, and the tokens of what it ran are dropped. Another one takes its place.
    fn content_gone(&mut self) -> Result<(), Box<dyn Error>> {
        for page in self.pages.keys().copied().collect::<Vec<_>>() {
            self.exited(page);
        }
        self.tokens = Tokens::default();
        self.place = Place::Process(ContentLink::start(self.me.clone())?);
        Ok(self.news.send("another content process".to_owned())?)
    }
}

/// Background sync on a thread of its own, over the store of the profile.
fn start(profile: &Path, host: Host) -> Result<Handle, Box<dyn Error>> {
    // Events without a window are spread over a minute otherwise.
    let params = SyncParameters::recommended().into_parameters().with(|it| {
        it.first_fire_spread_in_background = Duration::from_millis(100);
    });
    let path = profile.join("background-sync.redb");
    let seed = [7; 32]; // a real engine draws it from a good source
    let sync = BackgroundSyncThread::new(params.validated()?, seed).spawn(move |_| {
        let store = RedbStore::open_without_thread(path, |report| eprintln!("store: {report}"))?;
        Ok::<_, background_sync_store::OpenError>(Hosts::new(host, store, SystemClock::starting_now()))
    })?;
    // The constellation has read its own service worker registrations before.
    sync.poster().notify(Notice::WorkersKnown);
    Ok(sync)
}
