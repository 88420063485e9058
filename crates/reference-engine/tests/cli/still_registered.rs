//! A run that ends with something registered says what it waits for.

use serde_json::{Value, json};

use super::support::{Folder, GOOD_WORKER, OPEN_A, bgsync};

/// Asks for a sync without a network.
fn asked(script: &str) -> String {
    format!("{OPEN_A}[[step]]\nat = \"1s\"\nnetwork = \"offline\"\nrun = {{ window = \"a\", script = {script:?} }}\n")
}

/// The objects about what is still registered.
fn objects(folder: &Folder) -> Vec<Value> {
    let said = bgsync(["run".as_ref(), folder.path("").as_os_str(), "--json".as_ref()]).exits(0);
    let objects = said.out.lines().map(|line| serde_json::from_str(line).unwrap());
    objects.filter(|object: &Value| object["event"] == "Still registered").collect()
}

#[test]
fn a_run_says_what_each_waits_for_before_its_verdict() {
    Folder::with_site("a.example", GOOD_WORKER)
        .timeline(&asked("ask('t').then(() => ask(''))"))
        .run()
        .exits(0)
        .prints(
            "\n\nstill registered:\n  t of https://a.example/ waits for a network\n  \
             (the empty tag) of https://a.example/ waits for a network\n\nas expected: ",
        )
        .prints("2 still registered");
}

#[test]
fn nothing_registered_needs_no_word() {
    let said = Folder::with_site("a.example", GOOD_WORKER).timeline(OPEN_A).run().exits(0);
    said.prints("0 still registered").prints_no("still registered:");
}

#[test]
fn a_back_off_ends_at_a_moment_of_the_run() {
    let folder = Folder::with_site(
        "a.example",
        "addEventListener('sync', event => event.waitUntil(Promise.reject(new Error('no'))));",
    );
    let online = "[[step]]\nat = \"10s\"\nnetwork = \"online\"\n[[step]]\nat = \"15s\"\n";
    // Nothing is left to chance; the link that came back is held for two seconds.
    let exact = "[parameters]\njitter = \"none\"\nfirst_fire_spread = \"0s\"\n";
    folder.write_timeline(&format!("{}{online}{exact}", asked("ask('t')")));
    folder.run().exits(0).prints("  t of https://a.example/ waits for the end of its back-off (0:00:42.000)\n");
    let until = 1_767_603_600.0 + 42.0;
    assert_eq!(objects(&folder)[0]["metadata"]["Why Not"], json!([{ "reason": "back_off", "until": until }]));
}

#[test]
fn many_of_one_kind_are_told_in_one_line() {
    let script = "(async () => { for (let n = 0; n < 389; n++) await ask('tag ' + n); })()";
    let said = Folder::with_site("a.example", GOOD_WORKER).timeline(&asked(script)).run().exits(0);
    said.prints(
        "still registered:\n  tag 0 of https://a.example/ waits for a network; and 388 more like it\n\nas expected",
    );
}

#[test]
fn a_program_gets_each_of_them() {
    let script = "Promise.all(Array.from({length: 20}, (_, n) => ask('tag ' + n)))";
    let objects = objects(&Folder::with_site("a.example", GOOD_WORKER).timeline(&asked(script)));
    assert_eq!(objects.len(), 20);
    let expected = json!({
        "at": 1_767_603_601.0, "event": "Still registered", "origin": "https://a.example",
        "scope": "https://a.example/", "kind": "one-shot", "tag": "tag 19", "instance_id": 20,
        "metadata": {
            "State": "pending", "Waits For": "a network", "Why Not": [{ "reason": "offline", "until": null }],
            "Min Interval (ms)": null, "Anchor": null,
        },
    });
    assert_eq!(objects[19], expected);
}

#[test]
fn a_browser_that_was_closed_has_to_be_started() {
    let close = "[[step]]\nat = \"2s\"\nprocess = \"close\"\n";
    let folder = Folder::with_site("a.example", GOOD_WORKER).timeline(&format!("{}{close}", asked("ask('t')")));
    let line = "still registered:\n  t of https://a.example/ waits for a browser to be started\n";
    folder.run().exits(0).prints_in_order(&["-- the browser is closed --", line]);
    // Whoever starts it again hears at the end only.
    folder.write_timeline(&format!("{}{close}[[step]]\nat = \"3s\"\nnetwork = \"offline\"\n", asked("ask('t')")));
    folder.run().exits(0).prints_no("to be started").prints("waits for a network");
}
