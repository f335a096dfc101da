//! A web server of a test's own: answers as it is told, and keeps what it was sent.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde_json::Value;

/// No request may take longer to come.
const DEADLINE: Duration = Duration::from_secs(120);

/// What the server does with a request.
#[derive(Clone)]
pub enum Answer {
    /// A status, without a body.
    Status(u16),
    /// To another address.
    Redirect(String),
    /// A body, under a length that may be a lie; the connection is closed behind it.
    Body { length: usize, bytes: Vec<u8> },
    /// Nothing, ever; the connection stays open.
    Silence,
}

/// What was sent.
#[derive(Debug)]
pub struct Request {
    /// Method and path.
    pub line: String,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Request {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(n, _)| n == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// A server on a port of its own.
pub struct WebServer {
    pub port: u16,
    requests: Receiver<Request>,
}

impl WebServer {
    /// Answers the first requests so, and all after them with 200.
    pub fn start(answers: &[Answer]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, requests) = channel();
        let mut answers: VecDeque<_> = answers.iter().cloned().collect();
        thread::spawn(move || {
            // Connections that are answered with silence stay open as long as this.
            let mut silent = Vec::new();
            for stream in listener.incoming().map_while(Result::ok) {
                let mut reader = BufReader::new(stream);
                let Some(request) = read(&mut reader) else {
                    continue;
                };
                let mut stream = reader.into_inner();
                // Before the answer: whoever has that may ask at once what came.
                let taken = sender.send(request);
                match answers.pop_front().unwrap_or(Answer::Status(200)) {
                    Answer::Silence => silent.push(stream),
                    answer => write(&mut stream, &answer),
                }
                if taken.is_err() {
                    return;
                }
            }
        });
        Self { port, requests }
    }

    /// The address of a path.
    pub fn url(&self, scheme: &str, path: &str) -> String {
        format!("{scheme}://127.0.0.1:{}{path}", self.port)
    }

    /// The next request.
    pub fn next(&self) -> Request {
        self.requests.recv_timeout(DEADLINE).unwrap()
    }

    /// All requests so far that were not taken yet.
    pub fn rest(&self) -> Vec<Request> {
        self.requests.try_iter().collect()
    }
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Request> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let header = |line: &String| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_lowercase(), value.trim().to_owned()))
    };
    let headers: Vec<_> = lines.iter().skip(1).filter_map(header).collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.map_or(0, |(_, value)| value.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Request {
        line: lines.first()?.trim_end_matches(" HTTP/1.1").to_owned(),
        headers,
        body: String::from_utf8(body).ok()?,
    })
}

fn write(stream: &mut TcpStream, answer: &Answer) {
    let (status, more) = match answer {
        Answer::Status(status) => (*status, String::new()),
        Answer::Redirect(to) => (302, format!("Location: {to}\r\n")),
        Answer::Body { length, bytes } => {
            let head =
                format!("HTTP/1.1 200 x\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
            let _ = stream.write_all(&[head.as_bytes(), bytes].concat());
            return;
        }
        Answer::Silence => return,
    };
    let text =
        format!("HTTP/1.1 {status} x\r\n{more}Content-Length: 0\r\nConnection: close\r\n\r\n");
    // A client that has gone wants no answer.
    let _ = stream.write_all(text.as_bytes());
}
