use std::collections::{BTreeSet, HashMap};

use background_sync_policy::{Facts, Origin, Partition, PerKind, RegistrationKey, SyncKind};
use background_sync_registration::{MonotonicTime, Now, Tag};
use background_sync_scheduler::ValidParameters;

use super::keys_met::KeysMet;
use super::messages::{Message, ReplyTo, Request};
use crate::{
    AttemptId, Caller, CancelError, CommitCompletion, EventCompletion, GetTagsError, Hosts, Input, LoadCompletion,
    Loaded, Machine, NetworkSubject, NotStarted, Notice, OriginFacts, Outcome, Output, Poster, Receipt, RegisterError,
    Reply, RequestId, StoreContents, StoreFailure,
};

/// Messages that share a commit at most. A flood of them must not put it off for ever.
const MOST_AT_ONCE: usize = 256;

/// The machine with its hosts: messages in, trait calls out. [`Driver`](crate::Driver) and the thread
/// differ only in where messages wait.
pub(crate) struct Core {
    machine: Machine,
    hosts: Hosts,
    poster: Poster,
    replies: HashMap<RequestId, Way>,
    /// What was started, and whether its event was dispatched.
    attempts: HashMap<AttemptId, Started>,
    /// Of the store that is being read.
    keys_met: KeysMet,
    next_request: u64,
    network_epoch: u64,
}

/// The way back of a request.
enum Way {
    Registered(ReplyTo<Result<(), RegisterError>>),
    Tags(ReplyTo<Result<Vec<Tag>, GetTagsError>>),
    Cancelled(ReplyTo<Result<bool, CancelError>>),
}

struct Started {
    key: RegistrationKey,
    dispatched: bool,
}

impl Core {
    pub(crate) fn new(params: ValidParameters, seed: [u8; 32], hosts: Hosts, poster: Poster) -> Self {
        let mut core = Self {
            machine: Machine::new(params, seed),
            hosts,
            poster,
            replies: HashMap::new(),
            attempts: HashMap::new(),
            keys_met: KeysMet::default(),
            next_request: 1,
            network_epoch: 0,
        };
        // What its hosts say of their workers is believed from the first word on.
        core.handle(Input::WorkersKnown { states: Vec::new() });
        core.network_notice(NetworkSubject::All);
        core
    }

    pub(crate) fn machine(&self) -> &Machine {
        &self.machine
    }

    pub(crate) fn poster(&self) -> &Poster {
        &self.poster
    }

    pub(crate) fn now(&mut self) -> Now {
        self.hosts.clock.now()
    }

    /// When to call [`Core::tick`], if nothing happens before.
    pub(crate) fn next_deadline(&self) -> Option<MonotonicTime> {
        self.machine.next_deadline()
    }

    /// Takes in what is at hand, and what time has brought. What has to be written of all that is one commit: a
    /// store that writes on this very thread would otherwise write each call by itself, while the others wait.
    pub(crate) fn round(&mut self, messages: impl Iterator<Item = Message>) {
        messages.take(MOST_AT_ONCE).for_each(|message| self.take(message));
        self.last(Input::Tick);
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Request(request) => {
                self.poster.request_taken();
                self.request(request);
            }
            Message::Notice(notice) => self.notice(notice),
            Message::Ready(attempt) => self.ready(attempt),
            Message::NotStarted(attempt, reason) => self.ended(attempt, reason, Outcome::Crashed),
            Message::Finished(attempt, outcome) => self.ended(attempt, NotStarted::Lost, outcome),
            Message::Lost(attempt) => self.ended(attempt, NotStarted::Lost, Outcome::Crashed),
            Message::Rows(batch) => {
                let registrations = batch.into_registrations();
                self.keys_met.note(&registrations);
                self.handle(Input::Rows { registrations });
            }
            Message::Loaded(Ok(contents)) => {
                let loaded = self.describe_world(contents);
                self.handle(Input::Loaded(loaded));
            }
            Message::Loaded(Err(failure)) => {
                self.keys_met.take();
                self.hosts.observer.store_failed(&failure);
                self.handle(Input::LoadFailed);
            }
            Message::Committed(txn, Ok(())) => self.handle(Input::Committed { txn }),
            Message::Committed(txn, Err(failure)) => {
                self.hosts.observer.store_failed(&failure);
                self.handle(match failure {
                    StoreFailure::ContentsLost(_) => Input::ContentsLost { txn },
                    StoreFailure::Failed(_) | StoreFailure::Dropped => Input::CommitFailed { txn },
                });
            }
            Message::Delivered(request) => self.handle(Input::ReplyDelivered { request }),
            Message::Gone(request) => self.handle(Input::RequesterGone { request }),
            Message::Inspect(look) => look(&self.machine),
        }
    }

    fn request(&mut self, request: Request) {
        let id = RequestId(self.next_request);
        self.next_request += 1;
        let (way, input) = match request {
            Request::Register { key, tag, caller, reply } => {
                let facts = self.facts(&key, caller);
                let input = Input::Register { request: id, key, tag, asked_by: caller.asked_by, facts };
                (Way::Registered(reply), input)
            }
            Request::GetTags { key, kind, reply } => (Way::Tags(reply), Input::GetTags { request: id, key, kind }),
            Request::Cancel { key, kind, tag, reply } => {
                (Way::Cancelled(reply), Input::Cancel { request: id, key, kind, tag })
            }
        };
        self.replies.insert(id, way);
        self.handle(input);
    }

    /// I1: the facts of this moment, from trusted code only.
    fn facts(&mut self, key: &RegistrationKey, caller: Caller) -> Facts {
        let (partition, origin) = (key.partition(), key.origin());
        Facts {
            secure_context: caller.secure_context,
            fenced: caller.fenced,
            worker: self.hosts.workers.state(key),
            windows: self.hosts.origins.windows(partition, origin),
            permission: self.hosts.origins.permission(partition, origin, SyncKind::OneShot),
            switch: self.hosts.origins.user_switch(partition, origin, SyncKind::OneShot),
            restriction: self.hosts.origins.restriction(),
        }
    }

    fn notice(&mut self, notice: Notice) {
        let input = match notice {
            Notice::Network(subject) => return self.network_notice(subject),
            Notice::Clients(partition, origin) => {
                let windows = self.hosts.origins.windows(partition, &origin);
                Input::ClientsChanged { partition, origin, windows }
            }
            Notice::Permission(partition, origin, kind) => {
                let state = self.hosts.origins.permission(partition, &origin, kind);
                Input::PermissionChanged { request: None, partition, origin, kind, state }
            }
            Notice::UserSwitch(origin, kind, switch) => Input::UserSwitch { request: None, origin, kind, switch },
            Notice::Restriction => Input::RestrictionChanged { restriction: self.hosts.origins.restriction() },
            Notice::Worker(key) => {
                let state = self.hosts.workers.state(&key);
                Input::WorkerChanged { key, state }
            }
            Notice::Unregistered(key) => Input::Unregistered { request: None, key },
            Notice::DataCleared(scope, since) => Input::DataCleared { request: None, scope, since },
            Notice::PartitionClosed(partition) => Input::PartitionClosed { request: None, partition },
            Notice::Answered(attempt, yes) => Input::Answered { attempt, yes },
            Notice::Slept => Input::Slept,
            Notice::Woke => Input::Woke,
            Notice::Frozen => Input::Frozen,
            Notice::Thawed => Input::Thawed,
            Notice::Woken(token, budget) => Input::Woken { token, budget },
            Notice::Shutdown => Input::Shutdown,
        };
        self.handle(input);
    }

    fn network_notice(&mut self, subject: NetworkSubject) {
        self.network_epoch += 1;
        let state = match &subject {
            NetworkSubject::All => self.hosts.network.state(None),
            NetworkSubject::Origin(origin) => self.hosts.network.state(Some(origin)),
        };
        self.handle(Input::NetworkChanged { subject, state, epoch: self.network_epoch });
    }

    fn ready(&mut self, attempt: AttemptId) {
        let Some(key) = self.attempts.get(&attempt).map(|started| started.key.clone()) else { return };
        let facts = self.facts(&key, Caller::WORKER);
        let network = self.hosts.network.state(Some(key.origin()));
        self.handle(Input::Ready { attempt, facts, network });
    }

    /// A completion was used up. What it means depends on whether the event had been dispatched, which the
    /// host may not have known yet when it spoke.
    fn ended(&mut self, attempt: AttemptId, before: NotStarted, after: Outcome) {
        // One that was abandoned is not waited for any more.
        let Some(started) = self.attempts.remove(&attempt) else { return };
        if started.dispatched {
            return self.handle(Input::Finished { attempt, outcome: after });
        }
        self.handle(Input::NotStarted { attempt, reason: before });
        if before == NotStarted::NoActiveWorker {
            // A notice that there is one again may have come before this word.
            self.notice(Notice::Worker(started.key));
        }
    }

    /// The store's contents, with what the hosts say about everybody in them and in the rows before.
    fn describe_world(&mut self, contents: StoreContents) -> Loaded {
        let StoreContents { registrations, budgets, profile, lost } = contents;
        self.keys_met.note(&registrations);
        let keys = self.keys_met.take();
        let origins: BTreeSet<_> = keys.iter().map(|key| (key.partition(), key.origin().clone())).collect();
        let worker_states =
            keys.into_iter().map(|key| (self.hosts.workers.state(&key), key)).map(|(s, k)| (k, s)).collect();
        let origins = origins.into_iter().map(|(partition, origin)| self.origin_facts(partition, origin)).collect();
        Loaded { registrations, budgets, profile, lost, worker_states, origins }
    }

    fn origin_facts(&mut self, partition: Partition, origin: Origin) -> OriginFacts {
        let windows = self.hosts.origins.windows(partition, &origin);
        let permission = PerKind::from_fn(|kind| self.hosts.origins.permission(partition, &origin, kind));
        let switch = PerKind::from_fn(|kind| self.hosts.origins.user_switch(partition, &origin, kind));
        OriginFacts::new(partition, origin, windows, permission, switch)
    }

    /// One input of a round: feeds the machine and does all it wants, until it wants nothing more.
    fn handle(&mut self, input: Input) {
        let now = self.now();
        self.machine.handle_more(now, input);
        self.perform_all();
    }

    /// The last one, after which what has to be written is.
    fn last(&mut self, input: Input) {
        let now = self.now();
        self.machine.handle(now, input);
        self.perform_all();
    }

    /// What is to be written comes last: the store may take its time, and the others need not wait for it. As one
    /// commit is in flight at a time, it is one output at most.
    fn perform_all(&mut self) {
        let mut to_write = Vec::new();
        while let Some(output) = self.machine.poll_output() {
            if matches!(output, Output::Commit { .. } | Output::Rewrite { .. }) {
                to_write.push(output);
            } else {
                self.perform(output);
            }
        }
        to_write.into_iter().for_each(|output| self.perform(output));
    }

    fn perform(&mut self, output: Output) {
        match output {
            Output::Load => {
                let (of_rows, of_answer) = (self.poster.clone(), self.poster.clone());
                self.hosts.store.load(LoadCompletion::in_batches(
                    move |batch| of_rows.post(Message::Rows(batch)),
                    move |result| of_answer.post(Message::Loaded(result)),
                ));
            }
            Output::Reply { request, reply } => self.reply(request, reply),
            Output::Start { attempt, key } => {
                self.attempts.insert(attempt, Started { key: key.clone(), dispatched: false });
                let completion = EventCompletion::new(attempt, self.poster.clone());
                self.hosts.workers.start(attempt, &key, completion);
            }
            Output::Dispatch { attempt, event, cap, background: _ } => {
                if let Some(started) = self.attempts.get_mut(&attempt) {
                    started.dispatched = true;
                }
                self.hosts.workers.dispatch(attempt, &event, cap);
            }
            Output::Abandon { attempt } => {
                self.attempts.remove(&attempt);
                self.hosts.workers.abandon(attempt);
            }
            Output::Terminate { attempt, reason } => self.hosts.workers.terminate(attempt, reason),
            Output::Commit { txn, ops } => {
                let poster = self.poster.clone();
                let done = CommitCompletion::new(move |result| poster.post(Message::Committed(txn, result)));
                self.hosts.store.commit(ops, done);
            }
            Output::Rewrite { txn, ops } => {
                let poster = self.poster.clone();
                let done = CommitCompletion::new(move |result| poster.post(Message::Committed(txn, result)));
                self.hosts.store.rewrite(ops, done);
            }
            // The answer waits in the queue like everything else, so that outputs stay in order.
            Output::AskNetwork { origin } => {
                self.poster.notify(Notice::Network(NetworkSubject::Origin(origin)));
            }
            Output::AskUser { attempt, key } => {
                if !self.hosts.prompt.ask(attempt, &key) {
                    self.poster.notify(Notice::Answered(attempt, false));
                }
            }
            Output::ArmWakeUp(wake_up) => self.hosts.wake_ups.arm(wake_up),
            Output::WakeDone { token } => self.hosts.wake_ups.done(token),
            Output::KeepAlive(keep) => self.hosts.keep_alive.keep_alive(keep),
            Output::Event(entry) => self.hosts.observer.event(&entry),
        }
    }

    fn reply(&mut self, request: RequestId, reply: Reply) {
        let Some(way) = self.replies.remove(&request) else { return };
        let receipt = Receipt::new(request, self.poster.clone());
        match (way, reply) {
            (Way::Registered(to), Reply::Registered(result)) => to.send(result, receipt),
            (Way::Tags(to), Reply::Tags(result)) => to.send(result, receipt),
            (Way::Cancelled(to), Reply::Cancelled(result)) => to.send(result, receipt),
            (Way::Registered(_) | Way::Tags(_) | Way::Cancelled(_), _) => {
                debug_assert!(false, "the machine answers a request in kind");
            }
        }
    }
}
