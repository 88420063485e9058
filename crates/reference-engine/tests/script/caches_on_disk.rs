//! Caches on a disk: restarts, damage, and no room.

use std::fs;
use std::path::{Path, PathBuf};

use background_sync_reference_engine::script::{CacheDamage, Caches, ManualClock};

use super::caches::{page, worker};
use super::support::{START, World};

fn sound(path: &Path) -> Caches {
    let (caches, damage) = Caches::open(path).unwrap();
    assert_eq!(damage, []);
    caches
}

fn page_on(path: &Path) -> World {
    page(&sound(path), &ManualClock::new(START))
}

/// File names in a folder, in order.
fn files(path: &Path) -> Vec<String> {
    let names = fs::read_dir(path).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

/// The file of a body.
fn body(path: &Path, text: &str) -> PathBuf {
    let bodies = files(path).into_iter().map(|name| path.join(name));
    bodies.into_iter().find(|file| fs::read(file).is_ok_and(|bytes| bytes == text.as_bytes())).unwrap()
}

const PUT_TWO: &str = "open().then(async (cache) => { await cache.put('/a', new Response('body of a')); await cache.put('/b', new Response('body of b')); })";
const ALL: &str = "open().then(async (cache) => [paths(await cache.keys()), await texts(await cache.matchAll())])";

#[test]
fn what_was_put_is_there_after_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("not/yet/there");
    let clock = ManualClock::new(START);
    let mut first = page_on(&path);
    assert!(!path.exists(), "nothing to keep yet");
    first.json(PUT_TWO);
    first.json(
        r"caches.open('z\ud800').then((cache) => cache.put(new Request('/v#x', { headers: { accept: 'q' } }), new Response(null, { status: 204, statusText: 'ä', headers: { vary: 'accept' } })))",
    );
    first.json("open().then((cache) => cache.put('/a', new Response('new body')))");
    assert_eq!(files(&path).len(), 3, "an index and two bodies: {:?}", files(&path));
    drop(first);
    let mut second = worker(&sound(&path), &clock);
    assert_eq!(second.json(ALL), r#"["/b,/a","body of b,new body"]"#);
    assert_eq!(second.json(r"caches.keys().then((names) => names[1] === 'z\ud800')"), "true");
    let match_empty = r"caches.match(new Request('/v', { headers: { accept: 'q' } }), { cacheName: 'z\ud800' }).then(async (r) => [r.status, r.statusText, r.headers.get('vary'), await r.text(), r.bodyUsed])";
    assert_eq!(second.json(match_empty), r#"[204,"ä","accept","",false]"#);
    second.json("caches.delete('v1')");
    assert_eq!(files(&path), ["index"]);
    drop(second);
    assert_eq!(page_on(&path).json("caches.keys().then((names) => names.length)"), "1");
}

#[test]
fn a_damaged_body_costs_its_own_response_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("caches");
    for damage_it in
        [|file: &Path| fs::write(file, "body of x").unwrap(), |file: &Path| fs::write(file, "bod").unwrap()]
    {
        page_on(&path).json(PUT_TWO);
        let file = body(&path, "body of a");
        damage_it(&file);
        let broken = fs::read(&file).unwrap();
        let (caches, damage) = Caches::open(&path).unwrap();
        let [CacheDamage::Body { url, why, set_aside: Some(aside) }] = damage.as_slice() else { panic!("{damage:?}") };
        assert_eq!((url.as_str(), why.as_str()), ("https://shop.test/a", "its checksum is wrong"));
        assert_eq!(fs::read(aside).unwrap(), broken);
        assert_eq!(page(&caches, &ManualClock::new(START)).json(ALL), r#"["/b","body of b"]"#);
        // It is said once.
        assert_eq!(page_on(&path).json(ALL), r#"["/b","body of b"]"#);
    }
    fs::remove_file(body(&path, "body of b")).unwrap();
    let (_, damage) = Caches::open(&path).unwrap();
    let text = damage.iter().map(ToString::to_string).collect::<String>();
    assert_eq!(text, "the cached response for https://shop.test/b is damaged (its body is gone) and left out");
}

#[test]
fn a_damaged_index_is_set_aside_with_all_bodies() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("caches");
    page_on(&path).json(PUT_TWO);
    let index = fs::read(path.join("index")).unwrap();
    for place in 0..index.len() {
        let mut broken = index.clone();
        broken[place] ^= 0x20;
        fs::write(path.join("index"), &broken).unwrap();
        let (caches, damage) = Caches::open(&path).unwrap();
        let [CacheDamage::Index { set_aside, .. }] = damage.as_slice() else { panic!("at {place}: {damage:?}") };
        assert_eq!(format!("{caches:?}"), "Caches { names: [], .. }");
        assert_eq!(files(Path::new(set_aside)).len(), 3);
        // By hand it can be put back.
        fs::rename(set_aside, &path).unwrap();
    }
    fs::write(path.join("index"), &index).unwrap();
    assert_eq!(page_on(&path).json(ALL), r#"["/a,/b","body of a,body of b"]"#);
}

#[test]
fn a_folder_that_cannot_be_read_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("caches");
    fs::create_dir_all(path.join("index")).unwrap();
    assert!(Caches::open(&path).is_err());
    assert_eq!(files(&path), ["index"]);
}

/// Folders where files have to go fail the writes, even for the superuser.
fn blocked(path: &Path, names: &[String], during: impl FnOnce()) {
    names.iter().for_each(|name| fs::create_dir(path.join(name)).unwrap());
    during();
    names.iter().for_each(|name| fs::remove_dir(path.join(name)).unwrap());
}

/// Fails as on a disk that does not take it, and changes nothing.
#[track_caller]
fn is_not_written(world: &mut World, source: &str) {
    let error = world.run_for(source, 10).unwrap_err();
    assert!(error.starts_with("UnknownError: the cache could not be written: "), "{source}: {error}");
    assert_eq!(world.json(ALL), r#"["/a,/b","body of a,body of b"]"#, "{source}");
}

#[test]
fn what_cannot_be_written_is_rejected_and_nothing_else_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("caches");
    let put = "open().then((cache) => cache.put('/a', new Response('lost')))";
    let mut world = page_on(&path);
    world.json(PUT_TWO);
    let before = files(&path);
    blocked(&path, &["index.new".to_owned()], || {
        let delete = "open().then((cache) => cache.delete('/a'))";
        for source in [put, delete, "caches.open('new')", "caches.delete('v1')"] {
            is_not_written(&mut world, source);
        }
    });
    // Which number comes next is the engine's own affair, but it is not far.
    let bodies: Vec<_> = (10..50).map(|n| format!("body-{n}")).collect();
    blocked(&path, &bodies, || {
        while world.run_for("open().then((cache) => cache.put('/c', new Response('c')))", 10).is_ok() {
            world.json("open().then((cache) => cache.delete('/c'))");
        }
        is_not_written(&mut world, put);
    });
    assert_eq!(files(&path), before, "nothing is left of what failed");
    drop(world);
    let mut world = page_on(&path);
    assert_eq!(world.json(ALL), r#"["/a,/b","body of a,body of b"]"#);
    world.json("open().then((cache) => cache.put('/c', new Response('body of c')))");
    assert_eq!(world.json(ALL), r#"["/a,/b,/c","body of a,body of b,body of c"]"#);
}

#[test]
fn what_a_killed_process_left_half_done_is_cleared_away() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("caches");
    page_on(&path).json(PUT_TWO);
    let before = files(&path);
    for stray in ["body-77", "index.new"] {
        fs::write(path.join(stray), "half").unwrap();
    }
    fs::write(path.join("body-1.corrupt-1"), "kept for people").unwrap();
    let mut world = page_on(&path);
    assert_eq!(world.json(ALL), r#"["/a,/b","body of a,body of b"]"#);
    world.json("caches.open('another')");
    let mut expected = before;
    expected.push("body-1.corrupt-1".to_owned());
    expected.sort();
    assert_eq!(files(&path), expected);
}
