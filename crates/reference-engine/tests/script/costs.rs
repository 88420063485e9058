//! What a realm takes of memory, and keeps. Times are measured by `examples/realm_costs.rs`, not asserted.

use background_sync::registration::Tag;
use background_sync_reference_engine::script::{
    Answer, Call, PermissionName, PermissionState, RegistrationInfo, ServiceWorkerState,
};

use super::support::{page, registration, worker, worker_info};

#[test]
fn a_worker_and_a_page_with_the_whole_platform_take_less_than_3_mb() {
    for (kind, world) in [("worker", worker("")), ("page", page(""))] {
        let taken = world.realm.memory_used();
        assert!(taken < 3_000_000, "a {kind} takes {taken} bytes");
    }
}

#[test]
fn ten_thousand_events_leave_memory_flat() {
    let mut world = worker("onsync = event => event.waitUntil((async () => { await 0; })())");
    let mut fire = |events: std::ops::Range<u64>| {
        for event in events {
            world.realm.dispatch_sync(event, &Tag::from("outbox"), false);
            let calls = world.realm.take_calls();
            assert!(matches!(calls[..], [(_, Call::EventSettled { .. })]), "{calls:?}");
        }
        world.realm.memory_used()
    };
    let early = fire(0..1_000);
    let late = fire(1_000..11_000);
    assert!(late < early + 500_000, "{early} bytes after 1,000 events, {late} after 11,000");
}

/// Libraries open a channel for each question; the other end goes with the worker that answered, or is closed.
#[test]
fn ports_whose_other_end_is_gone_are_not_kept() {
    let mut world = page("const ask = () => { new MessageChannel().port1.onmessage = () => {}; };");
    let mut ask = |times: u32| {
        for _ in 0..times {
            world.realm.run(1, "ask()");
            for (_, call) in world.realm.take_calls() {
                let Call::EntanglePorts { ports } = call else { continue };
                ports.iter().for_each(|port| world.realm.port_is_alone(port));
            }
        }
        world.realm.memory_used()
    };
    let before = ask(500);
    let after = ask(2_000);
    assert!(after < before + (1 << 20), "{before} bytes, then {after}");
}

#[test]
fn answers_about_permissions_are_not_kept_unless_somebody_listens() {
    let mut world = page("let heard = 0;");
    let mut query = |times: u32, then: &str| {
        for _ in 0..times {
            world.realm.run(1, &format!("navigator.permissions.query({{ name: 'notifications' }}).then({then})"));
            for (id, call) in world.realm.take_calls() {
                if let Call::QueryPermission { .. } = call {
                    world.realm.settle(id, Ok(Answer::Permission(PermissionState::Prompt)));
                }
            }
        }
        world.realm.memory_used()
    };
    query(1, "status => { status.onchange = () => { heard += 1; }; }");
    query(1, "status => { status.addEventListener('change', () => { heard += 1; }); }");
    let before = query(500, "() => {}");
    let after = query(3_000, "() => {}");
    assert!(after < before + (1 << 20), "{before} bytes, then {after}");
    world.realm.permission_changed(PermissionName::Notifications, PermissionState::Denied);
    assert_eq!(world.json("heard"), "2");
}

#[test]
fn registrations_that_are_gone_are_not_kept() {
    let mut world = page("const register = () => navigator.serviceWorker.register('sw.js').then(() => {});");
    let mut register = |ids: std::ops::Range<u64>| {
        for id in ids {
            world.realm.run(1, "register()");
            let active = Some(worker_info(id, ServiceWorkerState::Activated));
            let there = RegistrationInfo { id, active, ..registration() };
            for (call, what) in world.realm.take_calls() {
                if let Call::RegisterServiceWorker { .. } = what {
                    world.realm.settle(call, Ok(Answer::Registration(Box::new(there.clone()))));
                }
            }
            world.realm.registration_changed(&RegistrationInfo { active: None, ..there }, false);
        }
        world.realm.memory_used()
    };
    let before = register(0..500);
    let after = register(500..2_500);
    assert!(after < before + (1 << 20), "{before} bytes, then {after}");
}
