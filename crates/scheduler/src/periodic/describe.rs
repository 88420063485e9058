use super::{AcrossOrigins, PeriodicParameters};
use crate::describe::{count, time};

impl PeriodicParameters {
    /// What they promise, for a person: name and value, every parameter in one of them.
    pub(crate) fn describe(&self) -> Vec<(&'static str, String)> {
        if !self.enabled {
            return vec![("periodic", "off: refused, and none is started".to_owned())];
        }
        let factors = &self.engagement;
        let across = match self.across_origins {
            AcrossOrigins::WakeUpsPerDay(most) => format!("{most} wake-ups a day over all origins"),
            AcrossOrigins::Gap(gap) => format!("{} after any origin's", time(gap)),
        };
        let place = match (self.follow_visits, self.visits.second_slot) {
            (false, _) => "as soon as the intervals are over".to_owned(),
            (true, false) => format!("before the usual visit, by {} min; one a day", self.visits.bin_width.minutes()),
            (true, true) => format!(
                "before the usual visit, by {} min; two a day, {} apart",
                self.visits.bin_width.minutes(),
                time(self.second_slot_gap)
            ),
        };
        vec![
            (
                "periodic",
                format!(
                    "{} between events of an origin, by engagement times {}, {}, {}, {} or {}; {}% of a page's interval may be left out",
                    time(self.min_interval_for_any_origin),
                    factors.minimal,
                    factors.low,
                    factors.medium,
                    factors.high,
                    factors.max,
                    self.interval_flex_percent
                ),
            ),
            ("periodic, placed", place),
            ("periodic, across", format!("{across}; what is due within {} goes together", time(self.batch_window))),
            (
                "periodic, retries",
                format!(
                    "{}, after {}, times {}",
                    self.max_retries,
                    time(self.initial_retry_delay),
                    self.retry_delay_factor
                ),
            ),
            (
                "periodic, event",
                format!(
                    "{}, a retry {}; of an origin {} starts and {} a day",
                    time(self.max_event_duration),
                    time(self.max_retry_duration),
                    count(self.starts_per_day as usize),
                    time(self.time_per_day)
                ),
            ),
        ]
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::EngagementFactors;
    use crate::visits::BinWidth;

    #[test]
    fn every_parameter_shows() {
        let odd = Duration::from_millis(7_777);
        let factors = EngagementFactors::NONE;
        let changes: Vec<fn(&mut PeriodicParameters, Duration, EngagementFactors)> = vec![
            |p, _, _| p.enabled = false,
            |p, odd, _| p.min_interval_for_any_origin = odd,
            |p, _, f| p.engagement = EngagementFactors { minimal: 7, ..f },
            |p, _, f| p.engagement = EngagementFactors { low: 7, ..f },
            |p, _, f| p.engagement = EngagementFactors { medium: 7, ..f },
            |p, _, f| p.engagement = EngagementFactors { high: 7, ..f },
            |p, _, f| p.engagement = EngagementFactors { max: 7, ..f },
            |p, _, _| p.across_origins = AcrossOrigins::WakeUpsPerDay(7),
            |p, odd, _| p.across_origins = AcrossOrigins::Gap(odd),
            |p, odd, _| p.batch_window = odd,
            |p, _, _| p.interval_flex_percent = 7,
            |p, odd, _| {
                p.visits = p.visits.with_second_slot(true);
                p.second_slot_gap = odd;
            },
            |p, _, _| p.max_retries = 1,
            |p, odd, _| p.initial_retry_delay = odd,
            |p, _, _| p.retry_delay_factor = 7,
            |p, odd, _| p.max_event_duration = odd,
            |p, odd, _| p.max_retry_duration = odd,
            |p, _, _| p.starts_per_day = 7,
            |p, odd, _| p.time_per_day = odd,
            |p, _, _| p.follow_visits = false,
            |p, _, _| p.visits.bin_width = BinWidth::HalfHour,
        ];
        let usual = PeriodicParameters::recommended();
        for (n, change) in changes.into_iter().enumerate() {
            let mut changed = usual;
            change(&mut changed, odd, factors);
            assert_ne!(changed.describe(), usual.describe(), "change {n} does not show");
        }
    }
}
