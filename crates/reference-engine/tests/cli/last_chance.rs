//! When an attempt is the last one, and that a person is told why.

use super::support::{Folder, OPEN_A};

/// Sends what the page left in a cache. A refusal is a failure, and the next attempt has another token.
const WORKER: &str = r"
const send = async () => {
  const box = await caches.open('outbox');
  for (const item of await box.keys()) {
    const answer = await fetch('/api/items', { method: 'POST', body: await (await box.match(item)).text() });
    if (!answer.ok) throw new Error(`refused: ${answer.status}`);
    await box.delete(item);
  }
};
addEventListener('sync', event => event.waitUntil(send()));";

const PAGE: &str = r"<script>
navigator.serviceWorker.register('sw.js');
const add = async id => {
  await (await caches.open('outbox')).put(`/${id}`, new Response(JSON.stringify({ id })));
  await (await navigator.serviceWorker.ready).sync.register('items');
};
</script>";

/// An app whose phone is off for eight days; by then its token is stale, and for a minute it is refused.
fn app() -> (Folder, String) {
    let folder = Folder::new().file("a.example/index.html", PAGE).file("a.example/sw.js", WORKER);
    let server = "server = { origin = \"https://a.example\", path = \"/api/items\"";
    let steps = format!(
        r#"{OPEN_A}{server}, keeps_by = "id" }}
[[step]]
at = "5s"
network = "offline"
run = {{ window = "a", script = "add('1')" }}
[[step]]
at = "8d"
{server}, status = 403 }}
network = "online"
[[step]]
after = "1min"
{server}, status = 0 }}
[[step]]
at = "10d"
"#
    );
    (folder, steps)
}

/// It had one attempt after all that time, and was told nothing of why.
#[test]
fn a_phone_that_was_off_for_eight_days_has_three_attempts() {
    let (folder, steps) = app();
    let sent = r#"expect_server = { origin = "https://a.example", path = "/api/items", kept = ["1"], repeats = 0, requests = 3 }"#;
    folder.write_timeline(&format!("{steps}{sent}\n"));
    folder.run().exits(0).prints_in_order(&[
        "Dispatched sync event: items  (Last Chance: No)",
        "the event failed  (Error: refused: 403",
        "Dispatched sync event: items  (Last Chance: No)",
        "the event failed  (Error: refused: 403",
        "Dispatched sync event: items  (Last Chance: Yes, Last Chance Reason: age)",
        "201  (kept {\"id\":\"1\"})",
        "0 still registered",
    ]);
}

#[test]
fn an_event_that_was_not_expected_says_why_it_was_the_last() {
    let (folder, steps) = app();
    let another = "[[step]]\nexpect.event = { worker = \"a\", tag = \"items\", last_chance = false }\n";
    folder.write_timeline(&format!("{steps}{}", another.repeat(3)));
    let said = folder.run().exits(1).prints(", last chance (age)");
    said.prints("1 not as expected");
}
