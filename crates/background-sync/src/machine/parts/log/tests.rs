//! The log against a plain model: a list, and the rules of what stays in it applied one after the other.

use background_sync_policy::{PartitionId, RegistrationKey, StorageKey, SyncKind};
use proptest::prelude::*;

use super::*;
use crate::machine::parts::named::{key, wall};
use crate::{Ignored, Reason};

const MOST: usize = 24;
const MOST_OF_ORIGIN: usize = 5;
const LONGEST: u64 = 30;

const PRIVATE: Partition = Partition::Private(PartitionId(1));

#[derive(Clone, Debug)]
enum Op {
    Push { about: Option<(usize, bool)>, tag: u8, event: EventName, reason: Ignored },
    Pass(u64),
    Forget(Partition),
}

fn op() -> impl Strategy<Value = Op> {
    let about = prop::option::weighted(0.8, (0_usize..3, any::<bool>()));
    let event = prop_oneof![Just(EventName::InputIgnored), Just(EventName::RegisteredSync)];
    let reason = prop_oneof![Just(Ignored::StoreWasRead), Just(Ignored::NotInFlight)];
    let push = (about, 0_u8..2, event, reason);
    prop_oneof![
        12 => push.prop_map(|(about, tag, event, reason)| Op::Push { about, tag, event, reason }),
        3 => (0_u64..12).prop_map(Op::Pass),
        1 => Just(Op::Forget(PRIVATE)),
    ]
}

/// Made apart each time, as the key of a call is.
fn key_of(number: usize, private: bool) -> RegistrationKey {
    let of_profile = key(number);
    if !private {
        return of_profile;
    }
    let (origin, scope) = (of_profile.origin().clone(), format!("https://{number}.example/"));
    RegistrationKey::new(PRIVATE, StorageKey::first_party(origin), &scope, of_profile.incarnation()).unwrap()
}

fn entry(at: u64, about: Option<(usize, bool)>, tag: u8, event: EventName, reason: Ignored) -> LogEntry {
    let key = about.map(|(number, private)| key_of(number, private));
    let tag = key.is_some().then(|| tag.to_string().as_str().into());
    let kind = key.is_some().then_some(SyncKind::OneShot);
    LogEntry {
        at: wall(at),
        key,
        kind,
        tag,
        instance: None,
        event,
        metadata: vec![Detail::Reason(Reason::Ignored(reason))],
    }
}

/// What was said, without how often.
fn plain(entry: &LogEntry) -> LogEntry {
    let mut plain = entry.clone();
    plain.metadata.truncate(1);
    plain.at = wall(0);
    plain
}

fn origin_of(entry: &LogEntry) -> Option<(Partition, String)> {
    entry.key.as_ref().map(|key| (key.partition(), key.origin().to_string()))
}

/// Pushes an entry as the rules say, in the order in which they stand in the parameters' documentation.
fn push(model: &mut Vec<LogEntry>, mut entry: LogEntry) {
    let is_near = |at: usize, len: usize| at + NEAR >= len;
    let equal = (0..model.len()).rev().find(|at| is_near(*at, model.len()) && plain(&model[*at]) == plain(&entry));
    if let (EventName::InputIgnored, Some(at)) = (entry.event, equal) {
        let before = model.remove(at);
        let times = before.metadata.get(1).map_or(1, |count| count.to_string().parse().unwrap());
        entry.metadata.push(Detail::Count(times + 1));
    }
    let (now, origin) = (entry.at, origin_of(&entry));
    model.push(entry);
    let of_origin = |model: &[LogEntry]| model.iter().filter(|entry| origin_of(entry) == origin).count();
    if origin.is_some() && of_origin(model) > MOST_OF_ORIGIN {
        let oldest = model.iter().position(|entry| origin_of(entry) == origin).unwrap();
        model.remove(oldest);
    }
    model.drain(..model.len().saturating_sub(MOST));
    model.retain(|entry| now.since(entry.at) <= Duration::from_secs(LONGEST));
}

fn log() -> Log {
    Log::new(&SyncParameters::recommended().into_parameters().with(|it| {
        it.max_log_entries = MOST;
        it.max_log_entries_per_origin = MOST_OF_ORIGIN;
        it.max_log_age = Duration::from_secs(LONGEST);
    }))
}

proptest! {
    #[test]
    fn random_operations_go_as_in_a_plain_model(ops in prop::collection::vec(op(), 0..120)) {
        let (mut log, mut model, mut now) = (log(), Vec::new(), 0);
        for op in ops {
            match op {
                Op::Push { about, tag, event, reason } => {
                    let entry = entry(now, about, tag, event, reason);
                    push(&mut model, entry.clone());
                    prop_assert_eq!(Some(&*log.push(entry)), model.last(), "as it stands in the log");
                }
                Op::Pass(seconds) => now += seconds,
                Op::Forget(partition) => {
                    log.forget(partition);
                    model.retain(|entry| entry.key.as_ref().is_none_or(|key| key.partition() != partition));
                }
            }
            prop_assert_eq!(log.entries().cloned().collect::<Vec<_>>(), model.clone());
        }
    }
}

#[test]
fn only_what_is_near_is_counted() {
    let mut log = log();
    let said = |reason| entry(0, None, 0, EventName::InputIgnored, reason);
    let old = log.push(said(Ignored::NotInFlight));
    for number in 0..NEAR {
        log.push(entry(0, Some((number, false)), 0, EventName::RegisteredSync, Ignored::StoreWasRead));
    }
    let again = log.push(said(Ignored::NotInFlight));
    assert_eq!((old.metadata.len(), again.metadata.len()), (1, 1), "it is {NEAR} entries ago");
    let thrice = [0; 2].map(|_| log.push(said(Ignored::NotInFlight)).metadata.last().copied());
    assert_eq!(thrice, [Some(Detail::Count(2)), Some(Detail::Count(3))]);
}
