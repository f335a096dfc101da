//! What somebody outside asks of a running search, and what it answers; from the loop to the supervisor and back.

use std::time::Duration;

use crossbeam_channel::Sender;

use crate::status::WorkerCheck;

/// Something that the supervisor is asked to do.
#[derive(Clone, Debug)]
pub enum Command {
    /// Pause all workers for the user, or let them go on.
    Pause(bool),
    /// Fill the slot of a worker anew, or of all.
    Restart {
        /// Its number, from 1; `None`: all.
        worker: Option<usize>,
        /// Where the numbers of those go that are replaced.
        answer: Sender<Vec<usize>>,
    },
    /// Drop and rebuild buffers, give freed memory back to the system.
    Reclaim,
    /// ThreadSample at each worker.
    Check {
        /// Whether to wait for known answers and calibration samples.
        full: bool,
        /// Where the answer goes.
        answer: Sender<Vec<WorkerCheck>>,
    },
}

/// A full look waits so long for workers to answer.
pub(crate) const CHECK_PATIENCE: Duration = Duration::from_secs(4);

/// Calibration samples of a full look are spread over so long.
pub(crate) const CHECK_SPAN: Duration = Duration::from_millis(1200);
