use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use background_sync_policy::{Origin, Partition, RegistrationKey, SyncKind, UserSwitch};
use background_sync_registration::{Tag, WallTime};

use crate::{
    AskedBy, AttemptId, CancelError, ClearedScope, GetTagsError, Machine, NetworkSubject, NotStarted, Outcome,
    RegisterError, RequestId, RowBatch, StoreContents, StoreFailure, TxnId, WakeToken,
};

/// What changed in the engine. Where the hosts know the new state, the driver asks them for it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// The network, for everybody or for one origin.
    Network(NetworkSubject),
    /// An origin's windows.
    Clients(Partition, Origin),
    /// An origin's permission for syncs of a kind.
    Permission(Partition, Origin, SyncKind),
    /// The user's switch for syncs of a kind, for one origin or for all.
    UserSwitch(Option<(Partition, Origin)>, SyncKind, UserSwitch),
    /// What the operating system allows.
    Restriction,
    /// The state of a service worker registration.
    Worker(RegistrationKey),
    /// A service worker registration is gone.
    Unregistered(RegistrationKey),
    /// Site data was cleared, from a time on or altogether.
    DataCleared(ClearedScope, Option<WallTime>),
    /// A private partition was closed.
    PartitionClosed(Partition),
    /// The user's answer.
    Answered(AttemptId, bool),
    /// The system goes to sleep.
    Slept,
    /// The system woke up.
    Woke,
    /// The process is being frozen.
    Frozen,
    /// The process goes on.
    Thawed,
    /// The operating system woke the engine for a sync and lets it run this long.
    Woken(WakeToken, Duration),
    /// The engine is shutting down.
    Shutdown,
}

/// What the caller's own process may know about a call, checked by trusted code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Which global called.
    pub asked_by: AskedBy,
    /// Whether it is a secure context.
    pub secure_context: bool,
    /// Whether it is inside a fenced frame.
    pub fenced: bool,
}

impl Caller {
    /// A page in a secure context.
    pub const PAGE: Self = Self { asked_by: AskedBy::Page, secure_context: true, fenced: false };
    /// The service worker itself.
    pub const WORKER: Self = Self { asked_by: AskedBy::Worker, secure_context: true, fenced: false };
}

type Way<T> = Box<dyn FnOnce(T, Receipt) + Send>;

/// The way back of a request. It is used exactly once: dropped unused, by a driver that is gone, it
/// says so itself (invariant I7).
pub(crate) struct ReplyTo<T>(Option<(Way<T>, T)>);

impl<T> ReplyTo<T> {
    fn new(way: impl FnOnce(T, Receipt) + Send + 'static, if_dropped: T) -> Self {
        Self(Some((Box::new(way), if_dropped)))
    }

    pub(crate) fn send(mut self, result: T, receipt: Receipt) {
        if let Some((way, _)) = self.0.take() {
            way(result, receipt);
        }
    }
}

impl<T> Drop for ReplyTo<T> {
    fn drop(&mut self) {
        if let Some((way, if_dropped)) = self.0.take() {
            way(if_dropped, Receipt::inert());
        }
    }
}

/// A request with the way back.
pub(crate) enum Request {
    Register { key: RegistrationKey, tag: Tag, caller: Caller, reply: ReplyTo<Result<(), RegisterError>> },
    GetTags { key: RegistrationKey, kind: SyncKind, reply: ReplyTo<Result<Vec<Tag>, GetTagsError>> },
    Cancel { key: RegistrationKey, kind: SyncKind, tag: Tag, reply: ReplyTo<Result<bool, CancelError>> },
}

/// What reaches the driver.
pub(crate) enum Message {
    Request(Request),
    Notice(Notice),
    Ready(AttemptId),
    NotStarted(AttemptId, NotStarted),
    Finished(AttemptId, Outcome),
    Lost(AttemptId),
    Rows(RowBatch),
    Loaded(Result<StoreContents, StoreFailure>),
    Committed(TxnId, Result<(), StoreFailure>),
    Delivered(RequestId),
    Gone(RequestId),
    #[cfg_attr(not(feature = "thread"), expect(dead_code, reason = "only a handle on another thread needs it"))]
    Inspect(Box<dyn FnOnce(&Machine) + Send>),
}

/// The way to the driver, from any thread and from inside its hosts. It only queues.
#[derive(Clone)]
pub struct Poster {
    send: Arc<dyn Fn(Message) + Send + Sync>,
    requests: Arc<AtomicUsize>,
    max_requests: usize,
}

impl Poster {
    pub(crate) fn new(send: impl Fn(Message) + Send + Sync + 'static, max_requests: usize) -> Self {
        Self { send: Arc::new(send), requests: Arc::default(), max_requests }
    }

    /// Tells of a change. There is always room for it.
    pub fn notify(&self, notice: Notice) {
        self.post(Message::Notice(notice));
    }

    /// `SyncManager.register(tag)` of the registration `key`, the one whose `sync` attribute gave the
    /// manager (`sync.attr`). `reply` is called once, on the driver's
    /// thread: hand the result to the caller and use the receipt there.
    pub fn register(
        &self,
        key: RegistrationKey,
        tag: Tag,
        caller: Caller,
        reply: impl FnOnce(Result<(), RegisterError>, Receipt) + Send + 'static,
    ) {
        if self.has_room() {
            let reply = ReplyTo::new(reply, Err(RegisterError::Shutdown));
            self.post(Message::Request(Request::Register { key, tag, caller, reply }));
        } else {
            reply(Err(RegisterError::QueueFull), Receipt::inert());
        }
    }

    /// `SyncManager.getTags()` of the registration `key`, or the same of its periodic sibling.
    pub fn get_tags(
        &self,
        key: RegistrationKey,
        kind: SyncKind,
        reply: impl FnOnce(Result<Vec<Tag>, GetTagsError>, Receipt) + Send + 'static,
    ) {
        if self.has_room() {
            let reply = ReplyTo::new(reply, Err(GetTagsError::Shutdown));
            self.post(Message::Request(Request::GetTags { key, kind, reply }));
        } else {
            reply(Err(GetTagsError::QueueFull), Receipt::inert());
        }
    }

    /// Takes a registration away, for the engine's own interface. Says whether there was one.
    pub fn cancel(
        &self,
        key: RegistrationKey,
        kind: SyncKind,
        tag: Tag,
        reply: impl FnOnce(Result<bool, CancelError>, Receipt) + Send + 'static,
    ) {
        if self.has_room() {
            let reply = ReplyTo::new(reply, Err(CancelError::Shutdown));
            self.post(Message::Request(Request::Cancel { key, kind, tag, reply }));
        } else {
            reply(Err(CancelError::QueueFull), Receipt::inert());
        }
    }

    pub(crate) fn post(&self, message: Message) {
        (self.send)(message);
    }

    /// Counts a request in, if there is room for one.
    fn has_room(&self) -> bool {
        let more = |queued| (queued < self.max_requests).then_some(queued + 1);
        self.requests.fetch_update(Ordering::AcqRel, Ordering::Acquire, more).is_ok()
    }

    /// A request left the queue.
    pub(crate) fn request_taken(&self) {
        self.requests.fetch_sub(1, Ordering::AcqRel);
    }
}

impl fmt::Debug for Poster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Poster({} requests queued)", self.requests.load(Ordering::Relaxed))
    }
}

/// Says what became of a reply. The event that the request asked for waits for it, up to a second.
#[derive(Debug)]
#[must_use = "use it when the promise is resolved; dropping it says that the caller is gone"]
pub struct Receipt(Option<(RequestId, Poster)>);

impl Receipt {
    pub(crate) fn new(request: RequestId, poster: Poster) -> Self {
        Self(Some((request, poster)))
    }

    fn inert() -> Self {
        Self(None)
    }

    /// The caller has the reply: its promise is resolved.
    pub fn delivered(mut self) {
        if let Some((request, poster)) = self.0.take() {
            poster.post(Message::Delivered(request));
        }
    }
}

impl Drop for Receipt {
    fn drop(&mut self) {
        if let Some((request, poster)) = self.0.take() {
            poster.post(Message::Gone(request));
        }
    }
}

/// Follows one attempt from its start to the end of its event.
///
/// Dropped before the event was dispatched it says "not started", after that "crashed": an engine that
/// loses a worker's process need not remember to say so.
#[derive(Debug)]
#[must_use = "dropping it says that the attempt was lost"]
pub struct EventCompletion {
    attempt: AttemptId,
    poster: Option<Poster>,
}

impl EventCompletion {
    pub(crate) fn new(attempt: AttemptId, poster: Poster) -> Self {
        Self { attempt, poster: Some(poster) }
    }

    /// The attempt this is about.
    #[must_use]
    pub fn attempt(&self) -> AttemptId {
        self.attempt
    }

    /// The active worker runs and is activated: the event can be dispatched.
    pub fn ready(&self) {
        if let Some(poster) = &self.poster {
            poster.post(Message::Ready(self.attempt));
        }
    }

    /// The worker could not be started.
    pub fn not_started(mut self, reason: NotStarted) {
        if let Some(poster) = self.poster.take() {
            poster.post(Message::NotStarted(self.attempt, reason));
        }
    }

    /// The event has ended.
    pub fn finish(mut self, outcome: Outcome) {
        if let Some(poster) = self.poster.take() {
            poster.post(Message::Finished(self.attempt, outcome));
        }
    }
}

impl Drop for EventCompletion {
    fn drop(&mut self) {
        if let Some(poster) = self.poster.take() {
            poster.post(Message::Lost(self.attempt));
        }
    }
}
