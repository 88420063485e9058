//! A browser of our own: found, started with a fresh profile, and ended with all its processes.

mod find;
mod group;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::clock::Deadline;
use crate::transport::{Pipe, WebSocket};
use crate::{Client, ConnectError, LaunchError};
use group::Group;

/// How often a browser that starts is looked at.
const GLANCE: Duration = Duration::from_millis(20);

/// Where a browser writes its port and the name of its socket.
const PORT_FILE: &str = "DevToolsActivePort";

/// What a browser prints goes here, in its profile.
const PRINTED: &str = "printed.txt";

/// What to start.
#[derive(Clone, Debug)]
pub struct Launch {
    program: PathBuf,
    arguments: Vec<OsString>,
    profile: Option<PathBuf>,
}

impl Launch {
    /// The Chromium of this machine: what `CHROMIUM` names, or else the first of `chromium`, `chromium-headless-shell`,
    /// `google-chrome` in `PATH`.
    ///
    /// # Errors
    /// There is none.
    pub fn chromium() -> Result<Self, LaunchError> {
        find::chromium(std::env::var_os("CHROMIUM"), std::env::var_os("PATH")).map(Self::program)
    }

    /// This program.
    #[must_use]
    pub fn program(program: impl Into<PathBuf>) -> Self {
        let arguments = ["--headless", "--disable-gpu", "--no-first-run", "--no-default-browser-check"];
        Self { program: program.into(), arguments: arguments.map(OsString::from).into(), profile: None }
    }

    /// What will be started.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.program
    }

    /// One more argument for it.
    #[must_use]
    pub fn argument(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// With this profile, which stays when the browser ends; else with a fresh one, which does not.
    #[must_use]
    pub fn profile(mut self, folder: impl Into<PathBuf>) -> Self {
        self.profile = Some(folder.into());
        self
    }

    /// Starts it with a debugging port on loopback, and waits until it listens.
    ///
    /// # Errors
    /// It does not.
    pub fn start(&self, wait: Duration) -> Result<Browser, LaunchError> {
        let home = Home::new(self.profile.as_deref())?;
        let port_file = home.path().join(PORT_FILE);
        // What an earlier life left there is not the port of this one.
        let _ = fs::remove_file(&port_file);
        let mut command = self.command(&home)?;
        command.arg("--remote-debugging-port=0").stdin(Stdio::null());
        let mut group = self.run(&mut command)?;
        let deadline = Deadline::after(wait);
        loop {
            if let Some(address) = fs::read_to_string(&port_file).ok().and_then(|text| address(&text)) {
                return Ok(Browser { address, _group: group, _home: home });
            }
            if group.has_ended() {
                return Err(LaunchError::Ended { program: self.program.clone(), said: home.last_words() });
            }
            if deadline.left().is_zero() {
                return Err(LaunchError::Silent { program: self.program.clone(), waited: wait });
            }
            std::thread::sleep(GLANCE);
        }
    }

    /// Starts it with a pipe, which nobody else can connect to, and says hello.
    ///
    /// # Errors
    /// It cannot be run, or is no Chromium.
    #[cfg(unix)]
    pub fn start_piped(&self) -> Result<(Client<Pipe<std::process::ChildStdin>>, PipedBrowser), PipedError> {
        let home = Home::new(self.profile.as_deref()).map_err(PipedError::Launch)?;
        let mut command = Command::new("/bin/sh");
        // The browser wants descriptors 3 and 4; the shell makes them of what a child of ours has anyway.
        command.args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null"]).arg(&self.program);
        self.dress(&mut command, &home).map_err(PipedError::Launch)?;
        command.arg("--remote-debugging-pipe").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut group = self.run(&mut command).map_err(PipedError::Launch)?;
        let (to, from) = group.ends().ok_or(PipedError::NoPipe)?;
        let client = Client::new(Pipe::new(to, from)).map_err(PipedError::Connect)?;
        Ok((client, PipedBrowser { _group: group, _home: home }))
    }

    fn command(&self, home: &Home) -> Result<Command, LaunchError> {
        let mut command = Command::new(&self.program);
        self.dress(&mut command, home)?;
        command.stdout(Stdio::null());
        Ok(command)
    }

    fn dress(&self, command: &mut Command, home: &Home) -> Result<(), LaunchError> {
        let printed = fs::File::create(home.path().join(PRINTED)).map_err(LaunchError::Profile)?;
        let mut profile = OsString::from("--user-data-dir=");
        profile.push(home.path());
        command.args(&self.arguments).arg(profile).stderr(printed);
        Ok(())
    }

    fn run(&self, command: &mut Command) -> Result<Group, LaunchError> {
        Group::spawn(command).map_err(|error| LaunchError::NotRun { program: self.program.clone(), error })
    }
}

/// `DevToolsActivePort`: the port, and the path of the browser's socket. It is written in two steps.
fn address(text: &str) -> Option<String> {
    let (port, path) = text.split_once('\n')?;
    let port: u16 = port.parse().ok()?;
    path.starts_with("/devtools/browser/").then(|| format!("ws://127.0.0.1:{port}{}", path.trim_end()))
}

/// The folder of a profile.
#[derive(Debug)]
enum Home {
    Fresh(TempDir),
    Kept(PathBuf),
}

impl Home {
    fn new(kept: Option<&Path>) -> Result<Self, LaunchError> {
        match kept {
            None => TempDir::with_prefix("chromium-host-").map(Self::Fresh).map_err(LaunchError::Profile),
            Some(folder) => {
                fs::create_dir_all(folder).map_err(LaunchError::Profile)?;
                Ok(Self::Kept(folder.to_owned()))
            }
        }
    }

    fn path(&self) -> &Path {
        match self {
            Self::Fresh(folder) => folder.path(),
            Self::Kept(folder) => folder,
        }
    }

    fn last_words(&self) -> String {
        let printed = fs::read(self.path().join(PRINTED)).unwrap_or_default();
        let lines: Vec<_> = String::from_utf8_lossy(&printed).lines().rev().take(3).map(str::to_owned).collect();
        if lines.is_empty() { "nothing".to_owned() } else { lines.into_iter().rev().collect::<Vec<_>>().join("\n") }
    }
}

/// A browser that listens. All its processes end when it is dropped.
#[derive(Debug)]
pub struct Browser {
    address: String,
    // Ends before its home is removed.
    _group: Group,
    _home: Home,
}

impl Browser {
    /// Where it listens: `ws://127.0.0.1:PORT/devtools/browser/ID`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Connects to it.
    ///
    /// # Errors
    /// It has gone.
    pub fn connect(&self) -> Result<Client<WebSocket>, ConnectError> {
        Client::new(WebSocket::connect(&self.address)?)
    }
}

/// A browser at the other end of a pipe. All its processes end when it is dropped.
#[derive(Debug)]
pub struct PipedBrowser {
    _group: Group,
    _home: Home,
}

/// Why there is no browser at the other end of a pipe.
#[derive(Debug)]
pub enum PipedError {
    /// It was not started.
    Launch(LaunchError),
    /// It does not answer as a Chromium.
    Connect(ConnectError),
    /// The system made no pipe.
    NoPipe,
}

impl std::fmt::Display for PipedError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Launch(error) => write!(f, "{error}"),
            Self::Connect(error) => write!(f, "{error}"),
            Self::NoPipe => f.write_str("the system made no pipe to the browser; are too many files open?"),
        }
    }
}

impl std::error::Error for PipedError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_file_is_read_when_it_is_whole() {
        let whole = address("45283\n/devtools/browser/aa9d");
        assert_eq!(whole.as_deref(), Some("ws://127.0.0.1:45283/devtools/browser/aa9d"));
        assert_eq!(address("45283\n/devtools/browser/aa9d\n"), whole);
        for half in ["", "45283", "45283\n", "45283\n/dev", "x\n/devtools/browser/a", "99999\n/devtools/browser/a"] {
            assert_eq!(address(half), None, "{half}");
        }
    }

    #[test]
    fn what_ends_at_once_and_what_is_not_there_say_what_to_do() {
        let error = Launch::program("/nowhere/chromium").start(Duration::from_secs(5)).unwrap_err();
        assert!(error.to_string().starts_with("/nowhere/chromium cannot be run"), "{error}");
        let error = Launch::program("false").start(Duration::from_secs(30)).unwrap_err();
        assert!(error.to_string().contains("--no-sandbox"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn what_answers_nothing_through_its_pipe_is_closed() {
        let error = Launch::program("false").start_piped().unwrap_err();
        assert!(error.to_string().contains("start it again"), "{error}");
    }
}
