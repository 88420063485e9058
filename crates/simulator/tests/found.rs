//! What random worlds found, each made short: it happened once and must not again.

use std::path::Path;

use background_sync_simulator::runner::run;
use background_sync_simulator::timeline::Timeline;

#[test]
fn nothing_that_was_found_comes_back() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/found");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).expect("the folder is there").flatten().map(|f| f.path()).collect();
    files.sort();
    assert!(files.len() >= 12, "{files:?}");
    for file in files {
        let text = std::fs::read_to_string(&file).expect("it can be read");
        let timeline = Timeline::parse(&file.display().to_string(), &text).unwrap_or_else(|error| panic!("{error}"));
        let report = run(&timeline);
        assert!(report.passed(), "{}\n{report}", file.display());
    }
}
