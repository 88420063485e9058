use std::time::Duration;

use background_sync_simulator::timeline::{Deed, Expectation, Expected, Step, Time, TimedStep, Timeline};

use crate::seen::Scale;

/// What the first retry waits for in the browser. Less, and an event that comes at once could not be told from a retry.
const RETRY: Duration = Duration::from_secs(3);

/// What the shortest interval between an origin's periodic events is in the browser.
const INTERVAL: Duration = Duration::from_secs(4);

/// The same where retries are looked at one by one: longer than they take.
const INTERVAL_OVER_RETRIES: Duration = Duration::from_secs(6);

/// Steps that are no further apart look at retries, where a timeline does that.
const AMONG_RETRIES: Duration = Duration::from_secs(3600);

/// In a fresh profile every site has little engagement, and Chromium makes the interval this many times as long.
const LITTLE_ENGAGEMENT: u32 = 2;

/// How long it is watched that nothing happens any more, at the end of a timeline.
const QUIET: Duration = Duration::from_secs(4);

/// How far from the expected moment an event may be, in real time.
const TOLERANCE: Duration = Duration::from_millis(1500);

/// The longest that a timeline may take.
const LONGEST: Duration = Duration::from_secs(90);

/// How a timeline's time becomes real time, and which parameters the browser is started with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pace {
    /// So much of a timeline's time is one real second.
    second: Duration,
    /// The same between steps among retries. Days and minutes do not fit into one scale.
    second_among_retries: Duration,
    /// Real time between each step and the one before it.
    gaps: Vec<Duration>,
    retry_delay: u64,
    retry_factor: u32,
    attempts: u32,
    event_duration: u64,
    interval: u64,
}

impl Pace {
    /// That of a timeline.
    ///
    /// # Errors
    /// It would take too long.
    pub fn of(timeline: &Timeline) -> Result<Self, String> {
        let parameters = timeline.valid_parameters().map_err(|error| error.to_string())?;
        let periodic = &parameters.periodic;
        let (initial, interval) = (parameters.initial_retry_delay, periodic.min_interval_for_any_origin);
        let retries = waits_for_intervals(timeline) && looks_at_retries(timeline);
        // A browser has one limit of attempts for both kinds.
        let (second, attempts) = if retries {
            (per_second(interval, INTERVAL_OVER_RETRIES), periodic.max_retries.saturating_add(1))
        } else if waits_for_intervals(timeline) {
            (per_second(interval, INTERVAL), periodic.max_retries.saturating_add(1))
        } else {
            (per_second(initial, RETRY), parameters.max_sync_attempts)
        };
        let (second_among_retries, retry_delay, retry_factor, event_duration) = if retries {
            let among = per_second(periodic.initial_retry_delay, RETRY);
            (among, periodic.initial_retry_delay, periodic.retry_delay_factor, periodic.max_event_duration)
        } else {
            (second, initial, parameters.retry_delay_factor, parameters.max_sync_event_duration)
        };
        let pace = Self {
            second,
            second_among_retries,
            gaps: Vec::new(),
            retry_delay: seconds(scaled(retry_delay, second_among_retries)),
            retry_factor,
            attempts,
            event_duration: seconds(scaled(event_duration, second_among_retries)).max(1),
            interval: seconds(scaled(interval, second) / LITTLE_ENGAGEMENT).max(1),
        };
        let gaps = pace.gaps_of(timeline);
        let whole: Duration = gaps.iter().sum();
        if whole > LONGEST {
            return Err(format!("it would take {} s in real time", whole.as_secs()));
        }
        Ok(Self { gaps, ..pace })
    }

    /// How the timeline's time becomes real time.
    #[must_use]
    pub const fn scale(&self) -> Scale {
        Scale::scaled(self.second, TOLERANCE).with_shorter(AMONG_RETRIES, self.second_among_retries)
    }

    /// Real time for a length of the timeline's.
    #[must_use]
    pub fn real(&self, length: Duration) -> Duration {
        self.scale().length(length)
    }

    /// Real time between a step and the one before it.
    #[must_use]
    pub fn gap(&self, step: usize) -> Duration {
        self.gaps.get(step).copied().unwrap_or_default()
    }

    /// Real time of all of it, waiting for the browser not counted.
    #[must_use]
    pub fn whole(&self) -> Duration {
        self.gaps.iter().sum()
    }

    /// The field trial that gives a Chromium these parameters.
    #[must_use]
    pub fn field_trial(&self) -> [String; 2] {
        let Self { retry_delay, retry_factor, attempts, event_duration, interval, .. } = self;
        [
            "--force-fieldtrials=BackgroundSync/Enabled".to_owned(),
            format!(
                "--force-fieldtrial-params=BackgroundSync.Enabled:initial_retry_delay_sec/{retry_delay}/retry_delay_factor/{retry_factor}\
                 /max_sync_attempts/{attempts}/max_sync_attempts_with_notification_permission/{attempts}\
                 /max_sync_event_duration_sec/{event_duration}/min_periodic_sync_events_interval_sec/{interval}"
            ),
        ]
    }

    /// Where nothing is expected any more but that nothing happens, a moment of that will do.
    fn gaps_of(&self, timeline: &Timeline) -> Vec<Duration> {
        let steps = &timeline.steps;
        let mut previous = Duration::ZERO;
        let mut gaps = Vec::new();
        for (at, step) in steps.iter().enumerate() {
            let gap = self.real(step.at.0.saturating_sub(previous));
            let idle = steps[at..]
                .iter()
                .all(|step| step.acts.is_empty() && step.expect.iter().all(|expected| expects_nothing(&expected.what)));
            // A retry that is too many may be longer in coming than that.
            let is_short = self.second_among_retries == self.second;
            gaps.push(if idle && is_short { gap.min(QUIET) } else { gap });
            previous = step.at.0;
        }
        gaps
    }
}

fn per_second(length: Duration, real: Duration) -> Duration {
    (length / u32::try_from(real.as_secs()).unwrap_or(1)).max(Duration::from_millis(1))
}

fn scaled(length: Duration, second: Duration) -> Duration {
    Scale::scaled(second, TOLERANCE).length(length)
}

fn seconds(length: Duration) -> u64 {
    length.as_secs_f64().round() as u64
}

/// Periodic events are days apart, one-shot retries seconds.
fn waits_for_intervals(timeline: &Timeline) -> bool {
    let registers = |step: &Step| matches!(step, Step::RegisterPeriodic(_));
    let days = timeline.steps.last().is_some_and(|step| step.at > Time(Duration::from_secs(6 * 3600)));
    days && timeline.steps.iter().any(|step| step.acts.iter().any(registers))
}

/// Whether it fails periodic events and looks again less than an hour after it saw one.
fn looks_at_retries(timeline: &Timeline) -> bool {
    let fails = |act: &Step| matches!(act, Step::Behave(behaviour) if behaviour.deed == Deed::Reject);
    let sees = |expected: &Expected| matches!(expected.what, Expectation::Event(_) | Expectation::Events(_));
    let is_soon = |length: Duration| !length.is_zero() && length < AMONG_RETRIES;
    let looks_again =
        |pair: &[TimedStep]| pair[0].expect.iter().any(sees) && is_soon(pair[1].at.0.saturating_sub(pair[0].at.0));
    timeline.steps.iter().any(|step| step.acts.iter().any(fails)) && timeline.steps.windows(2).any(looks_again)
}

/// Whether what is expected is an absence that a moment's look can show, or nothing that can be observed.
fn expects_nothing(expectation: &Expectation) -> bool {
    match expectation {
        Expectation::NoEvent(_)
        | Expectation::Starts(_)
        | Expectation::Registered(_)
        | Expectation::WhyNot(_)
        | Expectation::Log(_)
        | Expectation::NoLog(_)
        | Expectation::LogEntries(_)
        | Expectation::Asked(_)
        | Expectation::Commits(_)
        | Expectation::StoreOps(_)
        | Expectation::Stored(_)
        | Expectation::WakeUp(_)
        | Expectation::WakeDone(_)
        | Expectation::Terminate(_)
        | Expectation::Abandoned(_)
        | Expectation::KeepAlive(_) => true,
        Expectation::Reply(_)
        | Expectation::Event(_)
        | Expectation::Events(_)
        | Expectation::Registration(_)
        | Expectation::Running(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timeline(body: &str) -> Timeline {
        let text =
            format!("title = \"t\"\ndrawn = true\n[[worker]]\nname = \"w\"\nscope = \"https://w.example/\"\n{body}");
        Timeline::parse("t", &text).unwrap()
    }

    const EVENT: &str = "expect.event = { worker = \"w\", tag = \"t\" }\n";

    #[test]
    fn the_first_retry_is_three_seconds_away_whatever_it_is_in_the_timeline() {
        let pace = Pace::of(&timeline(&format!("[[step]]\nat = \"2min\"\n{EVENT}"))).unwrap();
        assert_eq!(pace.whole(), Duration::from_secs(12));
        assert!(pace.field_trial()[1].contains("initial_retry_delay_sec/3/retry_delay_factor/3/max_sync_attempts/12/"));
        let body = format!("[parameters]\ninitial_retry_delay = \"1h\"\n[[step]]\nat = \"4h\"\n{EVENT}");
        let slow = timeline(&body.replace("[parameters]", "\n[parameters]"));
        let slow = Pace::of(&slow).unwrap();
        assert_eq!(slow.whole(), Duration::from_secs(12));
    }

    #[test]
    fn retries_of_periodic_syncs_and_their_intervals_have_scales_of_their_own() {
        let body = format!(
            "[[step]]\nregister_periodic = {{ worker = \"w\", tag = \"t\" }}\nbehave = {{ worker = \"w\", does = \"reject\" }}\n\
             [[step]]\nat = \"1d\"\n{EVENT}[[step]]\nat = \"1d 5min\"\n{EVENT}[[step]]\nat = \"1d 23h\"\nexpect.no_event = {{}}\n"
        );
        let pace = Pace::of(&timeline(&body)).unwrap();
        assert_eq!((pace.gap(1), pace.gap(2)), (Duration::from_secs(12), Duration::from_secs(3)));
        assert!(pace.gap(3) > Duration::from_secs(9), "the third attempt would come in that time");
        let trial = &pace.field_trial()[1];
        assert!(trial.contains("initial_retry_delay_sec/3/retry_delay_factor/3/max_sync_attempts/3/"), "{trial}");
        assert!(trial.ends_with("min_periodic_sync_events_interval_sec/3"), "{trial}");
        let fulfilled = Pace::of(&timeline(&body.replace("reject", "fulfil"))).unwrap();
        assert_eq!(fulfilled.gap(1), Duration::from_secs(8));
    }

    #[test]
    fn what_nothing_happens_in_is_cut_short_and_what_something_may_happen_in_is_not() {
        let quiet = "[[step]]\nat = \"1h\"\nexpect.no_event = {}\n";
        let pace = Pace::of(&timeline(&format!("[[step]]\nat = \"30s\"\n{EVENT}{quiet}"))).unwrap();
        assert_eq!((pace.gap(0), pace.gap(1)), (Duration::from_secs(3), QUIET));
        let error = Pace::of(&timeline(&format!("[[step]]\n{EVENT}[[step]]\nat = \"1h\"\n{EVENT}"))).unwrap_err();
        assert!(error.contains("360 s"), "{error}");
    }
}
