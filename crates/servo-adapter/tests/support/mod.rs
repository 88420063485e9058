//! A constellation with one page, as far as background sync can see.

#![allow(dead_code, reason = "each test uses some of it")]

use std::time::Duration;

use background_sync::policy::Incarnation;
use background_sync::registration::{Now, Tag};
use background_sync::scheduler::{NetworkState, SyncParameters};
use background_sync::{AskedBy, Clock, GetTagsError, MemoryStore, SystemClock, WorkerState};
use background_sync_servo::{
    BackgroundSyncMsg, ClientEvent, NewPipeline, RegisterCall, RegisterReply, Registration, Setup, WorkerCommand, start,
};
use servo_base::generic_channel::{GenericCallback, GenericReceiver, GenericSender, channel, oneshot};
use servo_base::id::{BrowsingContextId, Index, PipelineId, PipelineNamespaceId};
use servo_url::ServoUrl;

/// Longer than anything takes; only a test that fails waits so long.
pub(crate) const FOREVER: Duration = Duration::from_secs(60);

pub(crate) const PAGE: &str = "https://chat.example/inbox";

pub(crate) struct Constellation {
    pub(crate) sync: GenericSender<BackgroundSyncMsg>,
    pub(crate) commands: GenericReceiver<WorkerCommand>,
}

struct Still;

impl Clock for Still {
    fn now(&mut self) -> Now {
        Now::default()
    }
}

pub(crate) fn pipeline() -> PipelineId {
    PipelineId { namespace_id: PipelineNamespaceId(1), index: Index::new(1).unwrap() }
}

pub(crate) fn registration() -> Registration {
    let page = ServoUrl::parse(PAGE).unwrap();
    let scope = ServoUrl::parse("https://chat.example/").unwrap();
    Registration::new(false, page.origin(), &scope, Incarnation(1)).unwrap()
}

impl Constellation {
    /// Background sync on its thread, one page and its active worker. What failed is tried again at once.
    pub(crate) fn start() -> Self {
        Self::with_clock(SystemClock::starting_now())
    }

    /// The same where time stands still: what waits for time alone never happens.
    pub(crate) fn without_time() -> Self {
        Self::with_clock(Still)
    }

    fn with_clock(clock: impl Clock + Send + 'static) -> Self {
        let params = SyncParameters::recommended().into_parameters().with(|params| {
            let at_once = Duration::from_millis(1);
            (params.initial_retry_delay, params.min_refire_spacing) = (at_once, at_once);
            (params.first_fire_spread, params.first_fire_spread_in_background) = (Duration::ZERO, Duration::ZERO);
        });
        let (constellation, commands) = channel().unwrap();
        let setup = Setup {
            params: params.validated().unwrap(),
            seed: [7; 32],
            store: MemoryStore::default(),
            clock,
            network: NetworkState::online(),
            constellation,
        };
        let this = Self { sync: start(setup).unwrap(), commands };
        this.tell(BackgroundSyncMsg::WorkerChanged(registration(), WorkerState::Active));
        this.tell(BackgroundSyncMsg::RegistrationsKnown);
        let browsing_context_id =
            BrowsingContextId { namespace_id: PipelineNamespaceId(1), index: Index::new(1).unwrap() };
        this.tell(BackgroundSyncMsg::Clients(ClientEvent::PipelineCreated(NewPipeline {
            id: pipeline(),
            browsing_context_id,
            parent_pipeline_id: None,
            opener: None,
            is_private: false,
        })));
        let origin = ServoUrl::parse(PAGE).unwrap().origin();
        this.tell(BackgroundSyncMsg::Clients(ClientEvent::FullyActive(pipeline(), origin)));
        this
    }

    pub(crate) fn tell(&self, message: BackgroundSyncMsg) {
        self.sync.send(message).unwrap();
    }

    /// Passes a page's call on.
    pub(crate) fn register(&self, tag: &str, reply: GenericCallback<RegisterReply>) {
        self.tell(BackgroundSyncMsg::Register(RegisterCall {
            registration: registration(),
            tag: Tag::from(tag),
            asked_by: AskedBy::Page,
            secure_context: true,
            reply,
        }));
    }

    pub(crate) fn tags(&self) -> Result<Vec<Tag>, GetTagsError> {
        let (callback, answer) = GenericCallback::new_blocking().unwrap();
        self.tell(BackgroundSyncMsg::GetTags(registration(), callback));
        answer.recv().unwrap()
    }

    /// What the service worker manager is told next.
    pub(crate) fn command(&self) -> WorkerCommand {
        self.commands.try_recv_timeout(FOREVER).ok().expect("background sync wants something of a worker")
    }

    pub(crate) fn exit(self) {
        let (exited, exit) = oneshot().unwrap();
        self.tell(BackgroundSyncMsg::Exit(exited));
        exit.recv().expect("it says when it has ended");
    }
}
