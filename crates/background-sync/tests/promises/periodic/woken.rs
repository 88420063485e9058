//! How late the system wakes the engine is learnt, and it is asked that much sooner.

use std::time::Duration;

use background_sync::registration::WallTime;
use background_sync::{Input, Output, WakeToken};

use super::{hours, register, visit};
use crate::support::{Host, secs};

/// The first word of a system that has woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum First {
    /// That it sleeps no longer.
    Woke,
    /// That this is what it was asked for.
    Woken,
}

/// What the system was asked for last, since the host's clock began.
fn asked(host: &Host) -> Duration {
    let last = host.outputs.iter().rev().find_map(|output| match output {
        Output::ArmWakeUp(wanted) => *wanted,
        _ => None,
    });
    last.unwrap().earliest.since(WallTime::from_unix_ms(1_700_000_000_000))
}

/// A device that sleeps at night and is woken so much later than it was asked to be; its user comes at eight in the
/// morning. Gives at what time of the day it is asked for after three weeks.
fn asked_after_three_weeks(late: Duration, first: First) -> Duration {
    let mut host = super::host();
    register(&mut host, "news", 20);
    for day in 0..21 {
        let at = |time: Duration| hours(24) * day + time;
        host.run(at(hours(2)) - host.now);
        host.send(Input::Slept);
        let visit_at = at(hours(8));
        let wakes_at = asked(&host) + late;
        if wakes_at < visit_at {
            host.now = wakes_at;
            let woken = Input::Woken { token: WakeToken(u64::from(day)), budget: secs(30) };
            let words = match first {
                First::Woke => [Input::Woke, woken],
                First::Woken => [woken, Input::Woke],
            };
            words.into_iter().for_each(|word| host.send(word));
        } else {
            host.now = visit_at;
            host.send(Input::Woke);
        }
        host.run(visit_at - host.now);
        visit(&mut host);
    }
    asked(&host) - hours(24) * 21
}

#[test]
fn whichever_word_comes_first_the_system_is_asked_sooner_where_it_is_late() {
    let on_time = asked_after_three_weeks(secs(0), First::Woken);
    assert!(on_time > hours(7) && on_time < hours(8), "{on_time:?}");
    for first in [First::Woke, First::Woken] {
        let late = asked_after_three_weeks(secs(25 * 60), first);
        assert!(late + secs(10 * 60) <= on_time, "{first:?}: {late:?}, and {on_time:?} where it is on time");
    }
}

/// A wake-up that comes long after the user woke the device is another one, and tells nothing of the first.
#[test]
fn a_wake_up_that_was_asked_for_later_says_nothing_of_an_earlier_one() {
    let mut host = super::host();
    register(&mut host, "news", 20);
    host.send(Input::Slept);
    host.now = asked(&host) + secs(30 * 60);
    host.send(Input::Woke);
    let (before, next) = (host.now, asked(&host));
    assert!(next > before + hours(1), "it has fired, and the next one is far: {next:?}");
    host.run(secs(61));
    host.send(Input::Woken { token: WakeToken(1), budget: secs(30) });
    host.run(hours(1));
    assert_eq!(asked(&host), next);
}
