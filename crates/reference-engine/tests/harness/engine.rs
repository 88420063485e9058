//! Plays a folder with real background sync behind its pages and workers, and collects their reports.

use std::path::Path;
use std::time::Duration;

use background_sync_reference_engine::engine::{
    Engine, EngineClock, EngineOptions, EngineStep, Happening, Profile, TimeMode, Who, refuse,
};
use background_sync_simulator::timeline::Timeline;

use super::report::Report;

/// What `web/report.js` begins its lines with.
const REPORT: &str = "report ";
const ENDED: &str = "ended: ";

/// What came of it.
pub(crate) struct Played {
    /// Who reported what, in the order of the reports.
    pub(crate) reports: Vec<(Who, Report)>,
    /// Subtests that have ended, whether or not there was a report at the end.
    pub(crate) ended: Vec<String>,
    /// What a person should have seen.
    pub(crate) trouble: Vec<String>,
}

/// Plays the timeline of a folder to its end.
#[track_caller]
pub(crate) fn play(folder: &Path, timeline: &str) -> Played {
    let timeline: Timeline<EngineStep> = Timeline::parse("the timeline", timeline).unwrap();
    refuse(&timeline).unwrap();
    let mut engine = Engine::start(EngineOptions {
        params: timeline.valid_parameters().unwrap(),
        seed: timeline.seed,
        folder: folder.to_owned(),
        profile: Profile::InMemory,
        clock: EngineClock::new(TimeMode::Virtual, Duration::ZERO),
        workers: timeline.workers.clone(),
        earlier: Vec::new(),
        servers: serde_json::Value::Null,
    })
    .unwrap();
    for step in &timeline.steps {
        engine.advance_to(step.at.0).unwrap();
        assert_eq!(engine.perform(step).unwrap(), [], "line {}", step.line);
    }
    engine.close().unwrap();
    let story = engine.take_story();
    let printed =
        |mark| story.iter().filter_map(move |happening| Some((&happening.who, happening.what.strip_prefix(mark)?)));
    Played {
        reports: printed(REPORT).map(|(who, report)| (who.clone(), serde_json::from_str(report).unwrap())).collect(),
        ended: printed(ENDED).map(|(_, name)| name.to_owned()).collect(),
        trouble: story.iter().filter(|happening| happening.who == Who::Trouble).map(in_words).collect(),
    }
}

fn in_words(happening: &Happening) -> String {
    format!("{}: {}", happening.what, happening.why)
}
