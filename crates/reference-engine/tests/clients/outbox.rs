//! One chat on two libraries for IndexedDB: page and worker share an outbox.

use super::published::{DEXIE, IDB_KEYVAL};
use super::site::{Site, assert_all_timelines};

fn on_idb_keyval() -> Site {
    Site::new("outbox", "chat.example").files_of("chat.example").files_of("idb-keyval").published(&[IDB_KEYVAL])
}

fn on_dexie() -> Site {
    Site::new("outbox", "chat.example").files_of("chat.example").files_of("dexie").published(&[DEXIE])
}

#[test]
fn every_timeline_is_run() {
    assert_all_timelines("outbox", &["killed", "offline"]);
}

#[test]
fn idb_keyval_keeps_what_was_written_offline() {
    on_idb_keyval().play("offline").exits(0);
}

#[test]
fn idb_keyval_keeps_what_a_killed_process_had() {
    on_idb_keyval().play("killed").exits(0).prints_in_order(&["process 2 goes on", "two again", "as expected"]);
}

#[test]
fn dexie_keeps_what_was_written_offline() {
    on_dexie().play("offline").exits(0);
}

#[test]
fn dexie_keeps_what_a_killed_process_had() {
    on_dexie().play("killed").exits(0).prints_in_order(&["process 2 goes on", "two again", "as expected"]);
}
