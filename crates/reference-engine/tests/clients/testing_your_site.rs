//! The chapter for people who have a site: its files are written, its commands are run, its output is compared.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use super::page::{Block, Session, blocks_of};

const CHAPTER: &str = include_str!("../../docs/testing-your-site.md");
const PACKAGES: &str = include_str!("../../js/package.json");
const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// A folder with the packages that somebody who follows the chapter has installed.
fn folder_with_packages() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let packages = concat!(env!("OUT_DIR"), "/js/node_modules");
    std::os::unix::fs::symlink(packages, folder.path().join("node_modules")).unwrap();
    folder
}

/// A search path on which this build's command comes first.
fn search_path() -> OsString {
    let ours = Path::new(env!("CARGO_BIN_EXE_bgsync")).parent().unwrap().to_owned();
    let others = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths(std::iter::once(ours).chain(std::env::split_paths(&others))).unwrap()
}

/// Runs a command as a shell in `folder` does; gives what it printed and its exit code.
fn run(line: &str, folder: &Path) -> (String, Option<i32>) {
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(line).current_dir(folder).env("PATH", search_path()).env("NO_COLOR", "1");
    // A package that is missing is an error, not a download.
    shell.env("npm_config_offline", "true").env("npm_config_update_notifier", "false");
    let output = shell.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&output.stdout) + &text(&output.stderr), output.status.code())
}

fn check(session: &Session, folder: &Path) {
    let (printed, code) = run(&session.command, folder);
    let said = format!("line {}: $ {}\n{printed}", session.line, session.command);
    assert_eq!(code, Some(session.code), "{said}");
    if let Err(missing) = session.compare(&printed) {
        panic!("not printed:\n{missing}\n--- {said}");
    }
}

/// What a workflow runs. Installing is what this build has done already, so there only the place is looked at.
fn check_workflow(yaml: &str, folder: &Path) {
    let commands: Vec<_> = yaml.lines().filter_map(|line| line.trim().strip_prefix("- run: ")).collect();
    let (installing, testing) = commands.split_first().unwrap();
    let place = installing.strip_prefix("cargo install --locked --path background-sync/").unwrap();
    assert!(Path::new(REPOSITORY).join(place).join("Cargo.toml").is_file(), "{place}");
    assert!(!testing.is_empty(), "{yaml}");
    for command in testing {
        let (printed, code) = run(command, folder);
        assert_eq!(code, Some(0), "{command}\n{printed}");
    }
}

#[test]
fn the_chapter_is_true_from_the_first_line_to_the_last() {
    let folder = folder_with_packages();
    let (mut files, mut commands) = (0, 0);
    for block in blocks_of(CHAPTER) {
        match block {
            Block::File { path, text } => {
                let place = folder.path().join(&path);
                std::fs::create_dir_all(place.parent().unwrap()).unwrap();
                std::fs::write(place, &text).unwrap();
                files += 1;
                if path.ends_with(".yml") {
                    check_workflow(&text, folder.path());
                }
            }
            Block::Sessions(sessions) => {
                commands += sessions.len();
                sessions.iter().for_each(|session| check(session, folder.path()));
            }
        }
    }
    assert_eq!((files, commands), (16, 15), "a block was added or lost: count again");
}

#[test]
fn packages_and_places_that_it_names_are_those_of_this_build() {
    let words: Vec<_> = CHAPTER.split(|c: char| c.is_whitespace() || c == '`').collect();
    let mut installed = words.iter().filter_map(|word| word.rsplit_once('@')).filter(|(_, v)| v.contains('.'));
    assert!(installed.all(|(name, version)| PACKAGES.contains(&format!("\"{name}\": \"{version}\""))));
    let readme = std::fs::read_to_string(Path::new(REPOSITORY).join("README.md")).unwrap();
    assert!(readme.contains("](crates/reference-engine/docs/testing-your-site.md)"));
}
