//! The simulator's random worlds, with operations chosen by the fuzzer.

use arbitrary::Unstructured;
use background_sync_simulator::random::{Op, live};

/// More operations make a world slow rather than different.
const MOST_OPS: usize = 80;

/// Lives through the world that the bytes stand for.
///
/// # Panics
/// When the simulator's oracle finds something broken. The message is the shortest timeline that shows
/// it.
pub fn run(bytes: &[u8]) {
    let mut bytes = Unstructured::new(bytes);
    let seed = bytes.arbitrary::<u8>().unwrap_or_default();
    let ops: Vec<Op> = bytes.arbitrary_iter().into_iter().flatten().flatten().take(MOST_OPS).collect();
    if let Err(broken) = live(seed.into(), &ops) {
        panic!("{broken}");
    }
}
