//! What a start costs: from a file of so many rows to a machine that has them all, beside bare redb that opens
//! the same file and reads every row.
//!
//! `cargo bench -p background-sync-benches --bench load`; `TMPDIR` says on which disk. Every figure is of a
//! fresh process, all kinds taking turns.

use std::error::Error;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use background_sync::Driver;
use background_sync::scheduler::NetworkState;
use background_sync_benches::{Engine, Footprint, LoadAverage, Rows, Samples, measures, parameters, time, write_store};
use background_sync_store::RedbStore;

/// How long the loop sleeps that waits for the store's thread.
const A_MOMENT: Duration = Duration::from_micros(100);

/// What a process of its own does, and how the table calls it.
const KINDS: [(&str, &str); 3] = [
    ("redb", "bare redb"),
    ("checked", "bare redb, every page checked"),
    ("machine", "the store and a driver, to a ready machine"),
];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["write", path, rows] => {
            write_store(Path::new(path), rows.parse()?)?;
            say(Duration::ZERO);
            Ok(())
        }
        ["redb", path, rows] => scan(rows.parse()?, || Rows::open(Path::new(path))),
        ["checked", path, rows] => scan(rows.parse()?, || Rows::open_checked(Path::new(path))),
        ["machine", path, rows] => machine(Path::new(path), rows.parse()?),
        _ => compare(),
    }
}

fn compare() -> Result<(), Box<dyn Error>> {
    let (sizes, rounds) = if measures() { ([10_000, 100_000, 1_000_000], 5) } else { ([10, 100, 1_000], 1) };
    println!("medians of {rounds}, each of a fresh process; {} before", LoadAverage::now());
    for rows in sizes {
        let directory = tempfile::tempdir()?;
        let path = directory.path().join("sync.redb");
        child("write", &path, rows)?;
        let mut figures = [const { (Samples::new(), Samples::new()) }; KINDS.len()];
        for _ in 0..rounds {
            for ((kind, _), (times, peaks)) in KINDS.iter().zip(&mut figures) {
                let (ms, megabytes) = child(kind, &path, rows)?;
                times.add(ms);
                peaks.add(megabytes);
            }
        }
        println!("\n{rows} rows, {:.1} MB", path.metadata()?.len() as f64 / 1e6);
        let least = figures[0].0.median();
        for ((_, name), (times, peaks)) in KINDS.iter().zip(&figures) {
            let (ms, peak) = (times.median(), peaks.median());
            println!("{name:<44} {ms:>8.1} ms, x {:>5.2}, peak {peak:>5.0} MB", ms / least);
        }
    }
    println!("\n{} after", LoadAverage::now());
    Ok(())
}

/// Runs this program anew. Gives the milliseconds that counted, and the peak of its memory in megabytes.
fn child(kind: &str, path: &Path, rows: u64) -> Result<(f64, f64), Box<dyn Error>> {
    let output = Command::new(std::env::current_exe()?).arg(kind).arg(path).arg(rows.to_string()).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let text = String::from_utf8(output.stdout)?;
    let (ms, peak) = text.trim().split_once(' ').ok_or("no two figures")?;
    Ok((ms.parse()?, peak.parse()?))
}

fn say(took: Duration) {
    println!("{} {}", took.as_secs_f64() * 1e3, Footprint::now().peak as f64 / 1e6);
}

/// Opens the file in bare redb and reads every row.
fn scan(rows: u64, open: impl FnOnce() -> Result<Rows, redb::Error>) -> Result<(), Box<dyn Error>> {
    let mut found = Ok((0, 0));
    let took = time(|| found = open().and_then(|file| file.scan()));
    let (read, bytes) = found?;
    assert_eq!(read, rows);
    assert!(bytes > rows, "rows hold something");
    say(took);
    Ok(())
}

/// Opens the store and lets a driver turn until its machine has every registration.
fn machine(path: &Path, rows: u64) -> Result<(), Box<dyn Error>> {
    let mut driver = Err("not opened".into());
    let took = time(|| driver = ready(path, rows));
    assert_eq!(driver?.machine().registration_count() as u64, rows);
    say(took);
    Ok(())
}

fn ready(path: &Path, rows: u64) -> Result<Driver<Engine>, Box<dyn Error>> {
    let store = RedbStore::open(path, |report| eprintln!("{report}"))?;
    let mut driver = Driver::new(parameters(), [7; 32], || {}, |_| Engine::hosts(NetworkState::Offline, store, |_| ()));
    let _ = driver.turn();
    while (driver.machine().registration_count() as u64) < rows {
        std::thread::sleep(A_MOMENT);
        let _ = driver.turn();
    }
    Ok(driver)
}
