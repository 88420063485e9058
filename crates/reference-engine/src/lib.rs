//! A small engine around QuickJS that runs real pages and service workers.
//!
//! Not published: it exists so that unmodified client code can be run against `background-sync` without a browser.
//! Building it needs a C compiler (QuickJS) and Node.js with npm (the web platform of `js/` is bundled at build time).
//! Run only scripts you trust: QuickJS is C code.
//!
//! - [`cli`]: the command `bgsync`.
//! - [`engine`]: pages, workers, servers and a profile around background sync, driven by timelines.
//! - [`script`]: JavaScript realms with the web platform that pages and service workers of Background Sync use.
//!
//! # What a real service worker has that this engine has not
//! What is missing is missing whole, so that a script can test for it, unless the list says otherwise.
//!
//! *Registering and updating*
//! * One worker per registration, and at most one more that is to replace it. The new one is installed beside it and takes
//!   over by itself when the old one has no event left: every worker behaves as if it called `skipWaiting()` and
//!   `clients.claim()`, which do nothing. `registration.installing` and `waiting` do not show it, and `updatefound` and
//!   `controllerchange` are not fired.
//! * A script is looked at for changes, imported ones included, when a page calls `register()` for its scope, not when a page
//!   is opened, an event is fired or a day has passed. There is no `registration.update()`, `updateViaCache`,
//!   `Service-Worker-Allowed`, module worker, or check of the script's media type.
//! * `register()` of a scope whose first worker is still being installed gives that registration, whatever the script.
//! * `unregister()` removes a registration at once, pages or not. A registration object goes by its scope: one from before
//!   works again for the next registration of that scope, where a browser answers `InvalidStateError`.
//! * No `navigator.serviceWorker.controller`, `getRegistration()`, `getRegistrations()`; in a worker no
//!   `self.serviceWorker` and no `navigator.serviceWorker`.
//!
//! *Events and clients*
//! * The events are `install`, `activate` and `sync`. No `fetch`: pages and their scripts always come from the folder, with
//!   or without a network. No `message`, `postMessage`, `push`, `notificationclick`, `periodicsync`.
//! * Every page of a worker's origin and partition is one of its clients, in its scope or not, controlled or not.
//!   `clients.get()`, `openWindow()`, `Client.postMessage()`, `focus()`, `navigate()` are missing. Workers are no clients.
//! * Events of a worker run at the same time. As long as the older version of it has one, new ones go there, too.
//! * A worker without an event is stopped after 30 s, whatever its timers and fetches; `install` and `activate` may take 5
//!   minutes; one entry of a script 5 s of real time, a million microtasks and 64 MiB; and 20,000 calls and tasks at one
//!   moment of virtual time. A browser is more patient with some of these and less with others.
//! * After a restart a worker that was activating counts as activated.
//!
//! *Pages*
//! * No document: a page is the classic scripts of an HTML file, run in order, `async` and `defer` or not. No navigation, no
//!   history, no frozen pages; a nested frame is a page in a window that says it is one. Every page is a secure context.
//!   No fenced frames, and no third parties.
//!
//! *Network and storage*
//! * No `caches`, `localStorage`, cookies, `BroadcastChannel`, `WebSocket`, `XMLHttpRequest`, workers of other kinds.
//! * `fetch` knows no streams, blobs, forms, redirects, cookies, CORS or cache; a request is one body there and one back, and
//!   an answer that was on its way when the network went is lost.
//! * IndexedDB is written whole at every commit, has no quota, and stays usable for open pages after its data was cleared;
//!   nothing of that is kept.
//! * `setTimeout` takes functions only.
#![forbid(unsafe_code)]

pub mod cli;
pub mod engine;
pub mod script;
