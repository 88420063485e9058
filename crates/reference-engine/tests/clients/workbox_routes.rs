//! Workbox 7 with routes, strategies and its plugin: pages use `fetch` and know nothing of queues.

use super::published::{WORKBOX_BACKGROUND_SYNC, WORKBOX_CORE, WORKBOX_ROUTING, WORKBOX_STRATEGIES};
use super::site::{Site, assert_all_timelines};

fn shop() -> Site {
    let files = [WORKBOX_CORE, WORKBOX_ROUTING, WORKBOX_STRATEGIES, WORKBOX_BACKGROUND_SYNC];
    Site::new("workbox_routes", "shop.example").files_of("shop.example").published(&files)
}

#[test]
fn every_timeline_is_run() {
    assert_all_timelines("workbox_routes", &["killed", "offline"]);
}

#[test]
fn a_page_s_requests_are_replayed_as_they_were() {
    shop().play("offline").exits(0).prints_in_order(&["closes tab", "is stopped", "starts  (for a sync)"]);
}

#[test]
fn a_request_outlives_the_process() {
    shop().play("killed").exits(0);
}
