use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use background_sync::policy::{
    Origin, Partition, PermissionState, RegistrationKey, SyncKind, SystemRestriction, UserSwitch, WindowClients,
    WorkerState,
};
use background_sync::scheduler::NetworkState;
use background_sync::{
    AttemptId, EventCompletion, NetworkOracle, OriginHost, ServiceWorkerHost, StartCompletion, SyncEventInit,
    TerminateReason,
};

use crate::watch::Watch;
use crate::{Rule, Site};

/// An engine's host, whose answers are compared with what is so.
pub(crate) struct WatchedEngine<H> {
    inner: H,
    watch: Rc<RefCell<Watch>>,
}

impl<H> WatchedEngine<H> {
    pub(crate) const fn new(inner: H, watch: Rc<RefCell<Watch>>) -> Self {
        Self { inner, watch }
    }

    pub(crate) const fn inner(&mut self) -> &mut H {
        &mut self.inner
    }
}

impl<H: ServiceWorkerHost> ServiceWorkerHost for WatchedEngine<H> {
    fn state(&mut self, key: &RegistrationKey) -> WorkerState {
        let state = self.inner.state(key);
        self.watch.borrow_mut().compare_worker(key, state);
        state
    }

    fn start(&mut self, key: &RegistrationKey, completion: StartCompletion) {
        self.watch.borrow_mut().something_happened();
        self.inner.start(key, completion);
    }

    fn dispatch(&mut self, key: &RegistrationKey, event: &SyncEventInit, cap: Duration, completion: EventCompletion) {
        self.watch.borrow_mut().something_happened();
        self.inner.dispatch(key, event, cap, completion);
    }

    fn abandon(&mut self, key: &RegistrationKey, attempt: AttemptId) {
        self.inner.abandon(key, attempt);
    }

    fn terminate(&mut self, key: &RegistrationKey, attempt: AttemptId, reason: TerminateReason) {
        self.watch.borrow_mut().something_happened();
        self.inner.terminate(key, attempt, reason);
    }
}

impl<H: OriginHost> OriginHost for WatchedEngine<H> {
    fn windows(&mut self, partition: Partition, origin: &Origin) -> WindowClients {
        let windows = self.inner.windows(partition, origin);
        let mut watch = self.watch.borrow_mut();
        let really = watch.truth.windows(&Site { partition, origin: origin.clone() });
        if windows.in_background() != really.in_background() {
            watch.findings.add(Rule::WindowsFollow, format!("{origin} has {really:?}, and it says {windows:?}"));
        }
        windows
    }

    fn permission(&mut self, partition: Partition, origin: &Origin, kind: SyncKind) -> PermissionState {
        let state = self.inner.permission(partition, origin, kind);
        let mut watch = self.watch.borrow_mut();
        let really = watch.truth.permission(&Site { partition, origin: origin.clone() });
        if kind == SyncKind::OneShot && really.is_some_and(|really| really != state) {
            watch.findings.add(Rule::PermissionFollows, format!("the user decided {really:?}, and it says {state:?}"));
        }
        state
    }

    fn user_switch(&mut self, partition: Partition, origin: &Origin, kind: SyncKind) -> UserSwitch {
        let switch = self.inner.user_switch(partition, origin, kind);
        let mut watch = self.watch.borrow_mut();
        let really = watch.truth.switch(&Site { partition, origin: origin.clone() });
        if kind == SyncKind::OneShot && really.is_some_and(|really| really != switch) {
            watch.findings.add(Rule::SwitchFollows, format!("the user decided {really:?}, and it says {switch:?}"));
        }
        switch
    }

    fn restriction(&mut self) -> SystemRestriction {
        let restriction = self.inner.restriction();
        let mut watch = self.watch.borrow_mut();
        if let Some(really) = watch.truth.restriction.filter(|really| *really != restriction) {
            let what = format!("the system said {really:?}, and it says {restriction:?}");
            watch.findings.add(Rule::RestrictionFollows, what);
        }
        restriction
    }
}

impl<H: NetworkOracle> NetworkOracle for WatchedEngine<H> {
    fn state(&mut self, origin: Option<&Origin>) -> NetworkState {
        let state = self.inner.state(origin);
        let mut watch = self.watch.borrow_mut();
        let is_known = state != NetworkState::Unknown;
        if is_known && state.is_online() != watch.truth.network.is_online() {
            let what = format!("the network is {:?}, and it says {state:?}", watch.truth.network);
            watch.findings.add(Rule::NetworkFollows, what);
        }
        state
    }
}
