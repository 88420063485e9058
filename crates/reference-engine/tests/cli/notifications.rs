//! Notifications and permissions, as pages and workers see them.

use super::support::{Folder, OPEN_A};

const WORKER: &str = "
addEventListener('sync', event => event.waitUntil(
  registration.showNotification('Sent', {body: 'It arrived', tag: 'news', data: {at: new Date(5)}, actions: [{action: 'open', title: 'Open'}]})));
addEventListener('notificationclick', ({notification, action}) => {
  console.log('clicked', notification.title, action || 'no button', notification.data.at.getTime(), notification.actions[0].title);
  notification.close();
});
addEventListener('notificationclose', ({notification}) => console.log('put away', notification.title));
";

const PAGE: &str = "<script>
navigator.serviceWorker.register('sw.js');
const registration = () => navigator.serviceWorker.ready;
const shown = async filter => (await (await registration()).getNotifications(filter)).map(n => [n.title, n.body, n.tag]);
const state = async name => (await navigator.permissions.query({name})).state;
</script>";

fn site() -> Folder {
    Folder::new().file("a.example/index.html", PAGE).file("a.example/sw.js", WORKER)
}

const ALLOWED: &str = "[[step]]\nnotifications = { origin = \"https://a.example\", state = \"granted\" }\n";

#[test]
fn a_worker_shows_a_notification_and_hears_of_clicks() {
    site()
        .timeline(&format!(
            r#"{ALLOWED}{OPEN_A}
[[step]]
at = "1s"
run = {{ window = "a", script = "registration().then(r => r.sync.register('t'))" }}
[[step]]
at = "2s"
run = {{ window = "a", script = "shown()", gives = '[["Sent", "It arrived", "news"]]' }}
expect_notification = {{ title = "Sent", body = "arrived", tag = "news", count = 1 }}
[[step]]
at = "3s"
run = {{ window = "a", script = "registration().then(r => r.showNotification('Again', {{tag: 'news'}})).then(() => shown({{tag: 'news'}}))", gives = '[["Again", "", "news"]]' }}
[[step]]
at = "4s"
close_notification = {{ title = "Again" }}
[[step]]
at = "4500ms"
expect_notification = {{ count = 0 }}
[[step]]
at = "5s"
run = {{ window = "a", script = "registration().then(r => r.sync.register('t'))" }}
[[step]]
at = "6min"
click_notification = {{ title = "Sent", action = "open" }}
[[step]]
at = "7min"
expect_notification = {{ count = 0 }}
"#
        ))
        .run()
        .exits(0)
        .prints_in_order(&["Sent: It arrived", "in place of the last", "put away Again", "for a notification"])
        .prints("clicked Sent open 5 Open");
}

#[test]
fn without_permission_nothing_is_shown_and_the_user_can_be_asked() {
    let steps = format!(
        r#"{OPEN_A}
[[step]]
at = "1s"
run = {{ window = "a", script = "[Notification.permission, typeof Notification.requestPermission]", gives = '["default", "function"]' }}
[[step]]
run = {{ window = "a", script = "registration().then(r => r.showNotification('no'))", fails = "TypeError: No permission to show notifications" }}
[[step]]
run = {{ window = "a", script = "(() => {{ const n = new Notification('no'); return new Promise(go => {{ n.onerror = () => go('error'); n.onshow = () => go('show'); }}); }})()", gives = '"error"' }}
[[step]]
run = {{ window = "a", script = "Notification.requestPermission().then(p => [p, Notification.permission])", gives = '["granted", "granted"]' }}
[[step]]
run = {{ window = "a", script = "globalThis.own = new Notification('Mine', {{body: 'of the page'}}), own.onclick = () => console.log('page hears'), own.title", gives = '"Mine"' }}
[[step]]
at = "2s"
expect_notification = {{ title = "Mine" }}
click_notification = {{ title = "Mine" }}
[[step]]
at = "3s"
expect_console = "page hears"
"#
    );
    site().timeline(&steps).run().exits(0).prints("lets https://a.example show notifications");
}

#[test]
fn permissions_can_be_asked_about_and_watched() {
    let steps = format!(
        r#"{OPEN_A}
[[step]]
at = "1s"
run = {{ window = "a", script = "Promise.all(['background-sync', 'periodic-background-sync', 'notifications'].map(state))", gives = '["prompt", "prompt", "prompt"]' }}
[[step]]
run = {{ window = "a", script = "state('periodic-nonsense')", fails = "TypeError" }}
[[step]]
run = {{ window = "a", script = "navigator.permissions.query({{name: 'background-sync'}}).then(s => {{ globalThis.status = s; s.onchange = () => console.log('now', s.state, s.name); }})" }}
[[step]]
at = "2s"
permission = {{ origin = "https://a.example", state = "denied" }}
[[step]]
run = {{ window = "a", script = "registration().then(r => r.sync.register('t'))", fails = "NotAllowedError" }}
[[step]]
run = {{ window = "a", script = "state('background-sync')", gives = '"denied"' }}
[[step]]
at = "3s"
expect_console = "now denied background-sync"
"#
    );
    site().timeline(&steps).run().exits(0);
}

#[test]
fn what_is_not_shown_cannot_be_clicked() {
    let click = |click: &str| {
        format!(
            "{ALLOWED}{OPEN_A}[[step]]\nat = \"1s\"\nrun = {{ window = \"a\", script = \"new Notification('Mine', {{actions: []}})\" }}\n[[step]]\nclick_notification = {click}\n"
        )
    };
    site()
        .timeline(&click("{ title = \"Yours\" }"))
        .run()
        .exits(4)
        .complains("no notification \"Yours\" is shown, but \"Mine\"");
    site()
        .timeline(&click("{ title = \"Mine\", action = \"open\" }"))
        .run()
        .exits(4)
        .complains("\"Mine\" has no button `open`; it has []");
    site()
        .timeline("[[step]]\nexpect_notification = { title = \"Mine\" }\n")
        .run()
        .exits(1)
        .prints("expected expect_notification = { title = \"Mine\" }")
        .prints("found that none is shown");
}

#[test]
fn the_next_process_knows_who_may_show_notifications() {
    let folder = site();
    let store = folder.store();
    folder.write_timeline(&format!(
        r#"{OPEN_A}
[[step]]
at = "1s"
run = {{ window = "a", script = "Notification.requestPermission()", gives = '"granted"' }}
[[step]]
at = "2s"
process = "close"
{OPEN_A}
[[step]]
at = "3s"
run = {{ window = "a", script = "registration().then(r => r.showNotification('Still'))" }}
[[step]]
expect_notification = {{ title = "Still" }}
"#
    ));
    folder.run_with_store(&store).exits(0);
    let (file, asks) = (folder.path("profile/store.permissions.json"), "[Notification.permission]");
    folder.write_timeline(&format!(
        "{OPEN_A}[[step]]\nat = \"1s\"\nrun = {{ window = \"a\", script = \"{asks}\", gives = '[\"granted\"]' }}\n"
    ));
    folder.run_with_store(&store).exits(0);
    std::fs::write(&file, "{").unwrap();
    folder
        .run_with_store(&store)
        .exits(3)
        .complains("store.permissions.json: the permissions can't be read: EOF")
        .complains("put a copy in its place");
    std::fs::remove_file(&file).unwrap();
    folder.run_with_store(&store).exits(1).prints("it gives [\"default\"]");
}

#[test]
fn a_page_hears_that_its_notification_is_closed_whoever_closed_it() {
    let page = "<script>
      navigator.serviceWorker.register('sw.js');
      const heard = [];
      const show = (title, options) => {
        const notification = new Notification(title, options);
        for (const type of ['show', 'close', 'error']) notification[`on${type}`] = () => heard.push(`${title} ${type}`);
        return notification;
      };
      const first = show('first', {tag: 'one'});
      const unregister = async () => {
        const registration = await navigator.serviceWorker.ready;
        await registration.showNotification('kept');
        await registration.unregister();
      };
    </script>";
    let run = |at: &str, script: &str, gives: &str| {
        format!("[[step]]\nat = \"{at}\"\nrun = {{ window = \"a\", script = {script:?}, gives = '{gives}' }}\n")
    };
    let refused = "(() => { try { new Notification('x', {actions: [{action: 'a', title: 'A'}]}); } catch (error) { return error.name; } })()";
    let steps = [
        run("1s", "(show('second', {tag: 'one'}), 1)", "1"),
        run("2s", "heard.splice(0)", r#"["first show", "first close", "second show"]"#),
        run("3s", "(show('third').close(), 1)", "1"),
        run("4s", "heard.splice(0)", r#"["third show", "third close"]"#),
        run("5s", refused, "\"TypeError\""),
        run("6s", "unregister()", "null"),
        "[[step]]\nat = \"7s\"\nexpect_notification = { title = \"kept\", count = 0 }\n".to_owned(),
    ];
    Folder::new()
        .file("a.example/index.html", page)
        .file("a.example/sw.js", "")
        .timeline(&format!("{ALLOWED}{OPEN_A}{}", steps.concat()))
        .run()
        .exits(0);
}

#[test]
fn an_origin_shows_fifty_notifications_and_then_the_newest() {
    site()
        .timeline(&format!(
            r#"{ALLOWED}{OPEN_A}
[[step]]
at = "1s"
run = {{ window = "a", script = "registration().then(async r => {{ for (let n = 0; n < 60; n++) await r.showNotification('n' + n); }}).then(shown).then(all => [all.length, all[0][0], all[49][0]])", gives = '[50, "n10", "n59"]' }}
"#
        ))
        .run()
        .exits(0);
}
