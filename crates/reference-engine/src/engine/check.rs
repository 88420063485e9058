//! Steps happen, and are compared with what was expected.

use std::fmt;

use background_sync::policy::{PermissionState, UserSwitch};
use background_sync::{NetworkSubject, Notice};
use background_sync_simulator::timeline::{System, TimedStep};

use super::{Engine, EngineError, EngineStep, ExpectServer, Run, Who};

/// Something is not as the timeline expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// What was expected, as the timeline says it.
    pub expected: String,
    /// What was found.
    pub found: String,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}\n   found {}", self.expected, self.found)
    }
}

impl Engine {
    /// Makes a whole step happen, at the engine's present moment, and compares.
    ///
    /// # Errors
    /// When the step can't happen, or nothing settles after it.
    pub fn perform(&mut self, step: &TimedStep<EngineStep>) -> Result<Vec<Mismatch>, EngineError> {
        let mut runs = Vec::new();
        for act in &step.acts {
            match act {
                EngineStep::Run(run) => {
                    let id = self.run_in_page(run)?;
                    runs.push((id, run));
                    self.settle()?;
                }
                act => self.apply(act)?,
            }
        }
        self.settle_with_the_disk()?;
        let mut mismatches: Vec<_> = runs.into_iter().filter_map(|(id, run)| self.check_run(id, run)).collect();
        for act in &step.acts {
            mismatches.extend(self.check_act(act));
        }
        mismatches.extend(self.check_expectations(&step.expect)?);
        Ok(mismatches)
    }

    fn check_act(&mut self, act: &EngineStep) -> Option<Mismatch> {
        match act {
            EngineStep::ExpectServer(expected) => self.check_server(expected),
            EngineStep::ExpectConsole(text) => self.check_console(text),
            EngineStep::Say(_)
            | EngineStep::Open(_)
            | EngineStep::Close(_)
            | EngineStep::Run(_)
            | EngineStep::Network(_)
            | EngineStep::OriginNetwork(_)
            | EngineStep::Server(_)
            | EngineStep::Permission(_)
            | EngineStep::Switch(_)
            | EngineStep::Clear(_)
            | EngineStep::System(_)
            | EngineStep::Process(_) => None,
        }
    }

    /// Makes one thing happen.
    pub(super) fn apply(&mut self, act: &EngineStep) -> Result<(), EngineError> {
        match act {
            EngineStep::Say(text) => self.tell(Who::Narrator, text.clone(), ""),
            EngineStep::Open(open) => self.open_window(open)?,
            EngineStep::Close(window) => {
                if !self.pages.contains_key(window) {
                    return Err(EngineError::Step(format!("no window `{window}` is open; there is nothing to close")));
                }
                self.close_window(window);
            }
            EngineStep::Run(run) => drop(self.run_in_page(run)?),
            EngineStep::Network(network) => {
                self.mirror.borrow_mut().network = network.0.clone();
                self.tell(Who::Network, network_name(&network.0), "");
                self.network_changed(NetworkSubject::All);
            }
            EngineStep::OriginNetwork(change) => {
                self.mirror.borrow_mut().origin_networks.insert(change.origin.clone(), change.state.0.clone());
                self.tell(Who::Network, format!("{}: {}", change.origin, network_name(&change.state.0)), "");
                self.network_changed(NetworkSubject::Origin(change.origin.clone()));
            }
            EngineStep::Server(step) => {
                self.servers.borrow_mut().change(step);
                self.tell(Who::Server(step.host()), step.in_words(), "");
            }
            EngineStep::Permission(change) => {
                let key = (change.partition.0, change.origin.clone());
                self.mirror.borrow_mut().permissions.insert(key.clone(), change.state);
                self.tell(
                    Who::User,
                    format!("sets the permission of {} to {}", change.origin, permission_name(change.state)),
                    "",
                );
                self.poster().notify(Notice::Permission(key.0, key.1));
            }
            EngineStep::Switch(change) => {
                let origin = change.origin.clone().map(|origin| (change.partition.0, origin));
                match &origin {
                    Some(key) => drop(self.mirror.borrow_mut().switches.insert(key.clone(), change.to)),
                    None => self.mirror.borrow_mut().general_switch = change.to,
                }
                let whose = change.origin.as_ref().map(|origin| format!(" for {origin}")).unwrap_or_default();
                self.tell(Who::User, format!("switches background sync {}{whose}", on_or_off(change.to)), "");
                self.poster().notify(Notice::UserSwitch(origin, change.to));
            }
            EngineStep::Clear(site) => self.clear_site(site.partition.0, &site.origin),
            EngineStep::System(System::Sleep) => {
                self.tell(Who::User, "lets the system sleep", "");
                self.poster().notify(Notice::Slept);
                self.settle()?;
                self.clock.set_asleep(true);
            }
            EngineStep::System(System::Wake) => {
                self.clock.set_asleep(false);
                self.tell(Who::User, "wakes the system", "");
                self.poster().notify(Notice::Woke);
            }
            // The end of the process is the runner's affair, the expectations are looked at afterwards.
            EngineStep::Process(_) | EngineStep::ExpectServer(_) | EngineStep::ExpectConsole(_) => {}
        }
        Ok(())
    }

    fn check_run(&mut self, id: u64, run: &Run) -> Option<Mismatch> {
        let came = self.runs.remove(&id).flatten();
        let found = match &came {
            None => "it has not ended yet".to_owned(),
            Some(Ok(value)) => format!("it gives {value}"),
            Some(Err(error)) => format!("it fails with {error}"),
        };
        let fits = match (&run.gives, &run.fails, &came) {
            (None, None, Some(Err(_))) => false,
            (None, None, _) => true,
            (Some(wanted), _, Some(Ok(value))) => same_json(wanted, value),
            (_, Some(wanted), Some(Err(error))) => error.contains(wanted.as_str()),
            (Some(_), _, _) | (_, Some(_), _) => false,
        };
        let expected = match (&run.gives, &run.fails) {
            (Some(wanted), _) => format!("`{}` to give {wanted}", run.script),
            (None, Some(wanted)) => format!("`{}` to fail with {wanted}", run.script),
            (None, None) => format!("`{}` not to fail", run.script),
        };
        (!fits).then_some(Mismatch { expected, found })
    }

    fn check_server(&self, expected: &ExpectServer) -> Option<Mismatch> {
        let found = self.servers.borrow().check(expected).err()?;
        let expected = toml::Value::try_from(expected).map(|value| value.to_string()).unwrap_or_default();
        Some(Mismatch { expected: format!("expect_server = {expected}"), found })
    }

    fn check_console(&mut self, text: &str) -> Option<Mismatch> {
        let at = self.console.iter().position(|line| line.contains(text));
        match at {
            Some(at) => {
                self.console.drain(..=at);
                None
            }
            None => {
                let last = self.console.iter().skip(self.console.len().saturating_sub(5));
                let last: Vec<_> = last.map(|line| line.chars().take(100).collect::<String>()).collect();
                let found = format!("the last lines are {last:?}");
                Some(Mismatch { expected: format!("a line with {text:?}"), found })
            }
        }
    }
}

fn network_name(state: &background_sync::scheduler::NetworkState) -> String {
    use background_sync::scheduler::NetworkState;
    match state {
        NetworkState::Unknown => "unknown".to_owned(),
        NetworkState::Offline => "offline".to_owned(),
        NetworkState::Captive => "a portal answers".to_owned(),
        NetworkState::Online { network_id: Some(id), .. } => format!("online, on {}", id.as_str()),
        NetworkState::Online { network_id: None, .. } => "online".to_owned(),
    }
}

const fn permission_name(state: PermissionState) -> &'static str {
    match state {
        PermissionState::Granted => "granted",
        PermissionState::Prompt => "not decided",
        PermissionState::Denied => "denied",
    }
}

const fn on_or_off(switch: UserSwitch) -> &'static str {
    match switch {
        UserSwitch::On => "on",
        UserSwitch::Off => "off",
    }
}

/// Spaces and the order of members do not matter.
fn same_json(wanted: &str, found: &str) -> bool {
    let parsed = |text: &str| serde_json::from_str::<serde_json::Value>(text);
    matches!((parsed(wanted), parsed(found)), (Ok(wanted), Ok(found)) if wanted == found)
}
