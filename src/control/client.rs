//! The client: sends a request to the search of a session, and waits for the answer within limits.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use crossbeam_channel::bounded;
use serde_json::Value;
use thiserror::Error;

use super::endpoint::{connect, set_timeouts};
use super::protocol::Request;

/// A search that has not answered a simple request by then is unresponsive.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// How long to wait for the answer to a request that takes some seconds.
pub(crate) const LONG_PATIENCE: Duration = Duration::from_secs(15);

/// Bytes of a reply that are read: a worker takes some 300.
const LONGEST: u64 = 16 << 20;

/// A pause before another attempt while the search has too many connections.
const RETRY_DELAY: Duration = Duration::from_millis(50);

/// Why there is no answer.
#[derive(Debug, Error)]
pub(crate) enum AskError {
    /// No process listens.
    #[error("its process does not listen: {0}")]
    Nobody(io::Error),
    /// Another user's search.
    #[error("its process belongs to another user: ask as that user, for example with sudo -u USER")]
    NotMine,
    /// No answer in time.
    #[error("its process did not answer within {} s", .0.as_secs_f64())]
    Silent(Duration),
    /// The connection broke.
    #[error("the connection to its process broke: {0}")]
    Broken(io::Error),
    /// The answer can't be read.
    #[error("its process sent an answer that can't be read; is it another version of keygen?")]
    Garbled,
    /// It refuses.
    #[error("{0}")]
    Refused(String),
}

/// An answer, and how long it took.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    /// The answer's fields.
    pub fields: Value,
    /// From before connecting to the end of the answer.
    pub took: Duration,
}

/// Sends a request to the search of the session in `folder`.
///
/// # Errors
/// See [`AskError`].
pub(crate) fn ask(folder: &Path, request: &Request, patience: Duration) -> Result<Reply, AskError> {
    let begin = Instant::now();
    let (sender, receiver) = bounded(1);
    let (folder, request) = (folder.to_owned(), request.clone());
    // Connecting can block forever if the process is stopped.
    let spawned = std::thread::Builder::new()
        .name("ask".to_owned())
        .spawn(move || {
            let end = begin + patience;
            let _ = sender.send(try_until(&folder, &request, end));
        });
    spawned.map_err(AskError::Broken)?;
    let answered = receiver.recv_timeout(patience);
    let fields = answered.map_err(|_| AskError::Silent(patience))??;
    let took = begin.elapsed();
    match fields["ok"].as_bool() {
        Some(true) => Ok(Reply { fields, took }),
        Some(false) => {
            let why = fields["error"].as_str().unwrap_or("it gave no reason");
            Err(AskError::Refused(why.to_owned()))
        }
        None => Err(AskError::Garbled),
    }
}

/// Tries again while the search is only busy.
fn try_until(folder: &Path, request: &Request, end: Instant) -> Result<Value, AskError> {
    loop {
        let line = exchange(folder, request, end)?;
        let answer: Value = serde_json::from_slice(&line).map_err(|_| AskError::Garbled)?;
        if answer["busy"] != true || Instant::now() + RETRY_DELAY >= end {
            return Ok(answer);
        }
        std::thread::sleep(RETRY_DELAY);
    }
}

fn exchange(folder: &Path, request: &Request, end: Instant) -> Result<Vec<u8>, AskError> {
    let (mut stream, token) = connect(folder).map_err(|error| match error.kind() {
        io::ErrorKind::PermissionDenied => AskError::NotMine,
        _ => AskError::Nobody(error),
    })?;
    let left = end.saturating_duration_since(Instant::now());
    let line = request.line(token.as_deref());
    let asked = set_timeouts(&stream, left, left).and_then(|()| stream.write_all(line.as_bytes()));
    // A server with too many connections no longer reads; its refusal can still be read.
    let mut answer = Vec::new();
    let read = BufReader::new(stream.take(LONGEST)).read_until(b'\n', &mut answer);
    match (asked, read) {
        (_, Ok(_)) if answer.ends_with(b"\n") => Ok(answer),
        (Err(error), _) | (_, Err(error)) => Err(AskError::Broken(error)),
        (Ok(()), Ok(_)) => Err(AskError::Broken(io::ErrorKind::UnexpectedEof.into())),
    }
}
