//! Profiles that can't be used, or only in part.

use std::path::Path;

use super::support::{Folder, GOOD_WORKER, OPEN_A, Said, command, snapshot};

fn folder() -> Folder {
    Folder::with_site("a.example", GOOD_WORKER).timeline(OPEN_A)
}

/// A profile in which a worker and three of its tags are kept.
fn with_three_tags() -> (Folder, std::path::PathBuf) {
    let folder = folder();
    let store = folder.store();
    folder.write_timeline(&format!(
        "{OPEN_A}[[step]]\nat = \"1s\"\nnetwork = \"offline\"\nrun = {{ window = \"a\", script = \"Promise.all(['x', 'y', 'z'].map(ask))\" }}\n"
    ));
    folder.run_with_store(&store).exits(0).prints("3 still registered");
    folder.write_timeline("[[step]]\nnetwork = \"offline\"\n");
    (folder, store)
}

/// Refuses to run, says why, and changes nothing.
#[track_caller]
fn is_refused(folder: &Folder, store: &Path, why: &str) {
    let before = snapshot(&folder.path(""));
    folder.run_with_store(store).exits(3).complains(why).prints_no("opens");
    assert_eq!(snapshot(&folder.path("")), before);
}

#[test]
fn a_directory() {
    let folder = folder();
    std::fs::create_dir(folder.path("store")).unwrap();
    is_refused(&folder, &folder.path("store"), "it is not a file; name a file, or remove what is there");
}

#[test]
fn a_place_in_no_directory() {
    let folder = folder();
    is_refused(&folder, &folder.path("gone/store"), "its directory does not exist; create it first");
    folder.write("file", "");
    is_refused(&folder, &folder.path("file/store"), "its directory does not exist; create it first");
}

#[cfg(target_os = "linux")]
#[test]
fn a_device() {
    is_refused(&folder(), Path::new("/dev/full"), "cannot open the store /dev/full: it is not a file");
}

/// Not even the superuser may write this one.
#[cfg(target_os = "linux")]
#[test]
fn a_file_that_is_read_only() {
    let place = "/proc/sys/kernel/ostype";
    let folder = folder();
    let said = folder.run_with_store(Path::new(place)).exits(3).complains(&format!("cannot open the store {place}: "));
    let said_so =
        ["permission denied; allow this user to read and write", "the file system is read-only; choose another"];
    assert!(said_so.iter().any(|text| said.err.contains(text)), "{}", said.err);
}

#[test]
fn a_database_of_another_program_and_a_text() {
    let folder = folder();
    folder.write("store", "Dear diary,");
    folder.run_with_store(&folder.path("store")).exits(0).prints("was damaged").prints("is active");
    assert_eq!(std::fs::read_to_string(folder.path("store.damaged-1")).unwrap(), "Dear diary,");
}

#[test]
fn a_truncated_store_is_moved_aside_and_the_run_goes_on() {
    for part in [1, 2, 3] {
        let (folder, store) = with_three_tags();
        let bytes = std::fs::read(&store).unwrap();
        let cut = &bytes[..bytes.len() * part / 4];
        std::fs::write(&store, cut).unwrap();
        folder.write_timeline(&format!(
            "{OPEN_A}[[step]]\nat = \"1s\"\nrun = {{ window = \"a\", script = \"ask('new')\" }}\n"
        ));
        folder.run_with_store(&store).exits(0).prints_in_order(&[
            "was damaged",
            "it was moved to",
            "got new",
            "as expected",
        ]);
        assert_eq!(std::fs::read(folder.path("profile/store.damaged-1")).unwrap(), cut, "part {part}");
    }
}

/// A list that is damaged or gone: the syncs wait, in later browsers too, until their site registers its worker again.
#[test]
fn no_sync_is_lost_with_the_list_of_service_workers() {
    let half: fn(&Path) = |list| {
        let sound = std::fs::read(list).unwrap();
        std::fs::write(list, &sound[..sound.len() / 2]).unwrap();
    };
    let one_bit: fn(&Path) = |list| {
        let mut bytes = std::fs::read(list).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(list, bytes).unwrap();
    };
    let gone: fn(&Path) = |list| std::fs::remove_file(list).unwrap();
    for (damage, is_told) in [(half, true), (one_bit, true), (gone, false)] {
        let (folder, store) = with_three_tags();
        damage(&folder.path("profile/store.workers.json"));
        folder.write_timeline("[[step]]\nat = \"1h\"\nnetwork = \"online\"\n[[step]]\nat = \"2h\"\n");
        let waits = "its service worker is not known any more";
        let first = folder.run_with_store(&store).exits(0).prints(waits).prints("3 still registered");
        assert_eq!(first.out.contains("the list of service workers is damaged"), is_told, "{}", first.out);
        assert_eq!(folder.path("profile/store.workers.json.corrupt-1").exists(), is_told);
        folder.run_with_store(&store).exits(0).prints(waits).prints("3 still registered");
        // Its site is visited.
        folder.write_timeline(&format!("{OPEN_A}[[step]]\nat = \"1h\"\n"));
        folder.run_with_store(&store).exits(0).prints("0 still registered");
        folder.write_timeline("[[step]]\nat = \"1s\"\n");
        let last = folder.run_with_store(&store).exits(0);
        assert!(!last.out.contains(waits), "{}", last.out);
    }
}

#[test]
fn a_progress_of_something_else() {
    let (folder, store) = with_three_tags();
    folder.write("profile/store.progress.json", "{");
    is_refused(&folder, &store, "store.progress.json makes no sense");
    let other = r#"{"timeline":1,"step":1,"elapsed":{"secs":1,"nanos":0},"servers":null,"mismatches":0,"processes":1}"#;
    folder.write("profile/store.progress.json", other);
    is_refused(&folder, &store, "belongs to another timeline, or this one was changed; remove it to start again");
    std::fs::remove_file(folder.path("profile/store.progress.json")).unwrap();
    folder.run_with_store(&store).exits(0).prints("3 still registered");
}

#[test]
fn damaged_databases_are_set_aside_and_the_syncs_stay() {
    let (folder, store) = with_three_tags();
    folder.write("profile/store.indexeddb/0https%3a%2f%2fa.example/databases", "nonsense");
    folder.write_timeline(&format!("[[step]]\nnetwork = \"offline\"\n{OPEN_A}"));
    folder
        .run_with_store(&store)
        .exits(0)
        .prints("the origin's IndexedDB is damaged")
        .prints("databases.corrupt-1")
        .prints("3 still registered");
}

#[test]
fn damaged_caches_are_set_aside_and_the_rest_stays() {
    let (folder, store) = with_three_tags();
    let caches = folder.path("profile/store.caches/0https%3a%2f%2fa.example/caches");
    let run = |script: &str| {
        let run = format!("run = {{ window = \"a\", script = \"caches.open('v1').then(cache => {script}\" }}");
        folder.write_timeline(&format!("[[step]]\nnetwork = \"offline\"\n{OPEN_A}{run}\n[[step]]\nat = \"1s\"\n"));
        folder.run_with_store(&store).exits(0).prints("3 still registered")
    };
    let look = || run("cache.keys()).then(keys => void console.log(`kept [${keys.map(key => key.url.at(-1))}]`))");
    run("void ['x', 'y'].forEach(name => cache.put(name, new Response('text of ' + name))))");
    look().prints("kept [x,y]");
    let mut files = std::fs::read_dir(&caches).unwrap().map(|file| file.unwrap().path());
    let body = files.find(|file| std::fs::read(file).is_ok_and(|bytes| bytes == b"text of x")).unwrap();
    std::fs::write(&body, "text of z").unwrap();
    look()
        .prints("the cached response for https://a.example/x is damaged (its checksum is wrong) and left out")
        .prints("kept [y]");
    std::fs::write(caches.join("index"), "nonsense").unwrap();
    look()
        .prints("the origin's caches are damaged (it does not begin as it should)")
        .prints("caches.corrupt-1, new ones begin empty")
        .prints("kept []");
    look().prints_no("damaged");
    // A file in the way of the folder.
    std::fs::remove_dir_all(&caches).unwrap();
    std::fs::write(&caches, "a file").unwrap();
    look().prints("the origin's caches cannot be read").prints("goes on without keeping any");
}

/// Files may not grow beyond this many blocks of 512 bytes: to whoever writes, a disk that is full.
#[cfg(unix)]
fn run_with_little_room(folder: &Folder, store: &Path, blocks: u32) -> Said {
    let mut shell = std::process::Command::new("sh");
    shell.arg("-c").arg(format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"")).arg("sh");
    let bgsync = command();
    shell.arg(bgsync.get_program()).arg("run").arg(folder.path("")).arg("--store").arg(store);
    Said::of(&shell.env("NO_COLOR", "1").output().unwrap())
}

#[cfg(unix)]
#[test]
fn no_room_for_a_store() {
    let folder = folder();
    let store = folder.store();
    run_with_little_room(&folder, &store, 1)
        .exits(3)
        .complains("cannot open the store")
        .complains("File too large")
        .prints_no("opens");
}

#[cfg(unix)]
#[test]
fn no_room_for_more_registrations() {
    let (folder, store) = with_three_tags();
    let blocks = std::fs::metadata(&store).unwrap().len() / 512;
    folder.write_timeline(&format!(
        r#"[[step]]
network = "offline"
{OPEN_A}
[[step]]
at = "1s"
run = {{ window = "a", script = "Promise.allSettled(Array.from({{length: 150}}, (_, i) => ask(i + '-'.repeat(10000)))).then(all => console.log([...new Set(all.map(one => one.reason ? `${{one.reason.name}}: ${{one.reason.message}}` : 'ok'))].join()))" }}
[[step]]
at = "10min"
run = {{ window = "a", script = "tags().then(tags => tags.slice(0, 3))", gives = '["x", "y", "z"]' }}
"#
    ));
    run_with_little_room(&folder, &store, u32::try_from(blocks).unwrap())
        .exits(0)
        .prints("the store failed: ")
        .prints("UnknownError: The sync could not be stored; try again, or send the data from the page instead.");
    folder.write_timeline(&format!(
        "[[step]]\nnetwork = \"offline\"\n{OPEN_A}[[step]]\nat = \"1s\"\nrun = {{ window = \"a\", script = \"tags().then(tags => tags.slice(0, 3))\", gives = '[\"x\", \"y\", \"z\"]' }}\n"
    ));
    folder.run_with_store(&store).exits(0);
}

#[cfg(unix)]
#[test]
fn no_room_for_a_response() {
    let (folder, store) = with_three_tags();
    let blocks = std::fs::metadata(&store).unwrap().len() / 512;
    let put = |name: &str, size: &str| {
        format!("caches.open('v1').then(cache => cache.put('{name}', new Response('x'.repeat({size}))))")
    };
    let (small, large) = (put("small", "1000"), put("large", "5e6"));
    let look = r#"run = { window = "a", script = "caches.open('v1').then(cache => cache.keys()).then(keys => keys.length)", gives = "1" }"#;
    folder.write_timeline(&format!(
        r#"[[step]]
network = "offline"
{OPEN_A}run = {{ window = "a", script = "{small}" }}
[[step]]
run = {{ window = "a", script = "{large}", fails = "QuotaExceededError: the cache could not be written" }}
[[step]]
{look}
"#
    ));
    run_with_little_room(&folder, &store, u32::try_from(blocks).unwrap()).exits(0).prints("3 still registered");
    folder.write_timeline(&format!("[[step]]\nnetwork = \"offline\"\n{OPEN_A}{look}\n"));
    folder.run_with_store(&store).exits(0);
}
