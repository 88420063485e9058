use std::thread;

use super::Poster;
use super::message::Message;
use super::panics::contained;
use crate::RequestId;

/// The way back of a call from any thread. It is used exactly once: dropped unused, by a driver that is gone, it says
/// so itself (invariant I7).
pub(crate) struct Reply<T>(Option<(Way<T>, T)>);

type Way<T> = Box<dyn FnOnce(T, Receipt) + Send>;

/// The same on the driver's thread, whose way need not be `Send`.
pub(crate) struct LocalReply<T>(Option<(LocalWay<T>, T)>);

type LocalWay<T> = Box<dyn FnOnce(T, Receipt)>;

impl<T> Reply<T> {
    pub(crate) fn new(way: impl FnOnce(T, Receipt) + Send + 'static, if_dropped: T) -> Self {
        Self(Some((Box::new(way), if_dropped)))
    }

    pub(crate) fn into_local(mut self) -> LocalReply<T> {
        LocalReply(self.0.take().map(|(way, if_dropped)| (way as LocalWay<T>, if_dropped)))
    }
}

impl<T> LocalReply<T> {
    pub(crate) fn new(way: impl FnOnce(T, Receipt) + 'static, if_dropped: T) -> Self {
        Self(Some((Box::new(way), if_dropped)))
    }

    pub(crate) fn send(mut self, result: T, receipt: Receipt) {
        if let Some((way, _)) = self.0.take() {
            way(result, receipt);
        }
    }
}

/// No code of a host's runs while the thread unwinds: a second panic there would end the process. Of one that panics
/// here nobody is left to be told.
fn answer_the_dropped<T, W: FnOnce(T, Receipt)>(left: Option<(W, T)>) {
    if let Some((way, if_dropped)) = left
        && !thread::panicking()
    {
        drop(contained(|| way(if_dropped, Receipt::inert())));
    }
}

impl<T> Drop for Reply<T> {
    fn drop(&mut self) {
        answer_the_dropped(self.0.take());
    }
}

impl<T> Drop for LocalReply<T> {
    fn drop(&mut self) {
        answer_the_dropped(self.0.take());
    }
}

/// Says what became of a reply. The event that the request asked for waits for it, up to a second (invariant I3).
///
/// Dropping it says nothing, so the event waits its second: a host that forgets it, or loses it with a thread, never
/// has an event overtake the promise it belongs to.
#[derive(Debug)]
#[must_use = "use it when the promise is resolved; without it the event waits a second"]
pub struct Receipt(Option<(RequestId, Poster)>);

impl Receipt {
    pub(crate) fn new(request: RequestId, poster: Poster) -> Self {
        Self(Some((request, poster)))
    }

    pub(crate) const fn inert() -> Self {
        Self(None)
    }

    /// The caller has the reply: its promise is resolved.
    pub fn delivered(self) {
        if let Some((request, poster)) = self.0 {
            poster.post(Message::Delivered(request));
        }
    }

    /// The caller is known to be gone: its page was closed. Nobody is overtaken, so the event need not wait.
    pub fn gone(self) {
        if let Some((request, poster)) = self.0 {
            poster.post(Message::Gone(request));
        }
    }
}
