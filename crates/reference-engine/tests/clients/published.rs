//! Files of npm packages, as they are published or, where a site has to, bundled.

/// A file of a package.
pub(crate) struct Published {
    /// Where a site has it, below its host's folder.
    pub(crate) path: &'static str,
    pub(crate) text: &'static str,
}

macro_rules! published {
    ($($name:ident = $path:literal),* $(,)?) => {
        $(pub(crate) const $name: Published =
            Published { path: $path, text: include_str!(concat!(env!("OUT_DIR"), "/published/", $path)) };)*
    };
}

macro_rules! bundled {
    ($($name:ident = $file:literal),* $(,)?) => {
        $(pub(crate) const $name: Published =
            Published { path: "sw.js", text: include_str!(concat!(env!("OUT_DIR"), "/test/", $file)) };)*
    };
}

// Workers that a site has to bundle.
bundled! {
    AMSG_SW = "amsg-sw.js",
    REMIX_SYNC = "remix-sync.js",
}

published! {
    DEXIE = "dexie/dexie.min.js",
    IDB_KEYVAL = "idb-keyval/umd.js",
    WORKBOX_CORE = "workbox-core/workbox-core.prod.js",
    WORKBOX_CORE_DEV = "workbox-core/workbox-core.dev.js",
    WORKBOX_BACKGROUND_SYNC_DEV = "workbox-background-sync/workbox-background-sync.dev.js",
    WORKBOX_BACKGROUND_SYNC = "workbox-background-sync/workbox-background-sync.prod.js",
    WORKBOX_ROUTING = "workbox-routing/workbox-routing.prod.js",
    WORKBOX_STRATEGIES = "workbox-strategies/workbox-strategies.prod.js",
}

pub(crate) const PWABUILDER_SW: Published = Published {
    path: "pwabuilder-sw.js",
    text: include_str!(concat!(env!("OUT_DIR"), "/published/pwabuilder-serviceworkers/pwabuilder-sw.js")),
};

macro_rules! workbox_cdn {
    ($($folder:literal / $file:literal),* $(,)?) => {
        &[$(Published {
            path: concat!("workbox-cdn/releases/5.1.2/", $file),
            text: include_str!(concat!(env!("OUT_DIR"), "/published/", $folder, "/", $file)),
        }),*]
    };
}

/// What `storage.googleapis.com` has of Workbox 5.1.2.
pub(crate) const WORKBOX_CDN: &[Published] = workbox_cdn![
    "workbox-background-sync-5" / "workbox-background-sync.prod.js",
    "workbox-core-5" / "workbox-core.prod.js",
    "workbox-routing-5" / "workbox-routing.prod.js",
    "workbox-strategies-5" / "workbox-strategies.prod.js",
    "workbox-sw-5" / "workbox-sw.js",
];
