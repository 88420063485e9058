//! How long reading a timeline of so many steps takes: `cargo run --release --example read_timeline -- 1000000`.

use std::fmt::Write as _;
use std::time::Instant;

use background_sync_simulator::timeline::{Step, Timeline};

fn main() {
    let steps: usize = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(100_000);
    let mut text = String::from("title = \"long\"\n[[worker]]\nname = \"a\"\nscope = \"https://a.example/\"\n");
    for number in 0..steps {
        let network = if number % 2 == 0 { "online" } else { "offline" };
        let _ = write!(text, "\n[[step]]\nat = \"{number}s\"\nnetwork = \"{network}\"\nexpect.no_event = {{}}\n");
    }
    let begun = Instant::now();
    let read = Timeline::<Step>::parse("long.toml", &text).map(|timeline| timeline.steps.len());
    let took = begun.elapsed().as_secs_f64();
    println!("{} bytes, {read:?} steps read in {took:.1} s", text.len());
    let late = text + "\n[[step]]\nat = \"1s\"\nexpect.no_event = {}\n";
    let begun = Instant::now();
    match Timeline::<Step>::parse("long.toml", &late) {
        Ok(_) => println!("nothing wrong"),
        Err(error) => println!("{error}\nfound after {:.1} s", begun.elapsed().as_secs_f64()),
    }
}
