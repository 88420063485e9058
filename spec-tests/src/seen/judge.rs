use std::fmt;

use background_sync::registration::Tag;
use background_sync_simulator::timeline::{
    ExpectEvent, ExpectEvents, ExpectRegistration, ExpectReply, ExpectState, Expectation, Place, Subject, Time,
    Timeline, WorkerName,
};

use super::{Answer, EventSeen, Kind, Moment, Observations, Scale, StepSeen};

/// Something an engine did otherwise than a timeline expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The step it was found at.
    pub step: usize,
    /// The line of that step.
    pub line: usize,
    /// Where the expectation stands that was missed; none when something could not be done.
    pub place: Option<Place>,
    /// Whether it is the same list of tags, in the order of their bytes.
    pub byte_order: bool,
    /// Whether something was there that should not be. Waiting mends no such thing.
    pub too_much: bool,
    /// What was expected, and what was seen.
    pub what: String,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

/// Compares what was seen of the steps played so far with what they expect. What cannot be seen from
/// outside is left out.
#[must_use]
pub fn judge(timeline: &Timeline, scale: Scale, seen: &Observations) -> Vec<Mismatch> {
    let clock = Clock { timeline, scale, seen };
    let mut taken = vec![false; seen.events.len()];
    let mut found = Vec::new();
    let mut absences = Vec::new();
    for (at, (step, played)) in timeline.steps.iter().zip(&seen.steps).enumerate() {
        let undone = played.undone.iter().cloned();
        found.extend(undone.map(|what| Mismatch {
            step: at,
            line: step.line,
            place: None,
            byte_order: false,
            too_much: true,
            what,
        }));
        for expectation in &step.expect {
            let place = Some(expectation.place);
            let byte_order = is_in_byte_order(&expectation.what, played);
            let what = match &expectation.what {
                Expectation::Reply(expected) => reply(expected, played),
                Expectation::Event(expected) => clock.event(expected, played, &mut taken),
                Expectation::NoEvent(subject) => {
                    absences.push((at, place, subject));
                    None
                }
                Expectation::Events(expected) => clock.events(expected, played),
                Expectation::Registration(expected) => registration(expected, played),
                Expectation::Running(count) => {
                    (*count != played.running).then(|| format!("{count} events run; there were {}", played.running))
                }
                Expectation::Starts(_)
                | Expectation::Registered(_)
                | Expectation::WhyNot(_)
                | Expectation::Log(_)
                | Expectation::NoLog(_)
                | Expectation::LogEntries(_)
                | Expectation::Asked(_)
                | Expectation::Commits(_)
                | Expectation::StoreOps(_)
                | Expectation::Stored(_)
                | Expectation::WakeUp(_)
                | Expectation::WakeDone(_)
                | Expectation::Terminate(_)
                | Expectation::Abandoned(_)
                | Expectation::KeepAlive(_) => None,
            };
            found.extend(what.map(|what| Mismatch {
                step: at,
                line: step.line,
                place,
                byte_order,
                too_much: false,
                what,
            }));
        }
    }
    for (at, place, subject) in absences {
        let what = clock.no_event(subject, &seen.steps[at], &taken);
        let line = timeline.steps[at].line;
        found.extend(what.map(|what| Mismatch { step: at, line, place, byte_order: false, too_much: true, what }));
    }
    found.sort_by_key(|mismatch| mismatch.step);
    found
}

fn reply(expected: &ExpectReply, played: &StepSeen) -> Option<String> {
    let name = &expected.to;
    let answer = played.answers.get(name);
    let wanted = match (expected.ok, &expected.error, &expected.refusal, &expected.tags) {
        (Some(true), ..) if matches!(answer, Some(Answer::Resolved | Answer::Tags(_))) => return None,
        (Some(true), ..) => "is fulfilled".to_owned(),
        (Some(false), ..) if answer.is_none() => return None,
        (Some(false), ..) => "has no answer yet".to_owned(),
        (None, Some(error), ..) if matches!(answer, Some(Answer::Rejected(name)) if name == error) => return None,
        (None, Some(error), ..) => format!("is rejected with {error}"),
        (None, None, Some(_), _) if matches!(answer, Some(Answer::Rejected(_))) => return None,
        (None, None, Some(refusal), _) => format!("is rejected ({refusal})"),
        (None, None, None, Some(tags)) if answer == Some(&Answer::Tags(tags.clone())) => return None,
        (None, None, None, Some(tags)) => format!("gives {tags:?}"),
        (None, None, None, None) => return None,
    };
    Some(format!("`{name}` {wanted}; {}", told(answer)))
}

/// Whether a list that is expected has come, in the order of the tags' bytes.
fn is_in_byte_order(expectation: &Expectation, played: &StepSeen) -> bool {
    let Expectation::Reply(ExpectReply { to, tags: Some(expected), .. }) = expectation else { return false };
    let Some(Answer::Tags(found)) = played.answers.get(to) else { return false };
    let mut sorted = expected.clone();
    sorted.sort();
    *found == sorted
}

fn told(answer: Option<&Answer>) -> String {
    match answer {
        None => "it had no answer".to_owned(),
        Some(Answer::Resolved) => "it was fulfilled".to_owned(),
        Some(Answer::Tags(tags)) => format!("it gave {tags:?}"),
        Some(Answer::Rejected(error)) => format!("it was rejected with {error}"),
    }
}

fn registration(expected: &ExpectRegistration, played: &StepSeen) -> Option<String> {
    let (worker, kind, tag) = (&expected.worker, Kind::from(expected.kind), &expected.tag);
    let of_it = |(of, its, _): &&(WorkerName, Kind, Vec<Tag>)| of == worker && *its == kind;
    let is_there = match expected.state {
        ExpectState::Absent => false,
        ExpectState::Pending
        | ExpectState::Waiting
        | ExpectState::Firing
        | ExpectState::ReregisteredWhileFiring
        | ExpectState::Suspended => true,
    };
    let Some((_, _, tags)) = played.listed.iter().find(of_it) else {
        return Some(format!(
            "{tag:?} of {worker} is {}listed; nobody could be asked",
            if is_there { "" } else { "not " }
        ));
    };
    match (is_there, tags.contains(tag)) {
        (true, true) | (false, false) => None,
        (true, false) => Some(format!("{tag:?} of {worker} is listed; getTags() gave {tags:?}")),
        (false, true) => Some(format!("{tag:?} of {worker} is not listed; getTags() gave {tags:?}")),
    }
}

/// When what was expected, in the time in which it was seen.
struct Clock<'a> {
    timeline: &'a Timeline,
    scale: Scale,
    seen: &'a Observations,
}

impl Clock<'_> {
    /// The time in which a moment of the timeline fell: a step takes a while, and what follows it may count from any part
    /// of that.
    fn real(&self, moment: Time) -> (Moment, Moment) {
        let steps = || self.timeline.steps.iter().zip(&self.seen.steps);
        let mut same = steps().filter(|(step, _)| step.at == moment).map(|(_, played)| played).peekable();
        let before = steps().take_while(|(step, _)| step.at < moment).last();
        let reckoned = before.map(|(step, played)| {
            let later = self.scale.length(moment.0.saturating_sub(step.at.0));
            (played.begun.plus(later), played.acted.plus(later))
        });
        let first = same.peek().map(|played| played.begun);
        let last = same.last().map(|played| played.acted);
        let earliest = first.into_iter().chain(reckoned.map(|(begun, _)| begun)).min();
        let latest = last.into_iter().chain(reckoned.map(|(_, acted)| acted)).max();
        (earliest.unwrap_or_default(), latest.unwrap_or_default())
    }

    fn event(&self, expected: &ExpectEvent, played: &StepSeen, taken: &mut [bool]) -> Option<String> {
        let kind = expected.kind.map(Kind::from);
        let fits = |event: &EventSeen| {
            event.worker == expected.worker && event.tag == expected.tag && kind.is_none_or(|kind| kind == event.kind)
        };
        let what = format!("{:?} of {}", expected.tag, expected.worker);
        let when = in_words(expected);
        let place = self.seen.events.iter().zip(taken.iter()).position(|(event, taken)| !taken && fits(event));
        let place = place.filter(|place| self.seen.events[*place].at <= played.settled);
        let Some(place) = place else { return Some(format!("an event {what}{when}; there was none")) };
        taken[place] = true;
        let event = &self.seen.events[place];
        let bounds = [(expected.at, expected.at), (expected.from, None), (None, expected.until)];
        for (from, until) in bounds {
            let early = from.is_some_and(|from| event.at < self.real(from).0.minus(self.scale.tolerance()));
            let late = until.is_some_and(|until| event.at > self.real(until).1.plus(self.scale.tolerance()));
            if early || late {
                let should = from.or(until).map(|moment| self.real(moment)).unwrap_or_default();
                return Some(format!(
                    "an event {what}{when} (here from {} to {}); it came at {}",
                    should.0, should.1, event.at
                ));
            }
        }
        match (expected.last_chance, event.last_chance) {
            (Some(wanted), Some(found)) if wanted != found => {
                Some(format!("an event {what}{when} with lastChance {wanted}; it was {found}"))
            }
            (Some(_) | None, Some(_) | None) => None,
        }
    }

    fn events(&self, expected: &ExpectEvents, played: &StepSeen) -> Option<String> {
        let kind = expected.kind.map(Kind::from);
        let fits = |event: &&EventSeen| {
            expected.worker.as_ref().is_none_or(|worker| *worker == event.worker)
                && expected.tag.as_ref().is_none_or(|tag| *tag == event.tag)
                && kind.is_none_or(|kind| kind == event.kind)
        };
        let from = self.real(expected.from).0;
        let until = expected.until.map_or(played.settled, |until| self.real(until).1);
        let count = |from: Moment, until: Moment| {
            let within = self.seen.events.iter().filter(fits).filter(|event| (from..=until).contains(&event.at));
            within.count() as u64
        };
        // What is near an edge may count or not.
        let least = count(from.plus(self.scale.tolerance()), until.minus(self.scale.tolerance()));
        let most = count(from.minus(self.scale.tolerance()), until.plus(self.scale.tolerance()));
        let moments = expected.at.as_ref().map(|moments| moments.len() as u64);
        let exactly = expected.count.or(moments);
        let too_few = exactly.or(expected.at_least).is_some_and(|wanted| most < wanted);
        let too_many = exactly.or(expected.at_most).is_some_and(|wanted| least > wanted);
        let wanted = exactly.map(|count| format!("{count} events"));
        let wanted = wanted.or(expected.at_least.map(|least| format!("at least {least} events")));
        let wanted = wanted.or(expected.at_most.map(|most| format!("at most {most} events"))).unwrap_or_default();
        (too_few || too_many).then(|| format!("{wanted}; there were {}", count(from, until)))
    }

    /// An event that is expected later has its own moment to keep to.
    fn no_event(&self, subject: &Subject, played: &StepSeen, taken: &[bool]) -> Option<String> {
        let kind = subject.kind.map(Kind::from);
        let found = self.seen.events.iter().zip(taken).find(|(event, taken)| {
            let meant = subject.worker.as_ref().is_none_or(|worker| *worker == event.worker)
                && subject.tag.as_ref().is_none_or(|tag| *tag == event.tag)
                && kind.is_none_or(|kind| kind == event.kind);
            meant && !**taken && event.at <= played.settled
        });
        found.map(|(event, _)| format!("no event; there was {:?} of {} at {}", event.tag, event.worker, event.at))
    }
}

fn in_words(expected: &ExpectEvent) -> String {
    let word = |word: &str, moment: Option<Time>| moment.map(|moment| format!(" {word} {moment}")).unwrap_or_default();
    word("at", expected.at) + &word("from", expected.from) + &word("until", expected.until)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const HEAD: &str = "title = \"t\"\ndrawn = true\n[[worker]]\nname = \"w\"\nscope = \"https://w.example/\"\n";

    /// What a timeline with one expectation at ten minutes, a minute in real time, says of an event and of one step's end.
    fn judged(expectation: &str, events: &[u64], played: StepSeen) -> Vec<String> {
        let text = format!(
            "{HEAD}[[step]]\nget_tags = {{ worker = \"w\", id = \"a\" }}\n[[step]]\nat = \"10min\"\nexpect.{expectation}\n"
        );
        let timeline = Timeline::parse("t", &text).unwrap();
        // the first retry's 30 s are 3 s
        let scale = Scale::scaled(Duration::from_secs(10), Duration::from_millis(1500));
        let event = |at: &u64| EventSeen {
            worker: "w".to_owned(),
            kind: Kind::OneShot,
            tag: Tag::from("t"),
            last_chance: Some(false),
            at: Moment(*at),
        };
        let moments =
            |at: u64| StepSeen { begun: Moment(at), acted: Moment(at), settled: Moment(at + 250), ..played.clone() };
        let steps = vec![moments(0), moments(60_000)];
        let seen = Observations { steps, events: events.iter().map(event).collect() };
        judge(&timeline, scale, &seen).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_event_keeps_to_its_moment() {
        let expected = "event = { worker = \"w\", tag = \"t\", at = \"5min\", last_chance = false }";
        for at in [28_600, 30_000, 31_400] {
            assert_eq!(judged(expected, &[at], StepSeen::default()), Vec::<String>::new(), "{at}");
        }
        for at in [28_400, 31_600] {
            let found = judged(expected, &[at], StepSeen::default());
            assert!(
                found[0].starts_with("line 8: an event \"t\" of w at 5min (here from 30.0 s to 30.0 s); it came at"),
                "{found:?}"
            );
        }
        assert!(judged(expected, &[], StepSeen::default())[0].ends_with("there was none"));
        let last = expected.replace("false", "true");
        assert!(judged(&last, &[30_000], StepSeen::default())[0].ends_with("with lastChance true; it was false"));
    }

    #[test]
    fn what_is_not_expected_is_too_much() {
        assert!(judged("no_event = {}", &[], StepSeen::default()).is_empty());
        assert!(judged("no_event = {}", &[7000], StepSeen::default())[0].contains("there was \"t\" of w at 7.0 s"));
        assert!(judged("events = { worker = \"w\", count = 2 }", &[1000, 60_000], StepSeen::default()).is_empty());
        let found = judged("events = { worker = \"w\", count = 2 }", &[5000, 6000, 7000], StepSeen::default());
        assert!(found[0].ends_with("2 events; there were 3"), "{found:?}");
        assert!(!judged("events = { at_least = 2 }", &[5000], StepSeen::default()).is_empty());
        assert!(
            judged("events = { until = \"5min\", count = 1 }", &[5000, 31_000], StepSeen::default()).is_empty(),
            "near an edge"
        );
    }

    #[test]
    fn the_same_tags_in_the_order_of_their_bytes_are_told_from_other_lists() {
        let text = format!(
            "{HEAD}[[step]]\nget_tags = {{ worker = \"w\", id = \"a\" }}\nexpect.reply = {{ to = \"a\", tags = [\"y\", \"x\"] }}\n"
        );
        let timeline: Timeline = Timeline::parse("t", &text).unwrap();
        let expected = timeline.steps[0].expect[0].what.clone();
        let listed = |tags: &[&str]| {
            let tags = tags.iter().map(|&tag| Tag::from(tag)).collect();
            StepSeen { answers: [("a".to_owned(), Answer::Tags(tags))].into(), ..StepSeen::default() }
        };
        assert!(is_in_byte_order(&expected, &listed(&["x", "y"])));
        assert!(!is_in_byte_order(&expected, &listed(&["x"])));
        assert!(!is_in_byte_order(&expected, &listed(&["x", "z"])));
    }

    #[test]
    fn answers_and_lists_are_compared() {
        let answered = |answer: Answer| StepSeen { answers: [("a".to_owned(), answer)].into(), ..StepSeen::default() };
        let tags = || vec![Tag::from("x"), Tag::from("y")];
        let right = [
            ("{ to = \"a\", ok = true }", answered(Answer::Resolved)),
            ("{ to = \"a\", ok = false }", StepSeen::default()),
            ("{ to = \"a\", error = \"NotAllowedError\" }", answered(Answer::Rejected("NotAllowedError".to_owned()))),
            ("{ to = \"a\", refusal = \"NoWindow\" }", answered(Answer::Rejected("X".to_owned()))),
            ("{ to = \"a\", tags = [\"x\", \"y\"] }", answered(Answer::Tags(tags()))),
        ];
        for (at, (expected, played)) in right.iter().enumerate() {
            assert!(judged(&format!("reply = {expected}"), &[], played.clone()).is_empty(), "{expected}");
            let wrong = answered(Answer::Tags(vec![Tag::from("y"), Tag::from("x")]));
            let wrong = if at == 0 { StepSeen::default() } else { wrong };
            assert_eq!(judged(&format!("reply = {expected}"), &[], wrong).len(), 1, "{expected}");
        }
        let listed = StepSeen { listed: vec![("w".to_owned(), Kind::OneShot, tags())], ..StepSeen::default() };
        let state = |tag: &str, state: &str| {
            format!("registration = {{ worker = \"w\", tag = \"{tag}\", state = \"{state}\" }}")
        };
        assert!(judged(&state("x", "firing"), &[], listed.clone()).is_empty());
        assert!(judged(&state("z", "absent"), &[], listed.clone()).is_empty());
        assert_eq!(judged(&state("x", "absent"), &[], listed.clone()).len(), 1);
        assert_eq!(judged(&state("z", "pending"), &[], listed).len(), 1);
        assert_eq!(judged("running = 1", &[], StepSeen { running: 2, ..StepSeen::default() }).len(), 1);
    }
}
