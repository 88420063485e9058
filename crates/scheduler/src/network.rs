use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The host's name for a network. Compared, hashed with a secret, never stored as it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NetworkId(Arc<str>);

impl NetworkId {
    /// A network by the host's own name for it.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(name.into())
    }

    /// The host's name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What the network oracle says.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum NetworkState {
    /// Not yet known. Holds everything back: an engine that cannot tell reports
    /// [`NetworkState::online`].
    Unknown,
    /// There is no connection.
    Offline,
    /// There is a connection, and a portal answers instead of the network.
    Captive,
    /// `sync.def.online`: there is a connection.
    Online {
        /// The user pays by volume.
        metered: bool,
        /// The device is in another operator's network.
        roaming: bool,
        /// Which network it is, where the host can tell.
        network_id: Option<NetworkId>,
    },
}

impl NetworkState {
    /// An ordinary connection without a name.
    #[must_use]
    pub const fn online() -> Self {
        Self::Online { metered: false, roaming: false, network_id: None }
    }

    /// Whether an event may be dispatched on it (invariant I4).
    #[must_use]
    pub const fn is_online(&self) -> bool {
        match self {
            Self::Online { .. } => true,
            Self::Unknown | Self::Offline | Self::Captive => false,
        }
    }

    /// The network's name, when online and known.
    #[must_use]
    pub const fn network_id(&self) -> Option<&NetworkId> {
        match self {
            Self::Online { network_id, .. } => network_id.as_ref(),
            Self::Unknown | Self::Offline | Self::Captive => None,
        }
    }
}
