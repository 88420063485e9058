use std::collections::BTreeSet;
use std::time::Duration;

use background_sync_policy::RegistrationKey;
use background_sync_registration::MonotonicTime;

/// Between a panic and the next time that the host is asked; twice as long after each time that it panics again.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// A host that never answers costs a turn in this time.
const LONGEST_WAIT: Duration = Duration::from_secs(3_600);

/// Workers of which the engine could not say the state, because it panicked. Their syncs are held meanwhile, and a notice may
/// never come: the engine has told what it had to tell. So they are asked about again.
#[derive(Debug)]
pub(super) struct AskedAgain {
    keys: BTreeSet<RegistrationKey>,
    due: Option<MonotonicTime>,
    wait: Duration,
}

impl Default for AskedAgain {
    fn default() -> Self {
        Self { keys: BTreeSet::new(), due: None, wait: FIRST_WAIT }
    }
}

impl AskedAgain {
    /// The host panicked when it was asked about this one.
    pub(super) fn note(&mut self, key: &RegistrationKey, now: MonotonicTime) {
        self.keys.insert(key.clone());
        self.due.get_or_insert(now.after(self.wait));
    }

    /// It answered, or nobody wants to know any more.
    pub(super) fn forget(&mut self, key: &RegistrationKey) {
        if self.keys.remove(key) && self.keys.is_empty() {
            *self = Self::default();
        }
    }

    /// When the next ones are to be asked about.
    pub(super) fn due(&self) -> Option<MonotonicTime> {
        self.due
    }

    /// Who is to be asked about now. They stay until the host has answered.
    pub(super) fn take_due(&mut self, now: MonotonicTime) -> Vec<RegistrationKey> {
        if self.due.take_if(|due| *due <= now).is_none() {
            return Vec::new();
        }
        self.wait = (self.wait * 2).min(LONGEST_WAIT);
        self.keys.iter().cloned().collect()
    }
}
