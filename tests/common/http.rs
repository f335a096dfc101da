//! Asks a server over TCP in the few words that a test needs, and finds out where a search serves its metrics.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use crate::common::wait::DEADLINE;

/// An answer.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: String,
}

/// The address in what a search said at its start.
pub fn address(said: &str) -> SocketAddr {
    let (_, rest) = said.split_once("Metrics: http://").unwrap();
    let (address, _) = rest.split_once("/metrics").unwrap();
    address.parse().unwrap()
}

pub fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream.set_write_timeout(Some(DEADLINE)).unwrap();
    stream
}

/// Sends these bytes; what comes until the end, nothing where the server hung up.
pub fn send(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = connect(address);
    // A server that has heard enough may hang up before all is sent.
    let _ = stream.write_all(bytes);
    let mut text = Vec::new();
    let _ = stream.read_to_end(&mut text);
    String::from_utf8(text).unwrap()
}

pub fn ask(address: SocketAddr, method: &str, path: &str, headers: &str) -> Reply {
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}\r\n"
    );
    let text = send(address, request.as_bytes());
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    Reply {
        status: status.unwrap_or_else(|| panic!("{method} {path}: {text}")),
        head: head.to_owned(),
        body: body.to_owned(),
    }
}

pub fn get(address: SocketAddr, path: &str) -> Reply {
    ask(address, "GET", path, "")
}

/// The value of a sample, with its labels as they are written.
pub fn value(metrics: &str, sample: &str) -> Option<f64> {
    let line = metrics.lines().find_map(|line| line.strip_prefix(sample));
    line.and_then(|rest| rest.trim().parse().ok())
}
