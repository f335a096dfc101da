//! Control of a running search: a socket in its session's folder that takes requests as JSON lines.
//!
//! ```text
//! client -> endpoint (socket, or port and token) -> server's threads -> Ask -> event loop -> supervisor
//!                                                <- Answer <----------------------------'
//! ```

pub(crate) mod client;
mod endpoint;
mod farewell;
pub(crate) mod protocol;
mod server;

use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender};

use self::farewell::{Pending, Underway};
use self::protocol::Request;
use crate::status::{Snapshot, WorkerCheck};

pub(crate) use self::server::Server;

/// A request on its way to the event loop.
#[derive(Debug)]
pub(crate) struct Ask {
    pub request: Request,
    /// Where the answer goes.
    reply: Sender<(Answer, Option<Pending>)>,
    underway: Arc<Underway>,
}

impl Ask {
    /// Answers it; a server that is dropped then waits until the client knows, unless the answer needs more time.
    pub(crate) fn answer(self, answer: Answer) {
        let lasts = matches!(answer, Answer::Replaced(_) | Answer::Checks(..));
        let pending = (!lasts).then(|| Underway::begin(&self.underway));
        // The client may be gone.
        let _ = self.reply.try_send((answer, pending));
    }
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
