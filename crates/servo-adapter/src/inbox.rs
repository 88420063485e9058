use background_sync::policy::SyncKind;
use background_sync::{Driver, NetworkSubject, Notice, Receipt, Removal, RemovalError};
use log::warn;
use serde::{Deserialize, Serialize};
use servo_base::generic_channel::{GenericCallback, GenericOneshotSender};

use crate::host::Engine;
use crate::message::KIND;
use crate::permission::kind_of;
use crate::reply::reply;
use crate::{BackgroundSyncMsg, ClientEvent, RegisterCall, partition};

/// Hands a message to the driver, or to what its hosts answer from. Gives back whom to tell of the end.
pub(crate) fn take(driver: &mut Driver<Engine>, message: BackgroundSyncMsg) -> Option<GenericOneshotSender<()>> {
    match message {
        BackgroundSyncMsg::Register(call) => register(driver, call),
        BackgroundSyncMsg::GetTags(registration, to) => {
            let answer = move |tags, receipt: Receipt| {
                send(&to, tags);
                receipt.delivered();
            };
            if let Err(unposted) = driver.get_tags(registration.key().clone(), KIND, answer) {
                unposted.answer();
            }
        }
        BackgroundSyncMsg::Clients(event) => clients(driver, event),
        BackgroundSyncMsg::WorkerChanged(registration, state) => {
            driver.engine_mut().workers.changed(registration.key().clone(), state);
            driver.poster().notify(Notice::Worker(registration.key().clone()));
        }
        BackgroundSyncMsg::RegistrationsKnown => {
            driver.engine_mut().workers.all_known();
            driver.poster().notify(Notice::WorkersKnown);
        }
        BackgroundSyncMsg::PermissionDecided { is_private, origin, feature, decision } => {
            let Some(kind @ SyncKind::OneShot) = kind_of(feature) else { return None };
            let (partition, origin) = (partition(is_private), origin.ours().clone());
            driver.engine_mut().permissions.decide(partition, origin.clone(), decision);
            driver.poster().notify(Removal::Permission(partition, origin, kind));
        }
        BackgroundSyncMsg::NetworkChanged(state) => {
            driver.engine_mut().network = state;
            driver.poster().notify(Notice::Network(NetworkSubject::All));
        }
        BackgroundSyncMsg::Remove(removal, done) => remove(driver, removal, done),
        BackgroundSyncMsg::Exit(exited) => {
            driver.poster().notify(Notice::Shutdown);
            return Some(exited);
        }
    }
    None
}

fn register(driver: &mut Driver<Engine>, call: RegisterCall) {
    let facts = driver.engine_mut().call(&call);
    let RegisterCall { registration, tag, reply: caller, .. } = call;
    let answer = move |result, receipt: Receipt| reply(&caller, result, receipt);
    if let Err(unposted) = driver.register(registration.key().clone(), tag, facts, answer) {
        unposted.answer();
    }
}

fn clients(driver: &mut Driver<Engine>, event: ClientEvent) {
    for (partition, origin) in driver.engine_mut().clients.handle(event) {
        driver.poster().notify(Notice::Clients(partition, origin));
    }
}

fn remove(driver: &mut Driver<Engine>, removal: Removal, done: GenericCallback<Result<(), RemovalError>>) {
    if let Removal::Unregistered(key) = &removal {
        driver.engine_mut().workers.removed(key);
    }
    if let Err(unposted) = driver.poster().remove(removal, move |result| send(&done, result)) {
        (unposted.reply)(Err(unposted.error));
    }
}

/// Whoever asked may have gone.
fn send<T>(to: &GenericCallback<T>, answer: T)
where
    T: for<'de> Deserialize<'de> + Serialize + Send + 'static,
{
    if let Err(error) = to.send(answer) {
        warn!("whoever asked background sync something has gone: {error}");
    }
}
