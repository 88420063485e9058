//! What a person sees who waits.

use super::support::{Folder, GOOD_WORKER, OPEN_A, Said, command};

#[cfg(target_os = "linux")]
#[test]
fn a_person_at_a_terminal_is_told_that_it_goes_on() {
    use std::io::Read as _;
    use std::process::{Command, Stdio};

    let bgsync = command();
    let line = format!("'{}' simulate --runs 20000 --steps 20", bgsync.get_program().display());
    let mut terminal = Command::new("script");
    terminal.args(["-qec", &line, "/dev/null"]).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = terminal.spawn().unwrap();
    let mut out = child.stdout.take().unwrap();
    let (mut seen, mut buffer) = (Vec::new(), [0; 256]);
    while !String::from_utf8_lossy(&seen).contains(" of 20000 worlds") {
        let count = out.read(&mut buffer).unwrap();
        assert!(count > 0, "it ended without a word: {}", String::from_utf8_lossy(&seen));
        seen.extend(&buffer[..count]);
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_file_is_told_nothing() {
    let folder = Folder::with_site("a.example", GOOD_WORKER);
    folder.write_timeline(&format!("{OPEN_A}[[step]]\nat = \"2500ms\"\n"));
    let output = command().arg("run").arg(folder.path("")).arg("--real-time").output().unwrap();
    let said = Said::of(&output).exits(0).prints("as expected");
    assert_eq!(said.err, "");
}
