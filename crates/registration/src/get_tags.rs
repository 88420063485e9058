use crate::{ListId, SyncRegistrationLists, Tag};

impl SyncRegistrationLists {
    /// `getTags()`: every tag in the list, first registration first.
    ///
    /// <https://wicg.github.io/background-sync/spec/#dom-syncmanager-gettags>
    ///
    /// No worker, window or permission is asked for; a service worker registration that nothing is
    /// known of has the empty list.
    #[must_use]
    pub fn tags(&self, list: ListId) -> Vec<Tag> {
        // sync.getTags.1: the list is that of the manager's service worker registration.
        // sync.getTags.2, sync.getTags.3: whatever state a registration is in, it is listed.
        // sync.getTags.4: the caller resolves with it.
        // periodic.getTags.1, periodic.getTags.2, periodic.getTags.3, periodic.getTags.4: the same, of the list of that kind.
        self.iter(list).map(|(_, tag, _)| tag.clone()).collect()
    }
}
