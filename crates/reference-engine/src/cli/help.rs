//! What `--help` says beside the options.

/// First steps.
pub(super) const FIRST_STEPS: &str = "\
First steps:
  bgsync                        the chat demo
  bgsync new my-app             makes a folder with a timeline, a page, a worker
  bgsync run --watch my-app     runs it, and again whenever you save a file
  bgsync run --help             all that a timeline can do and expect
";

/// What the exit code of a played timeline means.
pub(super) const EXIT_CODES: &str = "\
Exit codes:
  0  everything was as the timeline expects
  1  something was not; the difference is printed
  2  a timeline, a folder or the command line makes no sense
  3  the profile can't be used: in use, read-only, full, a directory;
     or its disk hangs
  4  the timeline could not go on, or the output could not be written
  A process that a timeline kills dies by a signal (134 in a shell);
  run the same command again to go on.";

/// What the exit code of `bgsync check` means.
pub(super) const CHECK_EXIT_CODES: &str = "\
Exit codes:
  0  every fixture passed
  1  one or more did not
  2  one or more can't be used, or the command line makes no sense
  4  the output could not be written";

/// What the exit code of `bgsync simulate` means.
pub(super) const SIMULATE_EXIT_CODES: &str = "\
Exit codes:
  0  no invariant was broken
  1  one was; the counterexample is printed
  2  the command line makes no sense
  4  the output could not be written";

/// What the exit code of `bgsync simulate visits` means.
pub(super) const VISITS_EXIT_CODES: &str = "\
Exit codes:
  0  the study is made; with --goals, all are met
  1  a goal is missed
  2  the command line makes no sense
  4  the output could not be written";

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
To install it, in a folder that is there:
  bash        bgsync completions bash > ~/.local/share/bash-completion/completions/bgsync
              (of the package bash-completion; or source it in ~/.bashrc)
  zsh         bgsync completions zsh > ~/.zfunc/_bgsync
              (any folder of $fpath, named before compinit runs)
  fish        bgsync completions fish > ~/.config/fish/completions/bgsync.fish
  elvish      bgsync completions elvish >> ~/.config/elvish/rc.elv
  powershell  bgsync completions powershell >> $PROFILE";

/// How a store is looked at.
pub(super) const LOOKING: &str = "\
Examples:
  bgsync inspect profile
  bgsync inspect profile --network online     what would fire at once
  bgsync inspect profile --at +8d             what has its last chance by then
  bgsync inspect profile --json | jq .tag

";

/// The fields of an object of `bgsync inspect --json`.
pub(super) const OBJECT: &str = "\
An object has these fields, always. Times are in seconds since 1970.
  partition, origin, scope  the service worker registration
  kind                 one-shot or periodic
  tag                  a string; { \"utf16\": [...] } if it is not well-formed
  instance_id          its number, as in the log
  state                as stored: pending, waiting, firing,
                       reregisteredWhileFiring
  resumes_as           the state that a starting browser gives it; null if it
                       removes it
  removed              why it removes it; null if it does not
  attempts             attempts that count
  max_attempts         how many there may be; for a periodic one, each time that
                       it has its turn
  free_in_a_row        attempts since then that did not count
  last_chance          whether the next attempt, at its earliest, is the last
  last_chance_because  why it is: \"attempts\" if no more are left, \"age\" if it
                       is too old for more; null if it is not, and for a
                       periodic one
  registered_at        when it was last registered
  min_interval         how often its page wants it to fire, in milliseconds;
                       null for a one-shot one, as the next
  anchor               since when that counts: its last event, or the
                       registration
  not_before           the earliest time of the next attempt; null if no time
                       holds it back
  why_not              what holds it back: a list of { reason, until }; until is
                       null if no time is known; for a periodic one also
                       min_interval, origin_interval, slot (before the next
                       visit), clock, across_origins, other_event, reader_away,
                       no_engagement, paused; of conditions: unmetered,
                       not_roaming, charging, battery_not_low
  background_starts    background starts of its origin, in the day before
  background_time      background time of its origin, in seconds, likewise
  at                   the moment the store was looked at from
";

/// How to see more of the demos.
pub(super) const DEMOS: &str = "\
Examples:
  bgsync demo                                 what demos there are
  bgsync demo chat-killed                     kills the browser twice, for real
  bgsync demo chat --json | jq .event

";

/// How to look for trouble.
pub(super) const SEEDS: &str = "\
Examples:
  bgsync simulate --runs 10000
  bgsync simulate --seed 4711 --runs 1 --save found.toml
  bgsync check found.toml --verbose           replays what was saved

";

/// How to make the study of visits.
pub(super) const VISITS: &str = "\
The columns are explained below the tables.

Examples:
  bgsync simulate visits --persons 30         sooner, and less exact
  bgsync simulate visits --kind commuter,shift --policy ours,insider
  bgsync simulate visits --spread 2           people with weaker habits
  bgsync simulate visits --goals              what `ours` is to reach
  bgsync simulate visits --json | jq 'select(.policy == \"ours\").median'

";

/// How a folder to run looks.
pub(super) const FOLDER: &str = r#"A folder to run:
  timeline.toml
  chat.example/index.html    is https://chat.example/
  chat.example/sw.js         what the page registers as its service worker

A timeline:
  title = "One message"
  [[worker]]               # optional: a name for a scope, for expectations
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

At the top: title; seed; preset = "recommended", "chromium" or "private";
[parameters] that differ from it.

A step has `at`, the time since the start, or `after`, since the step before
("90s", "1h 30min", "2d"); what happens then, in this order; what is expected.
What can happen:
  say                 a sentence for whoever watches
  open                a page in a window: { window, url, frame, partition,
                      third_party_of, fenced }; frame is "top_level",
                      "auxiliary" or "nested", partition "private" or another;
                      in a tab it is a visit, which periodic syncs follow
  visit               the user comes back to a page, by its window's name
  close               a window, by its name
  detach              a frame, while scripts still hold on to its objects
  run                 an expression in a page: { window, script }, and the JSON
                      it `gives`, or a part of the error it `fails` with; a
                      promise is waited for, without `await`
  network             "online", "offline", "captive", "unknown", or
                      { online = { metered, roaming, network_id } }
  origin_network      the network of one origin: { origin, state }
  server              how it answers: { origin, path, down, status, takes,
                      loses_answers, keeps_by }; it keeps JSON bodies by a field
  permission          for background sync: { origin, state = "denied" }; with
                      kind = "periodic" that for periodic syncs
  app                 a site is installed as an app, or removed, and may sync
                      periodically, or not: { origin, installed = true }
  engagement          of the user with a site: { origin, level = "low" }; "none"
                      suspends its periodic syncs until it is visited
  pause               the user pauses a site's periodic syncs, or lets them go
                      on: { origin, paused = true }
  power               what is known: { charging, battery_low }
  override            the user has what conditions hold back run: { origin,
                      kind, to = "run_anyway" }, or to = "none"
  utc_offset          minutes that clocks are ahead of UTC where the user is
  notifications       whether a site may show any: { origin, state }
  click_notification  { title, action }
  close_notification  { title }
  background_sync     "missing": scripts find nothing of it; "present"
  limits              { entry_time }: how long a script may compute at once
  switch              the user's, for one origin or all: { to = "off", origin,
                      kind }
  restriction         of background work by the system: "restricted", "none"
  clear               site data: { origin }
  system              "sleep", "wake"
  process             "close" or "kill"; the next step starts the browser again
  expect_server       what it was sent: { origin, path, kept, count, repeats,
                      requests, sent }; sent: [{ method, headers, body }]
  expect_notification  one that is shown: { title, body, tag, count }
  expect_console      a line that was printed, or a list of lines in order
What can be expected of background sync, written `expect.event = { ... }`, with
kind = "periodic" in it for periodic syncs:
  event               one that was dispatched: { worker, tag, last_chance, at,
                      from, until, cap, background }; each is taken once
  no_event            none that was not taken: { worker, tag }
  events              how many: { worker, tag, from, until, count, at_least,
                      at_most }
  starts              the same of workers started for an event
  registration        { worker, tag, state, attempts, until }; state is
                      "absent", "pending", "waiting", "firing" or
                      "reregistered_while_firing" or "suspended"; of periodic
                      ones also min_interval and anchor
  registered          all of a worker: { worker, tags = [...] }
  why_not             why it does not fire: { worker, tag, contains = [...] }
  log                 a line of the log: { event, worker, tag, metadata }
  no_log              no line of this event
  log_entries         how many entries the log holds
  commits, store_ops  how many, since the last such expectation
  wake_up             asked of the system: { armed, network, earliest, latest }
  terminate           a worker was ended: { worker, tag, reason, at }
  abandoned           how many starts came to nothing
  running             how many events run
  keep_alive          whether the process is to be kept alive

Examples:
  bgsync run my-app
  bgsync run my-app --watch
  bgsync run my-app --store profile           and again, with what was kept
  bgsync run my-app --json | jq 'select(.event == "Dispatched sync event")'
  bgsync run my-app --json | jq 'select(.event == "Still registered")'

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

All words are in the docs of background-sync-simulator, module `timeline`.

Examples:
  bgsync check spec-tests/fixtures
  bgsync check one.toml --verbose
  bgsync check spec-tests/fixtures --json | jq 'select(.passed | not)'

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
    fn help_fits_a_narrow_terminal() {
        let texts =
            [FIRST_STEPS, EXIT_CODES, CHECK_EXIT_CODES, SIMULATE_EXIT_CODES, INSPECT_EXIT_CODES, NEW_EXIT_CODES];
        let texts =
            texts.into_iter().chain([OBJECT, LOOKING, DEMOS, SEEDS, FIXTURE, FOLDER, VISITS, VISITS_EXIT_CODES]);
        for line in texts.flat_map(str::lines).filter(|line| !line.contains(" = {")) {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }

    #[test]
    fn help_names_every_word() {
        let refused = ["reply", "stored", "wake_done", "asked"];
        for word in EngineStep::WORDS.iter().chain(Expectation::WORDS).filter(|word| !refused.contains(word)) {
            let is_told = |line: &str| {
                line.split("  ").nth(1).is_some_and(|names| names.split(", ").any(|name| name.trim() == *word))
            };
            assert!(FOLDER.lines().any(is_told), "{word}");
        }
    }
}
