//! One timeline, from its first step to its last.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use background_sync_simulator::timeline::{Expectation, RequestName, TimedStep, Timeline};

use super::link::Link;
use super::notes::Notes;
use super::server::Serving;
use super::world::{UNNAMED, World};
use crate::chromium::lanes::Verdict;
use crate::chromium::{Pace, goes_as_the_preset, observable};
use crate::seen::{Answer, Kind, Observations, StepSeen, judge};
use crate::{Catalogue, Fixture};

/// What happens at once in a timeline takes this long in a browser.
const SETTLES: Duration = Duration::from_millis(250);

/// How long until it is looked at again.
const AGAIN: Duration = Duration::from_millis(150);

/// How long an expectation may take to come true.
const PATIENCE: Duration = Duration::from_secs(2);

/// Plays a fixture.
pub(super) fn play(fixture: &Fixture, catalogue: &Catalogue, link: &Link, server: &Serving) -> Verdict {
    let played = fixture.timeline(catalogue).map_err(|error| error.to_string()).and_then(|timeline| {
        let pace = observable(&timeline).map_err(|reasons| reasons.join("; "))?;
        let seen = observe(&timeline, &pace, link, server)?;
        let mismatches = judge(&timeline, pace.scale(), &seen);
        let said = mismatches.iter().map(ToString::to_string).collect();
        let is_the_presets = !mismatches.is_empty() && goes_as_the_preset(&timeline, &mismatches);
        Ok(if is_the_presets { Verdict::AsPreset(said) } else { Verdict::Observed(said) })
    });
    played.unwrap_or_else(Verdict::Broken)
}

fn observe(timeline: &Timeline, pace: &Pace, link: &Link, server: &Serving) -> Result<Observations, String> {
    let notes = Arc::new(Notes::new());
    server.note_in(Arc::clone(&notes));
    let profile = tempfile::tempdir().map_err(|error| error.to_string())?;
    let mut world = World::start(pace, Arc::clone(&notes), link, profile.path().to_owned(), &timeline.workers)?;
    let mut seen = Observations::default();
    let mut acted = notes.now();
    let mut acted_at = None;
    for (at, step) in timeline.steps.iter().enumerate() {
        // What it takes to look counts for the time that is to pass.
        let begins = acted.plus(pace.gap(at));
        while notes.now() < begins {
            world.attend()?;
        }
        let begun = notes.now();
        for act in &step.acts {
            world.perform(act).map_err(|problem| format!("line {}: {problem}", step.line))?;
        }
        let done = notes.now();
        if acted_at != Some(step.at) {
            (acted, acted_at) = (done, Some(step.at));
        }
        seen.steps.push(StepSeen { begun, acted: done, undone: world.take_undone(), ..StepSeen::default() });
        settle(&mut world, &notes, timeline, pace, step, &mut seen)?;
    }
    Ok(seen)
}

/// Waits until what the step expects has come true, or does not.
fn settle(
    world: &mut World<'_>,
    notes: &Notes,
    timeline: &Timeline,
    pace: &Pace,
    step: &TimedStep,
    seen: &mut Observations,
) -> Result<(), String> {
    let begun = notes.now();
    let this = seen.steps.len().saturating_sub(1);
    let mut looks = notes.now().plus(SETTLES);
    loop {
        world.attend()?;
        if notes.now() < looks {
            continue;
        }
        looks = notes.now().plus(AGAIN);
        let passed = notes.now().since(begun);
        look(world, notes, step, seen)?;
        let is_as_expected =
            judge(timeline, pace.scale(), seen).iter().all(|mismatch| mismatch.step != this || mismatch.too_much);
        if is_as_expected || passed > PATIENCE {
            return Ok(());
        }
    }
}

/// Notes how things are at the end of the last step.
fn look(world: &mut World<'_>, notes: &Notes, step: &TimedStep, seen: &mut Observations) -> Result<(), String> {
    let mut listed = Vec::new();
    for expectation in &step.expect {
        if let Expectation::Registration(expected) = &expectation.what {
            let (worker, kind) = (&expected.worker, expected.kind);
            if let Some(tags) = world.listed(worker, kind)? {
                listed.push((worker.clone(), Kind::from(kind), tags));
            }
        }
    }
    seen.events = notes.events();
    if let Some(last) = seen.steps.last_mut() {
        last.settled = notes.now();
        last.listed = listed;
        last.answers = named(notes);
        last.running = notes.running();
    }
    Ok(())
}

/// Answers to calls that the timeline names.
fn named(notes: &Notes) -> BTreeMap<RequestName, Answer> {
    let mut answers = notes.answers();
    answers.retain(|name, _| !name.starts_with(UNNAMED));
    answers
}
