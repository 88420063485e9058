//! 64 promises at once, from the call to the moment when their end is durable: background-sync, effectum, and
//! a bare redb transaction of 64 rows, taking turns. See `README.md`.

mod ours;
mod theirs;

use std::error::Error;

use background_sync::registration::Sequence;
use background_sync_benches::{LoadAverage, Others, Rows, Samples, key, registration, tag, time};

use crate::ours::Ours;
use crate::theirs::Theirs;

/// Callers at once, and what may run at once.
const AT_ONCE: u64 = 64;

fn main() -> Result<(), Box<dyn Error>> {
    let rounds = match std::env::args().nth(1) {
        Some(rounds) => rounds.parse()?,
        None => 60,
    };
    println!("{rounds} rounds of {AT_ONCE}; {}", LoadAverage::now());
    let directory = tempfile::tempdir()?;
    let mut ours = Ours::open(&directory.path().join("sync.redb"))?;
    let theirs = Theirs::open(&directory.path().join("effectum.db"))?;
    let bare = Rows::open(&directory.path().join("bare.redb"))?;
    let [mut our_ms, mut their_ms, mut bare_ms, mut ratios, mut to_bare] = [const { Samples::new() }; 5];
    for round in 0..rounds {
        let (mut our_result, mut their_result, mut bare_result) = (Ok(()), Ok(()), Ok(()));
        let our_time = time(|| our_result = ours.round());
        let their_time = time(|| their_result = theirs.round());
        let rows: Vec<_> = (0..AT_ONCE)
            .map(|number| {
                let sequence = Sequence(round * AT_ONCE + number + 1);
                registration(&key(0), sequence, tag(sequence.0), Others::Pending)
            })
            .collect();
        let bare_time = time(|| bare_result = bare.put(&rows));
        our_result?;
        their_result?;
        bare_result?;
        our_ms.add_ms(our_time);
        their_ms.add_ms(their_time);
        bare_ms.add_ms(bare_time);
        ratios.add(their_time.as_secs_f64() / our_time.as_secs_f64());
        to_bare.add(our_time.as_secs_f64() / bare_time.as_secs_f64());
    }
    for (name, samples) in [("background-sync", our_ms), ("effectum", their_ms), ("bare redb, one commit", bare_ms)] {
        println!("{name:<24} p50 {:>8.2} ms, p95 {:>8.2} ms a round", samples.median(), samples.percentile(95));
    }
    println!("background-sync / one bare commit, median of the rounds: x {:.2}", to_bare.median());
    println!("effectum / background-sync, median of the rounds: x {:.2}", ratios.median());
    println!("{}", LoadAverage::now());
    ours.shut_down()?;
    theirs.close()
}
