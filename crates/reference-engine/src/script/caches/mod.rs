//! The Cache API of one origin: shared by its realms, and durable.
//!
//! Scripts ask through one native that answers at once; `js/src/caches.js` asks it in a task of its own. That is simpler
//! than a [`Call`](super::Call) that the engine answers: the caches are a value that the realms share, like the databases,
//! and no realm waits for another.
//!
//! # On the disk
//! A folder with one file for each response body, `body-NUMBER`, and an `index` of everything else. A change writes the
//! new bodies first and then replaces the index, which is what makes it happen; so a large body is written once, and a
//! small change costs little more than the index. Bodies that no index knows are removed when they are met.
//!
//! A damaged index is set aside with its whole folder. A damaged body costs its own response only.
//!
//! Everything is in memory, too: [`MOST_BYTES`](origin::MOST_BYTES) is the bound of both.

mod entry;
mod error;
mod folder;
mod matching;
mod origin;
mod request;
mod seat;
mod shelf;

pub use error::CacheDamage;
pub use origin::Caches;

pub(super) use request::Reply;
pub(super) use seat::Seat;
