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

// Workers.
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
