use background_sync::policy::{SyncKind, UserSwitch};
use background_sync::scheduler::{PowerState, UtcOffset};
use background_sync::{Input, Machine, NetworkSubject, NotStarted, Outcome, PeriodicInput};

use super::agenda::Due;
use super::{LastSaid, Trouble, World};
use crate::seed_of;
use crate::timeline::{Process as ProcessStep, System, WorkersKnown};

/// The engine's process.
#[derive(Debug)]
pub(super) enum Process {
    /// It runs.
    Running(Box<Machine>),
    /// It is there and cannot do anything.
    Frozen(Box<Machine>),
    /// It is not there.
    Down,
}

impl Process {
    pub(super) fn machine(&self) -> Option<&Machine> {
        match self {
            Self::Running(machine) | Self::Frozen(machine) => Some(machine),
            Self::Down => None,
        }
    }

    pub(super) fn machine_mut(&mut self) -> Option<&mut Machine> {
        match self {
            Self::Running(machine) | Self::Frozen(machine) => Some(machine),
            Self::Down => None,
        }
    }

    pub(super) fn is_running(&self) -> bool {
        match self {
            Self::Running(_) => true,
            Self::Frozen(_) | Self::Down => false,
        }
    }

    pub(super) fn is_up(&self) -> bool {
        self.machine().is_some()
    }

    /// `self` with a running machine frozen, or the other way round.
    fn set_frozen(&mut self, frozen: bool) {
        *self = match (std::mem::replace(self, Self::Down), frozen) {
            (Self::Running(machine) | Self::Frozen(machine), true) => Self::Frozen(machine),
            (Self::Running(machine) | Self::Frozen(machine), false) => Self::Running(machine),
            (Self::Down, _) => Self::Down,
        };
    }
}

impl World {
    pub(super) fn system(&mut self, what: System) -> Result<(), Trouble> {
        match what {
            System::Sleep => {
                self.tell(Input::Slept)?;
                self.clock.set_asleep(true);
                Ok(())
            }
            System::Wake => {
                let slept = self.clock.is_asleep();
                self.clock.set_asleep(false);
                if slept && self.process.is_running() {
                    self.feed(Input::Woke)?;
                    self.work_off_backlog()?;
                }
                Ok(())
            }
        }
    }

    pub(super) fn process_step(&mut self, what: ProcessStep) -> Result<(), Trouble> {
        match what {
            // What stands still already is not told so when it goes on.
            ProcessStep::Freeze if !self.process.is_running() => Ok(()),
            ProcessStep::Freeze => {
                self.tell(Input::Frozen)?;
                self.process.set_frozen(true);
                Ok(())
            }
            ProcessStep::Thaw => {
                let frozen = self.process.is_up() && !self.process.is_running();
                self.process.set_frozen(false);
                if frozen && self.is_awake() {
                    self.feed(Input::Thawed)?;
                    self.work_off_backlog()?;
                } else if frozen && self.backlog.contains(&Input::Frozen) {
                    // Neither word could be told yet; they are told in their order.
                    self.backlog.push_back(Input::Thawed);
                } else if frozen {
                    self.backlog.push_front(Input::Thawed);
                }
                Ok(())
            }
            ProcessStep::Shutdown => self.tell(Input::Shutdown),
            ProcessStep::Crash => self.crash(),
            ProcessStep::Start => self.start_process(),
        }
    }

    fn work_off_backlog(&mut self) -> Result<(), Trouble> {
        while self.is_awake() {
            let Some(input) = self.backlog.pop_front() else { break };
            self.feed(input)?;
        }
        Ok(())
    }

    /// The process dies, and all its windows and workers with it.
    pub(super) fn crash(&mut self) -> Result<(), Trouble> {
        if !self.process.is_up() {
            return Ok(());
        }
        self.check_end()?;
        self.note(|| "the process dies".to_owned());
        self.record.crashes += 1;
        self.process = Process::Down;
        self.earlier = self.words_of_this_life();
        self.backlog.clear();
        self.agenda.clear();
        self.workers.crash();
        self.store.crash();
        self.around.windows.clear();
        self.record.keep_alive = false;
        self.record.wake_up = None;
        self.oracle.process_died(&self.store.registrations()).map_err(Trouble::from)
    }

    /// What could still be said about attempts and commits of this life, true when it ended or not.
    fn words_of_this_life(&mut self) -> Vec<Input> {
        let LastSaid { finished, ready, committed, .. } = std::mem::take(&mut self.last);
        let running = self.workers.attempts.keys().flat_map(|attempt| {
            let (attempt, reason) = (*attempt, NotStarted::Lost);
            [Input::NotStarted { attempt, reason }, Input::Finished { attempt, outcome: Outcome::Fulfilled }]
        });
        let written = self.store.held().map(|txn| Input::Committed { txn });
        [finished, ready, committed, written].into_iter().flatten().chain(running).collect()
    }

    /// The process starts: another machine, with another seed that follows from the first.
    pub(super) fn start_process(&mut self) -> Result<(), Trouble> {
        if self.process.is_up() {
            return Err(Trouble::Script("the process is up already; let it crash before it starts again".to_owned()));
        }
        self.note(|| "the process starts".to_owned());
        self.views_compared = false;
        self.process = Process::Running(Box::new(Machine::new(self.parameters.clone(), seed_of(self.seed))));
        self.watch.start(&self.parameters, self.seed);
        self.seed = self.seed.wrapping_add(1);
        let outputs = self.take_outputs();
        self.watch.start_was_the_same(&outputs)?;
        self.session += 1;
        self.react_to_all(outputs)?;
        self.workers_known = false;
        match self.when_workers_known {
            WorkersKnown::AtOnce => self.know_workers()?,
            WorkersKnown::After(time) => self.later(time.0, Due::WorkersKnown),
            WorkersKnown::Never => {}
        }
        for kind in SyncKind::ALL {
            let switch = *self.around.general_switch.of(kind);
            if switch == UserSwitch::Off {
                self.tell(Input::UserSwitch { request: None, kind, origin: None, switch })?;
            }
        }
        if self.around.utc_offset != UtcOffset::UTC {
            self.tell(Input::Periodic(PeriodicInput::UtcOffset(self.around.utc_offset)))?;
        }
        self.tell_network(NetworkSubject::All)?;
        self.told_power = PowerState::default();
        self.tell_power()?;
        let own: Vec<_> = self.around.origin_networks.keys().cloned().collect();
        own.into_iter().try_for_each(|origin| self.tell_network(NetworkSubject::Origin(origin)))
    }

    /// The host asks itself what it knows of the power, and says so if it has not yet.
    pub(super) fn tell_power(&mut self) -> Result<(), Trouble> {
        let state = self.around.power;
        if self.told_power == state { Ok(()) } else { self.tell(Input::PowerChanged { state }) }
    }

    /// The host has read its registrations, and says what it knows of all whose names it ever heard.
    pub(super) fn know_workers(&mut self) -> Result<(), Trouble> {
        self.workers_known = true;
        let states = self.around.all_lives().map(|key| (key.clone(), self.around.state(key))).collect();
        self.tell(Input::WorkersKnown { states })
    }

    /// The host says what network an origin has, sooner or later.
    pub(super) fn notify_of_origin_network(&mut self, origin: background_sync::policy::Origin) -> Result<(), Trouble> {
        let state = self.around.network_of(&origin);
        self.network_epoch += 1;
        let subject = NetworkSubject::Origin(origin);
        self.notify(Input::NetworkChanged { subject, state, epoch: self.network_epoch })
    }

    pub(super) fn tell_network(&mut self, subject: NetworkSubject) -> Result<(), Trouble> {
        let state = match &subject {
            NetworkSubject::All => self.around.network.clone(),
            NetworkSubject::Origin(origin) => self.around.network_of(origin),
        };
        self.network_epoch += 1;
        self.tell(Input::NetworkChanged { subject, state, epoch: self.network_epoch })
    }
}
