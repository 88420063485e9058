use std::io::{BufRead as _, BufReader, Read, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use super::{Closed, Transport};

/// The two ends of `--remote-debugging-pipe`: frames with a NUL after each.
#[derive(Debug)]
pub struct Pipe<W> {
    to: W,
    from: Receiver<String>,
}

impl<W: Write> Pipe<W> {
    /// `to` is read by the browser as its descriptor 3, `from` is written by it as its descriptor 4. Reading has a thread of its
    /// own, which ends with the browser.
    pub fn new(to: W, from: impl Read + Send + 'static) -> Self {
        let (sender, receiver) = channel();
        std::thread::spawn(move || forward(BufReader::new(from), &sender));
        Self { to, from: receiver }
    }
}

fn forward(mut from: BufReader<impl Read>, to: &Sender<String>) {
    loop {
        let mut frame = Vec::new();
        match from.read_until(0, &mut frame) {
            // What has no NUL after it was cut off.
            Ok(_) if frame.pop() == Some(0) => {}
            Ok(_) | Err(_) => return,
        }
        if to.send(String::from_utf8_lossy(&frame).into_owned()).is_err() {
            return;
        }
    }
}

impl<W: Write> Transport for Pipe<W> {
    fn send(&mut self, frame: &str) -> Result<(), Closed> {
        self.to.write_all(frame.as_bytes())?;
        self.to.write_all(&[0])?;
        Ok(self.to.flush()?)
    }

    fn receive(&mut self, wait: Duration) -> Result<Option<String>, Closed> {
        match self.from.recv_timeout(wait) {
            Ok(frame) => Ok(Some(frame)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(Closed::because("its pipe has ended")),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Pipe, Transport as _};

    const WAIT: Duration = Duration::from_secs(10);

    #[test]
    fn frames_have_a_nul_after_each() {
        let mut to = Vec::new();
        let mut pipe = Pipe::new(&mut to, "one\0two\0cut o".as_bytes());
        pipe.send("{}").unwrap();
        pipe.send("[]").unwrap();
        assert_eq!(pipe.receive(WAIT).unwrap().as_deref(), Some("one"));
        assert_eq!(pipe.receive(WAIT).unwrap().as_deref(), Some("two"));
        let end = pipe.receive(WAIT).unwrap_err().to_string();
        assert!(end.contains("start it again"), "{end}");
        assert_eq!(to, b"{}\0[]\0");
    }
}
