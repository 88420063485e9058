//! The server of every origin: on loopback, so that it can be reached while the link is down.

use std::io::Cursor;
use std::sync::{Arc, Mutex, PoisonError};

use background_sync::registration::Tag;
use serde::Deserialize;
use serde_json::{Value, json};
use tiny_http::{Header, Request, Response, Server};

use super::notes::{Notes, Number};
use crate::chromium::{Answer, Kind};

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
pub(super) fn serve() -> Result<Serving, String> {
    let server = Server::http(("127.0.0.1", PORT)).map_err(|error| format!("port {PORT} of the lane: {error}"))?;
    let serving = Serving { notes: Arc::new(Mutex::new(Arc::new(Notes::new()))) };
    let notes = Arc::clone(&serving.notes);
    std::thread::spawn(move || {
        for request in server.incoming_requests() {
            let notes = Arc::clone(&notes.lock().unwrap_or_else(PoisonError::into_inner));
            std::thread::spawn(move || answer(request, &notes));
        }
    });
    Ok(serving)
}

impl Serving {
    /// What is told from now on is noted here.
    pub(super) fn note_in(&self, notes: Arc<Notes>) {
        *self.notes.lock().unwrap_or_else(PoisonError::into_inner) = notes;
    }
}

fn answer(mut request: Request, notes: &Notes) {
    let mut body = String::new();
    let read = request.as_reader().read_to_string(&mut body).map_err(|error| error.to_string());
    let path = request.url().split('?').next().unwrap_or_default().to_owned();
    let response = match read.and_then(|_| reply(&path, request.url(), &body, notes)) {
        Ok(response) => response,
        Err(problem) => Response::from_string(problem).with_status_code(400),
    };
    // Who asked may be gone: a page was closed, a worker was stopped.
    let _ = request.respond(response);
}

#[derive(Deserialize)]
struct EventTold {
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

fn reply(path: &str, url: &str, body: &str, notes: &Notes) -> Result<Response<Cursor<Vec<u8>>>, String> {
    match path {
        "/calls.js" => Ok(script(CALLS.to_owned())),
        "/worker.js" => Ok(script(format!("{WORKER}// {}\n", notes.version_for(url)))),
        "/page.html" => Ok(page(PAGE)),
        "/embedder.html" => Ok(page(EMBEDDER)),
        "/event" => {
            let EventTold { worker, kind, tag, last_chance } = read(body)?;
            let (number, registers) = notes.event(&worker, kind, Tag::from_utf16(&tag), last_chance);
            Ok(data(&json!({ "number": number, "registers": registers.map(|tag| tag.to_utf16()) })))
        }
        "/end" => {
            let End { number } = read(body)?;
            let end = if notes.wait_for_end(number) { "fulfil" } else { "reject" };
            Ok(data(&json!({ "end": end })))
        }
        "/answered" => {
            let Answered { id, answer } = read(body)?;
            notes.answered(id, match answer {
                Told::Resolved => Answer::Resolved,
                Told::Tags(tags) => Answer::Tags(tags.iter().map(|units| Tag::from_utf16(units)).collect()),
                Told::Rejected(name) => Answer::Rejected(name),
            });
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
        _ => Ok(Response::from_string("nothing here").with_status_code(404)),
    }
}

fn read<'a, T: Deserialize<'a>>(body: &'a str) -> Result<T, String> {
    serde_json::from_str(body).map_err(|error| error.to_string())
}

fn data(value: &Value) -> Response<Cursor<Vec<u8>>> {
    of_type("application/json", value.to_string())
}

fn script(text: String) -> Response<Cursor<Vec<u8>>> {
    of_type("text/javascript", text)
}

fn page(text: &str) -> Response<Cursor<Vec<u8>>> {
    of_type("text/html", text.to_owned())
}

fn of_type(content_type: &str, text: String) -> Response<Cursor<Vec<u8>>> {
    let headers = [
        ("Content-Type", content_type),
        ("Cache-Control", "no-store"),
        ("Access-Control-Allow-Origin", "*"),
        ("Service-Worker-Allowed", "/"),
    ];
    headers.into_iter().fold(Response::from_string(text), |response, (name, value)| {
        match Header::from_bytes(name, value) {
            Ok(header) => response.with_header(header),
            Err(()) => response,
        }
    })
}
