//! The workspace's own durable store under the kit: on a real disk, with a thread of its own and without.

use background_sync::SyncStore;
use background_sync_host_tests::check;
use background_sync_store::RedbStore;

use super::toy::Toy;

type Open = fn(std::path::PathBuf) -> Box<dyn SyncStore>;

#[test]
fn the_durable_store_keeps_every_rule() {
    let with_thread: Open = |path| Box::new(RedbStore::open(path, |_| {}).expect("it opens"));
    let without: Open = |path| Box::new(RedbStore::open_without_thread(path, |_| {}).expect("it opens"));
    for open in [with_thread, without] {
        let report = check(|| {
            let folder = tempfile::tempdir().expect("a folder");
            Toy::storing(None, move || open(folder.path().join("syncs")))
        });
        assert!(report.passed(), "{report}");
    }
}
