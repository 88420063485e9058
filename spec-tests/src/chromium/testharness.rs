//! web-platform-tests' own harness, from the package that `web/harness` pins.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What is copied to where the package is installed.
const PINS: [&str; 3] = ["package.json", "package-lock.json", ".npmrc"];

/// The file `testharness.js`, installed if it is not there yet.
pub(super) fn installed() -> Result<PathBuf, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (pinned, here) = (root.join("web/harness"), root.join("../target/web-harness"));
    let script = here.join("node_modules/wpt-runner/testharness/testharness.js");
    let lock = PINS[1];
    let is_it = || fs::read(pinned.join(lock)).ok() == fs::read(here.join(lock)).ok();
    if script.is_file() && is_it() {
        return Ok(script);
    }
    fs::create_dir_all(&here).map_err(|error| format!("{}: {error}", here.display()))?;
    for pin in PINS {
        fs::copy(pinned.join(pin), here.join(pin)).map_err(|error| format!("{pin}: {error}"))?;
    }
    let output = Command::new("npm").args(["ci", "--ignore-scripts"]).current_dir(&here).output();
    let output = output.map_err(|error| format!("`npm` cannot be run ({error}); install Node.js with npm"))?;
    if output.status.success() && script.is_file() {
        return Ok(script);
    }
    Err(format!(
        "the harness cannot be had; the first time `npm ci` needs the npm registry: {}",
        String::from_utf8_lossy(&output.stderr).trim()
    ))
}
