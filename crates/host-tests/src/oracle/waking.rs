use std::time::Duration;

use background_sync::policy::WorkerState;
use background_sync::registration::{MonotonicTime, Now, WallTime};
use background_sync::{Input, NotStarted, Output, Reply, WakeToken, WakeUp};

use super::record::Certainty;
use super::{Verdict, broken};

/// After a wake-up without an event the next one comes no sooner than this.
const FLOOR: Duration = Duration::from_secs(15 * 60);
/// It doubles with every further one, up to this.
const HIGHEST_FLOOR: Duration = Duration::from_secs(4 * 3_600);
/// The system is not asked again for so little.
const CLOSE: Duration = Duration::from_secs(1);
/// What nobody waits for is written by then, and keeps the process alive no longer.
const WRITTEN_BY: Duration = Duration::from_secs(10);

/// I16: what is asked of the operating system, and whether it was in vain.
#[derive(Clone, Debug, Default)]
pub(super) struct Waking {
    armed: Option<WakeUp>,
    current: Option<Current>,
    /// The one before, which ended when the present one began.
    overtaken: Option<WakeToken>,
    /// Wake-ups in a row without an event, and when the last one ended.
    in_vain: u32,
    ended: Option<WallTime>,
    kept_alive: bool,
    /// When something last happened that may have to be written.
    last_change: MonotonicTime,
    /// Since when the process has to stay though nothing runs and nothing is being written.
    idle_since: Option<MonotonicTime>,
}

/// A wake-up that is going on.
#[derive(Clone, Copy, Debug)]
struct Current {
    token: WakeToken,
    fruitful: bool,
}

/// What an input says to a machine that waits for something to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum News {
    /// Time goes on, and what was asked for is answered.
    None,
    Woken(WakeToken),
    /// Something that may have to be written, and that makes no wake-up worth more.
    Word,
    Something,
}

fn news(input: &Input) -> News {
    match input {
        Input::Woken { token, .. } => News::Woken(*token),
        // It says that somebody looks, or that there is no worker.
        Input::Ready { facts, .. } if facts.worker != WorkerState::Active || !facts.windows.in_background() => {
            News::Something
        }
        Input::NotStarted { reason: NotStarted::NoActiveWorker, .. } => News::Something,
        Input::Tick
        | Input::Committed { .. }
        | Input::CommitFailed { .. }
        | Input::ReplyDelivered { .. }
        | Input::RequesterGone { .. }
        | Input::GetTags { .. }
        | Input::Slept
        | Input::Woke
        | Input::Frozen
        | Input::Thawed => News::None,
        Input::LoadFailed
        | Input::Cancel { .. }
        | Input::Ready { .. }
        | Input::NotStarted { .. }
        | Input::Finished { .. }
        | Input::ContentsLost { .. }
        | Input::NetworkChanged { .. }
        | Input::PermissionChanged { .. }
        | Input::PowerChanged { .. }
        | Input::UserSwitch { .. }
        | Input::Unregistered { .. }
        | Input::DataCleared { .. }
        | Input::PartitionClosed { .. }
        | Input::Answered { .. }
        | Input::Shutdown => News::Word,
        #[cfg(feature = "periodic")]
        Input::Periodic(_) => News::Something,
        Input::Rows { .. }
        | Input::Loaded(_)
        | Input::Register { .. }
        | Input::ClientsChanged { .. }
        | Input::RestrictionChanged { .. }
        | Input::ConditionOverride { .. }
        | Input::WorkersKnown { .. }
        | Input::WorkerChanged { .. } => News::Something,
    }
}

/// What is known about the need for wake-ups and for the process.
#[derive(Clone, Copy, Debug)]
pub(super) struct Need {
    /// Something of the profile waits for a wake-up; beyond doubt is said only while none is asked for.
    pub(super) wake_up: Certainty,
    /// Something of the profile runs, so the process has to be back if it is killed.
    pub(super) recovery: bool,
    /// Attempts are live.
    pub(super) attempts: Certainty,
    /// A commit is in flight.
    pub(super) writing: bool,
    /// The store failed, and is not tried again yet.
    pub(super) store_failed: Certainty,
}

impl Waking {
    pub(super) fn hear(&mut self, now: Now, input: &Input) {
        match news(input) {
            News::None => {}
            News::Woken(token) => {
                self.overtaken = self.current.map(|current| current.token);
                self.end(now);
                self.current = Some(Current { token, fruitful: false });
                // It was used up by coming.
                self.armed = None;
            }
            News::Word => self.said_something(now),
            News::Something => {
                self.something_changed();
                self.said_something(now);
            }
        }
    }

    /// The link came up. Within a wake-up that alone is no reason to hope.
    pub(super) fn came_online(&mut self) {
        if self.current.is_none() {
            self.something_changed();
        }
    }

    /// Whether a wake-up is asked for.
    pub(super) fn is_armed(&self) -> bool {
        self.armed.is_some()
    }

    /// Whatever is said may have to be written.
    pub(super) fn said_something(&mut self, now: Now) {
        self.last_change = now.monotonic;
    }

    /// The clocks came apart, or something happened that may make the next wake-up worth it.
    pub(super) fn something_changed(&mut self) {
        self.in_vain = 0;
        self.ended = None;
        if let Some(current) = &mut self.current {
            current.fruitful = true;
        }
    }

    pub(super) fn see(&mut self, now: Now, output: &Output) -> Verdict {
        match output {
            Output::Dispatch { .. } | Output::Reply { reply: Reply::Registered(Ok(())), .. } => {
                self.something_changed();
            }
            Output::ArmWakeUp(None) => self.armed = None,
            Output::ArmWakeUp(Some(wake_up)) => {
                self.armed = Some(*wake_up);
                if wake_up.earliest < now.wall {
                    return broken("I16", format!("a wake-up is armed for {:?} ago", now.wall.since(wake_up.earliest)));
                }
                if wake_up.latest < wake_up.earliest {
                    return broken("I16", format!("a wake-up that cannot be: {wake_up:?}"));
                }
            }
            Output::WakeDone { token } if self.overtaken == Some(*token) => self.overtaken = None,
            Output::WakeDone { token } => {
                let Some(current) = self.current else {
                    return broken("I16", format!("{token:?} is done, and no wake-up was going on"));
                };
                if current.token != *token {
                    return broken("I16", format!("{token:?} is done, and {:?} was going on", current.token));
                }
                self.end(now);
            }
            Output::KeepAlive(yes) => {
                if *yes == self.kept_alive {
                    return broken("I16", format!("it is said again that the process is to be kept alive: {yes}"));
                }
                self.kept_alive = *yes;
            }
            Output::Load
            | Output::Reply { .. }
            | Output::Start { .. }
            | Output::AskUser { .. }
            | Output::Abandon { .. }
            | Output::Terminate { .. }
            | Output::Commit { .. }
            | Output::Rewrite { .. }
            | Output::AskNetwork { .. }
            | Output::Event(_) => {}
        }
        Ok(())
    }

    fn end(&mut self, now: Now) {
        if let Some(current) = self.current.take()
            && !current.fruitful
        {
            self.in_vain = self.in_vain.saturating_add(1);
            self.ended = Some(now.wall);
        }
    }

    /// After everything that followed an input.
    pub(super) fn check(&mut self, now: Now, need: Need) -> Verdict {
        self.check_wake_up(need)?;
        self.check_keep_alive(now, need)
    }

    fn check_wake_up(&self, need: Need) -> Verdict {
        match (self.armed, need.wake_up) {
            // While one is going on the next one may be asked for later.
            (None, Certainty::Yes) if self.current.is_none() => {
                broken("I16", "something waits, and no wake-up is asked for")
            }
            (Some(wake_up), Certainty::No) => broken("I16", format!("nothing waits, and {wake_up:?} is asked for")),
            // While something runs the next one is there in case the process is killed.
            (Some(wake_up), _) if self.current.is_none() && !need.recovery => {
                let Some(ended) = self.ended else { return Ok(()) };
                let doubled = 2_u32.saturating_pow(self.in_vain.saturating_sub(1).min(10));
                let floor = FLOOR.saturating_mul(doubled).min(HIGHEST_FLOOR);
                let after = wake_up.earliest.since(ended);
                if after + CLOSE >= floor {
                    return Ok(());
                }
                let what = format!("the next wake-up comes {after:?} after {} in vain", self.in_vain);
                broken("I16", what)
            }
            (Some(_) | None, _) => Ok(()),
        }
    }

    fn check_keep_alive(&mut self, now: Now, need: Need) -> Verdict {
        let unwritten = need.writing && need.store_failed == Certainty::No;
        if (need.attempts == Certainty::Yes || unwritten) && !self.kept_alive {
            return broken("I16", "something runs or is being written, and the process may go");
        }
        // Something small may have to be written that nobody hears of before it is.
        let idle = self.kept_alive && need.attempts == Certainty::No && !need.writing;
        self.idle_since = idle.then(|| self.idle_since.unwrap_or(now.monotonic));
        let since = self.idle_since.map(|since| since.max(self.last_change));
        if since.is_some_and(|since| now.monotonic.since(since) > WRITTEN_BY) {
            return broken("I16", "nothing runs and nothing is written, and the process has to stay");
        }
        Ok(())
    }
}
