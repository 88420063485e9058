//! Virtual time and seeded randomness.

use background_sync_reference_engine::script::{ManualClock, RealmOptions};

use super::support::{START, World, page, with, worker_options};

#[test]
fn timers_run_by_due_time_and_then_by_age() {
    let source = "const say = (x) => () => console.log(x, Date.now()); setTimeout(say('c'), 20); setTimeout(say('a'), 10); setTimeout(say('b'), 10); setTimeout(say('now')); clearTimeout(setTimeout(say('never'), 5)); setTimeout(console.log, 30, 'args', 1)";
    let mut world = page(source);
    assert_eq!(world.realm.next_timer(), Some(START));
    assert!(!world.realm.run_timer(START - 1));
    world.pass(100);
    let at = |offset: u64| START + offset;
    let expected = [
        format!("now {}", at(0)),
        format!("a {}", at(10)),
        format!("b {}", at(10)),
        format!("c {}", at(20)),
        "args 1".to_owned(),
    ];
    assert_eq!(world.printed(), expected);
    assert_eq!(world.realm.next_timer(), None);
}

#[test]
fn one_task_at_a_time_with_its_microtasks() {
    let source = "setTimeout(() => { Promise.resolve().then(() => console.log('micro')); console.log('task 1'); }); setTimeout(() => console.log('task 2'))";
    let mut world = page(source);
    assert!(world.realm.run_timer(START));
    assert_eq!(world.printed(), ["task 1", "micro"]);
    assert!(world.realm.run_timer(START));
    assert_eq!(world.printed(), ["task 2"]);
}

#[test]
fn an_interval_repeats_until_cleared_from_within() {
    let mut world = page(
        "let n = 0; const id = setInterval(() => { console.log(performance.now()); if (++n === 3) clearInterval(id); }, 100)",
    );
    world.pass(1000);
    assert_eq!(world.printed(), ["100", "200", "300"]);
}

#[test]
fn timers_without_delay_do_not_hold_time_still() {
    let mut world = page("let n = 0; const again = () => { n++; setTimeout(again); }; again()");
    world.pass(1000);
    let count: u32 = world.json("n").parse().unwrap();
    assert!((200..300).contains(&count), "{count}");
}

#[test]
fn dates_follow_the_clock() {
    let mut world = page("");
    world.clock.advance_to(START + 1500);
    let source = "[Date.now(), +new Date(), new Date(0).getTime(), performance.now(), new Date().toISOString()]";
    assert_eq!(world.json(source), format!("[{0},{0},0,1500,\"2023-11-14T22:13:21.500Z\"]", START + 1500));
}

fn seeded(seed: u64) -> World {
    let clock = ManualClock::new(START);
    with(&RealmOptions { seed, ..worker_options(&clock) }, clock, "")
}

#[test]
fn the_seed_decides_every_random_value() {
    let source =
        "[crypto.randomUUID(), [...crypto.getRandomValues(new Uint32Array(4))].join(), Math.random(), Math.random()]";
    let first = seeded(1).json(source);
    assert_eq!(seeded(1).json(source), first);
    assert_ne!(seeded(2).json(source), first);
    let spread = "(() => { const all = Array.from({ length: 1000 }, () => Math.random()); return all.every((x) => x >= 0 && x < 1) && Math.min(...all) < 0.02 && Math.max(...all) > 0.98; })()";
    assert_eq!(seeded(3).json(spread), "true");
}
