//! Steering a search from outside: a socket in its session's folder that takes requests as JSON lines.
//!
//! ```text
//! client -> endpoint (socket, or port and token) -> server's threads -> Ask -> the loop -> supervisor
//!                                                <- Answer <--------------------------'
//! ```

pub(crate) mod client;
mod connection;
mod endpoint;
pub(crate) mod protocol;
mod server;

use crossbeam_channel::{Receiver, Sender};

use crate::status::Snapshot;
use crate::status::WorkerCheck;
use protocol::Request;

pub(crate) use self::server::Server;

/// A request on its way to the loop.
#[derive(Debug)]
pub(crate) struct Ask {
    /// What is asked.
    pub request: Request,
    /// Where the answer goes.
    pub reply: Sender<Answer>,
}

/// What the loop answers.
#[derive(Debug)]
pub(crate) enum Answer {
    /// It is done; in words.
    Done(String),
    /// It is not done; why.
    Refused(String),
    /// Where the search stands.
    Snapshot(Box<Snapshot>),
    /// The workers that are replaced, once that is decided.
    Replaced(Receiver<Vec<usize>>),
    /// What workers are like, once that is known.
    Checks(Box<Snapshot>, Receiver<Vec<WorkerCheck>>),
}
