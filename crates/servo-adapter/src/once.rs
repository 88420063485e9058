use log::warn;
use serde::{Deserialize, Serialize};
use servo_base::generic_channel::GenericCallback;

/// A callback that is called once at most. What it holds is dropped when it was called, when it is dropped wherever it
/// was sent to, and when what was said to it could not be read. None when Servo has no channel to give.
pub(crate) fn once<T>(then: impl FnOnce(T) + Send + 'static) -> Option<GenericCallback<T>>
where
    T: for<'de> Deserialize<'de> + Serialize + Send + 'static,
{
    let mut then = Some(then);
    let callback = GenericCallback::new(move |message| match (then.take(), message) {
        (Some(then), Ok(message)) => then(message),
        (Some(_), Err(error)) => warn!("background sync was told what it cannot read: {error}"),
        (None, _) => warn!("background sync was told something twice"),
    });
    callback.map_err(|error| warn!("background sync has no channel: {error}")).ok()
}
