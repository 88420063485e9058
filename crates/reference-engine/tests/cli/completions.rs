//! `bgsync completions`.

use super::support::bgsync;

const COMMANDS: [&str; 7] = ["run", "demo", "new", "inspect", "check", "simulate", "completions"];

#[test]
fn every_shell_learns_every_command() {
    let help = bgsync(["--help"]).exits(0).out;
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let said = bgsync(["completions", shell]).exits(0);
        for command in COMMANDS {
            assert!(said.out.contains(command), "{shell}: {command}");
            assert!(help.contains(&format!("\n  {command} ")), "{command}");
        }
    }
    // And there are no others.
    let list = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let names = list.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    assert_eq!(names.count(), COMMANDS.len() + 1, "with `help`: {list}");
}

#[test]
fn shells_learn_the_names_of_the_demos() {
    let script = bgsync(["completions", "bash"]).exits(0).out;
    assert!(script.contains("article chat chat-killed"), "{script}");
}

#[cfg(unix)]
#[test]
fn bash_takes_its_script() {
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    let script = bgsync(["completions", "bash"]).exits(0).out;
    let mut bash = Command::new("bash").arg("-n").stdin(Stdio::piped()).spawn().unwrap();
    bash.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    assert!(bash.wait().unwrap().success());
}

#[test]
fn help_says_where_the_script_goes_and_other_shells_are_refused() {
    bgsync(["completions", "--help"]).exits(0).prints("bash-completion/completions/bgsync").prints("$PROFILE");
    bgsync(["completions", "csh"]).exits(2).complains("[possible values: bash, elvish, fish, powershell, zsh]");
}
