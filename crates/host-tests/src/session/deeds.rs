//! What is done to an engine, and what it has to say of it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use background_sync::policy::{
    Facts, Partition, PermissionState, RegistrationKey, SyncKind, SystemRestriction, UserSwitch, WindowClients,
};
use background_sync::registration::Tag;
use background_sync::scheduler::NetworkState;
use background_sync::{ClearedScope, Input, NetworkOracle, NetworkSubject, OriginHost, ServiceWorkerHost};

use super::Session;
use crate::watched::WatchedEngine;
use crate::{Answer, Behaviour, EngineUnderTest, Rule, Site};

impl<E: EngineUnderTest> Session<E> {
    pub(crate) fn install(&mut self, key: &RegistrationKey) {
        self.watch.borrow_mut().truth.installed.insert(key.clone());
        self.engine.install(self.process.driver.engine_mut().inner(), key);
        self.settle();
        self.ask(|host| ServiceWorkerHost::state(host, key));
    }

    pub(crate) fn unregister(&mut self, key: &RegistrationKey) {
        {
            let mut watch = self.watch.borrow_mut();
            watch.truth.installed.remove(key);
            watch.truth.unregistered.insert(key.clone());
        }
        self.deed(
            |engine, host| engine.unregister(host, key),
            |input| matches!(input, Input::Unregistered { key: of, .. } if of == key),
            "a service worker registration was unregistered",
        );
        self.ask(|host| ServiceWorkerHost::state(host, key));
    }

    pub(crate) fn set_windows(&mut self, key: &RegistrationKey, windows: WindowClients) {
        let site = Site::of(key);
        self.watch.borrow_mut().truth.set_windows(site.clone(), windows);
        let Site { partition, origin } = site;
        self.deed(
            |engine, host| engine.set_windows(host, partition, &origin, windows),
            |input| match input {
                Input::ClientsChanged { partition: p, origin: o, windows: told } => {
                    *p == partition && *o == origin && told.in_background() == windows.in_background()
                }
                _ => false,
            },
            &format!("the windows of {origin} became {windows:?}"),
        );
        self.ask(|host| host.windows(partition, &origin));
    }

    pub(crate) fn set_network(&mut self, state: &NetworkState) {
        let was = self.watch.borrow().truth.network.is_online();
        self.watch.borrow_mut().truth.network = state.clone();
        let told = |input: &Input| match input {
            Input::NetworkChanged { subject: NetworkSubject::All, state: told, .. } => {
                told.is_online() == state.is_online()
            }
            _ => was == state.is_online(),
        };
        self.deed(|engine, host| engine.set_network(host, state), told, &format!("the network became {state:?}"));
        self.ask(|host| NetworkOracle::state(host, None));
    }

    pub(crate) fn set_permission(&mut self, key: &RegistrationKey, state: PermissionState) {
        let site = Site::of(key);
        self.watch.borrow_mut().truth.set_permission(site.clone(), state);
        let Site { partition, origin } = site;
        self.deed(
            |engine, host| engine.set_permission(host, partition, &origin, state),
            |input| matches!(input, Input::PermissionChanged { origin: o, state: told, .. } if *o == origin && *told == state),
            &format!("the permission of {origin} became {state:?}"),
        );
        self.ask(|host| host.permission(partition, &origin, SyncKind::OneShot));
    }

    pub(crate) fn set_switch(&mut self, key: &RegistrationKey, switch: UserSwitch) {
        let site = Site::of(key);
        self.watch.borrow_mut().truth.set_switch(site.clone(), switch);
        let Site { partition, origin } = site;
        self.deed(
            |engine, host| engine.set_switch(host, partition, &origin, switch),
            |input| match input {
                Input::UserSwitch { origin: of, kind: SyncKind::OneShot, switch: told, .. } => {
                    *told == switch && of.as_ref().is_none_or(|(p, o)| *p == partition && *o == origin)
                }
                _ => false,
            },
            &format!("the switch of {origin} became {switch:?}"),
        );
        self.ask(|host| host.user_switch(partition, &origin, SyncKind::OneShot));
    }

    pub(crate) fn set_restriction(&mut self, restriction: SystemRestriction) {
        self.watch.borrow_mut().truth.restriction = Some(restriction);
        self.deed(
            |engine, host| engine.set_restriction(host, restriction),
            |input| matches!(input, Input::RestrictionChanged { restriction: told } if *told == restriction),
            &format!("the system's restriction became {restriction:?}"),
        );
        self.ask(OriginHost::restriction);
    }

    /// A private partition is closed.
    pub(crate) fn close_private(&mut self, partition: Partition) {
        self.watch.borrow_mut().truth.forget(partition);
        self.deed(
            |engine, host| engine.close_private(host, partition),
            |input| matches!(input, Input::PartitionClosed { partition: told, .. } if *told == partition),
            &format!("{partition:?} was closed"),
        );
    }

    /// The system sleeps so long. It need not be told of: it shows in the clocks.
    pub(crate) fn sleep(&mut self, time: Duration) {
        self.settle();
        self.engine.sleep(self.process.driver.engine_mut().inner());
        self.settle();
        let before = self.watch.borrow().latest;
        self.clock.sleep(time);
        self.engine.wake(self.process.driver.engine_mut().inner());
        self.settle();
        let ran = self.watch.borrow().latest.since(before);
        if ran >= time {
            self.found(Rule::ClockSleeps, format!("the system slept {time:?}, and it went on by {ran:?}"));
        }
    }

    /// Something is done to one site, and what the hosts say of another one is what they said before.
    pub(crate) fn apart_from(&mut self, other: &RegistrationKey, deed: impl FnOnce(&mut Self)) {
        let before = self.said_of(other);
        deed(self);
        let after = self.said_of(other);
        if before != after {
            let origin = other.origin();
            let what = format!("of {origin} it said {before:?}, and {after:?} when another site was changed");
            self.found(Rule::SitesApart, what);
        }
    }

    fn said_of(&mut self, key: &RegistrationKey) -> Option<(WindowClients, PermissionState, UserSwitch)> {
        let (partition, origin) = (key.partition(), key.origin());
        self.ask(|host| {
            let windows = host.windows(partition, origin);
            let permission = host.permission(partition, origin, SyncKind::OneShot);
            (windows, permission, host.user_switch(partition, origin, SyncKind::OneShot))
        })
    }

    pub(crate) fn clear(&mut self, key: &RegistrationKey) {
        let Site { partition, origin } = Site::of(key);
        self.deed(
            |engine, host| engine.clear(host, partition, &origin),
            |input| match input {
                Input::DataCleared { scope: ClearedScope::Origin(p, o), since: None, .. } => {
                    *p == partition && *o == origin
                }
                Input::DataCleared { scope: ClearedScope::Partition(p), since: None, .. } => *p == partition,
                Input::DataCleared { scope: ClearedScope::Key(of), since: None, .. } => of == key,
                _ => false,
            },
            &format!("the data of {origin} was cleared"),
        );
    }

    pub(crate) fn behave(&mut self, key: &RegistrationKey, behaviour: Behaviour) {
        self.watch.borrow_mut().truth.set_behaviour(key, behaviour);
        self.engine.behave(self.process.driver.engine_mut().inner(), key, behaviour);
    }

    /// A page calls, and nothing else happens yet.
    pub(crate) fn call(&mut self, key: &RegistrationKey, tag: &str) {
        let tag = Tag::from(tag);
        let (partition, origin) = (key.partition(), key.origin());
        let facts = self.ask(|host| Facts {
            worker: ServiceWorkerHost::state(host, key),
            windows: host.windows(partition, origin),
            permission: host.permission(partition, origin, SyncKind::OneShot),
            switch: host.user_switch(partition, origin, SyncKind::OneShot),
            restriction: host.restriction(),
            ..Facts::of_an_open_window()
        });
        let Some(facts) = facts else { return };
        let (answer, promise) = Answer::new();
        self.watch.borrow_mut().calls.made(key, &tag, facts, promise);
        self.engine.register(self.process.driver.engine_mut().inner(), key, &tag, answer);
    }

    /// From now on the store takes its time.
    pub(crate) fn slow_store(&mut self) {
        self.store.be_slow();
    }

    /// What the store was asked is done.
    pub(crate) fn quick_store(&mut self) {
        self.store.be_quick();
        self.settle();
    }

    /// What a host answers, if it does. It is compared with what is so.
    fn ask<T>(&mut self, question: impl FnOnce(&mut WatchedEngine<E::Host>) -> T) -> Option<T> {
        let host = self.process.driver.engine_mut();
        let answer = catch_unwind(AssertUnwindSafe(|| question(host))).ok();
        if answer.is_none() {
            self.found(Rule::HostPanicked, "it panicked when it was asked");
        }
        answer
    }

    /// Something changes, and the machine is told of it before long.
    fn deed(&mut self, deed: impl FnOnce(&mut E, &mut E::Host), told: impl Fn(&Input) -> bool, what: &str) {
        self.watch.borrow_mut().forget_heard();
        deed(&mut self.engine, self.process.driver.engine_mut().inner());
        self.settle();
        let told = self.watch.borrow().has_heard(told);
        if !told {
            self.found(Rule::NoticeMissing, format!("{what}, and nobody said so"));
        }
    }
}
