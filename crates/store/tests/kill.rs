//! A process that commits in a loop is killed. Whatever it was told is durable must be there, in whole
//! batches. One program: without arguments it is the parent, with a path it is the child.

mod common;

use std::{
    env,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
};

use background_sync::StoreOp;
use background_sync_store::RedbStore;
use common::{commit, load, put};

/// Registrations in one batch.
const BATCH: u64 = 5;

fn main() {
    match env::var_os("STORE_OF_THE_CHILD") {
        Some(path) => commit_until_killed(Path::new(&path)),
        None => kill_at_many_moments(),
    }
}

fn kill_at_many_moments() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("sync.redb");
    let mut acknowledged = 0;
    for round in 0..12 {
        acknowledged = acknowledged.max(run_and_kill(&path, 1 + round * 3));
        let mut store = RedbStore::open(&path, |report| panic!("a kill damages nothing: {report}")).expect("opens");
        let contents = load(&mut store).expect("loads");
        let rows: Vec<u64> = contents.registrations.iter().map(|registration| registration.sequence.0).collect();
        let expected: Vec<u64> = (0..rows.len() as u64).collect();
        assert_eq!(rows, expected, "round {round}: no gap");
        assert_eq!(contents.lost, 0, "round {round}");
        assert_eq!(rows.len() as u64 % BATCH, 0, "round {round}: whole batches");
        let batches = rows.len() as u64 / BATCH;
        assert!(batches >= acknowledged, "round {round}: {acknowledged} were acknowledged, {batches} are there");
    }
    assert!(acknowledged > 100, "only {acknowledged} batches in all: the test is too short to mean anything");
    println!("12 kills, {acknowledged} batches acknowledged, none lost");
}

/// Lets a child run until it acknowledged `batches` more, kills it, and says what it acknowledged last.
fn run_and_kill(path: &Path, batches: usize) -> u64 {
    let program = env::current_exe().expect("this program");
    let mut child =
        Command::new(program).env("STORE_OF_THE_CHILD", path).stdout(Stdio::piped()).spawn().expect("the child starts");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let mut last = None;
    for _ in 0..batches {
        last = lines.next().and_then(Result::ok).or(last);
    }
    child.kill().expect("it was running");
    // what it said before it died counts too
    let last = lines.map_while(Result::ok).last().or(last).expect("it said something");
    child.wait().expect("it ends");
    last.parse().expect("a number")
}

fn commit_until_killed(path: &Path) {
    let mut store = RedbStore::open(path, |report| panic!("a kill damages nothing: {report}")).expect("opens");
    let mut batch = load(&mut store).expect("loads").registrations.len() as u64 / BATCH;
    let mut out = std::io::stdout();
    loop {
        let ops: Vec<StoreOp> = (batch * BATCH..(batch + 1) * BATCH).map(put).collect();
        commit(&mut store, ops).expect("commits");
        batch += 1;
        writeln!(out, "{batch}").expect("the parent listens");
        out.flush().expect("the parent listens");
    }
}
