use std::io;
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use tungstenite::protocol::WebSocketConfig;
use tungstenite::{Error, Message};

use super::{Closed, Transport};
use crate::ConnectError;

/// How long a browser may take to let us in.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// A WebSocket to a debugging port on this machine.
#[derive(Debug)]
pub struct WebSocket {
    socket: tungstenite::WebSocket<TcpStream>,
}

impl WebSocket {
    /// Connects to `ws://127.0.0.1:PORT/devtools/browser/ID`, which Chromium prints when it starts.
    ///
    /// # Errors
    /// What is wrong with the address, or with what listens there.
    pub fn connect(address: &str) -> Result<Self, ConnectError> {
        let wrong = |why: &str| ConnectError::Address { address: address.to_owned(), why: why.to_owned() };
        let rest = address.strip_prefix("ws://").ok_or_else(|| wrong("it does not begin with ws://"))?;
        let authority = rest.split('/').next().unwrap_or_default();
        let found = authority.to_socket_addrs().map_err(|error| wrong(&error.to_string()))?;
        let place = found.into_iter().next().ok_or_else(|| wrong("its host has no address"))?;
        if !place.ip().is_loopback() {
            return Err(wrong("it is not on this machine, and nobody is asked for a password there"));
        }
        let refused = |error: io::Error| ConnectError::Refused { address: address.to_owned(), error };
        let stream = TcpStream::connect_timeout(&place, HANDSHAKE).map_err(refused)?;
        stream.set_nodelay(true).map_err(refused)?;
        stream.set_read_timeout(Some(HANDSHAKE)).map_err(refused)?;
        // A page can make a message as long as it likes; what does not fit would end the connection.
        let config = WebSocketConfig::default().max_message_size(None).max_frame_size(None);
        match tungstenite::client::client_with_config(address, stream, Some(config)) {
            Ok((socket, _)) => Ok(Self { socket }),
            Err(error) => Err(ConnectError::NotDevTools { address: address.to_owned(), what: error.to_string() }),
        }
    }
}

impl Transport for WebSocket {
    fn send(&mut self, frame: &str) -> Result<(), Closed> {
        self.socket.send(Message::text(frame)).map_err(Closed::because)
    }

    fn receive(&mut self, wait: Duration) -> Result<Option<String>, Closed> {
        // Zero means for ever.
        self.socket.get_ref().set_read_timeout(Some(wait.max(Duration::from_millis(1))))?;
        match self.socket.read() {
            Ok(Message::Text(text)) => Ok(Some(text.as_str().to_owned())),
            Ok(Message::Close(_)) => Err(Closed::because("it said goodbye")),
            Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => Ok(None),
            Err(Error::Io(error)) if is_over(&error) => Ok(None),
            Err(error) => Err(Closed::because(error)),
        }
    }
}

fn is_over(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted)
}
