//! Telling a person who waits that it goes on.

use std::fmt::Display;
use std::io::{self, IsTerminal as _, stderr, stdout};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::out;

/// What is over sooner needs no word.
const PATIENCE: Duration = Duration::from_secs(2);
const TICK: Duration = Duration::from_millis(200);

/// A line on standard error that says how far it is. It comes after two seconds, goes when this is dropped,
/// and makes room for every line that is printed meanwhile.
pub(crate) struct Waiting {
    bar: ProgressBar,
    /// Shows the line when its time has come; ends early when the sender is dropped.
    alarm: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Waiting {
    /// For a command that writes JSON, or not.
    pub(crate) fn start(json: bool) -> Self {
        if is_wanted(json, stdout().is_terminal(), stderr().is_terminal()) {
            Self::shown_after(PATIENCE, ProgressDrawTarget::stderr())
        } else {
            Self::never_shown()
        }
    }

    fn never_shown() -> Self {
        Self { bar: ProgressBar::hidden(), alarm: None }
    }

    fn shown_after(delay: Duration, target: ProgressDrawTarget) -> Self {
        let bar = ProgressBar::hidden();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed}  {wide_msg}") {
            bar.set_style(style);
        }
        let (sender, ended) = channel::<()>();
        let show = bar.clone();
        let alarm = move || match ended.recv_timeout(delay) {
            Err(RecvTimeoutError::Timeout) => {
                show.set_draw_target(target);
                show.enable_steady_tick(TICK);
            }
            Ok(()) | Err(RecvTimeoutError::Disconnected) => {}
        };
        // Without a thread there is no line, and nothing is lost.
        let thread = std::thread::Builder::new().name("bgsync-waiting".to_owned()).spawn(alarm);
        Self { bar, alarm: thread.ok().map(|thread| (sender, thread)) }
    }

    /// How far it is.
    pub(crate) fn say(&self, text: impl FnOnce() -> String) {
        if self.alarm.is_some() {
            self.bar.set_message(text());
        }
    }

    /// One line on standard output.
    pub(crate) fn line(&self, text: impl Display) -> io::Result<()> {
        self.bar.suspend(|| out::line(text))
    }

    /// One message on standard error.
    pub(crate) fn complain(&self, message: impl Display) {
        self.bar.suspend(|| out::complain(message));
    }

    /// The waiting is over: the line is gone when this returns.
    pub(crate) fn end(&mut self) {
        if let Some((sender, thread)) = self.alarm.take() {
            drop(sender);
            // A panic of it is no reason for another.
            thread.join().ok();
        }
        self.bar.finish_and_clear();
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.end();
    }
}

/// A program that reads JSON is not a person who waits.
const fn is_wanted(json: bool, stdout_is_terminal: bool, stderr_is_terminal: bool) -> bool {
    stderr_is_terminal && (stdout_is_terminal || !json)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use indicatif::TermLike;

    use super::*;

    /// A terminal that remembers all that was written to it.
    #[derive(Clone, Debug, Default)]
    struct Screen(Arc<Mutex<String>>);

    impl TermLike for Screen {
        fn width(&self) -> u16 {
            60
        }
        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn write_line(&self, line: &str) -> io::Result<()> {
            self.write_str(line)
        }
        fn write_str(&self, text: &str) -> io::Result<()> {
            self.0.lock().unwrap().push_str(text);
            Ok(())
        }
        fn clear_line(&self) -> io::Result<()> {
            self.write_str("<clear>")
        }
        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    fn on(screen: &Screen, delay: Duration) -> Waiting {
        Waiting::shown_after(delay, ProgressDrawTarget::term_like(Box::new(screen.clone())))
    }

    #[test]
    fn what_is_over_in_time_says_nothing() {
        let screen = Screen::default();
        let waiting = on(&screen, Duration::from_secs(1_000));
        waiting.say(|| "half of it".to_owned());
        drop(waiting);
        assert_eq!(*screen.0.lock().unwrap(), "");
    }

    #[test]
    fn after_a_while_it_says_how_far_it_is_and_then_clears_the_line() {
        let screen = Screen::default();
        let waiting = on(&screen, Duration::ZERO);
        waiting.say(|| "half of it".to_owned());
        while !screen.0.lock().unwrap().contains("half of it") {
            std::thread::yield_now();
        }
        drop(waiting);
        assert!(screen.0.lock().unwrap().ends_with("<clear>"), "{screen:?}");
    }

    #[test]
    fn only_a_person_at_a_terminal_is_told() {
        let wanted = |json| {
            [(true, true), (false, true), (true, false), (false, false)].map(|(out, err)| is_wanted(json, out, err))
        };
        assert_eq!(wanted(false), [true, true, false, false]);
        assert_eq!(wanted(true), [true, false, false, false]);
    }
}
