//! What a timeline means: names that exist, steps that do something, expectations that can fail.
//!
//! Reading a file says that every word is one. Here it is looked at as a whole, once, from the first step to the last.

mod acts;
mod expectations;
mod known;
mod lists;
mod nonsense;
mod process;

pub use known::{Known, Made};
pub use nonsense::Nonsense;

use super::place::Part;
use super::{Timeline, Word};

/// A step of a timeline as far as the timeline can tell whether it makes sense.
pub trait Sense: Word {
    /// Whether the steps alone say what is registered and asked, so that a name nothing gave is wrong, and a timeline
    /// without an expectation shows nothing. Pages and scripts say it otherwise.
    const BARE: bool;

    /// The tags it registers, and of which worker.
    fn makes(&self) -> Vec<Made<'_>>;

    /// Whether it names what exists and does something; what comes after it is judged by what it leaves behind.
    ///
    /// # Errors
    /// The first thing that makes no sense.
    fn look(&self, known: &mut Known<'_>) -> Result<(), Nonsense>;
}

/// The first thing in a timeline that makes no sense.
pub(super) fn look<S: Sense>(timeline: &Timeline<S>) -> Result<(), Nonsense> {
    let made = S::BARE.then(|| timeline.steps.iter().flat_map(|step| &step.acts).flat_map(S::makes));
    let mut known = Known::new(&timeline.workers, made)?;
    for (number, step) in timeline.steps.iter().enumerate() {
        known.step(number, step.at.0);
        for act in &step.acts {
            let found = act.look(&mut known).map_err(|nonsense| nonsense.below(at(number, [act.word()])));
            timeline.unless_drawn(found)?;
        }
        for expected in &step.expect {
            let word = expected.what.word();
            let found = expectations::look(&expected.what, &mut known);
            timeline.unless_drawn(found.map_err(|nonsense| nonsense.below(at(number, ["expect", word]))))?;
        }
        if S::BARE && step.acts.is_empty() && step.expect.is_empty() {
            let help = "say what happens or what is expected; time passes by itself";
            timeline.unless_drawn(Err(Nonsense::idle(at(number, []), "an empty step", help)))?;
        }
    }
    timeline.unless_drawn(known.unasked())?;
    if S::BARE { timeline.unless_drawn(expects(timeline)) } else { Ok(()) }
}

fn at<const N: usize>(step: usize, words: [&'static str; N]) -> Vec<Part> {
    ["step".into(), step.into()].into_iter().chain(words.map(Part::from)).collect()
}

impl<S: Sense> Timeline<S> {
    /// What was drawn by chance may do nothing.
    fn unless_drawn(&self, found: Result<(), Nonsense>) -> Result<(), Nonsense> {
        found.or_else(|nonsense| if self.drawn && nonsense.idle { Ok(()) } else { Err(nonsense) })
    }
}

/// Something is expected, and after everything that happens.
fn expects<S: Sense>(timeline: &Timeline<S>) -> Result<(), Nonsense> {
    let help = "write `expect.WORD = VALUE` into a step, or `drawn = true` at the top if only the invariants count";
    let Some(last) = timeline.steps.iter().rposition(|step| !step.expect.is_empty()) else {
        return Err(Nonsense::idle(["title".into()], "nothing is expected, so this cannot fail", help));
    };
    let acts =
        timeline.steps.iter().enumerate().skip(last + 1).find_map(|(number, step)| Some((number, step.acts.first()?)));
    match acts {
        Some((number, act)) => Err(Nonsense::idle(
            at(number, [act.word()]),
            format!("`{}` happens, and nothing is expected after it", act.word()),
            "expect something in this step or a later one, or leave it out",
        )),
        None => Ok(()),
    }
}
