//! The demos that come with the command: folders, built in.

use std::io;

use super::args::Playing;
use super::out::{complain, line};
use super::{Exit, play};

struct Demo {
    name: &'static str,
    about: &'static str,
    files: &'static [(&'static str, &'static str)],
}

macro_rules! demo_files {
    ($($path:literal = $source:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../demos/", $source))),)*]
    };
}

const DEMOS: &[Demo] = &[
    Demo {
        name: "chat",
        about: "five messages from a tunnel, one registration, a closed tab, a server that is down at first",
        files: demo_files![
            "timeline.toml" = "chat/timeline.toml",
            "chat.example/index.html" = "chat/chat.example/index.html",
            "chat.example/outbox.js" = "chat/chat.example/outbox.js",
            "chat.example/page.js" = "chat/chat.example/page.js",
            "chat.example/sw.js" = "chat/chat.example/sw.js",
        ],
    },
    Demo {
        name: "chat-killed",
        about: "the same, and the process is killed twice: before the network returns and in mid-event",
        files: demo_files![
            "timeline.toml" = "chat-killed/timeline.toml",
            "chat.example/index.html" = "chat/chat.example/index.html",
            "chat.example/outbox.js" = "chat/chat.example/outbox.js",
            "chat.example/page.js" = "chat/chat.example/page.js",
            "chat.example/sw.js" = "chat/chat.example/sw.js",
        ],
    },
];

/// Lists the demos.
pub(crate) fn list() -> io::Result<Exit> {
    for demo in DEMOS {
        line(format!("{:<14} {}", demo.name, demo.about))?;
    }
    Ok(Exit::AsExpected)
}

/// Plays one.
pub(crate) fn show(name: &str, playing: &Playing) -> io::Result<Exit> {
    let Some(demo) = DEMOS.iter().find(|demo| demo.name == name) else {
        let names: Vec<_> = DEMOS.iter().map(|demo| demo.name).collect();
        complain(format!("there is no demo `{name}`; there are {}", names.join(", ")));
        return Ok(Exit::BadInput);
    };
    let unpacked = tempfile::tempdir().and_then(|place| {
        for (path, text) in demo.files {
            let path = place.path().join(path);
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)?;
            }
            std::fs::write(path, text)?;
        }
        Ok(place)
    });
    match unpacked {
        Ok(place) => play::folder(place.path(), playing),
        Err(error) => {
            complain(format!("the demo can't be unpacked into a temporary folder: {error}"));
            Ok(Exit::Stuck)
        }
    }
}
