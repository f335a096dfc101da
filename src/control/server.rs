//! The threads that read requests, pass them on to the event loop and write replies, within limits of time and size: few
//! and small, so that they never get in a worker's way.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::Builder;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};
use serde_json::json;
use socket2::Socket;

use super::endpoint::{Listener, set_timeouts};
use super::farewell::{Pending, Underway};
use super::protocol::{self, LONGEST};
use super::{Answer, Ask};

/// Connections at the same time; further ones are told to try again.
const CONNECTIONS: usize = 32;

/// A connection's thread reads a line and writes one.
const STACK: usize = 256 << 10;

/// Pause after the system refused a connection, so that a lasting problem costs nothing.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(100);

/// Writing a refusal never waits longer.
const REFUSAL_TIMEOUT: Duration = Duration::from_millis(1);

/// How long the end waits at most until answers that were given are written.
const FAREWELL: Duration = Duration::from_secs(1);

/// A search that listens; when it is dropped, clients no longer find it, and those that were answered have been told, or
/// had [`FAREWELL`].
#[derive(Debug)]
pub(crate) struct Server {
    file: PathBuf,
    underway: Arc<Underway>,
}

impl Server {
    /// Starts to listen in the folder of a session whose lock this process holds.
    ///
    /// # Errors
    /// What the system said.
    pub(crate) fn open(folder: &Path, asks: Sender<Ask>) -> io::Result<Self> {
        Self::start(Listener::open(folder)?, asks)
    }

    fn start(listener: Listener, asks: Sender<Ask>) -> io::Result<Self> {
        let file = listener.file.clone();
        let underway = Arc::<Underway>::default();
        let answers = Arc::clone(&underway);
        Builder::new()
            .name("control".to_owned())
            .stack_size(STACK)
            .spawn(move || listen(&listener, &asks, &answers))?;
        Ok(Self { file, underway })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // What can't be removed is replaced by the next process.
        let _ = std::fs::remove_file(&self.file);
        // The process may end next, and with it the thread that tells a client so.
        self.underway.wait(FAREWELL);
    }
}

/// Takes connections as long as the process lives.
fn listen(listener: &Listener, asks: &Sender<Ask>, underway: &Arc<Underway>) {
    let open = Arc::new(AtomicUsize::new(0));
    loop {
        match listener.accept() {
            Ok(stream) => {
                let client = Client {
                    stream,
                    token: listener.token.clone(),
                    asks: asks.clone(),
                    underway: Arc::clone(underway),
                };
                take(client, &open);
            }
            Err(_) => std::thread::sleep(ACCEPT_RETRY_DELAY),
        }
    }
}

/// A connection, and where its requests go.
struct Client {
    stream: Socket,
    token: Option<String>,
    asks: Sender<Ask>,
    underway: Arc<Underway>,
}

/// Serves a connection on a thread of its own, or refuses it.
fn take(mut client: Client, open: &Arc<AtomicUsize>) {
    if open.fetch_add(1, Ordering::Relaxed) >= CONNECTIONS {
        open.fetch_sub(1, Ordering::Relaxed);
        let busy = protocol::busy("too many connections; try again");
        // A client that does not read it is gone anyway.
        let _ = set_timeouts(&client.stream, REFUSAL_TIMEOUT, REFUSAL_TIMEOUT)
            .and_then(|()| client.stream.write_all(busy.as_bytes()));
        return;
    }
    let counter = Arc::clone(open);
    let thread = Builder::new()
        .name("control".to_owned())
        .stack_size(STACK)
        .spawn(move || {
            // A broken connection concerns only its client.
            let _ = client.serve();
            counter.fetch_sub(1, Ordering::Relaxed);
        });
    if thread.is_err() {
        open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Time for a whole line to arrive: a slower client can connect again.
const LINE_TIMEOUT: Duration = Duration::from_secs(2);

/// The event loop answers within a fraction of a second; the supervisor may take some seconds to check workers.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

/// Requests on one connection at most.
const REQUESTS: usize = 1_000;

impl Client {
    /// Serves it until it disconnects, is slow, or sends something malformed.
    fn serve(&mut self) -> io::Result<()> {
        let mut rest = Vec::new();
        for _ in 0..REQUESTS {
            let Some(line) = read_line(&mut self.stream, &mut rest)? else {
                return Ok(());
            };
            match protocol::read(&line, self.token.as_deref()) {
                Ok(request) => {
                    let (reply, _pending) = self.answer(request);
                    self.stream.write_all(reply.as_bytes())?;
                }
                Err(malformed) => {
                    let reply = protocol::refused(&malformed.to_string());
                    return self.stream.write_all(reply.as_bytes());
                }
            }
        }
        Ok(())
    }

    /// What to write, and the mark of an answer that was given until it is written.
    fn answer(&self, request: protocol::Request) -> (String, Option<Pending>) {
        let (reply, answers) = bounded(1);
        let ask = Ask {
            request,
            reply,
            underway: Arc::clone(&self.underway),
        };
        if self.asks.try_send(ask).is_err() {
            let busy = protocol::busy("too many requests are waiting; try again");
            return (busy, None);
        }
        let Some((answer, pending)) = wait(&answers) else {
            let silent = protocol::refused("the search is ending, or does not answer");
            return (silent, None);
        };
        (text(answer), pending)
    }
}

/// Reads up to the next line feed; what comes after it stays in `rest`. `None`: the client is gone or slow, or the line is
/// too long.
fn read_line(stream: &mut Socket, rest: &mut Vec<u8>) -> io::Result<Option<Vec<u8>>> {
    let end = Instant::now() + LINE_TIMEOUT;
    loop {
        if let Some(at) = rest.iter().position(|byte| *byte == b'\n') {
            let line = rest.drain(..=at).collect();
            return Ok(Some(line));
        }
        let left = end.saturating_duration_since(Instant::now());
        if rest.len() >= LONGEST || left.is_zero() {
            return Ok(None);
        }
        set_timeouts(stream, left, LINE_TIMEOUT)?;
        let mut buffer = [0; 512];
        match stream.read(&mut buffer)? {
            0 => return Ok(None),
            read => rest.extend(&buffer[..read]),
        }
    }
}

/// An answer as it is written, once all of it is known.
fn text(answer: Answer) -> String {
    match answer {
        Answer::Done(said) => protocol::done(json!({"said": said})),
        Answer::Refused(why) => protocol::refused(&why),
        Answer::Snapshot(snapshot) => protocol::done(json!({"standing": snapshot})),
        Answer::Replaced(workers) => match wait(&workers) {
            Some(workers) => protocol::done(json!({"workers": workers})),
            None => protocol::refused(SILENT),
        },
        Answer::Checks(snapshot, checks) => match wait(&checks) {
            Some(checks) => protocol::done(json!({"standing": snapshot, "workers": checks})),
            None => protocol::refused(SILENT),
        },
    }
}

const SILENT: &str = "the supervisor is ending, or does not answer";

fn wait<T>(answers: &Receiver<T>) -> Option<T> {
    answers.recv_timeout(ANSWER_TIMEOUT).ok()
}

#[cfg(test)]
#[path = "server_tests.rs"]
mod tests;
