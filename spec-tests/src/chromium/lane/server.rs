//! The server of every origin: on loopback, so that it can be reached while the link is down.

use std::net::TcpListener;
use std::sync::{Arc, Mutex, PoisonError};

use background_sync::registration::Tag;
use serde::Deserialize;
use serde_json::{Value, json};

use super::http::{self, Request, Response};
use super::notes::{Drive, Notes, Number};
use super::web::{Report, WebSite};
use crate::seen::{Answer, Kind};

/// Every lane has a loopback of its own.
pub(super) const PORT: u16 = 8000;

const CALLS: &str = include_str!("../site/calls.js");
const WORKER: &str = include_str!("../site/worker.js");
const PAGE: &str = "<!doctype html><title>page</title><script src=/calls.js></script>\
                    <script>tell(location.hostname, '/here', { page: Number(new URL(location).searchParams.get('page')) })</script>";
const EMBEDDER: &str = "<!doctype html><title>embedder</title>";

/// A server that runs, for as long as the process does.
pub(super) struct Serving {
    notes: Arc<Mutex<Arc<Notes>>>,
}

/// Begins to serve.
pub(super) fn serve(site: WebSite) -> Result<Serving, String> {
    let listener = TcpListener::bind(("127.0.0.1", PORT));
    let listener = listener.map_err(|error| format!("port {PORT} of the lane: {error}"))?;
    let serving = Serving { notes: Arc::new(Mutex::new(Arc::new(Notes::new()))) };
    let (notes, site) = (Arc::clone(&serving.notes), Arc::new(site));
    http::serve(listener, move |request| {
        let notes = Arc::clone(&notes.lock().unwrap_or_else(PoisonError::into_inner));
        reply(&request, &notes, &site).unwrap_or_else(|problem| of_type(400, "text/plain", problem))
    });
    Ok(serving)
}

impl Serving {
    /// What is told from now on is noted here.
    pub(super) fn note_in(&self, notes: Arc<Notes>) {
        *self.notes.lock().unwrap_or_else(PoisonError::into_inner) = notes;
    }
}

#[derive(Deserialize)]
struct EventTold {
    /// Its own, however often it is told.
    key: String,
    worker: String,
    kind: Kind,
    tag: Vec<u16>,
    last_chance: Option<bool>,
}

#[derive(Deserialize)]
struct End {
    number: Number,
}

#[derive(Deserialize)]
struct Answered {
    id: String,
    answer: Told,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Told {
    Resolved,
    Tags(Vec<Vec<u16>>),
    Rejected(String),
}

#[derive(Deserialize)]
struct Here {
    page: u64,
}

#[derive(Deserialize)]
struct Which {
    worker: String,
}

fn reply(request: &Request, notes: &Notes, site: &WebSite) -> Result<Response, String> {
    let Request { target, body } = request;
    let path = target.split('?').next().unwrap_or_default();
    match path {
        "/calls.js" => Ok(script(CALLS.to_owned())),
        "/worker.js" => Ok(script(format!("{WORKER}// {}\n", notes.version_for(target)))),
        "/page.html" => Ok(page(PAGE)),
        "/embedder.html" => Ok(page(EMBEDDER)),
        "/event" => {
            let EventTold { key, worker, kind, tag, last_chance } = read(body)?;
            let (number, registers) = notes.event(key, &worker, kind, Tag::from_utf16(&tag), last_chance);
            Ok(data(&json!({ "number": number, "registers": registers.map(|tag| tag.to_utf16()) })))
        }
        "/end" => {
            let End { number } = read(body)?;
            let end = if notes.wait_for_end(number) { "fulfil" } else { "reject" };
            Ok(data(&json!({ "end": end })))
        }
        "/answered" => {
            let Answered { id, answer } = read(body)?;
            notes.answered(
                id,
                match answer {
                    Told::Resolved => Answer::Resolved,
                    Told::Tags(tags) => Answer::Tags(tags.iter().map(|units| Tag::from_utf16(units)).collect()),
                    Told::Rejected(name) => Answer::Rejected(name),
                },
            );
            Ok(data(&Value::Null))
        }
        "/here" => {
            notes.here(read::<Here>(body)?.page);
            Ok(data(&Value::Null))
        }
        "/may-install" => {
            notes.wait_for_install(&read::<Which>(body)?.worker);
            Ok(data(&Value::Null))
        }
        "/may-activate" => {
            notes.wait_for_activation(&read::<Which>(body)?.worker);
            Ok(data(&Value::Null))
        }
        "/drive" => {
            notes.drive(read::<Drive>(body)?);
            Ok(data(&Value::Null))
        }
        "/report" => {
            notes.reported(read::<Report>(body)?);
            Ok(data(&Value::Null))
        }
        _ => Ok(match site.page(path) {
            Some(text) if path.ends_with(".js") => script(text.to_owned()),
            Some(text) => page(text),
            None => of_type(404, "text/plain", "nothing here".to_owned()),
        }),
    }
}

fn read<'a, T: Deserialize<'a>>(body: &'a str) -> Result<T, String> {
    serde_json::from_str(body).map_err(|error| error.to_string())
}

fn data(value: &Value) -> Response {
    of_type(200, "application/json", value.to_string())
}

fn script(text: String) -> Response {
    of_type(200, "text/javascript", text)
}

fn page(text: &str) -> Response {
    of_type(200, "text/html", text.to_owned())
}

fn of_type(status: u16, content_type: &'static str, body: String) -> Response {
    Response { status, content_type, body }
}
