use std::{fmt::Write as _, time::Duration};

use background_sync_policy::SyncKind;

use crate::{Condition, Conditions, JitterMode, NetworkMode, SyncParameters};

impl SyncParameters {
    /// What these parameters promise, for a person: one line a rule, and every parameter in one of them.
    #[must_use]
    pub fn describe(&self) -> String {
        let mut text = String::new();
        let lines = self.when().into_iter().chain(self.how_much());
        #[cfg(feature = "periodic")]
        let lines = lines.chain(self.periodic.describe());
        for (name, value) in lines {
            writeln!(text, "{name:<18} {value}").expect("a String takes any text");
        }
        text
    }

    /// When events fire, and when again.
    fn when(&self) -> Vec<(&'static str, String)> {
        let jitter = match self.jitter {
            JitterMode::Equal => ", half of each left to chance",
            JitterMode::None => "",
        };
        let network = match self.network_mode {
            NetworkMode::Any => "any network",
            NetworkMode::Same => "only the network it was registered on",
            NetworkMode::AskOnChange => "another network than it was registered on only after asking",
        };
        let again = if self.register_ends_wait { "ends its wait" } else { "changes nothing" };
        let (factor, early) = (self.retry_delay_factor, self.early_retries_per_hour);
        vec![
            ("preset", self.preset.to_string()),
            ("switched", if self.enabled { "on" } else { "off: nothing is read, written or started" }.to_owned()),
            ("attempts", self.attempts()),
            (
                "back-off",
                format!(
                    "{}, times {factor} up to {}{jitter}",
                    time(self.initial_retry_delay),
                    time(self.max_retry_delay)
                ),
            ),
            ("deferred by a host", format!("{} at most", time(self.max_deferral))),
            ("link comes back", format!("{early} back-offs of an origin end early in an hour")),
            (
                "registered again",
                format!(
                    "a tag that waits: {again}; one that is pending: written when its age is {} behind",
                    time(self.max_age_behind)
                ),
            ),
            (
                "spacing",
                format!(
                    "{} after an event; doubled for a worker that registers within {} of its events",
                    time(self.min_refire_spacing),
                    time(self.loop_window)
                ),
            ),
            ("last attempt after", format!("{}, and {} attempts at least", time(self.max_age), self.min_sync_attempts)),
            ("removed after", format!("{} of running time", time(self.max_observed_age))),
            ("fires on", network.to_owned()),
            ("waits for", self.waits_for()),
            ("a link that flaps", format!("held {} to {}", time(self.online_hold), time(self.online_hold_max))),
            (
                "first events",
                format!(
                    "spread over {} with a window, {} without",
                    time(self.first_fire_spread),
                    time(self.first_fire_spread_in_background)
                ),
            ),
        ]
    }

    fn waits_for(&self) -> String {
        let of_kinds =
            SyncKind::ALL.map(|kind| format!("{} syncs for {}", kind.name(), in_words(self.conditions.of(kind))));
        of_kinds.join("; ")
    }

    fn attempts(&self) -> String {
        let (cap, in_a_row) = (self.max_sync_attempts, self.max_free_outcomes);
        format!("{cap}, {in_a_row} free in a row and {cap} in all")
    }

    /// How much an event, an origin and the machine may take.
    fn how_much(&self) -> Vec<(&'static str, String)> {
        let limits = &self.limits;
        let last = time(self.max_last_chance_duration);
        let starts = count(self.background_starts_per_day as usize);
        vec![
            ("event", format!("{}, the last one {last}", time(self.max_sync_event_duration))),
            ("worker start", format!("{} at most", time(self.max_start_duration))),
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
                    "{starts} starts and {} a day, none shorter than {}; seen for {} after the last one closed",
                    time(self.background_time_per_day),
                    time(self.min_event_duration),
                    time(self.background_grace)
                ),
            ),
            (
                "caps",
                format!(
                    "tags of {} code units, {} registrations a worker, {} and {} bytes of tags an origin, {} bytes of \
                     tags a profile",
                    limits.max_tag_length,
                    count(limits.max_registrations_per_worker),
                    count(limits.max_registrations_per_origin),
                    count(limits.max_tag_bytes_per_origin),
                    count(limits.max_tag_bytes_per_profile)
                ),
            ),
            (
                "requests waiting",
                format!(
                    "{} at most, of one origin {}",
                    count(self.max_queued_requests),
                    count(self.max_queued_requests_per_origin)
                ),
            ),
            (
                "log",
                format!(
                    "{} entries, {} about one origin, {}",
                    count(self.max_log_entries),
                    count(self.max_log_entries_per_origin),
                    time(self.max_log_age)
                ),
            ),
        ]
    }
}

/// Each condition, with the age at which it is over.
fn in_words(conditions: &Conditions) -> String {
    let words: Vec<_> = Condition::ALL
        .into_iter()
        .filter_map(|condition| {
            let what = match condition {
                Condition::Unmetered => "a network not paid by volume",
                Condition::NotRoaming => "the own operator's network",
                Condition::Charging => "the charger",
                Condition::BatteryNotLow => "a battery that is not low",
            };
            Some(format!("{what} ({})", time(conditions.relaxes_at(condition)?)))
        })
        .collect();
    if words.is_empty() {
        return "no condition".to_owned();
    }
    format!("{}, {} at most", words.join(", "), time(conditions.latest))
}

pub(crate) fn count(n: usize) -> String {
    if n >= u32::MAX as usize { "any number of".to_owned() } else { n.to_string() }
}

pub(crate) fn time(time: Duration) -> String {
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
            "attempts           12, 3 free in a row and 12 in all",
            "back-off           30 s, times 3 up to 5 h, half of each left to chance",
            "without a window   60 starts and 30 min a day, none shorter than 10 s; seen for 2 s after the last one closed",
            "event              3 min, the last one 1 min",
            "waits for          one-shot syncs for no condition; periodic syncs for a network not paid by volume (1 d), \
             the own operator's network (3 d), a battery that is not low (3 d), 3 d at most",
        ] {
            assert!(text.contains(line), "{line:?} is missing in\n{text}");
        }
    }

    #[test]
    fn every_parameter_shows() {
        let usual = SyncParameters::recommended().into_parameters();
        let odd = Duration::from_millis(7_777);
        let changes: Vec<fn(&mut SyncParameters, Duration)> = vec![
            |p, _| p.preset = crate::Preset::Private,
            |p, _| p.enabled = false,
            |p, _| p.limits.max_tag_length = 77,
            |p, _| p.limits.max_registrations_per_worker = 77,
            |p, _| p.limits.max_registrations_per_origin = 77,
            |p, _| p.limits.max_tag_bytes_per_origin = 77,
            |p, _| p.limits.max_tag_bytes_per_profile = 77,
            |p, _| p.max_sync_attempts = 77,
            |p, _| p.min_sync_attempts = 7,
            |p, odd| p.initial_retry_delay = odd,
            |p, _| p.retry_delay_factor = 77,
            |p, odd| p.max_retry_delay = odd,
            |p, _| p.jitter = JitterMode::None,
            |p, odd| p.max_age = odd,
            |p, odd| p.max_observed_age = odd,
            |p, odd| p.max_sync_event_duration = odd,
            |p, odd| p.max_last_chance_duration = odd,
            |p, _| p.max_free_outcomes = 77,
            |p, odd| p.max_deferral = odd,
            |p, _| p.max_concurrent_events = 77,
            |p, _| p.max_concurrent_events_per_origin = 77,
            |p, odd| p.max_start_duration = odd,
            |p, _| p.background_starts_per_day = 77,
            |p, odd| p.background_time_per_day = odd,
            |p, odd| p.background_grace = odd,
            |p, odd| p.min_event_duration = odd,
            |p, _| p.early_retries_per_hour = 77,
            |p, odd| p.online_hold = odd,
            |p, odd| p.online_hold_max = odd,
            |p, odd| p.first_fire_spread = odd,
            |p, odd| p.first_fire_spread_in_background = odd,
            |p, odd| p.min_refire_spacing = odd,
            |p, odd| p.loop_window = odd,
            |p, _| p.register_ends_wait = false,
            |p, odd| p.max_age_behind = odd,
            |p, _| p.network_mode = NetworkMode::Same,
            |p, odd| p.conditions.one_shot.unmetered = Some(odd),
            |p, odd| p.conditions.one_shot.not_roaming = Some(odd),
            |p, odd| p.conditions.periodic.charging = Some(odd),
            |p, odd| p.conditions.periodic.battery_not_low = Some(odd),
            |p, odd| p.conditions.periodic.latest = odd,
            |p, _| p.max_queued_requests = 77,
            |p, _| p.max_queued_requests_per_origin = 77,
            |p, _| p.max_log_entries = 77,
            |p, _| p.max_log_entries_per_origin = 77,
            |p, odd| p.max_log_age = odd,
        ];
        for (n, change) in changes.into_iter().enumerate() {
            let mut changed = usual.clone();
            change(&mut changed, odd);
            assert_ne!(changed.describe(), usual.describe(), "change {n} does not show");
        }
    }
}
