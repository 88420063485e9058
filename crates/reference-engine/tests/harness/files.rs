//! The harness's scripts and the IDL, as the build found them in their packages.

macro_rules! packaged {
    ($name:literal) => {
        include_str!(concat!(env!("OUT_DIR"), "/harness/", $name))
    };
}

pub(crate) const TESTHARNESS: &str = packaged!("testharness.js");

/// Scripts in the order in which a test of interfaces loads them.
pub(crate) const SCRIPTS: [(&str, &str); 3] = [
    ("testharness.js", TESTHARNESS),
    ("webidl2.js", packaged!("webidl2.js")),
    ("idlharness.js", packaged!("idlharness.js")),
];

/// What the web-platform-tests server has at a path, of what the scripts ask for.
pub(crate) fn served(path: &str) -> Option<&'static str> {
    match path {
        "/interfaces/background-sync.idl" => Some(packaged!("background-sync.idl")),
        "/interfaces/dom.idl" => Some(packaged!("dom.idl")),
        "/interfaces/html.idl" => Some(packaged!("html.idl")),
        "/interfaces/notifications.idl" => Some(packaged!("notifications.idl")),
        "/interfaces/periodic-background-sync.idl" => Some(packaged!("periodic-background-sync.idl")),
        "/interfaces/permissions.idl" => Some(packaged!("permissions.idl")),
        "/interfaces/service-workers.idl" => Some(packaged!("service-workers.idl")),
        "/interfaces/webidl.idl" => Some(packaged!("webidl.idl")),
        _ => None,
    }
}
