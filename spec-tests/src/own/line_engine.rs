use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use super::{Ask, Engine, Reply, Trouble};

/// A program that reads a line of JSON, and answers with one.
#[derive(Debug)]
pub struct LineEngine {
    command: String,
    patience: Duration,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    child: Child,
    input: ChildStdin,
    lines: Receiver<String>,
}

impl LineEngine {
    /// A program by its command, for the shell. It is started when it is first asked, and anew after any trouble. An answer
    /// may take `patience`.
    #[must_use]
    pub fn new(command: &str, patience: Duration) -> Self {
        Self { command: command.to_owned(), patience, running: None }
    }

    fn asked(&self, running: &mut Running, ask: &Ask) -> Result<Reply, Trouble> {
        let mut line = serde_json::to_string(ask).map_err(|error| Trouble::NoStart(error.to_string()))?;
        line.push('\n');
        running.input.write_all(line.as_bytes()).and_then(|()| running.input.flush()).map_err(|_| Trouble::Ended)?;
        let line = running.lines.recv_timeout(self.patience).map_err(|error| match error {
            RecvTimeoutError::Timeout => Trouble::Silent(self.patience.as_secs()),
            RecvTimeoutError::Disconnected => Trouble::Ended,
        })?;
        serde_json::from_str(&line).map_err(|error| Trouble::NoAnswer(line.clone(), error.to_string()))
    }
}

impl Engine for LineEngine {
    fn ask(&mut self, ask: &Ask) -> Result<Reply, Trouble> {
        let mut running = match self.running.take() {
            Some(running) => running,
            None => Running::start(&self.command)?,
        };
        let reply = self.asked(&mut running, ask)?;
        self.running = Some(running);
        Ok(reply)
    }
}

impl Running {
    fn start(command: &str) -> Result<Self, Trouble> {
        // The shell gives its place to the program, so that ending the one ends the other.
        let child = Command::new("sh")
            .args(["-c", &format!("exec {command}")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let mut child = child.map_err(|error| Trouble::NoStart(error.to_string()))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Trouble::NoStart("it has no input or output".to_owned()));
        };
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            let all = BufReader::new(output).lines().map_while(Result::ok);
            // Nobody listens any more: the program is about to be ended.
            let _ = all.into_iter().try_for_each(|line| sender.send(line));
        });
        Ok(Self { child, input, lines })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
