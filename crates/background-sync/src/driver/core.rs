use std::collections::HashMap;

use background_sync_policy::{RegistrationKey, SyncKind};
use background_sync_registration::{MonotonicTime, Now};
use background_sync_scheduler::ValidParameters;

#[cfg(feature = "periodic")]
use super::Call;
use super::answers::{Answers, LocalWay};
use super::message::{Message, Question};
use super::said_at_once::{Said, SaidAtOnce};
use super::world::World;
use super::{EngineHost, HostCall, Hosts, Notice, Poster, Report, StartCompletion};
#[cfg(feature = "periodic")]
use crate::PeriodicInput;
use crate::input::Unavailable;
use crate::{
    AttemptId, CommitCompletion, EventCompletion, Input, LoadCompletion, Machine, NetworkSubject, NotStarted, Outcome,
    Output, RemovalError, Reply, RequestId, StoreFailure, TxnId,
};

/// The machine with its hosts: messages in, trait calls out. [`Driver`](crate::Driver) and the thread
/// differ only in where messages wait.
pub(crate) struct Core<E> {
    // Dropped before the hosts, whose destructors may panic: what waits is answered by then.
    answers: Answers,
    machine: Machine,
    poster: Poster,
    /// What was started, until its event has ended.
    attempts: HashMap<AttemptId, (RegistrationKey, SyncKind)>,
    /// What the store said while it was called.
    said: Option<Said>,
    world: World<E>,
    #[cfg(feature = "tap")]
    tap: super::tap::Tap,
}

/// Most messages of a round. They share a commit, which a flood of them must not put off for ever, and an engine's own
/// loop has other things to do.
const MOST_OF_A_ROUND: usize = 256;

impl<E> Core<E> {
    pub(crate) fn machine(&self) -> &Machine {
        &self.machine
    }
}

impl<E: EngineHost> Core<E> {
    pub(crate) fn new(params: ValidParameters, seed: [u8; 32], hosts: Hosts<E>, poster: Poster) -> Self {
        // The first things there are to do; they wake the loop.
        poster.notify(Notice::Network(NetworkSubject::All));
        #[cfg(feature = "periodic")]
        poster.notify(Notice::UtcOffset);
        poster.notify(Notice::Power);
        let (machine, world) = (Machine::new(params, seed), World::new(hosts));
        Self {
            answers: Answers::default(),
            machine,
            poster,
            attempts: HashMap::new(),
            said: None,
            world,
            #[cfg(feature = "tap")]
            tap: super::tap::Tap::default(),
        }
    }

    #[cfg(feature = "tap")]
    pub(crate) fn tap(&mut self) -> &mut super::tap::Tap {
        &mut self.tap
    }

    pub(crate) fn poster(&self) -> &Poster {
        &self.poster
    }

    pub(crate) fn world(&self) -> &World<E> {
        &self.world
    }

    pub(crate) fn world_mut(&mut self) -> &mut World<E> {
        &mut self.world
    }

    pub(crate) fn into_engine(self) -> E {
        self.world.into_engine()
    }

    /// What waits is answered, then the hosts go. Gives what their destructors said that panicked.
    #[cfg(feature = "thread")]
    pub(crate) fn end(self) -> Vec<String> {
        let Self { answers, world, .. } = self;
        // Each of them contains what it runs.
        drop(answers);
        world.end()
    }

    pub(crate) fn now(&mut self) -> Now {
        self.world.now()
    }

    /// When to call again, if nothing happens before.
    pub(crate) fn next_deadline(&self) -> Option<MonotonicTime> {
        [self.machine.next_deadline(), self.world.next_asked_again()].into_iter().flatten().min()
    }

    /// Takes in what was there when the round began, a bounded number of messages, and what time has brought. What has
    /// to be written of all that is one commit: a store that writes on this very thread would otherwise write each
    /// call by itself, while the others wait.
    pub(crate) fn round(&mut self, messages: impl Iterator<Item = Message>) {
        let most = self.poster.begin_turn().min(MOST_OF_A_ROUND);
        for message in messages.take(most) {
            self.take(message);
        }
        for key in self.world.take_asked_again() {
            self.poster.notify(Notice::Worker(key));
        }
        self.last(Input::Tick);
        // A store that writes on this thread has answered by now.
        while let Some(said) = self.said.take() {
            let input = self.store_said(said);
            self.last(input);
        }
    }

    /// A call from this thread. Its closure need not be `Send`, so it stays here.
    pub(crate) fn ask<R>(
        &mut self,
        question: Question,
        reply: R,
        way: impl FnOnce(R) -> LocalWay,
    ) -> Result<(), (Unavailable, R)> {
        match self.poster.enter(&question.site()) {
            Ok(()) => {
                let request = self.answers.expect(way(reply));
                self.poster.post(Message::Local(question, request));
                Ok(())
            }
            Err(why) => Err((why, reply)),
        }
    }

    fn take(&mut self, message: Message) {
        self.poster.taken(&message);
        match message {
            Message::Request(question, way) => {
                let request = self.answers.expect(way.into());
                self.question(question, request);
            }
            Message::Local(question, request) => self.question(question, request),
            Message::Notice(notice) => self.notice(notice),
            Message::Removal(removal, reply) => {
                let request = self.answers.expect(LocalWay::Removed(reply.into_local()));
                match self.world.removal(removal, Some(request)) {
                    Some(input) => self.handle(input),
                    None => self.give_up(request),
                }
            }
            Message::Ready(attempt) => self.ready(attempt),
            Message::NotStarted(attempt, reason) => self.not_started(attempt, reason),
            Message::Finished(attempt, outcome) => self.finished(attempt, outcome),
            Message::Rows(batch) => {
                let rows = self.world.rows(batch.into_registrations());
                self.handle(rows);
            }
            Message::Loaded(Ok(contents)) => {
                let loaded = self.world.loaded(contents);
                self.handle(loaded);
            }
            Message::Loaded(Err(failure)) => {
                self.world.forget_rows();
                self.world.report(Report::StoreFailed(failure));
                self.handle(Input::LoadFailed);
            }
            Message::Committed(said) => {
                let input = self.store_said(said);
                self.handle(input);
            }
            Message::Delivered(request) => self.handle(Input::ReplyDelivered { request }),
            Message::Gone(request) => self.handle(Input::RequesterGone { request }),
            Message::Panicked(panic) => self.world.panicked(panic),
            #[cfg(all(test, feature = "thread"))]
            Message::FaultOfOurOwn => panic!("a fault of our own"),
            #[cfg(feature = "thread")]
            Message::Inspect(look) => {
                let machine = &self.machine;
                self.world.run(HostCall::Inspect, move || look(machine));
            }
        }
    }

    /// A host that had to be asked panicked: nothing was done, and the caller is told so.
    fn give_up(&mut self, request: RequestId) {
        let why = Reply::Durable(Err(RemovalError::HostPanicked));
        if let Some(answer) = self.answers.answer(request, why, &self.poster) {
            self.world.run(HostCall::Reply, answer);
        }
    }

    fn question(&mut self, question: Question, request: RequestId) {
        self.poster.leave(question.site());
        self.handle(match question {
            // I1: the facts are those that came with the call.
            Question::Register { key, tag, call } => {
                Input::Register { request, key, tag, asked_by: call.asked_by, facts: call.facts }
            }
            Question::GetTags { key, kind } => Input::GetTags { request, key, kind },
            Question::Cancel { key, kind, tag } => Input::Cancel { request, key, kind, tag },
            #[cfg(feature = "periodic")]
            Question::RegisterPeriodic { key, tag, min_interval, call: Call { asked_by, facts } } => {
                Input::Periodic(PeriodicInput::Register { request, key, tag, min_interval, asked_by, facts })
            }
            #[cfg(feature = "periodic")]
            Question::Unregister { key, tag } => Input::Periodic(PeriodicInput::Unregister { request, key, tag }),
        });
    }

    fn notice(&mut self, notice: Notice) {
        if let Notice::Woken(..) = notice {
            // It may be what the device was woken for, and its own notice may be late.
            self.look_at_power();
        }
        if let Some(input) = self.world.notice(notice) {
            self.handle(input);
        }
    }

    fn look_at_power(&mut self) {
        if let Some(input) = self.world.power_changed() {
            self.handle(input);
        }
    }

    fn ready(&mut self, attempt: AttemptId) {
        let Some((key, kind)) = self.attempts.get(&attempt).cloned() else { return };
        let Some(facts) = self.world.facts_of_start(&key, kind) else {
            return self.not_started(attempt, NotStarted::Lost);
        };
        let network = self.world.network(Some(key.origin()));
        self.look_at_power();
        self.handle(Input::Ready { attempt, facts, network });
    }

    fn not_started(&mut self, attempt: AttemptId, reason: NotStarted) {
        // One that was abandoned is not waited for any more.
        let Some((key, _)) = self.attempts.remove(&attempt) else { return };
        self.handle(Input::NotStarted { attempt, reason });
        if reason == NotStarted::NoActiveWorker {
            // A notice that there is one again may have come before this word.
            self.notice(Notice::Worker(key));
        }
    }

    fn finished(&mut self, attempt: AttemptId, outcome: Outcome) {
        if self.attempts.remove(&attempt).is_some() {
            self.handle(Input::Finished { attempt, outcome });
        }
    }

    fn store_said(&mut self, (txn, result): Said) -> Input {
        let Err(failure) = result else { return Input::Committed { txn } };
        let input = match failure {
            StoreFailure::ContentsLost(_) => Input::ContentsLost { txn },
            StoreFailure::Failed(_) | StoreFailure::Dropped => Input::CommitFailed { txn },
        };
        self.world.report(Report::StoreFailed(failure));
        input
    }

    /// One input of a round: feeds the machine and does all it wants, until it wants nothing more.
    fn handle(&mut self, input: Input) {
        let now = self.world.now();
        #[cfg(feature = "tap")]
        self.tap.told(now, &input);
        self.machine.handle_more(now, input);
        self.perform_all();
    }

    /// The last one, after which what has to be written is.
    fn last(&mut self, input: Input) {
        let now = self.world.now();
        #[cfg(feature = "tap")]
        self.tap.told(now, &input);
        self.machine.handle(now, input);
        self.perform_all();
    }

    /// What is to be written comes last: the store may take its time, and the others need not wait for it. As one
    /// commit is in flight at a time, it is one output at most.
    fn perform_all(&mut self) {
        let mut to_write = Vec::new();
        while let Some(output) = self.machine.poll_output() {
            #[cfg(feature = "tap")]
            self.tap.wanted(&output);
            if matches!(output, Output::Commit { .. } | Output::Rewrite { .. }) {
                to_write.push(output);
            } else {
                self.perform(output);
            }
        }
        to_write.into_iter().for_each(|output| self.perform(output));
        #[cfg(feature = "tap")]
        self.tap.hand_on();
    }

    fn perform(&mut self, output: Output) {
        match output {
            Output::Load => self.load(),
            Output::Reply { request, reply } => {
                if let Some(answer) = self.answers.answer(request, reply, &self.poster) {
                    self.world.run(HostCall::Reply, answer);
                }
            }
            Output::Start { attempt, key, kind } => self.start(attempt, key, kind),
            Output::Dispatch { attempt, event, cap, background: _ } => {
                let Some((key, _)) = self.attempts.get(&attempt) else { return };
                let completion = EventCompletion::new(attempt, self.poster.clone());
                self.world.call(HostCall::Dispatch, |hosts| hosts.engine.dispatch(key, &event, cap, completion));
            }
            Output::Abandon { attempt } => {
                let Some((key, _)) = self.attempts.remove(&attempt) else { return };
                self.world.call(HostCall::Abandon, |hosts| hosts.engine.abandon(&key, attempt));
            }
            Output::Terminate { attempt, reason } => {
                let Some((key, _)) = self.attempts.get(&attempt) else { return };
                self.world.call(HostCall::Terminate, |hosts| hosts.engine.terminate(key, attempt, reason));
            }
            Output::Commit { txn, ops } => {
                let (done, said) = self.commit_completion(txn);
                self.world.call(HostCall::Commit, |hosts| hosts.store.commit(ops, done));
                self.said = said.heard();
            }
            Output::Rewrite { txn, ops } => {
                let (done, said) = self.commit_completion(txn);
                self.world.call(HostCall::Rewrite, |hosts| hosts.store.rewrite(ops, done));
                self.said = said.heard();
            }
            // The answer waits in the queue like everything else, so that outputs stay in order.
            Output::AskNetwork { origin } => self.poster.notify(Notice::Network(NetworkSubject::Origin(origin))),
            Output::AskUser { attempt, key } => {
                if self.world.call(HostCall::Ask, |hosts| hosts.prompt.ask(attempt, &key)) != Some(true) {
                    self.poster.notify(Notice::Answered(attempt, false));
                }
            }
            Output::ArmWakeUp(wake_up) => {
                self.world.call(HostCall::ArmWakeUp, |hosts| hosts.wake_ups.arm(wake_up));
            }
            Output::WakeDone { token } => {
                self.world.call(HostCall::WakeUpDone, |hosts| hosts.wake_ups.done(token));
            }
            Output::KeepAlive(keep) => {
                self.world.call(HostCall::KeepAlive, |hosts| hosts.keep_alive.keep_alive(keep));
            }
            Output::Event(entry) => self.world.report(Report::Event(entry)),
        }
    }

    fn load(&mut self) {
        let (of_rows, of_answer) = (self.poster.clone(), self.poster.clone());
        let done = LoadCompletion::in_batches(
            move |batch| of_rows.post(Message::Rows(batch)),
            move |result| of_answer.post(Message::Loaded(result)),
        );
        self.world.call(HostCall::Load, |hosts| hosts.store.load(done));
    }

    fn commit_completion(&self, txn: TxnId) -> (CommitCompletion, SaidAtOnce) {
        let (poster, heard) = (self.poster.clone(), SaidAtOnce::default());
        let said = heard.clone();
        let answer = move |result| {
            if let Some(late) = said.say((txn, result)) {
                poster.post(Message::Committed(late));
            }
        };
        (CommitCompletion::new(answer), heard)
    }

    fn start(&mut self, attempt: AttemptId, key: RegistrationKey, kind: SyncKind) {
        let completion = StartCompletion::new(attempt, self.poster.clone());
        self.world.call(HostCall::Start, |hosts| hosts.engine.start(&key, completion));
        self.attempts.insert(attempt, (key, kind));
    }
}
