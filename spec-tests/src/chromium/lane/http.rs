//! As much of HTTP as a browser needs on loopback: a request a connection, a thread each, so that none waits for another.

use std::io::{self, Write as _};
use std::net::{TcpListener, TcpStream};

/// Heads and bodies are ours; what is longer comes from nobody we know.
const LONGEST: usize = 1 << 20;

/// What was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Request {
    /// Path and query.
    pub(super) target: String,
    pub(super) body: String,
}

/// What is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) content_type: &'static str,
    pub(super) body: String,
}

/// Answers for as long as the process lives.
pub(super) fn serve(listener: TcpListener, answer: impl Fn(Request) -> Response + Clone + Send + 'static) {
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = answer.clone();
            std::thread::spawn(move || {
                // Who asked may be gone: a page was closed, a worker was stopped.
                let _ = exchange(stream, answer);
            });
        }
    });
}

fn exchange(mut stream: TcpStream, answer: impl Fn(Request) -> Response) -> io::Result<()> {
    let Some(request) = read(&mut stream)? else { return Ok(()) };
    let Response { status, content_type, body } = answer(request);
    let head = format!(
        "HTTP/1.1 {status} -\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\nCache-Control: no-store\r\n\
         Access-Control-Allow-Origin: *\r\nService-Worker-Allowed: /\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body.as_bytes())
}

/// Reads a request; none when the browser opened a connection for later and closed it.
fn read(stream: &mut impl io::Read) -> io::Result<Option<Request>> {
    let mut bytes = Vec::new();
    loop {
        if let Some(request) = parsed(&bytes)? {
            return Ok(Some(request));
        }
        let mut more = [0; 4096];
        match stream.read(&mut more)? {
            0 => return Ok(None),
            count => bytes.extend_from_slice(&more[..count]),
        }
        if bytes.len() > LONGEST {
            return Err(io::ErrorKind::InvalidData.into());
        }
    }
}

/// The request, once it is whole.
fn parsed(bytes: &[u8]) -> io::Result<Option<Request>> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut head = httparse::Request::new(&mut headers);
    let length = match head.parse(bytes).map_err(|_| io::ErrorKind::InvalidData)? {
        httparse::Status::Complete(length) => length,
        httparse::Status::Partial => return Ok(None),
    };
    let said = head.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
    let said = said.and_then(|header| std::str::from_utf8(header.value).ok()?.parse::<usize>().ok()).unwrap_or(0);
    let target = head.path.unwrap_or("/").to_owned();
    let body = bytes[length..].get(..said);
    Ok(body.map(|body| Request { target, body: String::from_utf8_lossy(body).into_owned() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives a byte at a time.
    struct Slowly<'a>(&'a [u8]);

    impl io::Read for Slowly<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let Some((first, rest)) = self.0.split_first() else { return Ok(0) };
            (into[0], self.0) = (*first, rest);
            Ok(1)
        }
    }

    #[test]
    fn a_request_is_read_when_it_is_whole() {
        let text = b"POST /end?x=1 HTTP/1.1\r\nHost: a\r\nCONTENT-LENGTH: 3\r\n\r\n{1}more";
        let request = read(&mut Slowly(text)).unwrap();
        assert_eq!(request, Some(Request { target: "/end?x=1".to_owned(), body: "{1}".to_owned() }));
        assert_eq!(read(&mut Slowly(&text[..text.len() - 5])).unwrap(), None, "cut off in its body");
        let get = b"GET / HTTP/1.1\r\n\r\n";
        assert_eq!(read(&mut Slowly(get)).unwrap().map(|request| request.target).as_deref(), Some("/"));
        assert!(read(&mut Slowly(b"\x01\x02 nonsense\r\n\r\n")).is_err());
    }
}
