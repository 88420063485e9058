//! What happened, for a person and for programs.

use std::collections::VecDeque;
use std::time::Duration;

use background_sync::LogEntry;
use background_sync::registration::WallTime;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    /// When, since the start of the timeline.
    pub at: Duration,
    /// When, in civil time.
    pub wall: WallTime,
    /// Who did it.
    pub who: Who,
    /// What, in a few words.
    pub what: String,
    /// Why, if there is more to say.
    pub why: String,
    /// Background sync's own entry, if it is one.
    pub entry: Option<LogEntry>,
}

/// Who did something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// The timeline tells.
    Narrator,
    /// The user, or the world around.
    User,
    /// A page, by its window's name.
    Page(String),
    /// A dedicated or shared worker of a page.
    PageWorker,
    /// A service worker.
    Worker,
    /// A server, by its host's name.
    Server(String),
    /// What a notification says.
    Notification,
    /// The network.
    Network,
    /// Background sync.
    Sync,
    /// The engine itself.
    Engine,
    /// Something went wrong that a person should see.
    Trouble,
}

impl Who {
    /// In a word.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Narrator => "",
            Self::User => "user",
            Self::Page(window) => window,
            Self::PageWorker => "web worker",
            Self::Worker => "worker",
            Self::Server(_) => "server",
            Self::Notification => "notice",
            Self::Network => "network",
            Self::Sync => "sync",
            Self::Engine => "engine",
            Self::Trouble => "trouble",
        }
    }
}

/// Happenings that nobody has taken yet.
#[derive(Debug, Default)]
pub(super) struct Story(VecDeque<Happening>);

impl Story {
    pub(super) fn tell(&mut self, happening: Happening) {
        self.0.push_back(happening);
    }

    pub(super) fn take(&mut self) -> Vec<Happening> {
        self.0.drain(..).collect()
    }
}
