use std::time::Duration;

use background_sync_registration::MonotonicTime;

use crate::SyncParameters;

/// Slows down a worker that registers syncs in its own sync events.
///
/// There is one per service worker registration, whatever the tags. An event in which (or shortly
/// after which) the worker registers anything is a hop; the first hop is free, the following ones in a
/// row wait 1, 2, 4, ... seconds, up to the back-off cap. An event that stays without a registration
/// for [`SyncParameters::loop_window`] after its end breaks the row, if no other event runs or ended since:
/// otherwise of two events the quiet one would hide the one that registers.
#[derive(Clone, Debug, Default)]
pub struct LoopBreaker {
    hops: u32,
    running: u32,
    last_end: Option<MonotonicTime>,
    /// Whether the event that runs or ended last was followed by a registration already: one hop an
    /// event.
    counted: bool,
}

impl LoopBreaker {
    /// An event of this worker was dispatched.
    pub fn event_dispatched(&mut self, now: MonotonicTime, params: &SyncParameters) {
        if self.running == 0 {
            self.break_if_quiet(now, params);
        }
        self.running = self.running.saturating_add(1);
        self.counted = false;
    }

    /// An event of this worker ended.
    pub fn event_ended(&mut self, now: MonotonicTime) {
        self.running = self.running.saturating_sub(1);
        self.last_end = Some(now);
    }

    /// The worker itself calls `register`. Says how long what it registers has to wait.
    pub fn worker_registers(&mut self, now: MonotonicTime, params: &SyncParameters) -> Duration {
        let by_an_event = self.running > 0 || self.last_end.is_some_and(|end| now.since(end) <= params.loop_window);
        if !by_an_event {
            self.hops = 0;
            return Duration::ZERO;
        }
        if !self.counted {
            self.counted = true;
            self.hops = self.hops.saturating_add(1);
        }
        self.spacing(params)
    }

    fn break_if_quiet(&mut self, now: MonotonicTime, params: &SyncParameters) {
        let quiet = self.last_end.is_some_and(|end| now.since(end) > params.loop_window);
        if quiet && !self.counted {
            self.hops = 0;
        }
    }

    fn spacing(&self, params: &SyncParameters) -> Duration {
        match self.hops {
            0 | 1 => Duration::ZERO,
            hops => {
                params.min_refire_spacing.saturating_mul(2_u32.saturating_pow(hops - 2)).min(params.max_retry_delay)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When the events of a handler happen that registers in each of them and takes no time.
    fn self_feeding(until: Duration) -> Vec<u64> {
        let params = SyncParameters::recommended();
        let mut breaker = LoopBreaker::default();
        let mut now = MonotonicTime::ZERO;
        let mut events = Vec::new();
        while now.since_start() <= until {
            events.push(now.since_start().as_secs());
            breaker.event_dispatched(now, &params);
            let spacing = breaker.worker_registers(now, &params);
            breaker.event_ended(now);
            now = now.after(spacing);
        }
        events
    }

    #[test]
    fn a_self_feeding_handler_gets_4_events_in_4_seconds_and_13_in_an_hour() {
        assert_eq!(self_feeding(Duration::from_secs(4)), [0, 0, 1, 3]);
        assert_eq!(self_feeding(Duration::from_secs(3_600)).len(), 13);
    }

    #[test]
    fn several_registrations_of_one_event_are_one_hop() {
        let params = SyncParameters::recommended();
        let mut breaker = LoopBreaker::default();
        let at = |s| MonotonicTime::from_start(Duration::from_secs(s));
        breaker.event_dispatched(at(0), &params);
        for _ in 0..3 {
            assert_eq!(breaker.worker_registers(at(0), &params), Duration::ZERO);
        }
        breaker.event_ended(at(1));
        breaker.event_dispatched(at(1), &params);
        assert_eq!(breaker.worker_registers(at(1), &params), Duration::from_secs(1));
    }

    #[test]
    fn a_quiet_event_breaks_the_row_and_a_message_much_later_is_no_hop() {
        let params = SyncParameters::recommended();
        let mut breaker = LoopBreaker::default();
        let at = |s| MonotonicTime::from_start(Duration::from_secs(s));
        for s in 0..5 {
            breaker.event_dispatched(at(s), &params);
            breaker.worker_registers(at(s), &params);
            breaker.event_ended(at(s));
        }
        breaker.event_dispatched(at(100), &params);
        breaker.event_ended(at(100));
        breaker.event_dispatched(at(131), &params);
        assert_eq!(breaker.worker_registers(at(131), &params), Duration::ZERO, "the event at 100 s was quiet");
        breaker.event_ended(at(131));
        assert_eq!(breaker.worker_registers(at(200), &params), Duration::ZERO, "no event, no hop");
    }
}
