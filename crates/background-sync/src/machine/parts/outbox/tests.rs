//! What leaves the machine, and what is counted of it.

use background_sync_policy::PartitionId;
use proptest::prelude::*;

use super::*;
use crate::machine::parts::named::{key, wall};

fn outbox() -> Outbox {
    Outbox::new(&SyncParameters::recommended())
}

#[derive(Clone, Copy, Debug)]
enum Op {
    Emit(bool),
    Reply(u64),
    Report,
    Poll,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        1 => any::<bool>().prop_map(Op::Emit),
        1 => any::<u64>().prop_map(Op::Reply),
        1 => Just(Op::Report),
        2 => Just(Op::Poll),
    ]
}

proptest! {
    /// What is said first leaves first, the entries of the log among the rest.
    #[test]
    fn outputs_leave_in_the_order_in_which_they_were_said(ops in prop::collection::vec(op(), 0..40)) {
        let (mut out, mut said, mut taken) = (outbox(), Vec::new(), 0);
        for op in ops {
            match op {
                Op::Emit(yes) => {
                    out.emit(Output::KeepAlive(yes));
                    said.push(Output::KeepAlive(yes));
                }
                Op::Reply(number) => {
                    let (request, reply) = (RequestId(number), Reply::Registered(Ok(())));
                    out.reply(request, reply.clone());
                    said.push(Output::Reply { request, reply });
                }
                Op::Report => {
                    out.report_general(wall(0), EventName::StoreLoaded, Details::new());
                    said.extend(out.log().last().map(|entry| Output::Event(entry.clone().into())));
                }
                Op::Poll => {
                    prop_assert_eq!(out.poll(), said.get(taken).cloned());
                    taken = said.len().min(taken + 1);
                }
            }
        }
        prop_assert_eq!(std::iter::from_fn(|| out.poll()).collect::<Vec<_>>(), said.split_off(taken));
    }
}

#[test]
fn a_report_names_all_that_it_is_about() {
    let (mut out, key, tag) = (outbox(), key(0), Tag::from("outbox"));
    let about = About { key: &key, kind: SyncKind::Periodic, tag: &tag, instance: Some(Sequence(3)) };
    out.report(wall(7), about, EventName::RegisteredSync, vec![Detail::Attempts(2)]);
    let expected = LogEntry {
        at: wall(7),
        key: Some(key.clone()),
        kind: Some(SyncKind::Periodic),
        tag: Some(tag.clone()),
        instance: Some(Sequence(3)),
        event: EventName::RegisteredSync,
        metadata: vec![Detail::Attempts(2)],
    };
    assert_eq!(out.log().collect::<Vec<_>>(), [&expected]);
    assert_eq!(out.poll(), Some(Output::Event(expected.into())));
}

#[test]
fn an_input_that_makes_no_sense_is_counted_and_the_same_twice_is_one_line() {
    let mut out = outbox();
    (0..2).for_each(|_| out.ignore(wall(1), Ignored::NotInFlight));
    assert_eq!(out.stats(), Stats { inputs_ignored: 2, ..Stats::default() });
    let details = vec![Detail::Reason(Reason::Ignored(Ignored::NotInFlight)), Detail::Count(2)];
    let lines: Vec<_> = out.log().map(|entry| (entry.event, entry.metadata.clone())).collect();
    assert_eq!(lines, [(EventName::InputIgnored, details)]);
}

#[test]
fn everything_has_a_counter_of_its_own() {
    let mut out = outbox();
    out.visited(3);
    out.visited(4);
    out.visited_origins(2);
    out.dispatched();
    (0..3).for_each(|_| out.commit_sent());
    (0..4).for_each(|_| out.commit_failed());
    (0..5).for_each(|_| out.network_changed());
    let expected = Stats {
        registrations_visited: 7,
        origins_visited: 2,
        events_dispatched: 1,
        commits: 3,
        commits_failed: 4,
        network_changes: 5,
        ..Stats::default()
    };
    assert_eq!(out.stats(), expected);
}

#[test]
fn a_closed_partition_leaves_no_trace() {
    let (mut out, key, tag) = (outbox(), key(0), Tag::from("outbox"));
    let about = About { key: &key, kind: SyncKind::OneShot, tag: &tag, instance: None };
    out.report(wall(0), about, EventName::RegisteredSync, Details::new());
    out.forget(Partition::Private(PartitionId(0)));
    assert_eq!(out.log().count(), 1, "it was another one");
    out.forget(key.partition());
    assert_eq!(out.log().count(), 0);
}
