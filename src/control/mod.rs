//! Control of a running search: a socket in its session's folder that takes requests as JSON lines.
//!
//! ```text
//! client -> endpoint (socket, or port and token) -> server's threads -> Ask -> event loop -> supervisor
//!                                                <- Answer <----------------------------'
//! ```

pub(crate) mod client;
mod endpoint;
pub(crate) mod protocol;
mod server;

use crossbeam_channel::{Receiver, Sender};

use self::protocol::Request;
use crate::status::{Snapshot, WorkerCheck};

pub(crate) use self::server::Server;

/// A request on its way to the event loop.
#[derive(Debug)]
pub(crate) struct Ask {
    pub request: Request,
    /// Where the answer goes.
    pub reply: Sender<Answer>,
}

/// The answer of the event loop.
#[derive(Debug)]
pub(crate) enum Answer {
    /// It is done; what was done, in words.
    Done(String),
    /// It is not done; why.
    Refused(String),
    /// Where the search stands.
    Snapshot(Box<Snapshot>),
    /// The workers that are replaced, once that is decided.
    Replaced(Receiver<Vec<usize>>),
    /// The state of the workers, once it is known.
    Checks(Box<Snapshot>, Receiver<Vec<WorkerCheck>>),
}
