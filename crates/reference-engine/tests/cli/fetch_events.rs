//! `fetch` events: a service worker between a page and the network.

use super::support::Folder;

const WORKER: &str = "
addEventListener('install', event => event.waitUntil(skipWaiting()));
addEventListener('activate', event => event.waitUntil(clients.claim()));
addEventListener('fetch', event => {
  const {request, clientId} = event;
  const path = new URL(request.url).pathname;
  if (path === '/made-up') event.respondWith(new Response(`hello ${request.method}`, {status: 201, headers: {'x-from': 'worker'}}));
  if (path === '/late') event.respondWith(new Promise(go => setTimeout(() => go(Response.json({late: true})), 1000)));
  if (path === '/through') event.respondWith(fetch(request));
  if (path === '/body') event.respondWith(request.text().then(text => new Response(text.toUpperCase())));
  if (path === '/nothing') event.respondWith('no response');
  if (path === '/broken') event.respondWith(Promise.reject(new Error('broken')));
  if (path === '/prevented') event.preventDefault();
  if (path === '/stuck') event.respondWith(new Promise(() => {}));
  if (path === '/who') event.respondWith(clients.get(clientId).then(client => new Response(client.url)));
  if (path === '/too-late') setTimeout(() => { try { event.respondWith(new Response()); } catch (e) { console.log(e.name); } });
});
";

const PAGE: &str = "<script>
navigator.serviceWorker.register('sw.js');
const get = async (path, init) => {
  try {
    const response = await fetch(path, init);
    return [response.status, await response.text()];
  } catch (error) {
    return [error.name, error.message];
  }
};
</script>";

#[test]
fn a_worker_answers_its_pages_requests() {
    let network = "Failed to fetch: the service worker has no answer";
    let runs = [
        ("get('/made-up')", r#"[201, "hello GET"]"#.to_owned()),
        ("fetch('/made-up').then(r => r.headers.get('x-from'))", r#""worker""#.to_owned()),
        ("fetch('/made-up').then(r => r.url)", r#""https://a.example/made-up""#.to_owned()),
        ("get('/body', {method: 'POST', body: 'shout'})", r#"[200, "SHOUT"]"#.to_owned()),
        ("get('/through')", r#"[200, "a file\n"]"#.to_owned()),
        ("get('/file.txt')", r#"[200, "a file\n"]"#.to_owned()),
        ("get('/nothing')", format!(r#"["TypeError", "{network}"]"#)),
        ("get('/broken')", format!(r#"["TypeError", "{network}"]"#)),
        ("get('/prevented')", format!(r#"["TypeError", "{network}"]"#)),
        ("get('/who')", r#"[200, "https://a.example/"]"#.to_owned()),
        ("get('/too-late').then(([status]) => status)", "404".to_owned()),
    ];
    let step = |(script, gives): (&str, String)| {
        format!("[[step]]\nat = \"1s\"\nrun = {{ window = \"a\", script = {script:?}, gives = {gives:?} }}\n")
    };
    let steps: String = runs.into_iter().map(step).collect();
    let folder = Folder::new()
        .file("a.example/index.html", PAGE)
        .file("a.example/sw.js", WORKER)
        .file("a.example/file.txt", "a file\n")
        .file("a.example/through", "a file\n");
    folder.write_timeline(&format!(
        "[[step]]\nopen = {{ window = \"a\", url = \"https://a.example/\" }}\n{steps}\
         [[step]]\nat = \"2s\"\nexpect_console = \"InvalidStateError\"\nrun = {{ window = \"a\", script = \"globalThis.late = get('/late'), 1\" }}\n\
         [[step]]\nat = \"3500ms\"\nrun = {{ window = \"a\", script = \"late.then(([s, t]) => [s, JSON.parse(t).late])\", gives = '[200, true]' }}\n\
         [[step]]\nat = \"4s\"\nrun = {{ window = \"a\", script = \"globalThis.stuck = get('/stuck'), 1\" }}\n\
         [[step]]\nat = \"10min\"\nrun = {{ window = \"a\", script = \"stuck\", gives = '[\"TypeError\", \"Failed to fetch: the service worker was stopped\"]' }}\n"
    ));
    folder
        .run()
        .exits(0)
        .prints_in_order(&["answers GET https://a.example/made-up: 201", "its event did not end in time"]);
}

#[test]
fn a_worker_answers_where_there_is_no_network() {
    let folder = Folder::new().file("a.example/index.html", PAGE).file("a.example/sw.js", WORKER);
    folder.write_timeline(
        "[[step]]\nopen = { window = \"a\", url = \"https://a.example/\" }\n\
         [[step]]\nat = \"1s\"\nnetwork = \"offline\"\nrun = { window = \"a\", script = \"get('/made-up')\", gives = '[201, \"hello GET\"]' }\n\
         [[step]]\nat = \"2s\"\nrun = { window = \"a\", script = \"get('/through')\", gives = '[\"TypeError\", \"Failed to fetch: the service worker has no answer\"]' }\n\
         [[step]]\nat = \"3s\"\nrun = { window = \"a\", script = \"get('/file.txt')\", gives = '[\"TypeError\", \"Failed to fetch: there is no network\"]' }\n",
    );
    folder.run().exits(0);
}

#[test]
fn a_response_that_cannot_be_sent_fails_the_request_and_does_not_hang_it() {
    let worker = "
      addEventListener('activate', event => event.waitUntil(clients.claim()));
      addEventListener('fetch', event => {
        const spoilt = Object.assign(new Response('x'), new URL(event.request.url).pathname === '/status' ? {status: 'no number'} : {headers: null});
        event.respondWith(spoilt);
        event.handled.catch(error => console.log('handled', error.name));
      });";
    let step = |path: &str| {
        format!(
            "[[step]]\nat = \"1s\"\nrun = {{ window = \"a\", script = \"get('{path}').then(([name]) => name)\", gives = '\"TypeError\"' }}\n\
             [[step]]\nexpect_console = \"handled TypeError\"\n"
        )
    };
    let steps = [step("/status"), step("/headers")].concat();
    Folder::new()
        .file("a.example/index.html", PAGE)
        .file("a.example/sw.js", worker)
        .timeline(&format!("[[step]]\nopen = {{ window = \"a\", url = \"https://a.example/\" }}\n{steps}"))
        .run()
        .exits(0);
}
