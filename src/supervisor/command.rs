//! Commands of the event loop to the supervisor, and where their answers go.

use std::time::Duration;

use crossbeam_channel::Sender;

use crate::status::WorkerCheck;

/// A command to the supervisor.
#[derive(Clone, Debug)]
pub enum Command {
    /// Pause all workers for the user, or resume them.
    Pause(bool),
    /// Replace a worker, or all.
    Restart {
        /// Its number, from 1; `None`: all.
        worker: Option<usize>,
        /// Where the numbers of the replaced ones go.
        answer: Sender<Vec<usize>>,
    },
    /// Drop and rebuild buffers, and release freed memory to the system.
    Reclaim,
    /// Check each worker.
    Check {
        /// Whether to wait for known answers and calibration samples.
        full: bool,
        /// Where the answer goes.
        answer: Sender<Vec<WorkerCheck>>,
    },
}

/// How long a full check waits for workers to answer.
pub(crate) const CHECK_PATIENCE: Duration = Duration::from_secs(4);

/// Time over which the calibration samples of a full check are spread.
pub(crate) const CHECK_SPAN: Duration = Duration::from_millis(1200);
