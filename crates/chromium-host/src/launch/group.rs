use std::io;
use std::process::{Child, ChildStdin, ChildStdout, Command};

/// A program and all the processes it has started.
#[derive(Debug)]
pub(super) struct Group {
    child: Child,
}

impl Group {
    pub(super) fn spawn(command: &mut Command) -> io::Result<Self> {
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        Ok(Self { child: command.spawn()? })
    }

    pub(super) fn has_ended(&mut self) -> bool {
        // What cannot be asked is not waited for.
        self.child.try_wait().map_or(true, |status| status.is_some())
    }

    /// Its input and its output, where they are pipes.
    pub(super) fn ends(&mut self) -> Option<(ChildStdin, ChildStdout)> {
        Some((self.child.stdin.take()?, self.child.stdout.take()?))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw) {
            // The group outlives its first process as long as any other is in it.
            let _ = rustix::process::kill_process_group(pid, rustix::process::Signal::KILL);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::Read as _;
    use std::process::{Command, Stdio};

    use super::Group;

    /// A pipe ends when everybody who could write to it has ended.
    #[test]
    fn what_the_program_started_ends_with_it() {
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 600 & echo started; sleep 600"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut group = Group::spawn(&mut command).unwrap();
        let (_, mut output) = group.ends().unwrap();
        let mut started = [0; 8];
        output.read_exact(&mut started).unwrap();
        assert!(!group.has_ended());
        drop(group);
        assert_eq!(output.read_to_end(&mut Vec::new()).unwrap(), 0);
    }
}
