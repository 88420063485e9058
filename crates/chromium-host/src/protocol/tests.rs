use serde_json::{Value, json};

use super::{Answer, CommandId, Event, Outcome, Protocol, Received, SessionId, Stray};

fn attached(protocol: &mut Protocol, session: &str) {
    let frame = json!({ "method": "Target.attachedToTarget", "params": { "sessionId": session } });
    assert!(matches!(protocol.receive(&frame.to_string()), Received::Event(..)));
}

fn answer(id: CommandId, method: &str, outcome: Outcome) -> Received {
    Received::Answer(Answer { id, method: method.to_owned(), outcome })
}

#[test]
fn a_command_says_its_number_its_session_and_what_it_wants() {
    let mut protocol = Protocol::default();
    let (_, frame) = protocol.command(None, "Browser.getVersion", &json!({}));
    assert_eq!(
        serde_json::from_str::<Value>(&frame).unwrap(),
        json!({ "id": 1, "method": "Browser.getVersion", "params": {} })
    );
    let (_, frame) = protocol.command(Some(&"S".into()), "Page.enable", &json!({ "a": 1 }));
    let expected = json!({ "id": 2, "method": "Page.enable", "params": { "a": 1 }, "sessionId": "S" });
    assert_eq!(serde_json::from_str::<Value>(&frame).unwrap(), expected);
}

#[test]
fn answers_find_their_commands_in_any_order() {
    let mut protocol = Protocol::default();
    let (first, _) = protocol.command(None, "A.a", &json!({}));
    let (second, _) = protocol.command(None, "B.b", &json!({}));
    let received = protocol.receive(r#"{"id":2,"result":{"b":1}}"#);
    assert_eq!(received, answer(second, "B.b", Outcome::Answered(json!({ "b": 1 }))));
    let received = protocol.receive(r#"{"id":1,"error":{"code":-32000,"message":"no"}}"#);
    assert_eq!(received, answer(first, "A.a", Outcome::Refused { code: -32000, message: "no".to_owned() }));
}

#[test]
fn a_method_that_the_browser_does_not_have_is_told_from_a_refusal() {
    let mut protocol = Protocol::default();
    let (id, _) = protocol.command(None, "ServiceWorker.enable", &json!({}));
    let received =
        protocol.receive(r#"{"id":1,"error":{"code":-32601,"message":"'ServiceWorker.enable' wasn't found"}}"#);
    assert_eq!(received, answer(id, "ServiceWorker.enable", Outcome::NoSuchMethod));
}

#[test]
fn an_answer_comes_once() {
    let mut protocol = Protocol::default();
    let (id, _) = protocol.command(None, "A.a", &json!({}));
    assert_eq!(protocol.receive(r#"{"id":1,"result":{}}"#), answer(id, "A.a", Outcome::Answered(json!({}))));
    assert_eq!(protocol.receive(r#"{"id":1,"result":{}}"#), Received::Stray(Stray::UnknownCommand(1)));
    assert_eq!(protocol.receive(r#"{"id":77,"result":{}}"#), Received::Stray(Stray::UnknownCommand(77)));
    let (late, _) = protocol.command(None, "A.a", &json!({}));
    protocol.forget(late);
    assert_eq!(protocol.receive(r#"{"id":2,"result":{}}"#), Received::Stray(Stray::UnknownCommand(2)));
}

#[test]
fn events_name_their_session_which_has_to_be_there() {
    let mut protocol = Protocol::default();
    let event = r#"{"method":"Page.loadEventFired","params":{"t":1},"sessionId":"S"}"#;
    assert_eq!(protocol.receive(event), Received::Stray(Stray::UnknownSession("S".into())));
    attached(&mut protocol, "S");
    let expected =
        Event { session: Some("S".into()), method: "Page.loadEventFired".to_owned(), params: json!({ "t": 1 }) };
    assert_eq!(protocol.receive(event), Received::Event(expected, Vec::new()));
}

#[test]
fn the_end_of_a_session_ends_its_commands_and_no_others() {
    let mut protocol = Protocol::default();
    attached(&mut protocol, "S");
    attached(&mut protocol, "T");
    let (of_the_browser, _) = protocol.command(None, "A.a", &json!({}));
    let (lost, _) = protocol.command(Some(&"S".into()), "B.b", &json!({}));
    let (other, _) = protocol.command(Some(&"T".into()), "C.c", &json!({}));
    let detached = r#"{"method":"Target.detachedFromTarget","params":{"sessionId":"S"}}"#;
    let Received::Event(_, ended) = protocol.receive(detached) else { panic!("it is an event") };
    assert_eq!(ended, [Answer { id: lost, method: "B.b".to_owned(), outcome: Outcome::SessionGone }]);
    assert!(!protocol.has(&SessionId::from("S")) && protocol.has(&SessionId::from("T")));
    assert_eq!(protocol.receive(r#"{"id":3,"result":{}}"#), answer(other, "C.c", Outcome::Answered(json!({}))));
    assert_eq!(
        protocol.receive(r#"{"id":1,"result":{}}"#),
        answer(of_the_browser, "A.a", Outcome::Answered(json!({})))
    );
}

#[test]
fn a_command_to_a_session_that_is_gone_has_ended() {
    let mut protocol = Protocol::default();
    let (id, _) = protocol.command(Some(&"gone".into()), "B.b", &json!({}));
    let received = protocol.receive(r#"{"id":1,"error":{"code":-32001,"message":"Session with given id not found."}}"#);
    assert_eq!(received, answer(id, "B.b", Outcome::SessionGone));
}

#[test]
fn half_a_character_in_a_string_spoils_nothing() {
    let mut protocol = Protocol::default();
    let text = |frame: &str| match Protocol::default().receive(frame) {
        Received::Event(event, _) => event.params.as_str().unwrap().to_owned(),
        other => panic!("{other:?}"),
    };
    assert_eq!(text(r#"{"method":"A.a","params":"a\ud800b"}"#), "a\u{fffd}b");
    assert_eq!(text(r#"{"method":"A.a","params":"\udc00"}"#), "\u{fffd}");
    assert_eq!(text(r#"{"method":"A.a","params":"\ud800\ud83d\ude00"}"#), "\u{fffd}\u{1f600}");
    assert_eq!(text(r#"{"method":"A.a","params":"\ud800\n\\ud800 é\u00e9"}"#), "\u{fffd}\n\\ud800 éé");
    let (id, _) = protocol.command(None, "A.a", &json!({}));
    let received = protocol.receive(r#"{"id":1,"result":{"value":"\uD800"}}"#);
    assert_eq!(received, answer(id, "A.a", Outcome::Answered(json!({ "value": "\u{fffd}" }))));
}

#[test]
fn what_is_no_message_ends_nothing() {
    let mut protocol = Protocol::default();
    let (id, _) = protocol.command(None, "A.a", &json!({}));
    let bad = [
        "",
        "{",
        "[]",
        "null",
        "{}",
        "\u{0}",
        r#"{"id":-1}"#,
        r#"{"id":"1"}"#,
        r#"{"method":7}"#,
        r#"{"method":"\u"}"#,
        "\\",
    ];
    for frame in bad {
        assert!(matches!(protocol.receive(frame), Received::Stray(Stray::Malformed(_))), "{frame}");
    }
    assert_eq!(protocol.receive(r#"{"id":1}"#), answer(id, "A.a", Outcome::Answered(Value::Null)));
}
