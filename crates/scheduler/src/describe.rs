use std::{fmt::Write as _, time::Duration};

use crate::{JitterMode, NetworkMode, SyncParameters};

impl SyncParameters {
    /// What these parameters promise, for a person: one line a rule.
    #[must_use]
    pub fn describe(&self) -> String {
        let jitter = match self.jitter {
            JitterMode::Equal => ", half of each left to chance",
            JitterMode::None => "",
        };
        let network = match self.network_mode {
            NetworkMode::Any => "any network",
            NetworkMode::Same => "only the network it was registered on",
            NetworkMode::AskOnChange => "another network than it was registered on only after asking",
        };
        let lines = [
            ("preset", self.preset.to_owned()),
            ("attempts", count(self.max_sync_attempts as usize)),
            (
                "back-off",
                format!(
                    "{}, times {} up to {}{jitter}",
                    time(self.initial_retry_delay),
                    self.retry_delay_factor,
                    time(self.max_retry_delay)
                ),
            ),
            ("last attempt after", time(self.max_age)),
            ("removed after", format!("{} of running time", time(self.max_observed_age))),
            (
                "event",
                format!("{}, the last one {}", time(self.max_sync_event_duration), time(self.max_last_chance_duration)),
            ),
            (
                "at once",
                format!(
                    "{}, of one origin {}",
                    count(self.max_concurrent_events),
                    count(self.max_concurrent_events_per_origin)
                ),
            ),
            (
                "without a window",
                format!(
                    "{} starts and {} a day",
                    count(self.background_starts_per_day as usize),
                    time(self.background_time_per_day)
                ),
            ),
            ("fires on", network.to_owned()),
            (
                "caps",
                format!(
                    "tags of {} code units, {} registrations a worker, {} an origin",
                    self.limits.max_tag_length,
                    count(self.limits.max_registrations_per_worker),
                    count(self.limits.max_registrations_per_origin)
                ),
            ),
        ];
        let mut text = String::new();
        for (name, value) in lines {
            writeln!(text, "{name:<18} {value}").expect("a String takes any text");
        }
        text
    }
}

fn count(n: usize) -> String {
    if n >= u32::MAX as usize { "any number of".to_owned() } else { n.to_string() }
}

fn time(time: Duration) -> String {
    let ms = time.as_millis();
    let units = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s"), (1, "ms")];
    if ms > 100 * 365 * 86_400_000 {
        return "never".to_owned();
    }
    for (size, name) in units {
        if ms >= size && ms.is_multiple_of(size) {
            return format!("{} {name}", ms / size);
        }
    }
    "0 s".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recommended_reads_like_a_promise() {
        let text = SyncParameters::recommended().describe();
        for line in [
            "back-off           30 s, times 3 up to 5 h, half of each left to chance",
            "without a window   60 starts and 30 min a day",
            "event              3 min, the last one 1 min",
        ] {
            assert!(text.contains(line), "{line:?} is missing in\n{text}");
        }
    }
}
