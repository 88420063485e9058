//! `@rei-standard/amsg-sw`: a worker with an outbox of its own, which pages talk to by messages.

use super::published::AMSG_SW;
use super::site::{Site, assert_all_timelines};

fn app() -> Site {
    Site::new("amsg_sw", "app.example").files_of("app.example").published(&[AMSG_SW])
}

#[test]
fn every_timeline_is_run() {
    assert_all_timelines("amsg_sw", &["no-window", "offline", "registers-itself"]);
}

#[test]
fn what_a_page_hands_over_is_sent_after_a_kill() {
    app().play("offline").exits(0);
}

#[test]
fn a_handler_that_registers_itself_is_slowed_down() {
    app().play("registers-itself").exits(0);
}

#[test]
fn a_worker_without_a_window_may_not_register() {
    app().play("no-window").exits(0);
}
