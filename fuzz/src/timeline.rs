//! Text that claims to be a timeline.

use background_sync_simulator::timeline::{Place, Timeline, TimelineError};

/// What the text is called.
const FILE: &str = "fuzz.toml";

/// Reads the text, and what was written of it.
///
/// # Panics
/// When an error names a place that the text does not have, or when a timeline is not read back as it was written.
pub fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match Timeline::parse(FILE, text) {
        Ok(timeline) => is_read_back(timeline),
        Err(error) => names_a_place(text, &error),
    }
}

fn names_a_place(text: &str, error: &TimelineError) {
    assert_eq!(error.file, FILE);
    assert!(!error.message.is_empty(), "{error} says nothing");
    // Where a text ends something may be missing, also after its last line break.
    let line = text.split('\n').nth(error.line.wrapping_sub(1)).unwrap_or_else(|| panic!("{error}: no such line"));
    assert!((1..=line.chars().count() + 1).contains(&error.column), "{error}: no such column");
}

fn is_read_back(timeline: Timeline) {
    let written = timeline.to_toml().unwrap_or_else(|error| panic!("{error}: {timeline:?}"));
    let read = Timeline::parse(FILE, &written).unwrap_or_else(|error| panic!("{error}, in\n{written}"));
    assert_eq!(without_places(read), without_places(timeline), "{written}");
}

/// A file that was written has its steps, and what they expect, in other places.
fn without_places(mut timeline: Timeline) -> Timeline {
    for step in &mut timeline.steps {
        step.line = 0;
        step.expect.iter_mut().for_each(|expected| expected.place = Place::default());
    }
    timeline
}
