//! What waits against a plain model: a list, looked through from its end.

use background_sync_policy::{Facts, PermissionState};
use background_sync_scheduler::AskedBy;
use proptest::prelude::*;

use super::*;

/// What is said, of origin or worker `u8`.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Said {
    Off(SyncKind, Option<u8>),
    On(SyncKind),
    Revoked(SyncKind, u8),
    Windows(u8, u32),
    Worker(u8, WorkerState),
    Unregistered(u8),
    Cleared(u8, Option<u64>),
    Closed(u8),
}

#[derive(Clone, Copy, Debug)]
enum Op {
    Notice(Said),
    Register(u8),
    GetTags(u8),
    Cancel(u8),
    GiveUp,
}

fn said() -> impl Strategy<Value = Said> {
    use WorkerState::{Activating, Active, NoSuchRegistration, NotLoaded};
    let kind = || prop_oneof![2 => Just(SyncKind::OneShot), 1 => Just(SyncKind::Periodic)];
    let state = prop_oneof![Just(NotLoaded), Just(NoSuchRegistration), Just(Activating), Just(Active)];
    let number = || 0_u8..2;
    prop_oneof![
        2 => (kind(), prop::option::of(number())).prop_map(|(kind, origin)| Said::Off(kind, origin)),
        2 => kind().prop_map(Said::On),
        1 => (kind(), number()).prop_map(|(kind, origin)| Said::Revoked(kind, origin)),
        1 => (number(), 0_u32..3).prop_map(|(origin, count)| Said::Windows(origin, count)),
        2 => (number(), state).prop_map(|(worker, state)| Said::Worker(worker, state)),
        1 => number().prop_map(Said::Unregistered),
        4 => (number(), prop::option::weighted(0.8, 0_u64..9)).prop_map(|(origin, since)| Said::Cleared(origin, since)),
        1 => number().prop_map(Said::Closed),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        8 => said().prop_map(Op::Notice),
        1 => (0_u8..2).prop_map(Op::Register),
        1 => (0_u8..2).prop_map(Op::GetTags),
        1 => (0_u8..2).prop_map(Op::Cancel),
        1 => Just(Op::GiveUp),
    ]
}

impl Said {
    fn input(self) -> Input {
        let (request, partition, origin) = (None, PROFILE, |number: u8| origin_name(number.into()));
        match self {
            Self::Off(kind, number) => {
                let origin = number.map(|number| (partition, origin(number)));
                Input::UserSwitch { request, origin, kind, switch: UserSwitch::Off }
            }
            Self::On(kind) => switched(kind, UserSwitch::On),
            Self::Revoked(kind, number) => {
                let (origin, state) = (origin(number), PermissionState::Denied);
                Input::PermissionChanged { request, partition, origin, kind, state }
            }
            Self::Windows(number, count) => windows(number.into(), count),
            Self::Worker(number, state) => Input::WorkerChanged { key: key(number.into()), state },
            Self::Unregistered(number) => Input::Unregistered { request, key: key(number.into()) },
            Self::Cleared(number, since) => {
                let scope = ClearedScope::Origin(partition, origin(number));
                Input::DataCleared { request, scope, since: since.map(wall) }
            }
            Self::Closed(number) => {
                Input::PartitionClosed { request, partition: Partition::Private(PartitionId(number.into())) }
            }
        }
    }

    /// Whether somebody may want to hear of it: it takes something away.
    fn is_asked_for(self) -> bool {
        match self {
            Self::Off(..) | Self::Revoked(..) | Self::Unregistered(_) | Self::Cleared(..) | Self::Closed(_) => true,
            Self::On(_) | Self::Windows(..) | Self::Worker(..) => false,
        }
    }

    /// The host said that there is no such service worker registration, in one way or the other.
    fn gone(self) -> Option<u8> {
        match self {
            Self::Unregistered(number) | Self::Worker(number, WorkerState::NoSuchRegistration) => Some(number),
            Self::Worker(..)
            | Self::Off(..)
            | Self::On(_)
            | Self::Revoked(..)
            | Self::Windows(..)
            | Self::Cleared(..)
            | Self::Closed(_) => None,
        }
    }

    /// Whether it leaves nothing of what was said before, and is in its place.
    fn covers(self, earlier: Self) -> bool {
        match (self, earlier) {
            (Self::Off(kind, origin), Self::Off(before, of)) => (kind, origin) == (before, of),
            (Self::Off(kind, None), Self::On(before)) => kind == before,
            (Self::Revoked(kind, origin), Self::Revoked(before, of)) => (kind, origin) == (before, of),
            (Self::Windows(origin, _), Self::Windows(of, _)) => origin == of,
            (Self::Closed(partition), Self::Closed(of)) => partition == of,
            (Self::Cleared(origin, _), Self::Cleared(of, _)) => origin == of,
            (later, earlier) => match (later.gone(), earlier.gone()) {
                (Some(worker), Some(of)) => worker == of,
                (Some(worker), None) => matches!(earlier, Self::Worker(of, _) if worker == of),
                (None, None) => {
                    matches!((later, earlier), (Self::Worker(worker, _), Self::Worker(of, _)) if worker == of)
                }
                (None, Some(_)) => false,
            },
        }
    }
}

/// Who wants to hear of it.
type Asked = Vec<(RequestId, Taken)>;

#[derive(Clone, Debug)]
enum What {
    Notice(Said),
    Request(u8, Input),
}

#[derive(Clone, Debug)]
struct Waits {
    at: u64,
    what: What,
    asked: Vec<u64>,
    /// Calls that had been made before it.
    calls: u64,
}

#[derive(Debug, Default)]
struct Model {
    waits: Vec<Waits>,
    calls: u64,
}

impl Model {
    fn notices(&self) -> impl DoubleEndedIterator<Item = (usize, Said, u64)> {
        self.waits.iter().enumerate().filter_map(|(at, waits)| match waits.what {
            What::Notice(said) => Some((at, said, waits.calls)),
            What::Request(..) => None,
        })
    }

    fn notice(&mut self, at: u64, mut said: Said, mut asked: Vec<u64>) {
        if let Said::On(kind) = said {
            let last = self
                .notices()
                .rev()
                .find(|(_, said, _)| matches!(said, Said::Off(of, None) | Said::On(of) if *of == kind));
            if !matches!(last, Some((_, Said::Off(..), _))) {
                return;
            }
        }
        if let Said::Cleared(origin, since) = said {
            // What was stored after the first clearing and before the second would be gone with a single one.
            let before = self.notices().rev().find(|(_, earlier, _)| said.covers(*earlier));
            let before = before.filter(|(_, _, calls)| since.is_none() || *calls == self.calls);
            if let Some((at, Said::Cleared(_, earlier), _)) = before {
                said = Said::Cleared(origin, since.and_then(|since| Some(since.min(earlier?))));
                asked.splice(..0, self.waits.remove(at).asked);
            }
        } else {
            let covered = self.notices().rev().filter(|(_, earlier, _)| said.covers(*earlier)).map(|(at, ..)| at);
            for at in covered.collect::<Vec<_>>() {
                asked.splice(..0, self.waits.remove(at).asked);
            }
        }
        self.waits.push(Waits { at, what: What::Notice(said), asked, calls: self.calls });
    }

    fn request(&mut self, at: u64, number: u8, input: Input) {
        self.calls += 1;
        self.waits.push(Waits { at, what: What::Request(number, input), asked: Vec::new(), calls: self.calls });
    }

    fn give_up(&mut self) -> Vec<Input> {
        let gives_up = |waits: &Waits| match &waits.what {
            What::Request(_, input) => !matches!(input, Input::Cancel { .. }),
            What::Notice(_) => false,
        };
        let (leaving, staying): (Vec<_>, Vec<_>) = self.waits.drain(..).partition(gives_up);
        self.waits = staying;
        if self.requests(None) == 0 {
            // Between what is left there are no calls: it is as if it had been said in one go.
            for Waits { at, what, asked, .. } in std::mem::take(self).waits {
                if let What::Notice(said) = what {
                    self.notice(at, said, asked);
                }
            }
        }
        leaving
            .into_iter()
            .filter_map(|waits| if let What::Request(_, input) = waits.what { Some(input) } else { None })
            .collect()
    }

    fn requests(&self, of: Option<u8>) -> usize {
        let counts = |waits: &&Waits| match &waits.what {
            What::Request(number, _) => of.is_none_or(|of| of == *number),
            What::Notice(_) => false,
        };
        self.waits.iter().filter(counts).count()
    }

    fn asked(&self) -> usize {
        self.waits.iter().map(|waits| waits.asked.len()).sum()
    }

    /// All that waits, as the machine takes it up.
    fn entries(self) -> Vec<(WallTime, Input, Asked)> {
        let entry = |Waits { at, what, asked, .. }| {
            let input = match what {
                What::Notice(said) => said.input(),
                What::Request(_, input) => input,
            };
            (wall(at), input, asked.into_iter().map(|number| (RequestId(number), Taken::Stored)).collect())
        };
        self.waits.into_iter().map(entry).collect()
    }
}

fn register(request: u64, number: u8) -> Input {
    Input::Register {
        request: RequestId(request),
        key: key(number.into()),
        tag: "outbox".into(),
        asked_by: AskedBy::Page,
        facts: Facts::of_an_open_window(),
    }
}

fn cancel(request: u64, number: u8) -> Input {
    let (key, kind, tag) = (key(number.into()), SyncKind::OneShot, "outbox".into());
    Input::Cancel { request: RequestId(request), key, kind, tag }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]
    #[test]
    fn random_operations_go_as_in_a_plain_model(ops in prop::collection::vec(op(), 0..40)) {
        let (mut waiting, mut model) = (Waiting::default(), Model::default());
        for (time, op) in (0_u64..).zip(ops) {
            let mut request = |number: u8, input: Input| {
                waiting.push_request(wall(time), &key(number.into()), input.clone());
                model.request(time, number, input);
            };
            match op {
                Op::Notice(said) => {
                    let asked = if said.is_asked_for() { vec![time] } else { Vec::new() };
                    let who = asked.iter().map(|number| (RequestId(*number), Taken::Stored)).collect();
                    prop_assert!(waiting.push_notice(wall(time), said.input(), who));
                    model.notice(time, said, asked);
                }
                Op::Register(number) => request(number, register(time, number)),
                Op::GetTags(number) => request(number, get_tags(number.into())),
                Op::Cancel(number) => request(number, cancel(time, number)),
                Op::GiveUp => prop_assert_eq!(waiting.take_those_that_give_up(), model.give_up()),
            }
            prop_assert_eq!((waiting.requests(), waiting.asked()), (model.requests(None), model.asked()));
            for number in 0..2 {
                let of_origin = waiting.requests_of(PROFILE, &origin_name(number.into()));
                prop_assert_eq!(of_origin, model.requests(Some(number)));
            }
        }
        let entries: Vec<_> = waiting.into_entries().map(|entry| (entry.said_at, entry.input, entry.asked)).collect();
        prop_assert_eq!(entries, model.entries());
    }
}
