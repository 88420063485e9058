//! When an attempt is the last one, and that a person is told why.

use super::support::Folder;

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

/// It had one attempt after all that time, was told nothing of why, and the token was stale.
#[test]
fn a_phone_that_was_off_for_eight_days_has_three_attempts() {
    let folder = Folder::new().file("app.example/index.html", PAGE).file("app.example/sw.js", WORKER);
    folder.write_timeline(
        r#"[[step]]
server = { origin = "https://app.example", path = "/api/items", keeps_by = "id" }
open = { window = "tab", url = "https://app.example/" }
[[step]]
at = "5s"
network = "offline"
run = { window = "tab", script = "add('a')" }
[[step]]
at = "8d"
server = { origin = "https://app.example", path = "/api/items", status = 403 }
network = "online"
[[step]]
after = "1min"
server = { origin = "https://app.example", path = "/api/items", status = 0 }
[[step]]
at = "10d"
expect_server = { origin = "https://app.example", path = "/api/items", kept = ["a"], repeats = 0, requests = 3 }
"#,
    );
    folder.run().exits(0).prints_in_order(&[
        "Dispatched sync event: items  (Last Chance: No)",
        "the event failed  (Error: refused: 403",
        "Dispatched sync event: items  (Last Chance: No)",
        "the event failed  (Error: refused: 403",
        "Dispatched sync event: items  (Last Chance: Yes",
        "201  (kept {\"id\":\"a\"})",
        "0 still registered",
    ]);
}
