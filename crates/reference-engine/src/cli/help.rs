//! What `--help` says beside the options.

/// What every command's exit code means.
pub(super) const EXIT_CODES: &str = "\
Exit codes:
  0  everything was as the timeline expects
  1  something was not; the difference is printed
  2  a timeline, a folder or the command line makes no sense
  3  the profile can't be used: in use, read-only, full, a directory; or its disk hangs
  4  the timeline could not go on, or the output could not be written
  A process that a timeline kills dies by a signal (134 in a shell); run the same command again to go on.";

/// What the exit code of `bgsync inspect` means.
pub(super) const INSPECT_EXIT_CODES: &str = "\
Exit codes:
  0  the store was read, and nothing is wrong with it
  2  the command line makes no sense
  3  the store can't be read: in use, not there, no store, of a newer version;
     or it is damaged, and what can be read of it is shown
  4  the output could not be written";

/// What the exit code of `bgsync new` means.
pub(super) const NEW_EXIT_CODES: &str = "\
Exit codes:
  0  the folder is there
  2  there is something of that name already, and it is as it was
  4  the folder could not be written";

/// Where the completion scripts go.
pub(super) const INSTALLING: &str = "\
To install it:
  bash        bgsync completions bash > ~/.local/share/bash-completion/completions/bgsync
  zsh         bgsync completions zsh > ~/.zfunc/_bgsync
              (any folder of $fpath, named before compinit runs)
  fish        bgsync completions fish > ~/.config/fish/completions/bgsync.fish
  elvish      bgsync completions elvish >> ~/.config/elvish/rc.elv
  powershell  bgsync completions powershell >> $PROFILE";

/// The fields of an object of `bgsync inspect --json`.
pub(super) const OBJECT: &str = "\
An object has these fields, always. Times are in seconds since 1970.
  partition, origin, scope  the service worker registration
  tag                  a string; { \"utf16\": [...] } if it is not well-formed
  instance_id          its number, as in the log
  state                as stored: pending, waiting, firing,
                       reregisteredWhileFiring
  resumes_as           the state that a starting browser gives it; null if it
                       removes it
  removed              why it removes it; null if it does not
  attempts             attempts that count
  max_attempts         how many there may be
  free_in_a_row        attempts since then that did not count
  last_chance          whether the next attempt, at its earliest, is the last
  registered_at        when it was last registered
  not_before           the earliest time of the next attempt; null if no time
                       holds it back
  why_not              what holds it back: a list of { reason, until }; until is
                       null if no time is known
  background_starts    background starts of its origin, in the day before
  background_time      background time of its origin, in seconds, likewise
  at                   the moment the store was looked at from
";

/// How a folder to run looks.
pub(super) const FOLDER: &str = r#"A folder to run:
  timeline.toml
  chat.example/index.html    is https://chat.example/
  chat.example/sw.js         what the page registers as its service worker

A timeline:
  title = "One message"
  [[worker]]                       # optional: a name for a scope, for expectations
  name = "chat"
  scope = "https://chat.example/"

  [[step]]
  at = "0s"
  open = { window = "tab", url = "https://chat.example/" }
  server = { origin = "https://chat.example", path = "/messages", keeps_by = "id" }
  [[step]]
  at = "10s"
  network = "offline"
  run = { window = "tab", script = "send('Hello')" }
  expect.registration = { worker = "chat", tag = "outbox", state = "pending" }
  [[step]]
  at = "1h"
  network = "online"
  [[step]]
  at = "2h"
  expect_server = { origin = "https://chat.example", path = "/messages", count = 1 }
  expect.events = { worker = "chat", count = 1 }

What can happen: say, open, close, detach, run (gives, fails), network, origin_network, server (down, status, takes,
loses_answers, keeps_by), permission, notifications, click_notification, close_notification, background_sync ("present"
or "missing"), switch, clear, system, process ("close" or "kill"). What can be expected: expect_server,
expect_notification, expect_console, and after `expect.` event, no_event, events, starts, registration, why_not, log, no_log,
commits, store_ops, wake_up, terminate, abandoned, running, keep_alive.
"#;

/// How a fixture looks.
pub(super) const FIXTURE: &str = r#"A fixture:
  title = "A worker may ask while a window is open"
  [[worker]]
  name = "chat"
  scope = "https://chat.example/"
  [[step]]
  windows = { origin = "https://chat.example", top_level = 1 }
  register = { worker = "chat", tag = "outbox", id = "first" }
  expect.reply = { to = "first", ok = true }
"#;

#[cfg(test)]
mod tests {
    use background_sync_simulator::runner;
    use background_sync_simulator::timeline::{Expectation, Timeline, Word as _};

    use super::*;
    use crate::engine::{EngineStep, refuse};

    fn timeline_of(help: &str) -> String {
        let lines = help.lines().skip_while(|line| !line.trim_start().starts_with("title"));
        lines.take_while(|line| line.is_empty() || line.starts_with("  ")).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn what_help_shows_can_be_run() {
        let timeline = Timeline::<EngineStep>::parse("help", &timeline_of(FOLDER)).unwrap();
        assert_eq!(timeline.steps.len(), 4);
        assert_eq!(refuse(&timeline), Ok(()));
        let fixture = Timeline::parse("help", &timeline_of(FIXTURE)).unwrap();
        let report = runner::run(&fixture);
        assert!(report.passed() && report.steps == 1, "{report}");
    }

    #[test]
    fn help_names_every_word() {
        let refused = ["reply", "stored", "wake_done"];
        for word in EngineStep::WORDS.iter().chain(Expectation::WORDS).filter(|word| !refused.contains(word)) {
            assert!(FOLDER.contains(word), "{word}");
        }
    }
}
