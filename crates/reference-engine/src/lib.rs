//! A small engine around QuickJS that runs real pages and service workers.
//!
//! Not published: it exists so that unmodified client code can be run against `background-sync` without a browser.
//! Building it needs a C compiler (QuickJS) and Node.js with npm (the web platform of `js/` is bundled at build time).
//! Run only scripts you trust: QuickJS is C code.
//!
//! - [`cli`]: the command `bgsync`.
//! - [`engine`]: pages, workers, servers and a profile around background sync, driven by timelines.
//! - [`script`]: JavaScript realms with the web platform that pages and service workers of Background Sync use.
//! - [`testing_your_site`]: a chapter for people who have a site with a service worker.
//!
//! # What a real service worker has that this engine has not
//! What is missing is missing whole, so that a script can test for it, unless the list says otherwise.
//!
//! *Registering and updating*
//! * No module workers, no `Service-Worker-Allowed`, no check of a script's media type, no HTTP cache, so `updateViaCache`
//!   is kept and shown and changes nothing. No navigation preload, no `InstallEvent.addRoutes()`.
//! * A script is looked at for changes when a page is opened, when an event finds that the last look is more than a day old,
//!   by `registration.update()`, and by `register()` with another address; imported scripts are looked at, too.
//! * An origin has 50 registrations at most, more are refused with `QuotaExceededError`; and 50 workers of pages, more are
//!   not started. 64 MiB of what a script sends may wait for the engine.
//! * A worker that waits when the last page closes is activated at once, also when the browser is closed. After a restart
//!   a worker that was activating counts as activated.
//!
//! *Events and clients*
//! * The events are `install`, `activate`, `fetch`, `message`, `notificationclick`, `notificationclose`, `sync` and
//!   `periodicsync`. No `push`.
//! * A visit, which periodic syncs follow, is a tab that the user opens or comes back to, or a window that a worker shows for
//!   a click on its notification; a window that a script has opened beside another, a frame, a fenced or an insecure page is
//!   none. Nobody judges engagement: a timeline says it. Installing a site as an app grants `periodic-background-sync`,
//!   and nothing else does but a timeline.
//! * `fetch` is fired for `fetch()` in pages and their workers. Pages, their scripts and their workers' scripts always come
//!   from the folder, with or without a network, and no worker is asked.
//! * No `client.navigate()`, no `ancestorOrigins`. The page that was opened or focused last is the one that is shown. A
//!   click on a notification lets its worker open or focus one window, until that event ends.
//! * A message from a service worker gives another one, or itself, no more time than the sender has left.
//! * Events of a worker run at the same time. A worker without an event is stopped after 30 s, whatever its timers and
//!   fetches; an event other than `sync` and `periodicsync` may take 5 minutes; one entry of a script 5 s of processor time, a million
//!   microtasks and 64 MiB; and 20,000 calls and tasks at one moment of virtual time. A browser is more patient with some
//!   of these and less with others.
//!
//! *Pages*
//! * No document: a page is the classic scripts of an HTML file, run in order, `async` and `defer` or not, then a `load`
//!   event. A module script is told of and not run, and `import()` fails. No `window.open()`, no `parent`, `top` and
//!   `frames`, no `postMessage()` between windows.
//! * No navigation, no history, no frozen pages; a nested frame is a page in a window that says it is one (a
//!   timeline can say that it is fenced, or another site's, or detached). The storage of third parties is not kept.
//! * Dedicated and shared workers: classic ones, started by pages only. Errors in them are told to whoever watches, not to
//!   their pages. No `close` event of ports, no `rejectionhandled`.
//! * Permissions are `background-sync`, `periodic-background-sync` and `notifications`. An origin shows 50 notifications at most, the newest; all are gone
//!   when the browser is closed. Pictures, vibration, `dir`, `lang`, `timestamp` and `maxActions` are left out.
//!
//! *Network and storage*
//! * No `localStorage`, `sessionStorage`, cookies, `BroadcastChannel`, `WebSocket`, `EventSource`, `XMLHttpRequest`,
//!   `sendBeacon()`, `navigator.locks`, `navigator.storage`, `navigator.connection`.
//! * `fetch` knows no streams, blobs, forms, redirects, cookies, CORS or cache; a request is one body there and one back, and
//!   an answer that was on its way when the network went is lost. What is posted or stored may hold no blob, file or image.
//! * IndexedDB is in memory whole, has no quota, and stays usable for open pages after its data was cleared; nothing of
//!   that is kept.
//! * Caches hold 64 MiB an origin, all of it in memory; requests in them keep their address and headers, not their mode and
//!   the like. After its data was cleared, an open page goes on with empty caches, and nothing of them is kept.
//!
//! *Scripts*
//! * `setTimeout` takes functions only.
//! * `Date` knows the time zone of the machine that this program runs on, not where a timeline says that the user is.
//! * No `Blob`, `File`, `FormData`, streams, `crypto.subtle`, `WebAssembly`, `Intl`, `URLPattern`.
#![forbid(unsafe_code)]

pub mod cli;
mod durable;
pub mod engine;
mod kept_file;
pub mod script;

#[doc = include_str!("../docs/testing-your-site.md")]
pub mod testing_your_site {}
