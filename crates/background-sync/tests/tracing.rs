//! What a subscriber of `tracing` hears.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod engine;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use background_sync::policy::{Incarnation, Partition, PartitionId, RegistrationKey};
use background_sync::registration::Tag;
use background_sync::scheduler::NetworkState;
use background_sync::{Driver, Next, Notice, Outcome};
use engine::{Told, call, key, parameters, stage};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber, span};

/// One event: its level and its fields as text.
#[derive(Clone, Debug)]
struct Heard {
    level: Level,
    fields: BTreeMap<&'static str, String>,
}

impl Heard {
    fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }
}

impl Visit for Heard {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.fields.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.fields.insert(field.name(), value.to_owned());
    }
}

/// Keeps all events of the target; one told to panics at each.
#[derive(Clone, Default)]
struct Ears {
    heard: Arc<Mutex<Vec<Heard>>>,
    panics: bool,
}

impl Ears {
    fn all(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    /// The events of a name, or with this message.
    fn named(&self, name: &str) -> Vec<Heard> {
        let is_it = |it: &Heard| it.field("event") == Some(name) || it.field("message") == Some(name);
        self.all().into_iter().filter(is_it).collect()
    }
}

impl Subscriber for Ears {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "background_sync"
    }

    fn event(&self, event: &Event<'_>) {
        assert!(!self.panics, "no ear for this");
        let mut heard = Heard { level: *event.metadata().level(), fields: BTreeMap::new() };
        event.record(&mut heard);
        self.heard.lock().unwrap().push(heard);
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

/// Registers `outbox` under this key, lets its event be rejected, and ends.
fn a_rejected_event(key: &RegistrationKey) {
    let (stage, hosts) = stage(NetworkState::online(), true);
    let mut driver = Driver::new(parameters().validated().unwrap(), [7; 32], || {}, |_| hosts());
    driver.poster().register(key.clone(), Tag::from("outbox"), call(), |_, receipt| receipt.delivered()).unwrap();
    turns(&mut driver);
    let Ok(Told::Start(start)) = stage.told.try_recv() else { panic!("not a start") };
    start.ready();
    turns(&mut driver);
    let Ok(Told::Dispatch(_, event)) = stage.told.try_recv() else { panic!("not a dispatch") };
    event.finish(Outcome::Rejected);
    turns(&mut driver);
    driver.poster().notify(Notice::Shutdown);
    turns(&mut driver);
}

fn turns(driver: &mut Driver<impl background_sync::EngineHost>) {
    while driver.turn() == Next::AtOnce {}
}

#[test]
fn every_entry_of_the_log_is_an_event_with_its_details_as_fields() {
    let ears = Ears::default();
    tracing::subscriber::with_default(ears.clone(), || a_rejected_event(&key()));
    let [registered] = &ears.named("Registered sync")[..] else { panic!("{:?}", ears.all()) };
    assert_eq!(registered.level, Level::INFO);
    let about = ["scope", "kind", "tag", "instance"].map(|name| registered.field(name).unwrap().to_owned());
    assert_eq!(about, [key().scope().as_str(), "one-shot", "outbox", "1"]);
    let [failed] = &ears.named("sync event failed")[..] else { panic!("{:?}", ears.all()) };
    let details = ["failure_reason", "last_chance", "status"].map(|name| failed.field(name));
    assert_eq!(details, [Some("waitUntil rejected"), None, None], "{failed:?}");
    assert!(failed.field("next_attempt_delay_ms").unwrap().parse::<u64>().unwrap() > 0);
    let [dispatched] = &ears.named("Dispatched sync event")[..] else { panic!("{:?}", ears.all()) };
    assert_eq!(dispatched.field("last_chance"), Some("false"));
}

/// I12: who subscribes may write a file.
#[test]
fn of_a_private_partition_nothing_is_said() {
    let ears = Ears::default();
    let (of_profile, partition) = (key(), Partition::Private(PartitionId(9)));
    let private =
        RegistrationKey::new(partition, of_profile.storage_key().clone(), of_profile.scope().as_str(), Incarnation(1));
    tracing::subscriber::with_default(ears.clone(), || a_rejected_event(&private.unwrap()));
    let about = ears.all().into_iter().filter(|it| it.field("scope").is_some() || it.field("tag").is_some());
    assert_eq!(about.map(|it| it.fields).collect::<Vec<_>>(), []);
    assert!(!ears.named("Store loaded").is_empty(), "what is about nobody is said");
}

/// The store gives no answer, and who called does not like that.
fn a_call_that_cannot_be_kept() {
    let (stage, hosts) = stage(NetworkState::online(), false);
    drop(stage);
    let mut driver = Driver::new(parameters().validated().unwrap(), [7; 32], || {}, |_| hosts());
    driver.poster().register(key(), Tag::from("outbox"), call(), |_, _| panic!("no manners")).unwrap();
    turns(&mut driver);
}

#[test]
fn a_store_that_fails_and_a_host_that_panics_are_events() {
    let ears = Ears::default();
    tracing::subscriber::with_default(ears.clone(), a_call_that_cannot_be_kept);
    let [failed, ..] = &ears.named("store failed")[..] else { panic!("{:?}", ears.all()) };
    assert_eq!(
        (failed.level, failed.field("reason"), failed.field("contents_lost")),
        (Level::WARN, Some("the store gave no answer"), Some("false"))
    );
    let [panicked, ..] = &ears.named("host panicked")[..] else { panic!("{:?}", ears.all()) };
    let said = ["during", "panic"].map(|name| panicked.field(name));
    assert_eq!((panicked.level, said), (Level::ERROR, [Some("a reply closure"), Some("no manners")]));
}

#[test]
fn a_subscriber_that_panics_costs_its_event_and_nothing_else() {
    let ears = Ears { panics: true, ..Ears::default() };
    tracing::subscriber::with_default(ears, || a_rejected_event(&key()));
}
