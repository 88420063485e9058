//! What is still registered when a run ends, and what each waits for.

use std::collections::HashMap;
use std::mem::{Discriminant, discriminant};

use background_sync::policy::{Partition, RegistrationKey, SyncKind};
use background_sync::registration::WallTime;
use background_sync::{RegistrationView, WhyNot};

use super::layout::{DIM, Layout, clock_face, of_tag};
use crate::engine::EngineClock;

/// So many lines are read; more are a list that nobody reads.
const MOST_LINES: usize = 10;
/// A tag is known by its beginning.
const LONGEST_TAG: usize = 60;

/// For a person: each has a line, or, if that would be too many, each kind of them.
pub(super) fn lines(views: &[RegistrationView], clock: &EngineClock, layout: Layout) -> Vec<String> {
    let kinds = if views.len() > MOST_LINES { kinds(views) } else { views.iter().map(|view| (view, 0)).collect() };
    let (said, unsaid) = kinds.split_at(kinds.len().min(MOST_LINES));
    let mut lines: Vec<_> = said
        .iter()
        .map(|(view, more)| {
            let more = if *more == 0 { String::new() } else { format!("; and {more} more like it") };
            layout.wrap(&format!("  {}{more}", sentence(view, clock)), 4)
        })
        .collect();
    let unsaid: usize = unsaid.iter().map(|(_, more)| 1 + more).sum();
    if unsaid > 0 {
        lines.push(format!("  {DIM}... and {unsaid} more of other kinds{DIM:#}"));
    }
    lines
}

/// Of one worker and of one API, and held back by the same reasons.
type Kind<'a> = (&'a RegistrationKey, SyncKind, Vec<Discriminant<WhyNot>>);

/// The first of each kind, and how many more there are.
fn kinds(views: &[RegistrationView]) -> Vec<(&RegistrationView, usize)> {
    let mut places: HashMap<Kind<'_>, usize> = HashMap::new();
    let mut kinds = Vec::new();
    for view in views {
        let kind = (&view.key, view.kind, view.why_not.iter().map(discriminant).collect());
        let place = *places.entry(kind).or_insert(kinds.len());
        match kinds.get_mut(place) {
            Some((_, more)) => *more += 1,
            None => kinds.push((view, 0)),
        }
    }
    kinds
}

fn sentence(view: &RegistrationView, clock: &EngineClock) -> String {
    let partition = match view.key.partition() {
        Partition::Profile(id) if id.0 == 0 => String::new(),
        Partition::Profile(id) => format!(" in partition {}", id.0),
        Partition::Private(_) => " in a private partition".to_owned(),
    };
    let what = match waits_for(view, clock) {
        None => "is about to fire".to_owned(),
        Some(reasons) => format!("waits for {reasons}"),
    };
    let kind = match view.kind {
        SyncKind::OneShot => "",
        SyncKind::Periodic => " (periodic)",
    };
    format!("{}{kind} of {}{partition} {what}", of_tag(&view.tag, LONGEST_TAG), view.key.scope())
}

/// In a person's words, with times as a run shows them. None when nothing holds it back.
pub(super) fn waits_for(view: &RegistrationView, clock: &EngineClock) -> Option<String> {
    let moment = |at: WallTime| clock_face(clock.moment_of_wall(at).0).trim_start().to_owned();
    let reasons: Vec<_> = view.why_not.iter().map(|why| why.waits_for(moment)).collect();
    (!reasons.is_empty()).then(|| reasons.join(", and for "))
}

#[cfg(test)]
mod tests {
    use background_sync::policy::{Incarnation, Origin, PartitionId, StorageKey};
    use background_sync::registration::{Sequence, Series, StateName, Tag};

    use super::*;
    use crate::engine::TimeMode;

    fn view(host: u64, n: u64, why_not: Vec<WhyNot>) -> RegistrationView {
        let origin = Origin::parse(&format!("https://{host}.example")).unwrap();
        let partition = Partition::Profile(PartitionId(0));
        let storage_key = StorageKey::first_party(origin);
        let scope = format!("https://{host}.example/");
        let key = RegistrationKey::new(partition, storage_key, &scope, Incarnation(1)).unwrap();
        let view = serde_json::json!({
            "kind": SyncKind::OneShot,
            "key": key,
            "tag": Tag::from(format!("t{n}").as_str()),
            "sequence": Sequence(n),
            "state": StateName::Pending,
            "series": Series::default(),
            "registered_at": WallTime::default(),
            "why_not": why_not,
        });
        serde_json::from_value(view).unwrap()
    }

    fn said(views: &[RegistrationView]) -> Vec<String> {
        let clock = EngineClock::new(TimeMode::Virtual, std::time::Duration::ZERO);
        let lines = lines(views, &clock, Layout::of_stdout());
        lines.iter().map(|line| anstream::adapter::strip_str(line).to_string()).collect()
    }

    #[test]
    fn kinds_differ_by_worker_and_by_reasons() {
        let until = |ms| WhyNot::BackOff { until: WallTime::from_unix_ms(1_767_603_600_000 + ms) };
        let mut views: Vec<_> = (0..10).map(|n| view(1, n, vec![until(1_000 + 1_000 * n as i64)])).collect();
        assert_eq!(said(&views).len(), 10, "so few are told one by one");
        views.push(view(1, 10, vec![until(11_000), WhyNot::Offline]));
        views.push(view(2, 11, vec![WhyNot::Offline]));
        views.push(view(1, 12, Vec::new()));
        let expected = [
            "  t0 of https://1.example/ waits for the end of its back-off (0:00:01.000); and 9 more like it",
            "  t10 of https://1.example/ waits for the end of its back-off (0:00:11.000), and for a network",
            "  t11 of https://2.example/ waits for a network",
            "  t12 of https://1.example/ is about to fire",
        ];
        assert_eq!(said(&views), expected);
    }

    #[test]
    fn one_that_is_periodic_says_so() {
        let one_shot = view(1, 0, vec![WhyNot::Offline]);
        let mut periodic = view(1, 1, vec![WhyNot::Offline]);
        periodic.kind = SyncKind::Periodic;
        let views: Vec<_> = std::iter::repeat_n(one_shot, 6).chain(std::iter::repeat_n(periodic, 6)).collect();
        let expected = [
            "  t0 of https://1.example/ waits for a network; and 5 more like it",
            "  t1 (periodic) of https://1.example/ waits for a network; and 5 more like it",
        ];
        assert_eq!(said(&views), expected);
    }

    #[test]
    fn nobody_reads_more_than_a_few_lines() {
        let views: Vec<_> = (0..5_000).map(|n| view(n % 2_500, n, vec![WhyNot::Offline])).collect();
        let said = said(&views);
        assert_eq!(said.len(), 11);
        assert_eq!(said[10], "  ... and 4980 more of other kinds");
    }
}
