//! I12: a closed private partition is forgotten, and nothing brings it back.

use background_sync::policy::{Facts, Partition, PartitionId, WindowClients};
use background_sync::registration::Tag;
use background_sync::scheduler::NetworkState;
use background_sync::{AskedBy, Input, RequestId};

use crate::support::stories::{key_of, register};
use crate::support::{Host, secs};

const PRIVATE: Partition = Partition::Private(PartitionId(7));

fn registers(host: &mut Host, request: u64, tag: &str) {
    let key = key_of(PRIVATE, "https://secret.example");
    let (request, tag, facts) = (RequestId(request), Tag::from(tag), host.facts);
    host.send(Input::Register { request, key, tag, asked_by: AskedBy::Page, facts });
}

#[test]
fn an_origin_whose_budget_was_used_is_forgotten_with_its_partition() {
    let mut host = Host::new();
    registers(&mut host, 1, "t");
    host.run(secs(5));
    host.network(NetworkState::Offline);
    registers(&mut host, 2, "u");
    host.facts.windows = WindowClients::none();
    let key = key_of(PRIVATE, "https://secret.example");
    let windows = WindowClients::none();
    host.send(Input::ClientsChanged { partition: PRIVATE, origin: key.origin().clone(), windows });
    host.network(NetworkState::online());
    host.run(secs(300));
    assert_eq!(host.events.len(), 2, "one of them without a window");
    host.send(Input::PartitionClosed { request: None, partition: PRIVATE });
    assert!(!format!("{:?}", host.machine).contains("secret.example"), "still in memory");
}

#[test]
fn a_call_that_comes_late_leaves_no_trace() {
    let mut host = Host::new();
    registers(&mut host, 1, "t");
    host.run(secs(5));
    host.send(Input::PartitionClosed { request: None, partition: PRIVATE });
    host.outputs.clear();
    host.facts.windows = WindowClients::none();
    registers(&mut host, 2, "t");
    host.run(secs(500));
    assert!(!format!("{:?}", host.machine).contains("secret.example"), "in the log");
    assert!(!format!("{:?}", host.outputs).contains("secret.example"), "said aloud");
}

#[test]
fn a_refusal_in_a_private_partition_that_is_in_use_is_logged() {
    let mut host = Host::new();
    let key = key_of(PRIVATE, "https://secret.example");
    host.send(register(1, key.clone(), "t"));
    let facts = Facts { fenced: true, ..host.facts };
    let (request, tag) = (RequestId(2), Tag::from("u"));
    host.send(Input::Register { request, key, tag: tag.clone(), asked_by: AskedBy::Page, facts });
    assert!(host.machine.log().any(|entry| entry.tag.as_ref() == Some(&tag)));
}
