use std::collections::HashSet;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

use background_sync_policy::{RegistrationKey, SyncKind};
#[cfg(feature = "periodic")]
use background_sync_registration::MinInterval;
use background_sync_registration::Tag;
use background_sync_scheduler::SyncParameters;

use super::message::{Message, Question, Site, Way};
use super::panics::contained;
use super::reply::Reply;
use super::shares::Shares;
use super::{Call, HostCall, HostPanic, Notice, Receipt, Removal, Unposted};
#[cfg(feature = "periodic")]
use crate::UnregisterError;
use crate::input::Unavailable;
use crate::{CancelError, GetTagsError, RegisterError, RemovalError};

/// The way in, from any thread and from inside the hosts. It only queues; nothing that it is given runs on the thread
/// that calls it.
#[derive(Clone)]
pub struct Poster(Arc<Line>);

/// What all posters of a driver share.
struct Line {
    send: Box<dyn Fn(Message) + Send + Sync>,
    wake: Box<dyn Fn() + Send + Sync>,
    /// Whether somebody takes what is sent. Who sends holds it, so that nothing is sent after it was closed.
    open: RwLock<bool>,
    /// The driver was woken and has not begun its turn yet.
    woken: AtomicBool,
    /// Messages that were not taken yet.
    queued: AtomicUsize,
    shares: Shares,
    /// Notices in the queue to which another of the same kind would add nothing.
    waiting: Mutex<HashSet<Notice>>,
}

impl Poster {
    /// `send` queues a message; `wake` is called when there is something to do that the driver does not know of yet.
    pub(crate) fn new(
        params: &SyncParameters,
        send: impl Fn(Message) + Send + Sync + 'static,
        wake: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Line {
            send: Box::new(send),
            wake: Box::new(wake),
            open: RwLock::new(true),
            woken: AtomicBool::new(false),
            queued: AtomicUsize::new(0),
            shares: Shares::new(params.max_queued_requests, params.max_queued_requests_per_origin),
            waiting: Mutex::default(),
        }))
    }

    /// Tells of a change. A notice whose state the hosts are asked for counts once, however often it is given before
    /// it is taken.
    pub fn notify(&self, notice: impl Into<Notice>) {
        let notice = notice.into();
        let Some(open) = self.0.open() else { return };
        if !notice.asks_for_state() || self.0.waiting().insert(notice.clone()) {
            self.0.send(open, Message::Notice(notice));
        }
    }

    /// Tells of a change that may take registrations away, and is told when that is durable: no crash brings them
    /// back then. `reply` is called once, on the driver's thread.
    ///
    /// # Errors
    /// [`RemovalError::Shutdown`] when background sync has ended. Then nothing was taken away; an engine that clears
    /// data repeats it at its next start.
    pub fn remove<R>(&self, removal: Removal, reply: R) -> Result<(), Unposted<RemovalError, R>>
    where
        R: FnOnce(Result<(), RemovalError>) + Send + 'static,
    {
        let Some(open) = self.0.open() else { return Err(Unposted::new(RemovalError::Shutdown, reply)) };
        let reply = Reply::new(|result, _| reply(result), Err(RemovalError::Shutdown));
        self.0.send(open, Message::Removal(removal, reply));
        Ok(())
    }

    /// `SyncManager.register(tag)` of the registration `key`, the one whose `sync` attribute gave the manager
    /// (`sync.attr`). `call` says who called and what was true then. `reply` is called once, on the driver's thread:
    /// hand the result to the caller and use the receipt there.
    ///
    /// Calls of one key take effect in the order in which they are made.
    ///
    /// # Errors
    /// [`RegisterError::QueueFull`] or [`RegisterError::Shutdown`]: the call was not made.
    pub fn register<R>(
        &self,
        key: RegistrationKey,
        tag: Tag,
        call: Call,
        reply: R,
    ) -> Result<(), Unposted<RegisterError, R>>
    where
        R: FnOnce(Result<(), RegisterError>, Receipt) + Send + 'static,
    {
        let question = Question::Register { key, tag, call };
        self.ask(question, reply, |reply| Way::Registered(Reply::new(reply, Err(RegisterError::Shutdown))))
    }

    /// `SyncManager.getTags()` of the registration `key`, or the same of its periodic sibling.
    ///
    /// # Errors
    /// [`GetTagsError::QueueFull`] or [`GetTagsError::Shutdown`]: the call was not made.
    pub fn get_tags<R>(&self, key: RegistrationKey, kind: SyncKind, reply: R) -> Result<(), Unposted<GetTagsError, R>>
    where
        R: FnOnce(Result<Vec<Tag>, GetTagsError>, Receipt) + Send + 'static,
    {
        let question = Question::GetTags { key, kind };
        self.ask(question, reply, |reply| Way::Tags(Reply::new(reply, Err(GetTagsError::Shutdown))))
    }

    /// Takes a registration away, for the engine's own interface. Says whether there was one.
    ///
    /// # Errors
    /// [`CancelError::QueueFull`] or [`CancelError::Shutdown`]: the call was not made.
    pub fn cancel<R>(
        &self,
        key: RegistrationKey,
        kind: SyncKind,
        tag: Tag,
        reply: R,
    ) -> Result<(), Unposted<CancelError, R>>
    where
        R: FnOnce(Result<bool, CancelError>, Receipt) + Send + 'static,
    {
        let question = Question::Cancel { key, kind, tag };
        self.ask(question, reply, |reply| Way::Cancelled(Reply::new(reply, Err(CancelError::Shutdown))))
    }

    /// `PeriodicSyncManager.register(tag, { minInterval })` of the registration `key`, the one whose `periodicSync`
    /// attribute gave the manager (`periodic.attr`), as [`register`](Self::register). The permission in the facts is `periodic-background-sync`.
    ///
    /// # Errors
    /// [`RegisterError::QueueFull`] or [`RegisterError::Shutdown`]: the call was not made.
    #[cfg(feature = "periodic")]
    pub fn register_periodic<R>(
        &self,
        key: RegistrationKey,
        tag: Tag,
        min_interval: MinInterval,
        call: Call,
        reply: R,
    ) -> Result<(), Unposted<RegisterError, R>>
    where
        R: FnOnce(Result<(), RegisterError>, Receipt) + Send + 'static,
    {
        let question = Question::RegisterPeriodic { key, tag, min_interval, call };
        self.ask(question, reply, |reply| Way::Registered(Reply::new(reply, Err(RegisterError::Shutdown))))
    }

    /// `PeriodicSyncManager.unregister(tag)` of the registration `key`.
    ///
    /// # Errors
    /// [`UnregisterError::QueueFull`] or [`UnregisterError::Shutdown`]: the call was not made.
    #[cfg(feature = "periodic")]
    pub fn unregister<R>(&self, key: RegistrationKey, tag: Tag, reply: R) -> Result<(), Unposted<UnregisterError, R>>
    where
        R: FnOnce(Result<(), UnregisterError>, Receipt) + Send + 'static,
    {
        let question = Question::Unregister { key, tag };
        self.ask(question, reply, |reply| Way::Unregistered(Reply::new(reply, Err(UnregisterError::Shutdown))))
    }

    fn ask<E: From<Unavailable>, R>(
        &self,
        question: Question,
        reply: R,
        way: impl FnOnce(R) -> Way,
    ) -> Result<(), Unposted<E, R>> {
        match self.0.enter(&question.site()) {
            Ok(open) => {
                self.0.send(open, Message::Request(question, way(reply)));
                Ok(())
            }
            Err(why) => Err(Unposted::new(why.into(), reply)),
        }
    }

    /// Counts a call in that is made on the driver's own thread, if there is room for it.
    pub(crate) fn enter(&self, site: &Site) -> Result<(), Unavailable> {
        self.0.enter(site).map(drop)
    }

    /// Queues a message. What is posted after the driver has gone concerns nobody.
    pub(crate) fn post(&self, message: Message) {
        if let Some(open) = self.0.open() {
            self.0.send(open, message);
        }
    }

    /// A call left the queue.
    pub(crate) fn leave(&self, site: Site) {
        self.0.shares.leave(site);
    }

    /// A message was taken.
    pub(crate) fn taken(&self, message: &Message) {
        self.0.queued.fetch_sub(1, Ordering::AcqRel);
        if let Message::Notice(notice) = message {
            self.0.waiting().remove(notice);
        }
    }

    /// A turn begins: what is posted from now on wakes the driver again. Says how many messages are there.
    pub(crate) fn begin_turn(&self) -> usize {
        self.0.woken.swap(false, Ordering::AcqRel);
        self.queued()
    }

    pub(crate) fn queued(&self) -> usize {
        self.0.queued.load(Ordering::Acquire)
    }

    /// Nobody takes anything any more. What was sent before is in the queue by now.
    fn close(&self) {
        *self.0.open.write().unwrap_or_else(PoisonError::into_inner) = false;
    }
}

/// As long as it is there, somebody takes what is posted. Who takes it drops this first.
pub(crate) struct OpenUntilDropped(Poster);

impl OpenUntilDropped {
    pub(crate) fn new(poster: &Poster) -> Self {
        Self(poster.clone())
    }
}

impl Drop for OpenUntilDropped {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Shows that somebody takes what is sent.
struct Open<'a>(#[expect(dead_code, reason = "held, not read")] RwLockReadGuard<'a, bool>);

impl Line {
    fn open(&self) -> Option<Open<'_>> {
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        if *open { Some(Open(open)) } else { None }
    }

    /// Counts a call in.
    fn enter(&self, site: &Site) -> Result<Open<'_>, Unavailable> {
        let open = self.open().ok_or(Unavailable::Shutdown)?;
        if self.shares.enter(site) { Ok(open) } else { Err(Unavailable::QueueFull) }
    }

    fn send(&self, open: Open<'_>, message: Message) {
        self.queued.fetch_add(1, Ordering::AcqRel);
        (self.send)(message);
        // The host's own code is not called under a lock.
        drop(open);
        if !self.woken.swap(true, Ordering::AcqRel)
            && let Err(message) = contained(|| (self.wake)())
        {
            self.could_not_wake(message);
        }
    }

    /// Whoever posted something is not to blame, and may be unwinding itself. The next one tries again.
    fn could_not_wake(&self, message: String) {
        self.woken.store(false, Ordering::Release);
        if let Some(_open) = self.open() {
            self.queued.fetch_add(1, Ordering::AcqRel);
            (self.send)(Message::Panicked(HostPanic::new(HostCall::Wake, message)));
        }
    }

    /// Nothing panics while it holds the lock.
    fn waiting(&self) -> MutexGuard<'_, HashSet<Notice>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Poster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Poster({} messages queued)", self.queued())
    }
}
