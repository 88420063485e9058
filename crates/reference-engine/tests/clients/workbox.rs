//! Workbox 7, loaded by the worker with `importScripts` from its published builds.

use super::published::{WORKBOX_BACKGROUND_SYNC, WORKBOX_BACKGROUND_SYNC_DEV, WORKBOX_CORE, WORKBOX_CORE_DEV};
use super::site::{Site, assert_all_timelines};

fn shop() -> Site {
    Site::new("workbox", "shop.example").files_of("shop.example").published(&[WORKBOX_CORE, WORKBOX_BACKGROUND_SYNC])
}

#[test]
fn every_timeline_is_run() {
    assert_all_timelines("workbox", &["added", "development", "failing", "killed", "last-chance", "refused", "replay"]);
}

#[test]
fn what_was_on_its_way_is_sent_again_as_it_was() {
    shop().play("replay").exits(0).prints_in_order(&["is stopped  (nothing to do)", "starts  (for a sync)"]);
}

#[test]
fn a_replay_that_fails_is_tried_again_by_the_browser() {
    shop().play("failing").exits(0).prints("the event failed  (queue-replay-failed");
}

#[test]
fn the_last_chance_is_followed_by_a_first_one() {
    shop().play("last-chance").exits(0);
}

#[test]
fn the_queue_outlives_the_process_but_not_what_was_taken_out_of_it() {
    shop().play("killed").exits(0);
}

#[test]
fn what_is_added_during_a_sync_gets_its_own() {
    shop().play("added").exits(0);
}

#[test]
fn an_answer_that_refuses_is_an_answer() {
    shop().play("refused").exits(0);
}

#[test]
fn the_development_build_says_what_it_does() {
    let files = [WORKBOX_CORE_DEV, WORKBOX_BACKGROUND_SYNC_DEV];
    Site::new("workbox", "shop.example").files_of("shop.example").published(&files).play("development").exits(0);
}
