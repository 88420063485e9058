//! What a machine says that it holds, beside what an allocator counts. The only test of its program, so that nobody else
//! allocates meanwhile.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use background_sync::policy::{
    Facts, Incarnation, Origin, Partition, PartitionId, RegistrationKey, StorageKey, SyncKind,
};
use background_sync::registration::{
    MonotonicTime, Now, Observed, Sequence, Series, StoredRegistration, StoredState, StoredWait, Tag, WallTime,
};
use background_sync::scheduler::{NetworkState, SyncParameters};
use background_sync::{AskedBy, Input, Loaded, Machine, NetworkSubject, Output, RequestId, StoredProfile, WorkerState};
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

const NOW: Now = Now { monotonic: MonotonicTime::ZERO, wall: WallTime::from_unix_ms(1_700_000_000_000) };
const TAGS_PER_WORKER: u64 = 500;

/// What all registrations do.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Doing {
    /// They came with the store and are pending; there is no network.
    Pending,
    /// They came with the store and wait for a retry.
    Waiting,
    /// They have tags that are longer than a record has room for.
    LongTags,
    /// They were registered by calls, whose commit is on its way.
    OnTheirWay,
    /// They were registered by calls that are long answered; the log speaks of the last ones.
    Registered,
}

impl Doing {
    fn comes_with_the_store(self) -> bool {
        match self {
            Self::Pending | Self::Waiting | Self::LongTags => true,
            Self::OnTheirWay | Self::Registered => false,
        }
    }
}

fn key(number: u64) -> RegistrationKey {
    let origin = Origin::parse(&format!("https://site-{number}.example")).unwrap();
    let scope = format!("{}/", origin.as_str());
    let partition = Partition::Profile(PartitionId(0));
    RegistrationKey::new(partition, StorageKey::first_party(origin), &scope, Incarnation(1)).unwrap()
}

fn tag(number: u64, doing: Doing) -> Tag {
    let more = if doing == Doing::LongTags { " that is too long to lie in a record" } else { "" };
    Tag::from(format!("message {number}{more}").as_str())
}

fn row(key: &RegistrationKey, number: u64, doing: Doing) -> StoredRegistration {
    let until = NOW.wall.after(Duration::from_secs(3_600));
    let (state, attempts) = match doing {
        Doing::Waiting => (StoredState::Waiting(StoredWait::new(until, Duration::from_secs(3_600)), false), 1),
        Doing::Pending | Doing::LongTags | Doing::OnTheirWay | Doing::Registered => (StoredState::Pending(None), 0),
    };
    StoredRegistration {
        sequence: Sequence(number + 1),
        key: key.clone(),
        kind: SyncKind::OneShot,
        tag: tag(number, doing),
        state,
        series: Series::charged(attempts),
        registered: Observed { wall: NOW.wall, running: Duration::ZERO },
        network: None,
        schedule: None,
    }
}

/// A machine with so many registrations, all of whose outputs were taken.
fn machine(registrations: u64, doing: Doing) -> Machine {
    let params = SyncParameters::recommended().into_parameters().with(|it| {
        it.max_queued_requests = 1 << 20;
        it.max_queued_requests_per_origin = 1 << 20;
    });
    let mut machine = Machine::new(params.validated().unwrap(), [7; 32]);
    let workers: Vec<_> = (0..registrations.div_ceil(TAGS_PER_WORKER)).map(key).collect();
    let worker_of = |number| &workers[(number / TAGS_PER_WORKER) as usize];
    let stored = if doing.comes_with_the_store() { registrations } else { 0 };
    let mut say = |input| {
        machine.handle(NOW, input);
        while let Some(output) = machine.poll_output() {
            match output {
                Output::Commit { txn, .. } if doing == Doing::Registered => {
                    machine.handle(NOW, Input::Committed { txn });
                }
                Output::Reply { request, .. } => machine.handle(NOW, Input::ReplyDelivered { request }),
                _ => {}
            }
        }
    };
    say(Input::NetworkChanged { subject: NetworkSubject::All, state: NetworkState::Offline, epoch: 1 });
    say(Input::Loaded(Loaded {
        registrations: (0..stored).map(|number| row(worker_of(number), number, doing)).collect(),
        profile: Some(StoredProfile::default().with(|it| it.next_sequence = Sequence(stored + 1))),
        worker_states: workers.iter().map(|key| (key.clone(), WorkerState::Active)).collect(),
        ..Loaded::default()
    }));
    for number in stored..registrations {
        say(Input::Register {
            request: RequestId(number),
            key: worker_of(number).clone(),
            tag: tag(number, doing),
            asked_by: AskedBy::Page,
            facts: Facts::of_an_open_window(),
        });
    }
    assert_eq!(machine.registration_count() as u64, registrations, "{doing:?}");
    machine
}

#[test]
fn a_machine_knows_what_it_holds_to_within_five_in_a_hundred() {
    for doing in [Doing::Pending, Doing::Waiting, Doing::LongTags, Doing::OnTheirWay, Doing::Registered] {
        for registrations in [1_000, 20_000] {
            let before = ALLOCATED.current_usage();
            let machine = machine(registrations, doing);
            let counted = (ALLOCATED.current_usage() - before) as f64;
            let said = machine.heap_bytes() as f64;
            println!("{doing:?} {registrations}: says {said}, the allocator {counted}, {:.3}", said / counted);
            assert!((0.95..=1.05).contains(&(said / counted)), "{doing:?} {registrations}: {said} of {counted}");
        }
    }
}
