use super::habits::Habits;
use crate::timeline::{Odd, Process, Step, Time, TimedStep};

/// The steps of a timeline while it is being written.
#[derive(Debug)]
pub(super) struct Script {
    now: Time,
    steps: Vec<TimedStep>,
    habits: Habits,
}

impl Script {
    /// An empty one, with room for so many steps, of a host with such habits.
    pub(super) fn with_room(steps: usize, habits: Habits) -> Self {
        Self { now: Time::ZERO, steps: Vec::with_capacity(steps), habits }
    }

    /// The process starts again.
    pub(super) fn start_again(&mut self) {
        self.add(Step::Process(Process::Start));
        if self.habits.late_words() {
            self.wait(Time::seconds(1));
            self.add(Step::Odd(Odd::EarlierLife));
        }
    }

    /// When the next step happens, since the start.
    pub(super) fn now(&self) -> Time {
        self.now
    }

    /// Time passes before the next step.
    pub(super) fn wait(&mut self, by: Time) {
        self.now = Time(self.now.0.saturating_add(by.0));
    }

    /// One act a step: in a file, a word stands in a step only once.
    pub(super) fn add(&mut self, act: Step) {
        self.push(vec![act]);
    }

    /// The last look, at which nothing is done any more.
    pub(super) fn end(mut self) -> Vec<TimedStep> {
        self.push(Vec::new());
        self.steps
    }

    fn push(&mut self, acts: Vec<Step>) {
        self.steps.push(TimedStep { at: self.now, acts, expect: Vec::new(), line: 0 });
    }
}
