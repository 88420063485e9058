//! Reads a timeline of so many steps, and one with a mistake at its end: `time cargo run --release --example read_timeline --
//! 1000000` says how long that takes.

use std::fmt::Write as _;

use background_sync_simulator::timeline::{Step, Timeline};

fn main() {
    let steps: usize = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(100_000);
    let mut text = String::from("title = \"long\"\n[[worker]]\nname = \"a\"\nscope = \"https://a.example/\"\n");
    for number in 0..steps {
        let network = if number % 2 == 0 { "online" } else { "offline" };
        let _ = write!(text, "\n[[step]]\nat = \"{number}s\"\nnetwork = \"{network}\"\nexpect.no_event = {{}}\n");
    }
    let read = Timeline::<Step>::parse("long.toml", &text).map(|timeline| timeline.steps.len());
    println!("{} bytes, {read:?} steps", text.len());
    let late = text + "\n[[step]]\nat = \"1s\"\nexpect.no_event = {}\n";
    match Timeline::<Step>::parse("long.toml", &late) {
        Ok(_) => println!("nothing wrong"),
        Err(error) => println!("{error}"),
    }
}
