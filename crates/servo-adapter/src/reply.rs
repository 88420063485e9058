use std::sync::{Arc, Mutex, PoisonError};

use background_sync::{Receipt, RegisterError};
use log::warn;
use servo_base::generic_channel::GenericCallback;

use crate::RegisterReply;
use crate::once::once;

/// Answers a call of `register`. The receipt goes with the answer, as a callback, and is used here when there is nobody
/// to have it.
pub(crate) fn reply(caller: &GenericCallback<RegisterReply>, result: Result<(), RegisterError>, receipt: Receipt) {
    let receipt = Shared(Arc::new(Mutex::new(Some(receipt))));
    let of_caller = receipt.clone();
    let delivered = once(move |()| {
        if let Some(receipt) = of_caller.take() {
            receipt.delivered();
        }
    });
    let Some(delivered) = delivered else { return };
    if let Err(error) = caller.send(RegisterReply { result, delivered }) {
        warn!("whoever registered a sync has gone: {error}");
        if let Some(receipt) = receipt.take() {
            receipt.gone();
        }
    }
}

/// One receipt in two hands; the first to take it has it.
#[derive(Clone)]
struct Shared(Arc<Mutex<Option<Receipt>>>);

impl Shared {
    fn take(&self) -> Option<Receipt> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
