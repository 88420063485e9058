//! Ports: who holds them, what is on its way in them, and what is left of them.

use super::support::{Folder, OPEN_A};

fn run(at: &str, window: &str, script: &str, gives: &str) -> String {
    format!("[[step]]\nat = \"{at}\"\nrun = {{ window = \"{window}\", script = {script:?}, gives = '{gives}' }}\n")
}

const OPEN_B: &str = "[[step]]\nopen = { window = \"b\", url = \"https://b.example/\" }\n";

/// What leaves a realm goes through built-ins that a script can replace, so a script can put any name into it.
#[test]
fn a_script_that_forges_names_gets_no_port_of_another_origin() {
    let victim = "<script>
      const { port1, port2 } = new MessageChannel();
      const heard = [];
      port2.onmessage = ({ data }) => heard.push(data);
    </script>";
    let thief = "<script>
      const names = [];
      for (let realm = 0; realm < 20; realm += 1) names.push(realm + '.1', realm + '.2');
      const { map } = Array.prototype;
      const forging = (names, act) => {
        const channel = new MessageChannel();
        Array.prototype.map = function (...args) { Array.prototype.map = map; return names; };
        try { act(channel); } catch {} finally { Array.prototype.map = map; }
        return channel;
      };
      const steal = () => {
        for (const name of names) {
          const { port2 } = forging([], ({ port1, port2 }) => {
            Array.prototype.map = function () {
              return this.length === 1 && Array.isArray(this[0]) === false ? [name] : Reflect.apply(map, this, arguments);
            };
            port1.postMessage('x', [new MessageChannel().port1]);
          });
          port2.onmessage = ({ ports: [port] }) => port?.postMessage('stolen');
        }
      };
      // With a toJSON about, the text of a call is joined from pieces.
      const { join } = Array.prototype;
      const say = (call) => {
        Object.prototype.toJSON = 1;
        Array.prototype.join = function (...args) {
          const text = Reflect.apply(join, this, args);
          return text.includes('postMessage') ? call : text;
        };
        try { new MessageChannel().port1.postMessage('x'); } catch {}
        delete Object.prototype.toJSON;
        Array.prototype.join = join;
      };
      const forge = () => {
        for (const port of names) {
          say(`\"call\":\"postMessage\",\"to\":{\"port\":\"${port}\"},\"message\":{\"data\":\"0\",\"ports\":[]}`);
          say(`\"call\":\"closePort\",\"port\":\"${port}\"`);
        }
      };
    </script>";
    let steps = [
        run("1s", "b", "steal()", "null"),
        run("2s", "b", "forge()", "null"),
        run("3s", "a", "port1.postMessage('mine')", "null"),
        run("4s", "a", "heard", r#"["mine"]"#),
    ];
    Folder::new()
        .file("a.example/index.html", victim)
        .file("b.example/index.html", thief)
        .timeline(&format!("{OPEN_A}{OPEN_B}{}", steps.concat()))
        .run()
        .exits(0);
}

/// Some old libraries give arrays a `toJSON`.
#[test]
fn messages_are_what_was_sent_though_prototypes_have_a_to_json() {
    let page = "<script>
      Array.prototype.toJSON = function () { return 'an array'; };
      Object.prototype.toJSON = function () { return { call: 'no such call' }; };
      const { port1, port2 } = new MessageChannel();
      const heard = [];
      port2.onmessage = ({ data }) => heard.push(data.list.length, data.list[1].deep);
      port1.postMessage({ list: [1, { deep: 'x' }] });
    </script>";
    let steps = run("1s", "a", "heard.join()", "\"2,x\"");
    Folder::new().file("a.example/index.html", page).timeline(&format!("{OPEN_A}{steps}")).run().exits(0);
}

#[test]
fn messages_keep_their_order_and_none_is_lost_when_a_port_moves_on() {
    let worker = "onmessage = ({ ports: [port] }) => { port.onmessage = ({ data }) => port.postMessage(data); };";
    let page = "<script>
      navigator.serviceWorker.register('sw.js');
      const ready = navigator.serviceWorker.ready;
      const listening = async (before) => {
        const { port1, port2 } = new MessageChannel();
        const heard = [];
        for (const n of [1, 2, 3]) port1.postMessage(n);
        await ready;
        before(port2, (event) => heard.push(event.data), port1);
        port1.postMessage(4);
        await new Promise((done) => setTimeout(done, 10));
        return heard;
      };
      const here = () => listening((port, hear) => { port.onmessage = hear; });
      const late = () => listening((port, hear, other) => {
        setTimeout(() => { port.onmessage = hear; other.postMessage(5); });
      });
      const moved = (start) => listening(async (port, hear, other) => {
        other.onmessage = hear;
        if (start) port.start();
        (await ready).active.postMessage('take', [port]);
      });
      const moved_here = async () => {
        const { port1, port2 } = new MessageChannel();
        const carrier = new MessageChannel();
        const heard = [];
        port1.postMessage(1);
        carrier.port2.onmessage = ({ ports: [port] }) => { port.onmessage = ({ data }) => heard.push(data); };
        await new Promise((done) => setTimeout(done, 10));
        port1.postMessage(2);
        carrier.port1.postMessage('', [port2]);
        port1.postMessage(3);
        await new Promise((done) => setTimeout(done, 10));
        return heard;
      };
      const closed = async () => {
        const { port1, port2 } = new MessageChannel();
        port1.postMessage('last words');
        port1.close();
        const carrier = new MessageChannel();
        await new Promise((done) => setTimeout(done, 10));
        carrier.port1.postMessage('', [port2]);
        return new Promise((done) => { carrier.port2.onmessage = ({ ports: [port] }) => { port.onmessage = ({ data }) => done(data); }; });
      };
    </script>";
    let asked = |at: &str, script: &str, heard: &str| {
        let later = format!("{at}500ms");
        run(at, "a", &format!("{script}.then((heard) => {{ globalThis.came = heard; }}), 1"), "1")
            + &run(&later, "a", "came", heard)
    };
    let steps = [
        asked("1s", "here()", "[1, 2, 3, 4]"),
        asked("2s", "late()", "[1, 2, 3, 4, 5]"),
        asked("3s", "moved(false)", "[1, 2, 3, 4]"),
        asked("4s", "moved(true)", "[1, 2, 3, 4]"),
        asked("5s", "moved_here()", "[1, 2, 3]"),
        asked("6s", "closed()", "\"last words\""),
    ];
    Folder::new()
        .file("a.example/index.html", page)
        .file("a.example/sw.js", worker)
        .timeline(&format!("{OPEN_A}{}", steps.concat()))
        .run()
        .exits(0);
}

#[test]
fn a_script_cannot_say_what_a_step_in_another_page_gives() {
    let liar = r#"<script>
      const { join } = Array.prototype;
      const lie = () => {
        Object.prototype.toJSON = 1;
        let run = 0;
        Array.prototype.join = function (...args) {
          const text = Reflect.apply(join, this, args);
          return text.includes('postMessage') ? `"call":"runSettled","run_id":${run},"result":{"Ok":"1"}` : text;
        };
        for (; run < 30; run += 1) try { new MessageChannel().port1.postMessage('x'); } catch {}
      };
      onoffline = lie;
    </script>"#;
    let steps = run("1s", "a", "new Promise(() => {})", "1") + "network = \"offline\"\n";
    Folder::new()
        .file("a.example/index.html", "")
        .file("b.example/index.html", liar)
        .timeline(&format!("{OPEN_A}{OPEN_B}{steps}"))
        .run()
        .exits(1)
        .prints("it has not ended yet");
}
