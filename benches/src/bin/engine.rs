//! `engine STORE`: the smallest program with background sync in it. It reads its store, fires what is there, and
//! says the tag of the first event. `engine STORE offline N` waits for N registrations and says how many bytes of
//! memory the process has.

use std::error::Error;
use std::path::Path;
use std::sync::mpsc::channel;
use std::time::Duration;

use background_sync::scheduler::NetworkState;
use background_sync::{BackgroundSyncThread, Poster};
use background_sync_benches::{Engine, Footprint, parameters};
use background_sync_store::RedbStore;

/// How long it sleeps before it looks again.
const A_MOMENT: Duration = Duration::from_millis(1);
/// After this time something is wrong.
const TOO_LONG: Duration = Duration::from_secs(60);

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [store] => fire(Path::new(store)),
        [store, "offline", registrations] => wait(Path::new(store), registrations.parse()?),
        _ => Err("usage: engine STORE [offline N]".into()),
    }
}

fn fire(path: &Path) -> Result<(), Box<dyn Error>> {
    let store = RedbStore::open(path, |report| eprintln!("{report}"))?;
    let (tell, first) = channel();
    let fulfilled = move |event: &background_sync::SyncEventInit| drop(tell.send(event.tag.clone()));
    let hosts = move |_: &Poster| Engine::hosts(NetworkState::online(), store, fulfilled);
    let _sync = BackgroundSyncThread::new(parameters(), [7; 32]).spawn(hosts)?;
    println!("{}", first.recv_timeout(TOO_LONG)?);
    Ok(())
}

fn wait(path: &Path, registrations: usize) -> Result<(), Box<dyn Error>> {
    let store = RedbStore::open(path, |report| eprintln!("{report}"))?;
    let hosts = move |_: &Poster| Engine::hosts(NetworkState::Offline, store, |_| ());
    let sync = BackgroundSyncThread::new(parameters(), [7; 32]).spawn(hosts)?;
    while sync.inspect(background_sync::Machine::registration_count) != Ok(registrations) {
        std::thread::sleep(A_MOMENT);
    }
    println!("{}", Footprint::now().resident);
    Ok(())
}
