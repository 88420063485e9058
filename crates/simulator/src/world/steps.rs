//! What each step of a timeline does to the world.

use background_sync::policy::{Facts, SyncKind, UserSwitch};
use background_sync::scheduler::NetworkState;
use background_sync::{
    AttemptId, ClearedScope, Input, NetworkSubject, NotStarted, Outcome, RequestId, TxnId, WakeToken,
};

use super::{Trouble, World, host};
use crate::timeline::{
    Ask, Cancel, Clear, Finish, Odd, OriginNetwork, Override, Permission, Register, Site, Step, StoreMood, Switch,
    Windows, Woken, WorkerCondition, WorkerStep,
};

impl World {
    /// Makes a step happen. What follows from it at this moment follows with
    /// [`advance_to`](Self::advance_to) or the next step.
    ///
    /// # Errors
    /// When the step names what is not there, or something went wrong.
    pub fn apply(&mut self, step: &Step) -> Result<(), Trouble> {
        match step {
            Step::Windows(windows) => self.set_windows(windows),
            Step::Network(network) => {
                self.around.network = network.0.clone();
                self.tell_network(NetworkSubject::All)
            }
            Step::OriginNetwork(network) => self.set_origin_network(network),
            Step::Register(register) => self.register(register),
            Step::RegisterMany(many) => many.calls().try_for_each(|call| self.register(&call)),
            Step::RegisterPeriodic(register) => self.register_periodic(register),
            Step::UnregisterPeriodic(unregister) => self.unregister_periodic(unregister),
            Step::GetTags(ask) => self.get_tags(ask),
            Step::Cancel(cancel) => self.cancel(cancel),
            Step::Permission(permission) => self.set_permission(permission),
            Step::Switch(switch) => self.set_switch(switch),
            Step::Restriction(restriction) => {
                self.around.restriction = (*restriction).into();
                self.notify(Input::RestrictionChanged { restriction: self.around.restriction })
            }
            Step::Power(power) => {
                self.around.power = (*power).into();
                self.notify(Input::PowerChanged { state: self.around.power })
            }
            Step::Override(Override { to, origin, partition, kind }) => {
                let origin = origin.as_ref().map(|origin| (partition.0, origin.clone()));
                self.tell(Input::ConditionOverride { origin, kind: *kind, said: *to })
            }
            Step::Visit(visit) => self.visit(visit),
            Step::UtcOffset(offset) => self.set_utc_offset(*offset),
            Step::Engagement(engagement) => self.set_engagement(engagement),
            Step::Pause(pause) => self.set_pause(pause),
            Step::Worker(worker) => self.set_worker(worker),
            Step::Unregister(name) => self.unregister(name),
            Step::Reinstall(name) => self.reinstall(name),
            Step::Behave(behaviour) => {
                self.key(&behaviour.worker)?;
                self.workers.tell(behaviour.clone());
                Ok(())
            }
            Step::Finish(finish) => self.finish(finish),
            Step::Clear(clear) => self.clear(clear),
            Step::Close(partition) => {
                let request = self.removal_request(None);
                self.tell(Input::PartitionClosed { request, partition: partition.0 })
            }
            Step::System(what) => self.system(*what),
            Step::Process(what) => self.process_step(*what),
            Step::Clock(jump) => {
                self.clock.jump(*jump);
                self.tell(Input::Tick)
            }
            Step::Woken(woken) => self.woken(woken),
            Step::Store(mood) => self.set_store_mood(*mood),
            Step::Replies(replies) => now_is(&mut self.replies, *replies),
            Step::Notices(notices) => now_is(&mut self.notices, *notices),
            Step::Removals(removals) => now_is(&mut self.removals, *removals),
            Step::WorkersKnown(when) => now_is(&mut self.when_workers_known, *when),
            Step::WakeUps(wake_ups) => now_is(&mut self.wake_ups, *wake_ups),
            Step::User(answer) => now_is(&mut self.user, *answer),
            Step::Odd(odd) => self.odd(*odd),
        }
    }

    fn set_store_mood(&mut self, mood: StoreMood) -> Result<(), Trouble> {
        self.store.set_mood(mood);
        if mood == StoreMood::Works {
            self.release_store();
        }
        Ok(())
    }

    fn set_origin_network(&mut self, OriginNetwork { origin, state }: &OriginNetwork) -> Result<(), Trouble> {
        self.around.origin_networks.insert(origin.clone(), state.0.clone());
        self.notify_of_origin_network(origin.clone())
    }

    fn get_tags(&mut self, ask: &Ask) -> Result<(), Trouble> {
        let key = self.key(&ask.worker)?;
        let request = self.new_request(ask.id.as_ref());
        self.tell(Input::GetTags { kind: ask.kind, request, key })
    }

    fn cancel(&mut self, cancel: &Cancel) -> Result<(), Trouble> {
        let key = self.key(&cancel.worker)?;
        let request = self.new_request(cancel.id.as_ref());
        self.tell(Input::Cancel { kind: cancel.kind, request, key, tag: cancel.tag.clone() })
    }

    fn reinstall(&mut self, name: &str) -> Result<(), Trouble> {
        self.unregister(name)?;
        let key = self.around.reinstall(name)?;
        let state = self.around.state(&key);
        self.tell(Input::WorkerChanged { key, state })
    }

    pub(super) fn woken(&mut self, woken: &Woken) -> Result<(), Trouble> {
        self.record.wakes += 1;
        let token = WakeToken(self.record.wakes);
        self.tell_power()?;
        self.tell(Input::Woken { token, budget: woken.budget.0 })
    }

    fn set_windows(&mut self, windows: &Windows) -> Result<(), Trouble> {
        let site = Site { partition: windows.partition.0, origin: windows.origin.clone() };
        self.around.windows.insert(site, windows.clients());
        self.notify(Input::ClientsChanged {
            partition: windows.partition.0,
            origin: windows.origin.clone(),
            windows: windows.clients(),
        })
    }

    fn register(&mut self, register: &Register) -> Result<(), Trouble> {
        let key = self.key(&register.worker)?;
        let request = self.new_request(register.id.as_ref());
        let facts = register.facts(self.around.facts(&key, SyncKind::OneShot));
        let asked_by = register.by.into();
        self.tell(Input::Register { request, key, tag: register.tag.clone(), asked_by, facts })
    }

    fn set_permission(&mut self, permission: &Permission) -> Result<(), Trouble> {
        let Permission { origin, partition, kind, state } = permission;
        let site = Site { partition: partition.0, origin: origin.clone() };
        self.around.set_permission(site, *kind, *state);
        let request = self.removal_request(None);
        self.notify(Input::PermissionChanged {
            request,
            kind: *kind,
            partition: partition.0,
            origin: origin.clone(),
            state: *state,
        })
    }

    fn set_switch(&mut self, switch: &Switch) -> Result<(), Trouble> {
        let origin = match &switch.origin {
            Some(origin) => {
                let site = Site { partition: switch.partition.0, origin: origin.clone() };
                self.around.set_switch(site, switch.kind, switch.to);
                Some((switch.partition.0, origin.clone()))
            }
            None => {
                *self.around.general_switch.of_mut(switch.kind) = switch.to;
                None
            }
        };
        let request = self.removal_request(None);
        self.notify(Input::UserSwitch { request, kind: switch.kind, origin, switch: switch.to })
    }

    fn set_worker(&mut self, step: &WorkerStep) -> Result<(), Trouble> {
        let key = self.key(&step.name)?;
        self.around.set_condition(&step.name, Some(step.state))?;
        let state = self.around.state(&key);
        self.notify(Input::WorkerChanged { key: key.clone(), state })?;
        if step.state == WorkerCondition::Active {
            self.worker_activated(&key);
        }
        Ok(())
    }

    fn unregister(&mut self, name: &str) -> Result<(), Trouble> {
        let key = self.key(name)?;
        self.around.set_condition(name, None)?;
        let request = self.removal_request(None);
        self.tell(Input::Unregistered { request, key })
    }

    fn finish(&mut self, finish: &Finish) -> Result<(), Trouble> {
        let key = self.key(&finish.worker)?;
        let running = self.workers.attempts.iter().find(|(_, attempt)| {
            attempt.key == key
                && finish.kind.is_none_or(|kind| attempt.kind == kind)
                && attempt.event.as_ref().is_some_and(|event| event.tag == finish.tag)
        });
        match running.map(|(id, _)| *id) {
            Some(attempt) => self.end_event(attempt, host::outcome(finish.how)),
            None => self.nothing_to(format!("no event {:?} of {} runs", finish.tag, finish.worker)),
        }
    }

    fn clear(&mut self, clear: &Clear) -> Result<(), Trouble> {
        let scope = match (&clear.worker, &clear.origin) {
            (Some(worker), _) => ClearedScope::Key(self.key(worker)?),
            (None, Some(origin)) => ClearedScope::Origin(clear.partition.0, origin.clone()),
            (None, None) => ClearedScope::Partition(clear.partition.0),
        };
        let since = clear.since.map(|since| self.clock.wall_at(since));
        let request = self.removal_request(clear.id.as_ref());
        self.tell(Input::DataCleared { request, scope, since })
    }

    fn odd(&mut self, odd: Odd) -> Result<(), Trouble> {
        let said = match odd {
            Odd::RepeatFinished => self.last.finished.clone(),
            Odd::RepeatReady => self.last.ready.clone(),
            Odd::RepeatCommitted => self.last.committed.clone(),
            Odd::RepeatDelivered => self.last.delivered.clone(),
            Odd::RepeatLoaded => self.last.loaded.clone(),
            Odd::Finished(n) => {
                Some(Input::Finished { attempt: AttemptId(self.ids_from.wrapping_add(n)), outcome: Outcome::Fulfilled })
            }
            Odd::Ready(n) => Some(Input::Ready {
                attempt: AttemptId(self.ids_from.wrapping_add(n)),
                facts: Facts { switch: UserSwitch::On, ..Facts::of_an_open_window() },
                network: NetworkState::online(),
            }),
            Odd::NotStarted(n) => {
                Some(Input::NotStarted { attempt: AttemptId(self.ids_from.wrapping_add(n)), reason: NotStarted::Lost })
            }
            Odd::Committed(n) => Some(Input::Committed { txn: TxnId(self.ids_from.wrapping_add(n)) }),
            Odd::CommitFailed(n) => Some(Input::CommitFailed { txn: TxnId(self.ids_from.wrapping_add(n)) }),
            Odd::Delivered(n) => Some(Input::ReplyDelivered { request: RequestId(n) }),
            Odd::Answered(n) => Some(Input::Answered { attempt: AttemptId(self.ids_from.wrapping_add(n)), yes: true }),
            Odd::StaleNetwork => {
                Some(Input::NetworkChanged { subject: NetworkSubject::All, state: NetworkState::online(), epoch: 0 })
            }
            Odd::Ticks(times) => {
                return (0..times.min(1_000)).try_for_each(|_| self.tell(Input::Tick));
            }
            Odd::EarlierLife if self.earlier.is_empty() => None,
            Odd::EarlierLife => {
                return std::mem::take(&mut self.earlier).into_iter().try_for_each(|word| self.tell(word));
            }
            Odd::StaleOriginNetworks => return self.stale_origin_networks(),
            Odd::Chatter(times) => return (0..times.min(1_000)).try_for_each(|n| self.chatter(n)),
            Odd::Backwards(by) => {
                self.clock.misread(by);
                let told = self.tell(Input::Tick);
                self.clock.misread(crate::timeline::Time::ZERO);
                return told;
            }
        };
        match said {
            Some(input) => self.tell(input),
            None => self.nothing_to(format!("nothing was said that `odd` could repeat: {odd:?}")),
        }
    }

    fn stale_origin_networks(&mut self) -> Result<(), Trouble> {
        let keys = self.around.keys();
        let origins: std::collections::BTreeSet<_> = keys.iter().map(|key| key.origin().clone()).collect();
        origins.into_iter().try_for_each(|origin| {
            let subject = NetworkSubject::Origin(origin);
            self.tell(Input::NetworkChanged { subject, state: NetworkState::Offline, epoch: 0 })
        })
    }

    /// Says what is so about one of the workers and its origin.
    fn chatter(&mut self, number: u32) -> Result<(), Trouble> {
        let keys = self.around.keys();
        let Some(key) = keys.get(number as usize % keys.len().max(1)) else { return Ok(()) };
        let kind = SyncKind::OneShot;
        let (facts, state) = (self.around.facts(key, kind), self.around.state(key));
        let (partition, origin) = (key.partition(), key.origin().clone());
        self.tell(match number % 3 {
            0 => Input::ClientsChanged { partition, origin, windows: facts.windows },
            1 => Input::PermissionChanged { request: None, kind, partition, origin, state: facts.permission },
            _ => Input::WorkerChanged { key: key.clone(), state },
        })
    }
}

/// Takes a way of the host up.
#[allow(clippy::unnecessary_wraps, reason = "it is an arm among others")]
fn now_is<T>(way: &mut T, to: T) -> Result<(), Trouble> {
    *way = to;
    Ok(())
}
