//! Bugs that were found once, each as the story that showed it.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;
use background_sync::policy::*;
use background_sync::registration::*;
use background_sync::scheduler::*;
use background_sync::*;
use std::time::Duration;
use support::*;

fn last_txn(h: &Host) -> TxnId {
    h.outputs
        .iter()
        .rev()
        .find_map(|o| match o {
            Output::Commit { txn, .. } => Some(*txn),
            _ => None,
        })
        .unwrap()
}
fn count(h: &Host, f: impl Fn(&Output) -> bool) -> usize {
    h.outputs.iter().filter(|o| f(o)).count()
}
fn image(h: &Host) -> MemoryStore {
    // every commit of `Host` with `commit = true`, or answered Committed by the test
    let mut s = MemoryStore::default();
    for ops in &h.commits {
        for op in ops {
            s.apply(op.clone());
        }
    }
    s
}
fn loaded(s: &MemoryStore, state: WorkerState) -> Loaded {
    let c = s.contents();
    let keys: std::collections::BTreeSet<_> = c.registrations.iter().map(|r| r.key.clone()).collect();
    Loaded {
        registrations: c.registrations,
        budgets: c.budgets,
        profile: c.profile,
        lost: 0,
        worker_states: keys.into_iter().map(|k| (k, state)).collect(),
        windows: vec![(PROFILE, origin(), WindowClients { top_level: 1, ..WindowClients::none() })],
    }
}
fn now(s: u64) -> Now {
    Now {
        monotonic: MonotonicTime::from_start(secs(s)),
        wall: WallTime::from_unix_ms(1_700_000_000_000 + s as i64 * 1000),
    }
}
fn drain(m: &mut Machine) -> Vec<Output> {
    let mut v = vec![];
    while let Some(o) = m.poll_output() {
        v.push(o)
    }
    v
}
fn stored(seq: u64, tag: &str) -> StoredRegistration {
    StoredRegistration {
        sequence: Sequence(seq),
        key: key(),
        tag: Tag::from(tag),
        state: StoredState::Pending(None),
        series: Series::default(),
        registered: Observed { wall: now(0).wall, running: Duration::ZERO },
        network: None,
    }
}
fn net(m: &mut Machine, at: Now, epoch: u64) {
    m.handle(at, Input::NetworkChanged { subject: NetworkSubject::All, state: NetworkState::online(), epoch });
}

/// removal of a first registration whose commit is in flight
#[test]
fn cleared_while_first_commit_in_flight_must_not_come_back() {
    let mut h = Host::new();
    h.network(NetworkState::Offline);
    h.commit = false;
    let r = h.register("outbox");
    let txn = last_txn(&h);
    h.send(Input::DataCleared { scope: ClearedScope::Partition(PROFILE), since: None });
    assert!(matches!(h.reply(r), Some(Reply::Registered(Err(RegisterError::Cleared)))));
    h.commit = true;
    h.send(Input::Committed { txn });
    h.run(secs(60));
    assert_eq!(
        image(&h).contents().registrations,
        vec![],
        "rejected and cleared, yet durable: fires after the next start"
    );
}
#[test]
fn cancel_says_true_and_the_store_keeps_it() {
    let mut h = Host::new();
    h.network(NetworkState::Offline);
    h.commit = false;
    h.register("outbox");
    let txn = last_txn(&h);
    h.send(Input::Cancel { request: RequestId(900), key: key(), tag: Tag::from("outbox") });
    h.commit = true;
    h.send(Input::Committed { txn });
    h.run(secs(60));
    assert_eq!(h.reply(RequestId(900)), Some(&Reply::Cancelled(Ok(true))));
    assert_eq!(image(&h).contents().registrations, vec![]);
}
#[test]
fn rejected_at_shutdown_and_durable() {
    let mut h = Host::new();
    h.network(NetworkState::Offline);
    h.commit = false;
    let r = h.register("outbox");
    let txn = last_txn(&h);
    h.send(Input::Shutdown);
    assert!(matches!(h.reply(r), Some(Reply::Registered(Err(_)))));
    h.commit = true;
    h.send(Input::Committed { txn });
    assert_eq!(image(&h).contents().registrations, vec![]);
}

/// key whose worker is not loaded, two tags
#[test]
fn not_loaded_holds_every_tag_of_the_key() {
    let mut m = Machine::new(SyncParameters::recommended(), 1);
    drain(&mut m);
    let mut s = MemoryStore::default();
    s.apply(StoreOp::PutRegistration(stored(1, "a")));
    s.apply(StoreOp::PutRegistration(stored(2, "b")));
    m.handle(now(0), Input::Loaded(loaded(&s, WorkerState::NotLoaded)));
    net(&mut m, now(0), 1);
    let mut starts = 0;
    for t in 1..200 {
        m.handle(now(t), Input::Tick);
        for o in drain(&mut m) {
            match o {
                Output::AskNetwork { origin } => m.handle(
                    now(t),
                    Input::NetworkChanged {
                        subject: NetworkSubject::Origin(origin),
                        state: NetworkState::online(),
                        epoch: 1,
                    },
                ),
                Output::Start { .. } => starts += 1,
                _ => {}
            }
        }
    }
    assert_eq!(starts, 0, "why_not: {:?}", m.why_not(&key(), &Tag::from("a")));
}

/// an attempt that waits for a call whose commit fails
#[test]
fn a_failed_call_does_not_hold_up_a_ready_attempt() {
    let mut h = Host::new();
    h.commit = false;
    h.start = false;
    h.register("t");
    h.send(Input::Committed { txn: last_txn(&h) }); // -> Start, Commit(attempt)
    let attempt = h
        .outputs
        .iter()
        .find_map(|o| match o {
            Output::Start { attempt, .. } => Some(*attempt),
            _ => None,
        })
        .unwrap();
    let t_attempt = last_txn(&h);
    // an unrelated tag opens... the attempt's commit is in flight; the call goes into the next one after it is durable
    h.send(Input::Committed { txn: t_attempt });
    h.register("t"); // rides in a commit of its own
    let t_call = last_txn(&h);
    let (facts, network) = (h.facts, h.network.clone());
    h.send(Input::Ready { attempt, facts, network });
    h.send(Input::CommitFailed { txn: t_call });
    // the store stays silent from here on; the attempt is durable and its worker runs
    h.run(secs(5));
    assert_eq!(
        h.events.len(),
        1,
        "ready and durable, and nobody looks again until the start times out: {:?}",
        h.machine.why_not(&key(), &Tag::from("t"))
    );
}

/// numbers from disk at their end
#[test]
fn sequence_max_from_disk() {
    let mut m = Machine::new(SyncParameters::recommended(), 1);
    let mut s = MemoryStore::default();
    s.apply(StoreOp::PutProfile(StoredProfile { next_sequence: Sequence(u64::MAX), ..StoredProfile::default() }));
    m.handle(now(0), Input::Loaded(loaded(&s, WorkerState::Active)));
    for n in 0..2 {
        m.handle(
            now(0),
            Input::Register {
                request: RequestId(n),
                key: key(),
                tag: Tag::from(n.to_string().as_str()),
                asked_by: AskedBy::Page,
                facts: Facts::of_an_open_window(),
            },
        );
    }
}
#[test]
fn attempts_max_from_disk() {
    let mut h = Host::new();
    h.machine = Machine::new(SyncParameters::recommended(), 1);
    let mut s = MemoryStore::default();
    let mut r = stored(1, "a");
    r.series = Series { attempts: u32::MAX, free_in_a_row: u32::MAX };
    s.apply(StoreOp::PutRegistration(r));
    h.send(Input::Loaded(loaded(&s, WorkerState::Active)));
    h.network(NetworkState::online());
    h.outcomes = [Some(Outcome::Rejected)].into();
    h.run(secs(100));
    assert_eq!(h.events.len(), 1);
}

/// wake done / process released before the end is durable
#[test]
fn the_process_is_not_let_go_before_the_end_is_durable() {
    let mut h = Host::new();
    h.network(NetworkState::Offline);
    h.register("t");
    h.windows(0);
    h.send(Input::Slept);
    h.send(Input::Woke);
    h.network(NetworkState::online());
    h.outputs.clear();
    h.send(Input::Woken { token: WakeToken(1), budget: secs(30) });
    while count(&h, |o| matches!(o, Output::WakeDone { .. })) == 0 {
        h.run(Duration::from_millis(50));
    }
    assert_eq!(h.events.len(), 1);
    // the OS kills the process now
    let mut m = Machine::new(SyncParameters::recommended(), 2);
    m.handle(now(100), Input::Loaded(loaded(&image(&h), WorkerState::Active)));
    assert_eq!(
        m.registration_count(),
        0,
        "fulfilled before WakeDone and KeepAlive(false), and still in the store as firing"
    );
}
#[test]
fn keep_alive_covers_the_lazy_commit() {
    let mut h = Host::new();
    h.register("t");
    assert_eq!(h.events.len(), 1);
    let keep = h.outputs.iter().rev().find_map(|o| match o {
        Output::KeepAlive(k) => Some(*k),
        _ => None,
    });
    let durable = image(&h).contents().registrations.is_empty();
    assert!(durable || keep == Some(true), "KeepAlive(false) while the end is not in the store");
}

/// windows that close while the store is read
#[test]
fn a_window_that_closes_while_loading_counts() {
    let mut m = Machine::new(SyncParameters::recommended(), 1);
    m.handle(
        now(0),
        Input::Register {
            request: RequestId(1),
            key: key(),
            tag: Tag::from("t"),
            asked_by: AskedBy::Page,
            facts: Facts::of_an_open_window(),
        },
    );
    m.handle(now(0), Input::ClientsChanged { partition: PROFILE, origin: origin(), windows: WindowClients::none() });
    m.handle(now(1), Input::Loaded(Loaded::default()));
    net(&mut m, now(1), 1);
    let mut dispatched = None;
    let mut todo = drain(&mut m);
    for t in 1..100 {
        while let Some(o) = todo.pop() {
            match o {
                Output::Commit { txn, .. } => m.handle(now(t), Input::Committed { txn }),
                Output::Reply { request, .. } => m.handle(now(t), Input::ReplyDelivered { request }),
                Output::AskNetwork { origin } => m.handle(
                    now(t),
                    Input::NetworkChanged {
                        subject: NetworkSubject::Origin(origin),
                        state: NetworkState::online(),
                        epoch: 1,
                    },
                ),
                Output::Start { attempt, .. } => m.handle(
                    now(t),
                    Input::Ready {
                        attempt,
                        facts: Facts { windows: WindowClients::none(), ..Facts::of_an_open_window() },
                        network: NetworkState::online(),
                    },
                ),
                Output::Dispatch { background, .. } => dispatched = Some((t, background)),
                _ => {}
            }
            todo.extend(drain(&mut m));
        }
        m.handle(now(t), Input::Tick);
        todo.extend(drain(&mut m));
    }
    assert!(dispatched.is_some());
}

/// growth: failed first registrations stay in the journal
#[test]
fn failed_calls_leave_nothing_behind() {
    let mut h = Host::new();
    h.commit = false;
    for n in 0..500 {
        h.register(&format!("t{n}"));
        let txn = last_txn(&h);
        h.send(Input::CommitFailed { txn });
    }
    assert!(h.commits.last().unwrap().len() < 20, "{} ops in the commit of one call", h.commits.last().unwrap().len());
}
/// queue is bounded while running
#[test]
fn calls_on_their_way_are_bounded() {
    let mut h = Host::new();
    h.commit = false;
    h.register("first");
    for n in 0..5_000u64 {
        let facts = h.facts;
        h.machine.handle(
            h.clock(),
            Input::Register {
                request: RequestId(10_000 + n),
                key: key(),
                tag: Tag::from("t"),
                asked_by: AskedBy::Page,
                facts,
            },
        );
    }
    let refused = drain(&mut h.machine)
        .into_iter()
        .filter(|o| matches!(o, Output::Reply { reply: Reply::Registered(Err(RegisterError::QueueFull)), .. }))
        .count();
    assert!(refused > 0, "5,001 calls wait in the machine, the queue is 4,096");
}
/// wake-ups for what the budget holds
#[test]
fn no_wake_up_now_for_what_the_budget_holds() {
    let params = SyncParameters {
        background_starts_per_day: 1,
        first_fire_spread_in_background: Duration::ZERO,
        ..SyncParameters::recommended().into_parameters()
    }
    .validated()
    .unwrap();
    let mut h = Host::with(params);
    h.network(NetworkState::Offline);
    h.register("a");
    h.register("b");
    h.windows(0);
    h.run(secs(5));
    h.network(NetworkState::online());
    h.run(secs(60));
    assert_eq!(h.events.len(), 1);
    h.outputs.clear();
    for n in 0..5 {
        h.send(Input::Woken { token: WakeToken(n), budget: secs(30) });
        h.run(secs(1));
    }
    let now_wakes = h
        .outputs
        .iter()
        .filter(|o| matches!(o, Output::ArmWakeUp(Some(w)) if w.earliest.since(h.clock().wall) < secs(3_600)))
        .count();
    assert_eq!(now_wakes, 0, "asks to be woken at once, again and again, for something that cannot start for a day");
}

/// crash back-off is never written
#[test]
fn a_back_off_after_a_crash_survives_the_next_restart() {
    let mut s = MemoryStore::default();
    let mut r = stored(1, "a");
    r.series = Series { attempts: 8, free_in_a_row: 3 };
    r.state = StoredState::Firing(false);
    s.apply(StoreOp::PutRegistration(r));
    let mut started = false;
    // 20 sessions of an hour each
    for session in 0..20u64 {
        let mut m = Machine::new(SyncParameters::recommended(), session);
        let base = session * 4_000;
        net(&mut m, now(base), 1); // as the driver does: the oracle speaks first
        m.handle(now(base), Input::Loaded(loaded(&s, WorkerState::Active)));
        for t in (0..3_600).step_by(1) {
            m.handle(now(base + t), Input::Tick);
            for o in drain(&mut m) {
                match o {
                    Output::Commit { txn, ops } => {
                        ops.into_iter().for_each(|op| s.apply(op));
                        m.handle(now(base + t), Input::Committed { txn })
                    }
                    Output::AskNetwork { origin } => m.handle(
                        now(base + t),
                        Input::NetworkChanged {
                            subject: NetworkSubject::Origin(origin),
                            state: NetworkState::online(),
                            epoch: 1,
                        },
                    ),
                    Output::Start { .. } => started = true,
                    _ => {}
                }
            }
            if started {
                return;
            }
        }
        m.handle(now(base + 3_600), Input::Tick);
    }
    panic!("20 hours of running time, a back-off of at most 5 h, and it never starts");
}

/// shutdown: stopped with a commit outstanding
#[test]
fn stopped_means_nothing_is_outstanding() {
    let mut h = Host::new();
    h.commit = false;
    h.register("a");
    let txn = last_txn(&h);
    h.send(Input::Shutdown);
    let commits = h.commits.len();
    h.send(Input::CommitFailed { txn });
    assert!(
        !(h.machine.is_stopped() && h.commits.len() > commits),
        "a commit was sent by a machine that says it is stopped"
    );
}

/// declined is never forgotten
#[test]
fn a_declined_network_is_forgotten_with_its_registration() {
    let params = SyncParameters {
        network_mode: NetworkMode::AskOnChange,
        online_hold: Duration::ZERO,
        online_hold_max: Duration::ZERO,
        first_fire_spread: Duration::ZERO,
        ..SyncParameters::recommended().into_parameters()
    }
    .validated()
    .unwrap();
    let mut h = Host::with(params);
    let on = |n: &str| NetworkState::Online { metered: false, roaming: false, network_id: Some(NetworkId::new(n)) };
    h.network(on("home"));
    h.network(NetworkState::Offline);
    h.register("t");
    h.network(on("cafe"));
    h.run(secs(5));
    let attempt = h
        .outputs
        .iter()
        .rev()
        .find_map(|o| match o {
            Output::AskUser { attempt, .. } => Some(*attempt),
            _ => None,
        })
        .unwrap();
    h.send(Input::Answered { attempt, yes: false });
    h.network(on("home"));
    h.run(secs(5));
    assert_eq!(h.events.len(), 1);
    h.network(on("cafe"));
    h.register("t"); // a new promise, made on this very network
    h.run(secs(10));
    assert_eq!(h.events.len(), 2, "{:?}", h.machine.why_not(&key(), &Tag::from("t")));
}
/// the answer about one network is taken for another
#[test]
fn a_yes_is_for_the_network_that_was_asked_about() {
    let params = SyncParameters {
        network_mode: NetworkMode::AskOnChange,
        online_hold: Duration::ZERO,
        online_hold_max: Duration::ZERO,
        first_fire_spread: Duration::ZERO,
        ..SyncParameters::recommended().into_parameters()
    }
    .validated()
    .unwrap();
    let mut h = Host::with(params);
    let on = |n: &str| NetworkState::Online { metered: false, roaming: false, network_id: Some(NetworkId::new(n)) };
    h.network(on("home"));
    h.network(NetworkState::Offline);
    h.register("t");
    h.network(on("cafe"));
    h.run(secs(5));
    let attempt = h
        .outputs
        .iter()
        .rev()
        .find_map(|o| match o {
            Output::AskUser { attempt, .. } => Some(*attempt),
            _ => None,
        })
        .unwrap();
    h.network(NetworkState::Offline);
    h.send(Input::Answered { attempt, yes: true });
    h.network(on("airport"));
    h.run(secs(10));
    assert_eq!(h.events.len(), 0, "fired on a network nobody was asked about");
}
/// the oracle's first word is not a link that came back
#[test]
fn a_restart_keeps_a_back_off_whoever_speaks_first() {
    let mut s = MemoryStore::default();
    let mut r = stored(1, "a");
    r.series = Series { attempts: 8, free_in_a_row: 0 };
    r.state = StoredState::Waiting(StoredWait { until: now(10_000).wall, length: secs(18_000) }, false);
    s.apply(StoreOp::PutRegistration(r));
    let state = |network_first: bool| {
        let mut m = Machine::new(SyncParameters::recommended(), 1);
        if network_first {
            net(&mut m, now(100), 1);
        }
        m.handle(now(100), Input::Loaded(loaded(&s, WorkerState::Active)));
        if !network_first {
            net(&mut m, now(100), 1);
        }
        m.registration(&key(), &Tag::from("a")).unwrap().state().name()
    };
    assert_eq!([state(true), state(false)], ["waiting", "waiting"]);
}
/// idle workers
#[test]
fn a_worker_whose_last_tag_was_cancelled_is_forgotten() {
    for wait in [0, 10, 100] {
        let mut h = Host::new();
        h.network(NetworkState::Offline);
        h.register("t");
        h.run(secs(5));
        h.commit = false;
        h.send(Input::Cancel { request: RequestId(900), key: key(), tag: Tag::from("t") });
        let txn = last_txn(&h);
        h.run(secs(wait));
        h.commit = true;
        h.send(Input::Committed { txn });
        h.run(secs(1_000));
        assert!(format!("{:?}", h.machine).contains("workers: {}"), "{wait}: idle for ever");
    }
}
#[test]
fn idle_behind_a_cancel_in_flight() {
    let mut h = Host::new();
    h.network(NetworkState::Offline);
    h.register("a");
    h.register("b");
    h.run(secs(5));
    h.commit = false;
    h.send(Input::Cancel { request: RequestId(900), key: key(), tag: Tag::from("a") });
    let txn = last_txn(&h);
    h.send(Input::PermissionChanged { partition: PROFILE, origin: origin(), state: PermissionState::Denied });
    h.commit = true;
    h.send(Input::Committed { txn });
    h.run(secs(1_000));
    assert!(format!("{:?}", h.machine).contains("workers: {}"), "idle for ever");
}
/// closing a window writes to the store though nothing ran
#[test]
fn closing_a_window_with_nothing_running_writes_nothing() {
    let mut h = Host::new();
    h.network(NetworkState::Offline);
    h.register("t");
    h.run(secs(10));
    let before = h.commits.len();
    for _ in 0..10 {
        h.windows(0);
        h.run(secs(10));
        h.windows(1);
        h.run(secs(10));
    }
    assert_eq!(h.commits.len(), before);
}
/// a call that joins a starting attempt: its age is new, the attempt's last chance is old
#[test]
fn a_call_before_dispatch_counts_for_the_last_chance() {
    let mut h = Host::new();
    h.network(NetworkState::Offline);
    h.register("t");
    h.run(secs(8 * 86_400)); // past max_age
    h.start = false;
    h.network(NetworkState::online());
    h.run(secs(5));
    let attempt = h
        .outputs
        .iter()
        .rev()
        .find_map(|o| match o {
            Output::Start { attempt, .. } => Some(*attempt),
            _ => None,
        })
        .unwrap();
    h.register("t"); // resets its age; resolved before the event
    h.outcomes = [Some(Outcome::Rejected)].into();
    let (facts, network) = (h.facts, h.network.clone());
    h.start = true;
    h.send(Input::Ready { attempt, facts, network });
    h.run(secs(1));
    assert!(
        !h.events[0].2.last_chance,
        "registered a moment ago, first attempt, told lastChance, gone after one failure"
    );
}
/// a worker process that dies
#[test]
fn host_freeze_writes_what_is_decided() {
    let mut h = Host::new();
    h.register("t");
    assert_eq!(h.events.len(), 1);
    h.send(Input::Frozen); // mobile: may be killed from here on
    assert!(image(&h).contents().registrations.is_empty(), "the end waits 5 s in a frozen process");
}
/// a budget entry that a clock jump forgot
#[test]
fn a_clock_set_right_does_not_cut_an_event_to_nothing() {
    let params = SyncParameters {
        first_fire_spread_in_background: Duration::ZERO,
        ..SyncParameters::recommended().into_parameters()
    }
    .validated()
    .unwrap();
    let mut m = Machine::new(params, 1);
    let mut s = MemoryStore::default();
    s.apply(StoreOp::PutRegistration(stored(1, "a")));
    s.apply(StoreOp::PutRegistration(stored(2, "b")));
    let at = |mono: u64, wall: i64| Now {
        monotonic: MonotonicTime::from_start(secs(mono)),
        wall: WallTime::from_unix_ms(wall * 1000),
    };
    let mut l = loaded(&s, WorkerState::Active);
    l.windows.clear();
    m.handle(at(1, 100), Input::Loaded(l));
    net(&mut m, at(1, 100), 1);
    let mut caps = vec![];
    let mut waiting = vec![];
    for t in 2..10u64 {
        let n = if t < 4 { at(t, 100 + t as i64) } else { at(t, 1_700_000_000 + t as i64) };
        m.handle(n, Input::Tick);
        let mut todo = drain(&mut m);
        while let Some(o) = todo.pop() {
            match o {
                Output::Commit { txn, .. } => m.handle(n, Input::Committed { txn }),
                Output::AskNetwork { origin } => m.handle(
                    n,
                    Input::NetworkChanged {
                        subject: NetworkSubject::Origin(origin),
                        state: NetworkState::online(),
                        epoch: 1,
                    },
                ),
                Output::Start { attempt, .. } => waiting.push(attempt),
                Output::Dispatch { cap, .. } => caps.push(cap),
                _ => {}
            }
            todo.extend(drain(&mut m));
        }
        if t == 4 {
            // a third start makes the budget forget
            m.handle(
                n,
                Input::Register {
                    request: RequestId(5),
                    key: key(),
                    tag: Tag::from("c"),
                    asked_by: AskedBy::Page,
                    facts: Facts::of_an_open_window(),
                },
            );
            m.handle(n, Input::ClientsChanged { partition: PROFILE, origin: origin(), windows: WindowClients::none() });
        }
        if t == 7 {
            for a in waiting.drain(..) {
                m.handle(
                    n,
                    Input::Ready {
                        attempt: a,
                        facts: Facts { windows: WindowClients::none(), ..Facts::of_an_open_window() },
                        network: NetworkState::online(),
                    },
                )
            }
        }
    }
    assert!(!caps.is_empty() && caps.iter().all(|c| !c.is_zero()), "{caps:?}");
}
/// store that stalls is booked as a worker that does not start
#[test]
fn a_slow_store_costs_the_registration_nothing() {
    let mut h = Host::new();
    h.network(NetworkState::Offline);
    h.register("t");
    h.commit = false;
    h.network(NetworkState::online());
    h.run(secs(70));
    let r = h.machine.registration(&key(), &Tag::from("t")).unwrap();
    assert_eq!(r.series(), Series::default(), "worker was ready, only the store was slow");
}
/// last chance abandoned, crash within 5 s
#[test]
fn an_abandoned_last_chance_is_not_lost_in_a_crash() {
    let mut s = MemoryStore::default();
    let mut r = stored(1, "a");
    r.series = Series { attempts: 11, free_in_a_row: 0 };
    s.apply(StoreOp::PutRegistration(r));
    let mut h = Host::new();
    h.machine = Machine::new(SyncParameters::recommended(), 1);
    h.send(Input::Loaded(loaded(&s, WorkerState::Active)));
    h.start = false;
    h.network(NetworkState::online());
    h.run(secs(2));
    let attempt = h
        .outputs
        .iter()
        .rev()
        .find_map(|o| match o {
            Output::Start { attempt, .. } => Some(*attempt),
            _ => None,
        })
        .unwrap();
    let facts = h.facts;
    h.send(Input::Ready { attempt, facts, network: NetworkState::Offline }); // Abandon
    assert_eq!(h.events.len(), 0);
    h.run(secs(1)); // dies here
    for ops in &h.commits {
        for op in ops {
            s.apply(op.clone())
        }
    }
    let mut m = Machine::new(SyncParameters::recommended(), 2);
    m.handle(now(100), Input::Loaded(loaded(&s, WorkerState::Active)));
    assert_eq!(m.registration_count(), 1, "never dispatched, and gone");
}
/// closed private partition
#[test]
fn a_closed_partition_is_forgotten_at_once() {
    let mut m = Machine::new(SyncParameters::recommended(), 1);
    m.handle(now(0), Input::Loaded(Loaded::default()));
    net(&mut m, now(0), 1);
    let p = Partition::Private(PartitionId(1));
    let k = RegistrationKey::new(
        p,
        StorageKey::first_party(origin()),
        Scope::parse("https://chat.example/", &origin()).unwrap(),
        Incarnation(1),
    );
    m.handle(
        now(0),
        Input::Register {
            request: RequestId(1),
            key: k,
            tag: Tag::from("diary"),
            asked_by: AskedBy::Page,
            facts: Facts::of_an_open_window(),
        },
    );
    m.handle(now(0), Input::ReplyDelivered { request: RequestId(1) });
    let mut todo = drain(&mut m);
    while let Some(o) = todo.pop() {
        match o {
            Output::AskNetwork { origin } => m.handle(
                now(0),
                Input::NetworkChanged {
                    subject: NetworkSubject::Origin(origin),
                    state: NetworkState::online(),
                    epoch: 1,
                },
            ),
            Output::Start { attempt, .. } => m.handle(
                now(0),
                Input::Ready { attempt, facts: Facts::of_an_open_window(), network: NetworkState::online() },
            ),
            _ => {}
        }
        todo.extend(drain(&mut m));
    }
    m.handle(now(1), Input::PartitionClosed { partition: p });
    m.handle(now(1), Input::Finished { attempt: AttemptId(1), outcome: Outcome::Terminated });
    drain(&mut m);
    let text = format!("{m:?}");
    assert!(!text.contains("diary") && !text.contains("Private"), "still in memory after the close");
}

/// extremes from disk and clocks; must not panic (only b04/b04b do)
/// hangs for ever inside one `handle`: a re-armed timer saturates to `now`
#[test]
fn a_clock_at_its_end_does_not_hang() {
    let (done, wait) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut h = Host::new();
        h.network(NetworkState::Offline);
        h.register("t");
        h.now = Duration::MAX;
        h.machine.handle(Now { monotonic: MonotonicTime::FAR_FUTURE, wall: now(0).wall }, Input::Tick);
        done.send(()).unwrap();
    });
    wait.recv_timeout(secs(5)).expect("hangs");
}
