use std::time::Duration;

use background_sync::policy::{Facts, WindowClients};
use background_sync::registration::Sequence;
use background_sync::scheduler::NetworkState;
use background_sync::{Input, Loaded, WorkerState};

use crate::{Host, Others, key, profile_record, registration, tag};

/// An event takes this long.
const EVENT: Duration = Duration::from_millis(1);

/// One origin without a window, with many tags that are pending and no network.
#[derive(Debug)]
pub struct Background(Host);

impl Background {
    /// So many tags of one service worker registration.
    ///
    /// # Panics
    /// When the machine does not take them all up.
    #[must_use]
    pub fn new(tags: u64) -> Self {
        let facts = Facts { windows: WindowClients::none(), ..Facts::of_an_open_window() };
        let mut host = Host::new(facts);
        host.network(NetworkState::Offline);
        let key = key(0);
        let row = |number| registration(&key, Sequence(number + 1), tag(number), Others::Pending);
        host.say_and_do(Input::Loaded(Loaded {
            registrations: (0..tags).map(row).collect(),
            profile: Some(profile_record(tags)),
            worker_states: vec![(key.clone(), WorkerState::Active)],
            ..Loaded::default()
        }));
        assert_eq!(host.machine().registration_count() as u64, tags);
        Self(host)
    }

    /// The network comes, and every event is fired and fulfilled.
    ///
    /// # Panics
    /// When the machine stops before that.
    pub fn fire_all(&mut self) {
        self.0.network(NetworkState::online());
        while self.0.machine().registration_count() > 0 {
            if self.0.fulfil_first() {
                self.0.pass(EVENT);
            } else {
                self.0.pass_until_deadline().expect("something is left to fire");
            }
        }
    }
}
