use super::Nonsense;
use crate::timeline::{Process, System};

/// The engine's process and the system under it, as far as the steps of a timeline decide.
#[derive(Clone, Copy, Debug)]
pub(super) struct Running {
    process: State,
    asleep: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Up,
    Frozen,
    /// It has shut down in an orderly way, and is still there.
    ShutDown,
    Gone,
}

impl Running {
    pub(super) const fn new() -> Self {
        Self { process: State::Up, asleep: false }
    }

    /// Whether there is a process that could show something.
    pub(super) const fn is_there(self) -> bool {
        !matches!(self.process, State::Gone)
    }

    pub(super) fn process(&mut self, what: Process) -> Result<(), Nonsense> {
        let next = match (what, self.process) {
            (Process::Freeze, State::Up) => State::Frozen,
            (Process::Thaw, State::Frozen) | (Process::Start, State::Gone) => State::Up,
            (Process::Shutdown, State::Up | State::Frozen) => State::ShutDown,
            (Process::Crash, State::Up | State::Frozen | State::ShutDown) => State::Gone,
            (Process::Start, _) => {
                let help = "let it crash before it starts again";
                return Err(Nonsense::value([], "the process is there already", help));
            }
            (_, State::Frozen) => return Err(nothing("the process is frozen", "it can `thaw` or `crash`")),
            (_, State::Up) => {
                return Err(nothing("the process is not frozen", "it can `freeze`, `shutdown` or `crash`"));
            }
            (_, State::ShutDown) => return Err(nothing("the process has shut down", "it can `crash`, then `start`")),
            (_, State::Gone) => return Err(nothing("there is no process", "it can `start`")),
        };
        self.process = next;
        Ok(())
    }

    pub(super) fn system(&mut self, what: System) -> Result<(), Nonsense> {
        let asleep = what == System::Sleep;
        if asleep == self.asleep {
            let (is, can) = if asleep { ("asleep", "`wake`") } else { ("awake", "`sleep`") };
            return Err(nothing(&format!("the system is {is}"), &format!("it can {can}")));
        }
        self.asleep = asleep;
        Ok(())
    }
}

fn nothing(why: &str, help: &str) -> Nonsense {
    Nonsense {
        half: crate::timeline::place::Half::Value,
        ..Nonsense::idle([], format!("this does nothing: {why}"), help)
    }
}
