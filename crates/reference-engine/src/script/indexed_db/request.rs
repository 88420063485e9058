//! What a realm's JavaScript asks about shared databases. Names cross as JSON text of their own, because a database's
//! name may hold lone surrogates.

use serde::Deserialize;

use super::origin::{Notice, Origin, SeatId};

#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "camelCase")]
enum Request {
    /// Take a lock: true, or false and a `granted` notice later.
    Lock { lock: String },
    /// Give a lock back.
    Unlock { lock: String },
    /// Whether others wait for a lock.
    Contended { lock: String },
    /// What changed since a generation; `null` if nothing.
    Load { since: u64 },
    /// Store parts: `{ "Ok": generation }` or `{ "Err": why }`.
    Commit { changes: Vec<(String, Option<String>)> },
    /// How many connections this realm has open.
    Connections { database: String, count: u32 },
    /// Which other realms have connections open.
    OthersConnected { database: String },
    /// Tell another realm of a coming upgrade or deletion.
    VersionChange { seat: SeatId, database: String, old: f64, new: Option<f64> },
    /// Tell the realm that said so that its events have been fired here.
    VersionChangeFired { seat: SeatId, database: String },
}

pub(super) fn answer(origin: &mut Origin, seat: SeatId, request: &str) -> Result<String, serde_json::Error> {
    match serde_json::from_str(request)? {
        Request::Lock { lock } => serde_json::to_string(&origin.lock(seat, lock)),
        Request::Unlock { lock } => {
            origin.unlock(seat, &lock);
            serde_json::to_string(&())
        }
        Request::Contended { lock } => serde_json::to_string(&origin.contended(&lock)),
        Request::Load { since } => serde_json::to_string(&origin.changes(since)),
        Request::Commit { changes } => serde_json::to_string(&origin.commit(changes)),
        Request::Connections { database, count } => {
            origin.set_connections(seat, database, count);
            serde_json::to_string(&())
        }
        Request::OthersConnected { database } => serde_json::to_string(&origin.others_connected(seat, &database)),
        Request::VersionChange { seat: other, database, old, new } => {
            origin.notify(other, Notice::VersionChange { from: seat, database, old, new });
            serde_json::to_string(&())
        }
        Request::VersionChangeFired { seat: other, database } => {
            origin.notify(other, Notice::VersionChangeFired { by: seat, database });
            serde_json::to_string(&())
        }
    }
}
