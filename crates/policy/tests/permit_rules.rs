//! The rules once more, each in one sentence, held against random requests: every fact, limit and count.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use background_sync_policy::{
    Facts, Incarnation, Limits, Origin, Partition, PartitionId, PermissionState, Refusal, RegistrationCounts,
    RegistrationKey, RegistrationRequest, StorageKey, SyncKind, SystemRestriction, UserSwitch, WindowClients,
    WorkerState, authorize,
};
use proptest::prelude::*;

/// A request with all that is known about it.
#[derive(Clone, Copy, Debug)]
struct Asked {
    facts: Facts,
    third_party: bool,
    tag_length: usize,
    counts: Option<RegistrationCounts>,
    limits: Limits,
}

impl Asked {
    /// Every rule in the order in which pages can tell them apart, and whether it is broken.
    fn rules(&self) -> [(Refusal, bool); 15] {
        let Self { facts, limits, .. } = self;
        let new =
            |broken: fn(&RegistrationCounts, &Self) -> bool| self.counts.is_some_and(|counts| broken(&counts, self));
        [
            (Refusal::InsecureContext, !facts.secure_context),
            (Refusal::NoSuchRegistration, facts.worker == WorkerState::NoSuchRegistration),
            (Refusal::WorkerNotLoaded, facts.worker == WorkerState::NotLoaded),
            (Refusal::NoActiveWorker, facts.worker == WorkerState::None),
            (Refusal::FencedFrame, facts.fenced),
            (Refusal::SwitchedOff, facts.switch == UserSwitch::Off),
            (Refusal::SystemRestricted, facts.restriction == SystemRestriction::Restricted),
            (Refusal::PermissionDenied, facts.permission == PermissionState::Denied),
            (Refusal::NoWindow, u64::from(facts.windows.top_level) + u64::from(facts.windows.auxiliary) == 0),
            (Refusal::ThirdParty, self.third_party),
            (Refusal::TagTooLong, self.tag_length > limits.max_tag_length),
            (
                Refusal::TooManyForWorker,
                new(|counts, asked| one_more(counts.of_worker) > asked.limits.max_registrations_per_worker as u128),
            ),
            (
                Refusal::TooManyForOrigin,
                new(|counts, asked| one_more(counts.of_origin) > asked.limits.max_registrations_per_origin as u128),
            ),
            (
                Refusal::TooManyTagBytes,
                new(|counts, asked| {
                    with_this(counts.tag_bytes_of_origin, asked) > asked.limits.max_tag_bytes_per_origin as u128
                }),
            ),
            (
                Refusal::TooManyTagBytesOfProfile,
                new(|counts, asked| {
                    with_this(counts.tag_bytes_of_profile, asked) > asked.limits.max_tag_bytes_per_profile as u128
                }),
            ),
        ]
    }

    fn judge(&self) -> Result<RegistrationKey, Refusal> {
        let key = key(self.third_party);
        let request = RegistrationRequest::new(&key, SyncKind::OneShot, self.tag_length, self.counts);
        authorize(&request, &self.facts, &self.limits).map(|permit| permit.into_parts().0)
    }
}

fn one_more(count: usize) -> u128 {
    count as u128 + 1
}

/// What the tags take with this one. Nothing takes more than can be counted: a limit of all that can be counted is
/// none.
fn with_this(tag_bytes: usize, asked: &Asked) -> u128 {
    (tag_bytes as u128 + 2 * asked.tag_length as u128).min(usize::MAX as u128)
}

fn key(third_party: bool) -> RegistrationKey {
    let origin = Origin::parse("https://chat.example").unwrap();
    let storage_key = if third_party {
        StorageKey::third_party(origin, "https://news.example")
    } else {
        StorageKey::first_party(origin)
    };
    RegistrationKey::new(Partition::Profile(PartitionId(0)), storage_key, "https://chat.example/", Incarnation(1))
        .unwrap()
}

/// Often true, so that the later rules have their say.
fn mostly() -> impl Strategy<Value = bool> {
    prop::bool::weighted(0.9)
}

fn facts() -> impl Strategy<Value = Facts> {
    let worker = prop_oneof![
        1 => Just(WorkerState::NoSuchRegistration),
        1 => Just(WorkerState::NotLoaded),
        1 => Just(WorkerState::None),
        9 => Just(WorkerState::Activating),
        9 => Just(WorkerState::Active),
    ];
    let permission = prop_oneof![
        1 => Just(PermissionState::Denied),
        4 => Just(PermissionState::Prompt),
        4 => Just(PermissionState::Granted),
    ];
    let number = || prop_oneof![Just(0), Just(1), any::<u32>()];
    let windows = (number(), number()).prop_map(|(top_level, auxiliary)| WindowClients::new(top_level, auxiliary));
    (mostly(), mostly(), worker, windows, permission, mostly(), mostly()).prop_map(
        |(secure_context, unfenced, worker, windows, permission, on, unrestricted)| Facts {
            secure_context,
            fenced: !unfenced,
            worker,
            windows,
            permission,
            switch: if on { UserSwitch::On } else { UserSwitch::Off },
            restriction: if unrestricted { SystemRestriction::None } else { SystemRestriction::Restricted },
        },
    )
}

/// Small, huge, or anything.
fn limit() -> impl Strategy<Value = usize> {
    prop_oneof![0_usize..5, usize::MAX - 3..=usize::MAX, any::<usize>()]
}

/// Around a limit, or anything.
fn around(edge: usize) -> impl Strategy<Value = usize> {
    prop_oneof![
        3 => edge.saturating_sub(2)..=edge.saturating_add(2),
        1 => edge / 2..=(edge / 2).saturating_add(1),
        1 => limit(),
    ]
}

fn asked() -> impl Strategy<Value = Asked> {
    let limits = (limit(), limit(), limit(), limit(), limit());
    limits.prop_flat_map(|(length, of_worker, of_origin, bytes, all_bytes)| {
        let limits = Limits::default().with(|it| {
            it.max_tag_length = length;
            it.max_registrations_per_worker = of_worker;
            it.max_registrations_per_origin = of_origin;
            it.max_tag_bytes_per_origin = bytes;
            it.max_tag_bytes_per_profile = all_bytes;
        });
        let counts = (around(of_worker), around(of_origin), around(bytes), around(all_bytes)).prop_map(
            |(of_worker, of_origin, of_origin_bytes, of_profile_bytes)| {
                RegistrationCounts::new(of_worker, of_origin, of_origin_bytes, of_profile_bytes)
            },
        );
        (facts(), prop::bool::weighted(0.1), around(length), prop::option::weighted(0.8, counts)).prop_map(
            move |(facts, third_party, tag_length, counts)| Asked { facts, third_party, tag_length, counts, limits },
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    /// I1, I10: the first broken rule speaks, and where none is broken there is a permit for that key.
    #[test]
    fn i1_the_first_broken_rule_refuses_and_nothing_else_does(asked in asked()) {
        let first_broken = asked.rules().into_iter().find(|(_, broken)| *broken);
        let expected = match first_broken {
            Some((rule, _)) => Err(rule),
            None => Ok(key(asked.third_party)),
        };
        prop_assert_eq!(asked.judge(), expected);
    }

    /// I10: whatever the caps, a tag that is registered already may be registered again.
    #[test]
    fn i10_no_count_refuses_a_tag_that_is_registered_already(asked in asked()) {
        let new = asked.judge();
        let again = Asked { counts: None, ..asked }.judge();
        let of_counts = [
            Refusal::TooManyForWorker,
            Refusal::TooManyForOrigin,
            Refusal::TooManyTagBytes,
            Refusal::TooManyTagBytesOfProfile,
        ];
        match new {
            Err(refusal) if of_counts.contains(&refusal) => prop_assert_eq!(again, Ok(key(asked.third_party))),
            same => prop_assert_eq!(again, same),
        }
    }
}
