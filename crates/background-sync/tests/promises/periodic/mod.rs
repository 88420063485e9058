//! Periodic syncs: one event for all that is due, no more often than anybody allows, and nothing lost.

mod calls;
mod judged;
mod kept;
mod spent;
mod suspended;
mod woken;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use background_sync::policy::{PermissionState, SyncKind};
use background_sync::registration::{MinInterval, Tag};
use background_sync::scheduler::{SyncParameters, UtcOffset};
use background_sync::{AskedBy, Input, PeriodicInput, Reply, RequestId, WhyNot};

use crate::support::{Host, PROFILE, key, origin, secs};

const HOUR: u64 = 3_600;

/// A machine without chance in when first events fire.
fn exact() -> SyncParameters {
    SyncParameters::recommended().into_parameters().with(|it| {
        it.first_fire_spread = Duration::ZERO;
        it.first_fire_spread_in_background = Duration::ZERO;
        it.jitter = background_sync::scheduler::JitterMode::None;
    })
}

fn host() -> Host {
    host_with(|_| {})
}

/// A host whose page may register periodic syncs.
fn host_with(change: impl FnOnce(&mut SyncParameters)) -> Host {
    let mut host = Host::with(exact().with(change).validated().unwrap());
    host.facts.permission = PermissionState::Granted;
    host
}

fn next_request() -> RequestId {
    static NEXT: AtomicU64 = AtomicU64::new(10_000);
    RequestId(NEXT.fetch_add(1, Ordering::Relaxed))
}

fn call(host: &mut Host, tag: &str, hours: u64) -> RequestId {
    call_ms(host, tag, hours * HOUR * 1_000)
}

fn call_ms(host: &mut Host, tag: &str, ms: u64) -> RequestId {
    let request = next_request();
    let min_interval = MinInterval::from_ms(ms);
    let (tag, facts, asked_by) = (Tag::from(tag), host.facts, AskedBy::Page);
    host.send(Input::Periodic(PeriodicInput::Register { request, key: key(), tag, min_interval, asked_by, facts }));
    request
}

fn register(host: &mut Host, tag: &str, hours: u64) {
    let request = call(host, tag, hours);
    assert_eq!(host.reply(request), Some(&Reply::Registered(Ok(()))));
}

fn unregister(host: &mut Host, tag: &str) -> RequestId {
    let request = next_request();
    host.send(Input::Periodic(PeriodicInput::Unregister { request, key: key(), tag: Tag::from(tag) }));
    request
}

fn visit(host: &mut Host) {
    let offset = UtcOffset::UTC;
    host.send(Input::Periodic(PeriodicInput::Visited { partition: PROFILE, origin: origin(), offset }));
}

fn tags(host: &mut Host, kind: SyncKind) -> Vec<Tag> {
    let request = next_request();
    host.send(Input::GetTags { request, key: key(), kind });
    match host.reply(request) {
        Some(Reply::Tags(Ok(tags))) => tags.clone(),
        other => panic!("{other:?}"),
    }
}

fn why_not(host: &Host, tag: &str) -> Vec<WhyNot> {
    host.machine.why_not(&key(), SyncKind::Periodic, &Tag::from(tag))
}

/// When events fired, in hours, and for which tags.
fn fired(host: &Host) -> Vec<(f64, String)> {
    let hours = |at: Duration| (at.as_secs_f64() / 360.0).round() / 10.0;
    host.events.iter().map(|(at, _, event)| (hours(*at), event.tag.as_str().unwrap_or("?").to_owned())).collect()
}

fn hours(n: u64) -> Duration {
    secs(n * HOUR)
}
