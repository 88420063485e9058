//! Runs a timeline against the bare machine and says how it went.

mod check;
mod registrations;
mod report;
mod witness;

pub use check::{Checker, Found};
pub use report::{Counts, Failure, OfFile, Report};
pub use witness::Witness;

use crate::timeline::{Expectation, Expected, Place, Step, TimedStep, Timeline, Word};
use crate::world::{Care, Trouble, World};

/// How many lines of the trace a failure shows.
const CONTEXT: usize = 20;

/// Runs a timeline to its end, or to the first thing that must not be. Expectations that fail do not end
/// it.
#[must_use]
pub fn run(timeline: &Timeline) -> Report {
    run_watched(timeline, Care::default())
}

/// The same, looked at more or less closely.
#[must_use]
pub fn run_watched(timeline: &Timeline, care: Care) -> Report {
    let mut report = Report { title: timeline.title.clone(), ..Report::default() };
    let mut world = match World::watched(timeline, care) {
        Ok(world) => world,
        Err(trouble) => {
            report.failures.push(Failure::of_trouble(
                Place::default(),
                std::time::Duration::ZERO,
                &trouble,
                Vec::new(),
            ));
            return report;
        }
    };
    let mut checker = Checker::default();
    for step in &timeline.steps {
        if let Err(trouble) = run_step(&mut world, &mut checker, step, &mut report) {
            report.stop(&world, step_place(step), trouble);
            break;
        }
        report.steps += 1;
    }
    if report.trouble.is_none()
        && let Err(trouble) = world.check_end()
    {
        report.stop(&world, timeline.steps.last().map(step_place).unwrap_or_default(), trouble);
    }
    if report.passed()
        && let Some((number, what)) = world.unused()
    {
        report.stop(&world, told_at(timeline, number), Trouble::Script(what));
    }
    report.counts = Counts::of(&world);
    report.heard = world.heard().clone();
    report.trace = world.into_trace();
    report
}

impl Report {
    fn stop(&mut self, world: &World, place: Place, trouble: Trouble) {
        let context = world.trace().last(CONTEXT).to_vec();
        self.failures.push(Failure::of_trouble(place, world.clock().elapsed(), &trouble, context));
        self.trouble = Some(trouble);
    }
}

fn run_step(world: &mut World, checker: &mut Checker, step: &TimedStep, report: &mut Report) -> Result<(), Trouble> {
    world.advance_to(step.at.0)?;
    for act in &step.acts {
        world.apply_and_count(act)?;
    }
    world.settle()?;
    world.check_views()?;
    for Expected { what: expectation, place } in &step.expect {
        if let Err(actual) = checker.check(world, expectation)? {
            report.failures.push(Failure {
                place: *place,
                at: world.clock().elapsed(),
                expected: written(expectation),
                actual,
                context: world.trace().last(CONTEXT).to_vec(),
            });
        }
    }
    Ok(())
}

fn step_place<S>(step: &TimedStep<S>) -> Place {
    Place { line: step.line, column: 1 }
}

/// The step that told a worker what to do, by its number among all that did.
fn told_at(timeline: &Timeline, number: usize) -> Place {
    let tells = |act: &&Step| matches!(act, Step::Behave(_));
    let steps = timeline.steps.iter().flat_map(|step| step.acts.iter().filter(tells).map(move |_| step));
    steps.map(step_place).nth(number).unwrap_or_default()
}

/// An expectation as a timeline writes it.
#[must_use]
pub fn written(expectation: &Expectation) -> String {
    let value = expectation.value().map_or_else(|error| error.to_string(), |value| value.to_string());
    format!("{} = {value}", expectation.word())
}
