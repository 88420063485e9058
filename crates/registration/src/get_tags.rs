use crate::{SyncRegistration, SyncRegistrationList, Tag};

impl SyncRegistrationList {
    /// `getTags()`: every tag in the list, first registration first.
    ///
    /// <https://wicg.github.io/background-sync/spec/#dom-syncmanager-gettags>
    ///
    /// No worker, window or permission is asked for; a service worker registration that nothing is
    /// known of has the empty list.
    #[must_use]
    pub fn tags(&self) -> Vec<Tag> {
        // sync.getTags.1: the list is that of the manager's service worker registration.
        // sync.getTags.2, sync.getTags.3: whatever state a registration is in, it is listed.
        // sync.getTags.4: the caller resolves with it.
        self.iter().map(SyncRegistration::tag).cloned().collect()
    }
}
