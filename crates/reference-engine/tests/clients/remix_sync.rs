//! `@remix-pwa/sync`: a queue that goes round in circles while the server is down.

use super::published::REMIX_SYNC;
use super::site::{Site, assert_all_timelines};

fn notes() -> Site {
    Site::new("remix_sync", "notes.example").files_of("notes.example").published(&[REMIX_SYNC])
}

#[test]
fn every_timeline_is_run() {
    assert_all_timelines("remix_sync", &["down", "offline"]);
}

#[test]
fn what_can_not_be_sent_is_sent_later() {
    notes().play("offline").exits(0);
}

#[test]
fn a_loop_without_an_end_is_stopped_and_said() {
    notes().play("down").exits(0).prints("it keeps itself busy without time passing");
}
