//! Background sync in an engine of many threads and processes.
//!
//! `cargo run -p background-sync-store --example constellation`
//!
//! A router, the *constellation*, knows which page is of which origin, which windows are open and which service workers
//! there are. Every page has a script thread, every origin a manager of its service workers. Pages call `register`; the
//! router makes the key, gathers the facts of that moment and forwards the call. One page is gone before the answer
//! comes. Then background sync is ended and started again, over the same store; the network comes, and both events fire.
//!
//! First all of that is threads of one process. Then pages and workers are in a content process (this very program,
//! started anew), with serde frames between the two; it is killed before the network comes, and the events fire in
//! another one.
//!
//! What an engine adds for background sync, counted in lines (traits, facts that are mirrored for it, what carries
//! tokens and what stands for them between processes; not the toy engine around it):
//! 53 with threads, 90 with two processes. The program counts them itself.
//!
//! What is shown is asserted, and run by the tests.

mod constellation;
mod content;
mod content_link;
mod content_process;
mod host;
mod lines;
mod managers;

use std::error::Error;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use background_sync::policy::Origin;
use background_sync::registration::Tag;

use constellation::{Constellation, Place, ToConstellation};
use content::Script;
use content_link::ContentLink;
use managers::Managers;

/// Longer than anything takes; nothing is measured with it.
const PATIENCE: Duration = Duration::from_secs(60);

fn main() -> Result<(), Box<dyn Error>> {
    if std::env::args().nth(1).as_deref() == Some("content") {
        return content_process::run();
    }
    println!("== threads of one process");
    story(|constellation| Ok(Place::Threads(Managers::new(constellation))), false)?;
    println!("== two processes");
    story(|constellation| Ok(Place::Process(ContentLink::start(constellation)?)), true)?;
    let (thread, processes) = (lines::host_lines(&["any", "thread"]), lines::host_lines(&["any", "processes"]));
    println!("host lines: {thread} with threads, {processes} with two processes");
    assert!(thread <= 60 && processes <= 90, "it takes more than it should");
    let said = format!("//! {thread} with threads, {processes} with two processes.");
    assert!(include_str!("main.rs").contains(&said), "the docs of this example say another number");
    Ok(())
}

fn story(
    place: impl FnOnce(Sender<ToConstellation>) -> Result<Place, Box<dyn Error>> + Send + 'static,
    kill_content: bool,
) -> Result<(), Box<dyn Error>> {
    let profile = tempfile::tempdir()?;
    let (to, inbox) = channel();
    let (news, watch) = channel();
    let (me, profile_path) = (to.clone(), profile.path().to_owned());
    let router = thread::spawn(move || {
        let constellation = place(me.clone()).and_then(|place| Constellation::new(profile_path, place, me, news));
        constellation.and_then(|it| it.run(&inbox)).map_err(|error| error.to_string())
    });
    let told = tell(&to, &watch, kill_content);
    to.send(ToConstellation::Exit).ok();
    router.join().map_err(|_| "the constellation panicked")??;
    told
}

/// What the user and the system do, and what is heard of it.
fn tell(to: &Sender<ToConstellation>, watch: &Receiver<String>, kill_content: bool) -> Result<(), Box<dyn Error>> {
    let heard = || -> Result<String, Box<dyn Error>> {
        let what = watch.recv_timeout(PATIENCE)?;
        println!("{what}");
        Ok(what)
    };
    let open = |page, origin: &str, tag: Tag, dies| -> Result<(), Box<dyn Error>> {
        let script = Script { scope: format!("{origin}/"), tag, dies };
        Ok(to.send(ToConstellation::Open(page, Origin::parse(origin)?, script))?)
    };
    open(1, "https://a.example", Tag::from("outbox"), false)?;
    assert_eq!(heard()?, "page 1 has its answer");
    open(2, "https://b.example", Tag::from("dying"), true)?;
    assert_eq!(heard()?, "page 2 is gone");
    if kill_content {
        to.send(ToConstellation::KillContent)?;
        assert_eq!(heard()?, "another content process");
    }
    to.send(ToConstellation::Restart)?;
    assert_eq!(heard()?, "background sync started again");
    to.send(ToConstellation::Online)?;
    let mut sent = [heard()?, heard()?];
    sent.sort();
    assert_eq!(sent, ["https://a.example sent outbox", "https://b.example sent dying"]);
    Ok(())
}
