//! The "Background Sync" worker of `pwabuilder-serviceworkers`: a whole worker, which loads Workbox 5 from its CDN.

use super::published::{PWABUILDER_SW, WORKBOX_CDN};
use super::site::{Site, assert_all_timelines};

fn site() -> Site {
    let site = Site::new("pwabuilder", "site.example").files_of("site.example").published(&[PWABUILDER_SW]);
    site.published_at("storage.googleapis.com", WORKBOX_CDN)
}

#[test]
fn every_timeline_is_run() {
    assert_all_timelines("pwabuilder", &["offline", "posts"]);
}

#[test]
fn what_could_not_be_read_is_asked_for_again_after_a_kill() {
    site().play("offline").exits(0);
}

#[test]
fn what_is_posted_offline_is_lost() {
    site().play("posts").exits(0);
}
