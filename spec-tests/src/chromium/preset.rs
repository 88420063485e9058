use std::collections::BTreeSet;

use background_sync::scheduler::Preset;
use background_sync_simulator::runner;
use background_sync_simulator::timeline::{Overrides, Place, Time, Timeline};

use crate::seen::Mismatch;

/// Whether the machine itself, told to be like Chromium, misses every expectation that a browser missed: then what the browser
/// does otherwise is what the presets do otherwise, and not between the browser and the machine. The order of tags is of
/// that kind too, though the machine has no parameter for it: Chromium's is that of their bytes.
#[must_use]
pub fn goes_as_the_preset(timeline: &Timeline, mismatches: &[Mismatch]) -> bool {
    let Some(missed) = missed_by_the_preset(timeline) else { return false };
    mismatches.iter().all(|mismatch| mismatch.byte_order || mismatch.place.is_some_and(|place| missed.contains(&place)))
}

/// Where the expectations stand that do not hold under the preset; none when the timeline cannot be played under it.
fn missed_by_the_preset(timeline: &Timeline) -> Option<BTreeSet<Place>> {
    let report = runner::run(&like_chromium(timeline)?);
    report.trouble.is_none().then(|| report.failures.into_iter().map(|failure| failure.place).collect())
}

/// The same under the preset, with what a browser is started with.
fn like_chromium(timeline: &Timeline) -> Option<Timeline> {
    let its = timeline.valid_parameters().ok()?;
    let parameters = Overrides {
        initial_retry_delay: Some(Time(its.initial_retry_delay)),
        retry_delay_factor: Some(its.retry_delay_factor),
        max_sync_attempts: Some(its.max_sync_attempts),
        max_sync_event_duration: Some(Time(its.max_sync_event_duration)),
        // A browser has one limit, for the last chance too.
        max_last_chance_duration: Some(Time(its.max_sync_event_duration)),
        ..Overrides::default()
    };
    Some(Timeline { preset: Preset::Chromium, parameters, ..timeline.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Registered again in its back-off: the wait ends by default, and under the preset it does not.
    const WAITS: &str = r#"
title = "t"
[[worker]]
name = "w"
scope = "https://w.example/"
[[step]]
network = "online"
windows = { origin = "https://w.example", top_level = 1 }
behave = { worker = "w", does = "reject" }
register = { worker = "w", tag = "t" }
expect.event = { worker = "w", tag = "t" }
[[step]]
at = "20s"
register = { worker = "w", tag = "t" }
expect.event = { worker = "w", tag = "t", at = "20s" }
"#;

    fn missed(place: Option<Place>) -> Mismatch {
        Mismatch { step: 1, line: 12, place, byte_order: false, too_much: false, what: "late".to_owned() }
    }

    #[test]
    fn only_what_the_machine_misses_too_is_the_presets() {
        let timeline: Timeline = Timeline::parse("t", WAITS).unwrap();
        let [kept, broken] = [0, 1].map(|step: usize| Some(timeline.steps[step].expect[0].place));
        assert!(runner::run(&timeline).passed());
        assert!(goes_as_the_preset(&timeline, &[missed(broken)]));
        assert!(!goes_as_the_preset(&timeline, &[missed(kept)]), "it keeps that one");
        assert!(!goes_as_the_preset(&timeline, &[missed(broken), missed(kept)]), "one is enough");
        let sorted = Mismatch { byte_order: true, ..missed(kept) };
        assert!(goes_as_the_preset(&timeline, &[missed(broken), sorted]));
        assert!(!goes_as_the_preset(&timeline, &[missed(None)]), "a step that could not be done");
    }
}
