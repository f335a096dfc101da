//! One connection: reads requests, asks the loop, writes replies; within limits of time and size.

use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};
use serde_json::json;

use super::endpoint::Stream;
use super::protocol::{self, LONGEST};
use super::{Answer, Ask};

/// A line must be whole after so long: whoever is slower can connect again.
const LINE: Duration = Duration::from_secs(2);

/// The loop answers within a fraction of a second; the supervisor may look at workers for some seconds.
const ANSWER: Duration = Duration::from_secs(10);

/// Requests on one connection.
const MOST: usize = 1_000;

/// Serves one who has connected, until they go, are slow, or ask for rubbish.
pub(super) fn serve(mut stream: Stream, token: Option<&str>, asks: &Sender<Ask>) -> io::Result<()> {
    let mut rest = Vec::new();
    for _ in 0..MOST {
        let Some(line) = read_line(&mut stream, &mut rest)? else {
            return Ok(());
        };
        let (reply, well) = match protocol::read(&line, token) {
            Ok(request) => (answer(request, asks), true),
            Err(malformed) => (protocol::refused(&malformed.to_string()), false),
        };
        stream.write_all(reply.as_bytes())?;
        if !well {
            return Ok(());
        }
    }
    Ok(())
}

/// Reads up to the next line feed; what comes after it stays in `rest`. `None`: they are gone, or slow, or the line is
/// too long.
fn read_line(stream: &mut Stream, rest: &mut Vec<u8>) -> io::Result<Option<Vec<u8>>> {
    let end = Instant::now() + LINE;
    loop {
        if let Some(at) = rest.iter().position(|byte| *byte == b'\n') {
            let line = rest.drain(..=at).collect();
            return Ok(Some(line));
        }
        let left = end.saturating_duration_since(Instant::now());
        if rest.len() >= LONGEST || left.is_zero() {
            return Ok(None);
        }
        stream.set_patience(left, LINE)?;
        let mut buffer = [0; 512];
        match stream.read(&mut buffer)? {
            0 => return Ok(None),
            read => rest.extend(&buffer[..read]),
        }
    }
}

fn answer(request: protocol::Request, asks: &Sender<Ask>) -> String {
    let (reply, answers) = bounded(1);
    if asks.try_send(Ask { request, reply }).is_err() {
        return protocol::busy("too many requests wait; try again");
    }
    match wait(&answers) {
        Some(Answer::Done(said)) => protocol::done(json!({"said": said})),
        Some(Answer::Refused(why)) => protocol::refused(&why),
        Some(Answer::Snapshot(snapshot)) => protocol::done(json!({"standing": snapshot})),
        Some(Answer::Replaced(workers)) => match wait(&workers) {
            Some(workers) => protocol::done(json!({"workers": workers})),
            None => protocol::refused(SILENT),
        },
        Some(Answer::Checks(snapshot, checks)) => match wait(&checks) {
            Some(checks) => protocol::done(json!({"standing": snapshot, "workers": checks})),
            None => protocol::refused(SILENT),
        },
        None => protocol::refused("the search ends, or does not answer"),
    }
}

const SILENT: &str = "the supervisor ends, or does not answer";

fn wait<T>(answers: &Receiver<T>) -> Option<T> {
    answers.recv_timeout(ANSWER).ok()
}
