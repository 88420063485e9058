use std::collections::HashMap;

use background_sync_registration::Tag;

use super::message::Way;
use super::reply::LocalReply;
use super::{Poster, Receipt};
#[cfg(feature = "periodic")]
use crate::UnregisterError;
use crate::{CancelError, GetTagsError, RegisterError, RemovalError, Reply, RequestId};

/// The way back of any call, on the driver's thread.
pub(crate) enum LocalWay {
    Registered(LocalReply<Result<(), RegisterError>>),
    Tags(LocalReply<Result<Vec<Tag>, GetTagsError>>),
    Cancelled(LocalReply<Result<bool, CancelError>>),
    Removed(LocalReply<Result<(), RemovalError>>),
    #[cfg(feature = "periodic")]
    Unregistered(LocalReply<Result<(), UnregisterError>>),
}

impl From<Way> for LocalWay {
    fn from(way: Way) -> Self {
        match way {
            Way::Registered(reply) => Self::Registered(reply.into_local()),
            Way::Tags(reply) => Self::Tags(reply.into_local()),
            Way::Cancelled(reply) => Self::Cancelled(reply.into_local()),
            #[cfg(feature = "periodic")]
            Way::Unregistered(reply) => Self::Unregistered(reply.into_local()),
        }
    }
}

/// Calls that wait for their answer, by the numbers they have in the machine.
#[derive(Default)]
pub(crate) struct Answers {
    next: u64,
    waiting: HashMap<RequestId, LocalWay>,
}

impl Answers {
    /// Gives a call its number.
    pub(crate) fn expect(&mut self, way: LocalWay) -> RequestId {
        self.next += 1;
        let request = RequestId(self.next);
        self.waiting.insert(request, way);
        request
    }

    /// What has to be run to hand the machine's answer over.
    pub(crate) fn answer(
        &mut self,
        request: RequestId,
        reply: Reply,
        poster: &Poster,
    ) -> Option<impl FnOnce() + use<>> {
        let way = self.waiting.remove(&request)?;
        let receipt = Receipt::new(request, poster.clone());
        Some(move || match (way, reply) {
            (LocalWay::Registered(to), Reply::Registered(result)) => to.send(result, receipt),
            (LocalWay::Tags(to), Reply::Tags(result)) => to.send(result, receipt),
            (LocalWay::Cancelled(to), Reply::Cancelled(result)) => to.send(result, receipt),
            (LocalWay::Removed(to), Reply::Durable(result)) => to.send(result, Receipt::inert()),
            #[cfg(feature = "periodic")]
            (LocalWay::Unregistered(to), Reply::Unregistered(result)) => to.send(result, receipt),
            #[cfg(feature = "periodic")]
            (LocalWay::Unregistered(_), _) => debug_assert!(false, "the machine answers a request in kind"),
            (LocalWay::Registered(_) | LocalWay::Tags(_) | LocalWay::Cancelled(_) | LocalWay::Removed(_), _) => {
                debug_assert!(false, "the machine answers a request in kind");
            }
        })
    }
}
