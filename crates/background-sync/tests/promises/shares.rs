//! I17: what an origin wastes is its own.

use background_sync::policy::{Facts, Refusal, SyncKind, WindowClients};
use background_sync::registration::Tag;
use background_sync::scheduler::NetworkState;
use background_sync::{AskedBy, Detail, EventName, Input, RegisterError, Reply, RequestId};

use crate::support::stories::{key_of, offline_host, register, store_answers_last, with};
use crate::support::{Host, PROFILE, key, secs};

#[test]
fn one_origin_does_not_fill_the_queue_of_all() {
    let mut host = Host::new();
    host.commit = false;
    for n in 0..4_200 {
        host.send(register(10_000 + n, key(), "x"));
    }
    let full = Reply::Registered(Err(RegisterError::QueueFull));
    assert_eq!(host.replies.iter().filter(|(_, reply)| *reply == full).count(), 4_200 - 256, "its share is 256");
    let other = key_of(PROFILE, "https://other.example");
    host.send(Input::GetTags { kind: SyncKind::OneShot, request: RequestId(5), key: other.clone() });
    host.send(register(6, other, "y"));
    assert_eq!(host.reply(RequestId(5)), Some(&Reply::Tags(Ok(vec![]))));
    assert_eq!(host.reply(RequestId(6)), None, "on its way");
    store_answers_last(&mut host);
    assert_eq!(host.reply(RequestId(6)), Some(&Reply::Registered(Ok(()))));
}

#[test]
fn tags_that_can_be_listed_at_once_need_no_room_in_the_queue() {
    let mut host = Host::with(with(|parameters| parameters.max_queued_requests = 1));
    host.commit = false;
    host.register("a");
    let other = key_of(PROFILE, "https://other.example");
    host.send(Input::GetTags { kind: SyncKind::OneShot, request: RequestId(500), key: other });
    assert_eq!(host.reply(RequestId(500)), Some(&Reply::Tags(Ok(vec![]))));
}

/// The share is counted while the store is being read, too.
#[test]
fn one_origin_does_not_fill_the_queue_while_loading() {
    let mut host = offline_host();
    host.machine = background_sync::Machine::new(host.machine.parameters().clone(), [1; 32]);
    for n in 0..300 {
        host.send(register(10_000 + n, key(), "x"));
    }
    assert_eq!(host.replies.len(), 300 - 256);
    host.send(register(6, key_of(PROFILE, "https://other.example"), "y"));
    assert_eq!(host.reply(RequestId(6)), None, "waits for the store");
}

#[test]
fn one_origin_does_not_push_the_others_out_of_the_log() {
    let mut host = Host::new();
    host.register("important");
    host.run(secs(5));
    let facts = Facts { windows: WindowClients::none(), ..host.facts };
    let noisy = key_of(PROFILE, "https://evil.example");
    for n in 0..2_000_u64 {
        let tag = Tag::from(n.to_string().as_str());
        let (request, key) = (RequestId(10_000 + n), noisy.clone());
        host.send(Input::Register { request, key, tag, asked_by: AskedBy::Page, facts });
    }
    let of = |wanted: &background_sync::policy::RegistrationKey| {
        host.machine.log().filter(|entry| entry.key.as_ref() == Some(wanted)).count()
    };
    assert!(of(&key()) > 0, "refused calls of another origin erased what happened to this one");
    assert_eq!(of(&noisy), 250, "its share of the log");
}

#[test]
fn equal_refusals_are_one_entry_with_a_count() {
    let mut host = Host::new();
    let facts = Facts { windows: WindowClients::none(), ..host.facts };
    for n in 0..100_u64 {
        let (request, key) = (RequestId(10_000 + n), key());
        host.send(Input::Register { request, key, tag: Tag::from("x"), asked_by: AskedBy::Page, facts });
    }
    let refused: Vec<_> = host.machine.log().filter(|entry| entry.event == EventName::RegistrationRefused).collect();
    let [entry] = refused[..] else { panic!("{refused:?}") };
    assert!(entry.metadata.contains(&Detail::Count(100)), "{entry:?}");
}

#[test]
fn the_tags_of_an_origin_take_no_more_bytes_than_their_share() {
    let mut host = Host::with(with(|parameters| parameters.limits.max_tag_bytes_per_origin = 20));
    host.network(NetworkState::Offline);
    let fits = host.register("0123456789");
    let too_much = host.register("x");
    let again = host.register("0123456789");
    assert_eq!(host.reply(fits), Some(&Reply::Registered(Ok(()))));
    let refused = Reply::Registered(Err(RegisterError::Refused(Refusal::TooManyTagBytes)));
    assert_eq!(host.reply(too_much), Some(&refused));
    assert_eq!(host.reply(again), Some(&Reply::Registered(Ok(()))), "a tag that is there may always be registered");
    host.send(crate::support::stories::cancel("0123456789"));
    let after = host.register("x");
    assert_eq!(host.reply(after), Some(&Reply::Registered(Ok(()))), "its bytes are free again");
}
