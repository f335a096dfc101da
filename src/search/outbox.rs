//! The way of a worker's reports to the supervisor: bounded, and it never makes the worker wait.

use crossbeam_channel::{Sender, TrySendError};

use crate::batch::BatchReport;

/// Sends reports, and merges those for which there is no room yet.
#[derive(Debug)]
pub(crate) struct Outbox {
    sender: Sender<BatchReport>,
    pending: Option<BatchReport>,
}

impl Outbox {
    /// An empty outbox in front of `sender`.
    pub(crate) fn new(sender: Sender<BatchReport>) -> Self {
        Self {
            sender,
            pending: None,
        }
    }

    /// Sends the report, together with what is still pending, or keeps it when there is no room.
    pub(crate) fn post(&mut self, report: BatchReport) {
        let report = self.merged(report);
        if let Err(TrySendError::Full(report)) = self.sender.try_send(report) {
            self.pending = Some(report);
        }
    }

    /// What was not sent, for the worker's last word.
    pub(crate) fn take_pending(&mut self) -> Option<BatchReport> {
        self.pending.take()
    }

    fn merged(&mut self, report: BatchReport) -> BatchReport {
        match self.pending.take() {
            None => report,
            Some(mut pending) => {
                pending.absorb(report);
                pending
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::batch::WorkerId;

    fn report(candidates: u64) -> BatchReport {
        BatchReport {
            id: WorkerId {
                worker: 1,
                generation: 0,
            },
            batches: 1,
            batch_size: Some(candidates),
            candidates,
            sweeps: 1,
            wall: Duration::from_millis(1),
            processor: None,
            lanes: Vec::new(),
            skipped: 0,
            buffer_bytes: 0,
            calibration: Vec::new(),
            repeats: Vec::new(),
        }
    }

    #[test]
    fn reports_merge_while_the_channel_is_full_and_none_is_lost() {
        let (sender, receiver) = crossbeam_channel::bounded(1);
        let mut outbox = Outbox::new(sender);
        for candidates in [1, 2, 4, 8] {
            outbox.post(report(candidates));
        }
        assert_eq!(receiver.try_recv().map(|r| r.candidates), Ok(1));
        outbox.post(report(16));
        let merged = receiver.try_recv().unwrap();
        assert_eq!((merged.candidates, merged.batches), (2 + 4 + 8 + 16, 4));
        assert!(outbox.take_pending().is_none());
    }

    #[test]
    fn what_found_no_room_is_left_for_the_last_word() {
        let (sender, _receiver) = crossbeam_channel::bounded(1);
        let mut outbox = Outbox::new(sender);
        outbox.post(report(1));
        outbox.post(report(2));
        assert_eq!(outbox.take_pending().map(|r| r.candidates), Some(2));
    }

    #[test]
    fn a_supervisor_that_is_gone_stops_nobody() {
        let (sender, receiver) = crossbeam_channel::bounded(1);
        drop(receiver);
        let mut outbox = Outbox::new(sender);
        outbox.post(report(1));
        assert!(outbox.take_pending().is_none());
    }
}
