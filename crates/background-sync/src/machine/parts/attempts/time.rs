//! How long an event may run, and what of that is background time.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use background_sync_registration::Sequence;
use background_sync_scheduler::Budget;

use super::*;
use crate::machine::parts::named::{at, origins, secs, wall, workers};

/// An event that was dispatched at 100 s, may run for 60 s of its own and is granted 40 of them.
fn running(background: bool) -> (Attempts, AttemptId, BudgetTicket) {
    let ([origin], [(worker, tag)]) = (origins(), workers());
    let mut attempts = Attempts::default();
    let subject = Subject { worker, origin, kind: SyncKind::OneShot, tag, sequence: Sequence(1), private: true };
    let id = attempts.start(subject, false, at(99));
    let ticket = ticket();
    attempts.book(id, ticket);
    let given_back = attempts.dispatch(id, at(100), secs(40), secs(60), background);
    assert_eq!(given_back, (!background).then_some(ticket), "with a window it needs no booking");
    (attempts, id, ticket)
}

fn ticket() -> BudgetTicket {
    Budget::default().book_start(wall(0), secs(40))
}

fn deadline(attempts: &Attempts, id: AttemptId) -> MonotonicTime {
    attempts.get(id).unwrap().phase().deadline()
}

#[test]
fn an_event_uses_what_it_ran_in_the_background() {
    let (mut attempts, id, ticket) = running(true);
    assert_eq!(deadline(&attempts, id), at(140));
    let ended = attempts.end(id, at(130), at(135)).unwrap();
    assert_eq!((ended.used, ended.cut_short), (Some((ticket, secs(30))), true));
    assert_eq!(deadline(&attempts, id), at(135));
    let (mut attempts, id, _) = running(false);
    let ended = attempts.end(id, at(160), at(165)).unwrap();
    assert_eq!((ended.used, ended.cut_short), (None, false), "its own cap is used up");
}

#[test]
fn what_a_closing_window_cuts_off_an_opening_one_gives_back() {
    let (mut attempts, id, ticket) = running(false);
    assert_eq!(attempts.goes_to_background(id, at(110), (ticket, secs(10))), Some(at(120)));
    assert_eq!(attempts.leaves_background(id, at(115)), Some((Some((ticket, secs(5))), at(140))));
    assert_eq!(attempts.leaves_background(id, at(116)), None, "it is not in the background");
}

#[test]
fn while_the_process_stands_still_nothing_of_an_event_goes_by() {
    let (mut attempts, id, ticket) = running(true);
    assert_eq!(attempts.postpone(secs(1_000)), [(id, at(1_140))]);
    let ended = attempts.end(id, at(1_130), at(1_135)).unwrap();
    assert_eq!((ended.used, ended.cut_short), (Some((ticket, secs(30))), true));
    assert_eq!(attempts.postpone(secs(10)), [(id, at(1_145))]);
}
