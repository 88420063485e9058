use std::fmt;

use background_sync::policy::{Partition, PartitionId};
use background_sync::scheduler::{NetworkId, NetworkState};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// The name a timeline gives a service worker registration.
pub type WorkerName = String;

/// The name a timeline gives a request, so that its reply can be expected.
pub type RequestName = String;

/// A partition as a timeline writes it: `"profile"`, `"private"`, or with a number, `"private:2"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PartitionName(pub Partition);

impl Default for PartitionName {
    fn default() -> Self {
        Self(Partition::Profile(PartitionId(0)))
    }
}

impl fmt::Display for PartitionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, id) = match self.0 {
            Partition::Profile(id) => ("profile", id.0),
            Partition::Private(id) => ("private", id.0),
        };
        if id == 0 { f.write_str(kind) } else { write!(f, "{kind}:{id}") }
    }
}

impl Serialize for PartitionName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PartitionName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let (kind, id) = text.split_once(':').unwrap_or((&text, "0"));
        let wrong =
            || D::Error::custom(format!("`{text}` is no partition; write \"profile\", \"private\" or \"private:2\""));
        let id = PartitionId(id.parse().map_err(|_| wrong())?);
        match kind {
            "profile" => Ok(Self(Partition::Profile(id))),
            "private" => Ok(Self(Partition::Private(id))),
            _ => Err(wrong()),
        }
    }
}

/// A network as a timeline writes it: `"unknown"`, `"offline"`, `"captive"`, `"online"`, or
/// `{ online = { network_id = "home", metered = true, roaming = true } }`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network(pub NetworkState);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OnlineTable {
    online: Details,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
struct Details {
    metered: bool,
    roaming: bool,
    network_id: Option<NetworkId>,
}

impl Serialize for Network {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            NetworkState::Unknown => serializer.serialize_str("unknown"),
            NetworkState::Offline => serializer.serialize_str("offline"),
            NetworkState::Captive => serializer.serialize_str("captive"),
            online if *online == NetworkState::online() => serializer.serialize_str("online"),
            NetworkState::Online { metered, roaming, network_id } => {
                let online = Details { metered: *metered, roaming: *roaming, network_id: network_id.clone() };
                OnlineTable { online }.serialize(serializer)
            }
        }
    }
}

impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Network;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "\"online\", \"offline\", \"captive\", \"unknown\" or { online = { network_id = \"home\" } }",
                )
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Network, E> {
                Ok(Network(match text {
                    "unknown" => NetworkState::Unknown,
                    "offline" => NetworkState::Offline,
                    "captive" => NetworkState::Captive,
                    "online" => NetworkState::online(),
                    other => return Err(E::unknown_variant(other, &["online", "offline", "captive", "unknown"])),
                }))
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<Network, A::Error> {
                let table = OnlineTable::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                let Details { metered, roaming, network_id } = table.online;
                Ok(Network(NetworkState::Online { metered, roaming, network_id }))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}
