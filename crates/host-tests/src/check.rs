use crate::scenarios::Scenario;
use crate::session::Session;
use crate::{EngineUnderTest, Report, scenarios};

/// Plays every scenario with a new engine and says what was found.
///
/// `engine` makes an engine with an empty profile, offline, without a window.
pub fn check<E: EngineUnderTest>(engine: impl FnMut() -> E) -> Report {
    play(engine, |_| true)
}

/// As [`check`], with one scenario of [`Report::scenarios`] alone: to look at what was found in it.
///
/// One that there is not, or that the engine has no use for, gives a report without scenarios.
pub fn check_only<E: EngineUnderTest>(name: &str, engine: impl FnMut() -> E) -> Report {
    play(engine, |scenario| scenario.name == name)
}

fn play<E: EngineUnderTest>(mut engine: impl FnMut() -> E, which: impl Fn(&Scenario<E>) -> bool) -> Report {
    let mut report = Report::default();
    for scenario in scenarios::all().iter().filter(|scenario| which(scenario)) {
        let engine = engine();
        if !scenario.needs.are_met_by(&engine) {
            continue;
        }
        let session = (scenario.play)(Session::new(engine));
        report.add(scenario.name, session.end());
    }
    report
}
