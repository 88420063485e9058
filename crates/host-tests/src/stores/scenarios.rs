//! What a store goes through, in a few lines each.

use background_sync::StoreFailure;

use super::StoreUnderTest;
use super::rows::{put, put_budget, put_profile, remove, remove_budget};
use super::session::Batch::{Changes, Everything};
use super::session::Session;
use crate::Rule;

/// What a store has to be able to, for a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Needs {
    Nothing,
    ToOutliveAProcess,
}

/// A scenario: its name, and what happens. `None` when it could not be played.
pub(super) struct Scenario<S: StoreUnderTest> {
    pub(super) name: &'static str,
    pub(super) needs: Needs,
    pub(super) play: fn(Session<S>) -> Option<Session<S>>,
}

pub(super) fn all<S: StoreUnderTest>() -> Vec<Scenario<S>> {
    use Needs::{Nothing, ToOutliveAProcess};
    let with = |name, needs, play| Scenario { name, needs, play };
    vec![
        with("a new store", Nothing, new_store),
        with("everything that can be stored", Nothing, everything),
        with("changed and taken away", Nothing, changed),
        with("a batch of a thousand", Nothing, large),
        with("one batch after the other", Nothing, in_order),
        with("everything anew", Nothing, rewritten),
        with("read again and again", Nothing, read_again),
        with("closed and opened", ToOutliveAProcess, reopened),
        with("a crash after each batch", ToOutliveAProcess, crashes),
        with("a crash in the middle of a batch", ToOutliveAProcess, crash_in_a_batch),
        with("a crash in the middle of everything anew", ToOutliveAProcess, crash_in_a_rewrite),
        with("a medium that takes nothing", Nothing, full),
        with("a newer version's", ToOutliveAProcess, newer),
    ]
}

/// One batch of everything there is.
fn filled<S: StoreUnderTest>(session: &mut Session<S>) {
    let budgets = (0..14).map(|number| put_budget(number, 1));
    session.write(Changes((1..=63).map(|number| put(number, 1)).chain(budgets).chain([put_profile(64)]).collect()));
}

fn new_store<S: StoreUnderTest>(mut session: Session<S>) -> Option<Session<S>> {
    session.load();
    session.write(Changes(vec![put(1, 1)]));
    session.load();
    Some(session)
}

fn everything<S: StoreUnderTest>(mut session: Session<S>) -> Option<Session<S>> {
    filled(&mut session);
    session.load();
    Some(session)
}

/// Also what is not there: the machine may be told of a loss that it does not know the size of.
fn changed<S: StoreUnderTest>(mut session: Session<S>) -> Option<Session<S>> {
    filled(&mut session);
    let changes = (1..=20).map(|number| put(number, 2)).chain([put_budget(3, 9), put_profile(70)]);
    let removals = (30..=50).map(remove).chain([remove_budget(5), remove(9_999)]);
    session.write(Changes(changes.chain(removals).collect()));
    session.load();
    session.write(Changes((1..=63).map(remove).chain((0..14).map(remove_budget)).collect()));
    session.load();
    Some(session)
}

fn large<S: StoreUnderTest>(mut session: Session<S>) -> Option<Session<S>> {
    session.write(Changes((1..=1_000).map(|number| put(number, 1)).collect()));
    session.load();
    Some(session)
}

fn in_order<S: StoreUnderTest>(mut session: Session<S>) -> Option<Session<S>> {
    for version in 1..=10 {
        session.write(Changes(vec![put(1, version), put(1 + u64::from(version), 1), put_profile(u64::from(version))]));
        session.load();
    }
    session.write(Changes(vec![remove(1)]));
    session.load();
    // Nobody looks in between.
    for ops in [vec![put(1, 20)], vec![put(1, 21)], vec![put(99, 1)], vec![remove(2)], vec![put(2, 2)]] {
        session.write(Changes(ops));
    }
    session.load();
    Some(session)
}

fn rewritten<S: StoreUnderTest>(mut session: Session<S>) -> Option<Session<S>> {
    filled(&mut session);
    session.write(Everything(vec![put(3, 2), put(200, 1), put_profile(201)]));
    session.load();
    session.write(Changes(vec![put(4, 3)]));
    session.load();
    session.write(Everything(vec![put_profile(202)]));
    session.load();
    Some(session)
}

/// Each row once, however often it is read.
fn read_again<S: StoreUnderTest>(mut session: Session<S>) -> Option<Session<S>> {
    filled(&mut session);
    let (first, second) = (session.load(), session.load());
    if let (Some(first), Some(second)) = (first, second) {
        let (first, second) = (first.registrations.len(), second.registrations.len());
        if first != second {
            session.found(Rule::StoreInvents, format!("{first} rows, and when it is read again {second}"));
        }
    }
    Some(session)
}

fn reopened<S: StoreUnderTest>(mut session: Session<S>) -> Option<Session<S>> {
    session.reopen();
    filled(&mut session);
    session.reopen();
    session.write(Changes(vec![put(1, 2), remove(2), remove_budget(0)]));
    session.reopen();
    session.reopen();
    Some(session)
}

fn crashes<S: StoreUnderTest>(mut session: Session<S>) -> Option<Session<S>> {
    filled(&mut session);
    session.crash();
    for version in 2..=6 {
        session.write(Changes(vec![put(1, version), remove(u64::from(version)), put(100 + u64::from(version), 1)]));
        session.crash();
    }
    session.write(Everything(vec![put(1, 7), put_profile(300)]));
    session.crash();
    Some(session)
}

/// All of it or nothing.
fn crash_in_a_batch<S: StoreUnderTest>(mut session: Session<S>) -> Option<Session<S>> {
    filled(&mut session);
    for version in 2..=6 {
        let changes = (1..=40).map(|number| put(number, version)).chain((41..=60).map(remove));
        session.die_in(Changes(changes.chain([put_profile(100)]).collect()));
        session.write(Changes((41..=60).map(|number| put(number, version)).collect()));
    }
    Some(session)
}

fn crash_in_a_rewrite<S: StoreUnderTest>(mut session: Session<S>) -> Option<Session<S>> {
    for version in 1..=5 {
        filled(&mut session);
        session.die_in(Everything((30..=90).map(|number| put(number, version)).collect()));
    }
    Some(session)
}

/// What could not be written has failed, what was there is there, and it goes on when there is room.
fn full<S: StoreUnderTest>(mut session: Session<S>) -> Option<Session<S>> {
    filled(&mut session);
    if !session.refuse_writes(true) {
        return None;
    }
    let batch = || (1..=5).map(|number| put(number, 2)).chain([put(400, 1), remove(63), put_profile(401)]).collect();
    for _ in 0..2 {
        match session.try_to_write(Changes(batch())) {
            Some(Ok(())) => session.found(Rule::StoreFailure, "a commit is acknowledged that the medium did not take"),
            Some(Err(StoreFailure::ContentsLost(why))) => {
                session.found(Rule::StoreForgets, format!("for want of room it has lost what was there: {why}"));
            }
            Some(Err(_)) | None => {}
        }
    }
    // The machine does not read a store that it could not write to, so it may not be readable before.
    let _ = session.refuse_writes(false);
    session.load();
    session.write(Changes(batch()));
    session.load();
    Some(session)
}

fn newer<S: StoreUnderTest>(mut session: Session<S>) -> Option<Session<S>> {
    filled(&mut session);
    if !session.refuses_what_is_newer()? {
        session.found(Rule::StoreNewer, "it takes what a newer version wrote, or has changed it");
    }
    Some(session)
}
