//! Bundles the web platform of `js/` with Node, in this build's own output folder.
//!
//! Nothing is written into the source tree. The packages are installed again only when the lock file changed, and
//! the whole script runs again only when `js/` or `demos/` changed. The demos are built in by `cli/demo.rs`; cargo
//! hears here of files that are new there.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs, io};

/// The oldest Node whose syntax `bundle.mjs` and its packages use.
const OLDEST_NODE: u32 = 20;

/// What is copied from `js/`; anything else there (an editor's leavings, `node_modules`) is not read.
const SOURCES: [&str; 8] =
    [".npmrc", "package.json", "package-lock.json", "bundle.mjs", "patches.mjs", "idl", "impl", "src"];

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=build.rs");
    for source in SOURCES {
        println!("cargo::rerun-if-changed=js/{source}");
    }
    println!("cargo::rerun-if-changed=js/test");
    println!("cargo::rerun-if-changed=demos");
    match bundle() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            println!("cargo::error={}", message.trim().replace('\n', " | "));
            ExitCode::FAILURE
        }
    }
}

fn bundle() -> Result<(), String> {
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("OUT_DIR is not set: run this through cargo")?);
    check_node()?;
    let work = out.join("js");
    refresh(&work)?;
    install(&work)?;
    run(Command::new("node").arg("bundle.mjs").arg(&out).current_dir(&work), "node bundle.mjs")
}

/// Fails unless a new enough Node and npm are on the path, and says what to do.
fn check_node() -> Result<(), String> {
    let advice = format!("install Node.js {OLDEST_NODE} or newer with npm and put both on PATH");
    let version = output(Command::new("node").arg("--version")).map_err(|why| {
        format!("the reference engine's build needs Node.js, and `node` cannot be run ({why}): {advice}")
    })?;
    let major = version.trim().trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    match major {
        Some(major) if major >= OLDEST_NODE => {}
        _ => {
            return Err(format!(
                "the reference engine's build found Node.js {}, which is too old: {advice}",
                version.trim()
            ));
        }
    }
    output(npm().arg("--version"))
        .map(|_| ())
        .map_err(|why| format!("the reference engine's build needs npm, and it cannot be run ({why}): {advice}"))
}

fn npm() -> Command {
    Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" })
}

/// Copies the sources, removing what an earlier build copied or made; the installed packages stay.
fn refresh(work: &Path) -> Result<(), String> {
    let failed = |error: io::Error| format!("cannot copy js/ to {}: {error}", work.display());
    fs::create_dir_all(work).map_err(failed)?;
    for folder in ["idl", "impl", "src", "test", "gen"] {
        match fs::remove_dir_all(work.join(folder)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
    }
    let js = Path::new("js");
    for source in SOURCES.into_iter().chain(["test"]) {
        copy(&js.join(source), &work.join(source)).map_err(failed)?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    if !from.is_dir() {
        // Not `fs::copy`: it would also copy a read-only mode, and the next build could not overwrite it.
        return fs::write(to, fs::read(from)?);
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

/// `npm ci`, unless the packages of exactly this lock file are there already.
fn install(work: &Path) -> Result<(), String> {
    let stamp = work.join("installed-lock.json");
    let lock =
        fs::read(work.join("package-lock.json")).map_err(|error| format!("cannot read package-lock.json: {error}"))?;
    if work.join("node_modules").is_dir() && fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    run(npm().args(["ci", "--ignore-scripts"]).current_dir(work), "npm ci --ignore-scripts")
        .map_err(|why| format!("{why} (the first build needs the npm registry)"))?;
    fs::write(&stamp, lock).map_err(|error| format!("cannot write {}: {error}", stamp.display()))
}

/// Runs quietly; what the command printed is shown only when it fails.
fn run(command: &mut Command, name: &str) -> Result<(), String> {
    output(command).map(|_| ()).map_err(|why| format!("`{name}` failed: {why}"))
}

fn output(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(format!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr)))
}
