//! Power cuts, and syncs that fail: what was acknowledged is there afterwards, and each batch whole or not
//! at all.

use std::{
    path::Path,
    sync::{Arc, Mutex},
};

use redb::{Database, ReadableDatabase, StorageBackend, backends::InMemoryBackend};

use super::{
    common::{commit, load, put},
    model::{Image, ModelDisk, Moment},
    stand_in::{Held, StandIn, place},
};
use crate::{
    RedbStore, StoreReport,
    layout::{FORMAT, FORMAT_KEY, META, decode_format},
};

/// A store on a disk, and what it tells.
fn open(disk: &ModelDisk) -> (RedbStore, Arc<Mutex<Vec<StoreReport>>>) {
    let reports: Arc<Mutex<Vec<StoreReport>>> = Arc::default();
    let sink = reports.clone();
    let store = RedbStore::open_place(place(disk), Box::new(move |report| sink.lock().unwrap().push(report)));
    (store.unwrap(), reports)
}

/// What a store holds after a crash. It has lost nothing, nor does it say so.
fn found_on(disk: &ModelDisk, when: &str) -> (RedbStore, Held) {
    let (mut store, reports) = open(disk);
    let contents = load(&mut store).unwrap();
    assert_eq!(contents.lost, 0, "{when}");
    for report in &*reports.lock().unwrap() {
        // redb may panic over a page that the system gives up while it is read
        let is_fine = matches!(report, StoreReport::WrittenAnew { .. } | StoreReport::PanicContained { .. });
        assert!(is_fine, "{when}: nothing is damaged, but {report}");
    }
    (store, Held::of(contents))
}

/// Sees that what was found is what had been acknowledged at that moment, or sent since.
fn assert_whole<T>(found: &Held, moment: &Moment<T>, states: &[Held], when: &str) {
    let whole = states[moment.acknowledged..=moment.sent].contains(found);
    let older = states[..moment.acknowledged].iter().rposition(|state| state == found);
    assert!(whole, "{when}: neither batch {} nor one after it, but {older:?}", moment.acknowledged);
}

fn check_cut(cut: &Moment<Image>, states: &[Held], when: &str) {
    let when = format!("{when}, cut at moment {} after {}", cut.number, cut.after);
    let (_, found) = found_on(&ModelDisk::new(&cut.what, cut.number), &when);
    assert_whole(&found, cut, states, &when);
}

#[test]
fn i3_what_was_acknowledged_survives_a_power_cut_at_any_change() {
    let mut cuts = 0;
    for seed in 0..4 {
        let when = format!("seed {seed}");
        let mut machine = StandIn::new(seed);
        machine.disk.keep(6);
        for _ in 0..16 {
            machine.commit().unwrap();
        }
        let StandIn { disk, store, states, .. } = machine;
        drop(store);
        for (number, cut) in disk.take_cuts().iter().enumerate() {
            check_cut(cut, &states, &when);
            cuts += 1;
            if number % 6 == 0 {
                cuts += check_cuts_of_the_repair(cut, &states, &when);
            }
        }
    }
    assert!(cuts > 250, "only {cuts} cuts");
}

/// Written by a program that knew format 1 only.
const FORMAT_1: &[u8] = include_bytes!("../../tests/golden/format-1-records-2.redb");

/// The format in the one file of a disk.
fn format_of(image: &Image) -> u32 {
    let (bytes, backend) = (&image[Path::new("sync.redb")], InMemoryBackend::new());
    backend.set_len(bytes.len() as u64).unwrap();
    backend.write(0, bytes).unwrap();
    let database = Database::builder().create_with_backend(backend).unwrap();
    let meta = database.begin_read().unwrap().open_table(META).unwrap();
    decode_format(meta.get(FORMAT_KEY).unwrap().unwrap().value()).unwrap()
}

#[test]
fn i3_a_file_of_an_older_format_becomes_one_of_this_together_with_its_first_batch() {
    let mut formats = Vec::new();
    for seed in 0..4 {
        let when = format!("seed {seed}");
        let disk = ModelDisk::new(&Image::from([("sync.redb".into(), FORMAT_1.to_vec())]), seed);
        disk.keep(1);
        disk.note(0, 0);
        let (mut store, before) = found_on(&disk, &when);
        disk.note(0, 1);
        commit(&mut store, vec![put(1_000)]).unwrap();
        let after = Held::of(load(&mut store).unwrap());
        disk.note(1, 1);
        drop(store);
        let states = [before, after];
        for cut in disk.take_cuts() {
            check_cut(&cut, &states, &when);
            let (mut store, _) = open(&ModelDisk::new(&cut.what, cut.number));
            let has_the_batch = Held::of(load(&mut store).unwrap()) == states[1];
            drop(store);
            let format = format_of(&cut.what);
            assert_eq!(format == FORMAT, has_the_batch, "{when}, cut at moment {} after {}", cut.number, cut.after);
            formats.push(format);
        }
    }
    assert!(formats.contains(&1) && formats.contains(&FORMAT), "{formats:?}");
}

/// The power goes once more while the store is opened after a cut.
fn check_cuts_of_the_repair(cut: &Moment<Image>, states: &[Held], when: &str) -> usize {
    let disk = ModelDisk::new(&cut.what, cut.number);
    disk.note(cut.acknowledged, cut.sent);
    disk.keep(2);
    drop(found_on(&disk, when));
    let cuts = disk.take_cuts();
    cuts.iter().for_each(|second| check_cut(second, states, &format!("{when}, cut at {} before", cut.number)));
    cuts.len()
}

/// What the runs of one test came to.
#[derive(Debug, Default)]
struct Sums {
    cuts: usize,
    kills: usize,
    failed_syncs: u64,
    written_anew: u64,
}

#[test]
fn i3_what_was_acknowledged_survives_failed_syncs_and_a_power_cut_at_any_later_change() {
    let mut sums = Sums::default();
    for seed in 0..10 {
        run_with_failing_syncs(seed, &mut sums);
    }
    let Sums { cuts, kills, failed_syncs, written_anew } = sums;
    assert!(cuts > 150 && kills > 60 && failed_syncs > 80 && written_anew > 10, "too few to mean anything: {sums:?}");
}

fn run_with_failing_syncs(seed: u64, sums: &mut Sums) {
    let when = format!("seed {seed}");
    let mut machine = StandIn::new(seed);
    machine.commit().unwrap();
    machine.disk.keep(12);
    for round in 0..20 {
        // one spell in which some syncs fail, or all, or the first one
        let percent = [0, 0, 60, 100, 25][usize::try_from((seed + round / 3) % 5).unwrap()];
        machine.disk.fail_syncs(percent);
        let result = machine.commit();
        assert!(result.is_ok() || percent > 0, "{when}, round {round}: {result:?}");
        if round % 4 == 0 {
            machine.look();
        }
    }
    machine.disk.fail_syncs(0);
    machine.commit().or_else(|_| machine.commit()).unwrap();
    machine.look();
    sums.written_anew += machine.store.stats().written_anew;
    let StandIn { disk, store, states, acknowledged, .. } = machine;
    // closing may fail to sync, too
    disk.fail_syncs(50);
    drop(store);
    let last = Moment { acknowledged, sent: acknowledged, number: 0, after: "closing it", what: disk.cut() };
    check_cut(&last, &states, &format!("{when}, closed"));
    let cuts = disk.take_cuts();
    cuts.iter().for_each(|cut| check_cut(cut, &states, &when));
    let kills = disk.take_kills();
    kills.iter().for_each(|kill| check_kill(kill, &states, &when));
    sums.cuts += cuts.len();
    sums.kills += kills.len();
    sums.failed_syncs += disk.failed_syncs();
}

/// Another process takes over what a killed one left, the system's memory with it, and what it acknowledges
/// is there after a power cut.
fn check_kill(kill: &Moment<ModelDisk>, states: &[Held], when: &str) {
    let when = format!("{when}, killed at moment {} after {}", kill.number, kill.after);
    let (mut store, found) = found_on(&kill.what, &when);
    assert_whole(&found, kill, states, &when);
    for number in 1_000_000..1_000_003 {
        commit(&mut store, vec![put(number)]).unwrap();
    }
    let expected = Held::of(load(&mut store).unwrap());
    assert_ne!(expected, found);
    let cut = Moment { acknowledged: 0, sent: 0, number: kill.number, after: "two commits", what: kill.what.cut() };
    check_cut(&cut, std::slice::from_ref(&expected), &when);
    drop(store);
}
