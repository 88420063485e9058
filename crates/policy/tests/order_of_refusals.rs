//! Each rule alone refuses with its own name, and of two broken rules the earlier one speaks.

#![allow(clippy::unwrap_used, reason = "a test may panic")]
use background_sync_policy::{
    Facts, Incarnation, Limits, Origin, Partition, PartitionId, PermissionState, Refusal, RegistrationCounts,
    RegistrationKey, RegistrationRequest, StorageKey, SyncKind, SystemRestriction, UserSwitch, WindowClients,
    WorkerState, authorize,
};

/// A request that can be broken rule by rule.
struct Case {
    facts: Facts,
    third_party: bool,
    tag_length: usize,
    counts: Option<RegistrationCounts>,
}

impl Case {
    fn good() -> Self {
        let counts = Some(counts(999, 4_999, 0));
        Self { facts: Facts::of_an_open_window(), third_party: false, tag_length: 10_240, counts }
    }

    fn break_rule(&mut self, rule: Refusal) {
        match rule {
            Refusal::InsecureContext => self.facts.secure_context = false,
            Refusal::NoSuchRegistration => self.facts.worker = WorkerState::NoSuchRegistration,
            Refusal::WorkerNotLoaded => self.facts.worker = WorkerState::NotLoaded,
            Refusal::NoActiveWorker => self.facts.worker = WorkerState::None,
            Refusal::FencedFrame => self.facts.fenced = true,
            Refusal::SwitchedOff => self.facts.switch = UserSwitch::Off,
            Refusal::PermissionDenied => self.facts.permission = PermissionState::Denied,
            Refusal::NoWindow => self.facts.windows = WindowClients::new(0, 0),
            Refusal::ThirdParty => self.third_party = true,
            Refusal::TagTooLong => self.tag_length = 10_241,
            Refusal::TooManyForWorker => self.counts = Some(counts(1_000, 4_999, 0)),
            Refusal::TooManyForOrigin => self.counts = Some(counts(0, 5_000, 0)),
            Refusal::SystemRestricted => self.facts.restriction = SystemRestriction::Restricted,
            Refusal::TooManyTagBytes => self.counts = Some(counts(0, 0, (1 << 20) - 2 * 10_240 + 1)),
            Refusal::TooManyTagBytesOfProfile => {
                self.counts = Some(RegistrationCounts::new(0, 0, 0, (64 << 20) - 2 * 10_240 + 1));
            }
            other => panic!("no way to break {other:?}"),
        }
    }

    fn judge(&self) -> Result<(), Refusal> {
        let key = key(self.third_party);
        let request = RegistrationRequest::new(&key, SyncKind::OneShot, self.tag_length, self.counts);
        let permit = authorize(&request, &self.facts, &Limits::default())?;
        assert_eq!(permit.into_parts(), (key, SyncKind::OneShot), "a permit names the key it was asked for");
        Ok(())
    }
}

fn counts(of_worker: usize, of_origin: usize, tag_bytes_of_origin: usize) -> RegistrationCounts {
    RegistrationCounts::new(of_worker, of_origin, tag_bytes_of_origin, tag_bytes_of_origin)
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

#[test]
fn nothing_broken_is_permitted() {
    assert_eq!(Case::good().judge(), Ok(()));
}

#[test]
fn each_rule_refuses_alone() {
    for rule in Refusal::ALL.iter().copied() {
        let mut case = Case::good();
        case.break_rule(rule);
        assert_eq!(case.judge(), Err(rule));
    }
}

#[test]
fn of_two_broken_rules_the_earlier_speaks() {
    for (i, first) in Refusal::ALL.iter().copied().enumerate() {
        for second in &Refusal::ALL[i + 1..] {
            let exclusive = [
                (Refusal::NoSuchRegistration, Refusal::WorkerNotLoaded),
                (Refusal::NoSuchRegistration, Refusal::NoActiveWorker),
                (Refusal::WorkerNotLoaded, Refusal::NoActiveWorker),
                (Refusal::TagTooLong, Refusal::TooManyTagBytes),
                (Refusal::TooManyForWorker, Refusal::TooManyForOrigin),
                (Refusal::TooManyForWorker, Refusal::TooManyTagBytes),
                (Refusal::TooManyForOrigin, Refusal::TooManyTagBytes),
            ];
            if exclusive.contains(&(first, *second)) {
                continue;
            }
            let mut case = Case::good();
            case.break_rule(*second);
            case.break_rule(first);
            assert_eq!(case.judge(), Err(first), "{first:?} comes before {second:?}");
        }
    }
}

/// I1: over every combination of facts, a permit exists only where the rule holds.
#[test]
fn i1_a_permit_needs_window_worker_context_and_permission() {
    let workers = [
        WorkerState::NotLoaded,
        WorkerState::NoSuchRegistration,
        WorkerState::None,
        WorkerState::Activating,
        WorkerState::Active,
    ];
    let permissions = [PermissionState::Granted, PermissionState::Prompt, PermissionState::Denied];
    let mut permitted = 0;
    for bits in 0_u32..64 {
        for worker in workers {
            for permission in permissions {
                let bit = |n: u32| bits >> n & 1 == 1;
                let facts = Facts {
                    secure_context: bit(0),
                    fenced: bit(1),
                    worker,
                    windows: WindowClients::new(u32::from(bit(2)), u32::from(bit(3))),
                    permission,
                    switch: if bit(4) { UserSwitch::On } else { UserSwitch::Off },
                    restriction: if bit(5) { SystemRestriction::None } else { SystemRestriction::Restricted },
                };
                let ok = bit(0)
                    && !bit(1)
                    && (bit(2) || bit(3))
                    && bit(4)
                    && bit(5)
                    && matches!(worker, WorkerState::Activating | WorkerState::Active)
                    && permission != PermissionState::Denied;
                let case = Case { facts, ..Case::good() };
                assert_eq!(case.judge().is_ok(), ok, "{facts:?}");
                permitted += u32::from(ok);
            }
        }
    }
    assert_eq!(permitted, 12, "3 window sets x 2 workers x 2 permissions");
}

/// The word of a host that calls everything secure is not enough for a scheme that is not; of its own schemes it knows.
#[test]
fn http_is_refused_whatever_the_caller_says_and_a_loopback_is_not() {
    let judged = |origin: Origin, secure_context| {
        let storage_key = StorageKey::first_party(origin.clone());
        let partition = Partition::Profile(PartitionId(0));
        let key = RegistrationKey::new(partition, storage_key, &format!("{origin}/"), Incarnation(1)).unwrap();
        let facts = Facts { secure_context, worker: WorkerState::None, ..Facts::of_an_open_window() };
        authorize(&RegistrationRequest::new_tag(&key, 1), &facts, &Limits::default()).unwrap_err()
    };
    let parsed = |text| Origin::parse(text).unwrap();
    for origin in [parsed("http://chat.example"), parsed("ftp://chat.example")] {
        assert_eq!(judged(origin, true), Refusal::InsecureContext, "and before anything else");
    }
    let app = Origin::from_tuple("app", "chat", None).unwrap();
    for origin in [parsed("https://chat.example"), parsed("http://localhost:8000"), parsed("http://[::1]"), app] {
        assert_eq!(judged(origin.clone(), true), Refusal::NoActiveWorker, "{origin}");
        assert_eq!(judged(origin, false), Refusal::InsecureContext);
    }
}

#[test]
fn an_existing_tag_may_always_be_registered_again() {
    let case = Case { counts: None, ..Case::good() };
    assert_eq!(case.judge(), Ok(()));
}

#[test]
fn every_refusal_says_what_to_do() {
    for rule in Refusal::ALL {
        assert!(rule.message().ends_with('.') && rule.message().len() > 40, "{rule:?}: {rule}");
    }
}
