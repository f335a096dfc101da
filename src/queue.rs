//! A thread behind a bounded queue: whoever has something for it never waits, and what finds no room is counted.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::Builder;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

/// The sending side of such a thread. Dropped, the thread ends after what waits, and nobody waits for it.
#[derive(Debug)]
pub(crate) struct Queue<T> {
    sender: Option<Sender<T>>,
    /// Disconnected once the thread has ended.
    ended: Receiver<()>,
    lost: Arc<AtomicU64>,
}

impl<T: Send + 'static> Queue<T> {
    /// Starts a thread for which so many items may wait. `work` ends when no more can come; it may count further items
    /// as lost.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub(crate) fn start(
        name: &str,
        room: usize,
        work: impl FnOnce(Receiver<T>, &AtomicU64) + Send + 'static,
    ) -> io::Result<Self> {
        let (sender, receiver) = bounded(room);
        let (end, ended) = bounded(0);
        let lost = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&lost);
        Builder::new().name(name.to_owned()).spawn(move || {
            work(receiver, &counter);
            drop(end);
        })?;
        Ok(Self {
            sender: Some(sender),
            ended,
            lost,
        })
    }

    /// Queues an item; one that finds no room is counted as lost, and this gives false.
    pub(crate) fn send(&self, item: T) -> bool {
        let taken = (self.sender.as_ref()).is_some_and(|sender| sender.try_send(item).is_ok());
        if !taken {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
        taken
    }

    /// How many items wait.
    pub(crate) fn len(&self) -> usize {
        self.sender.as_ref().map_or(0, Sender::len)
    }

    /// How many items were lost so far.
    pub(crate) fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    /// Takes no more: the thread ends after what waits.
    pub(crate) fn close(&mut self) {
        self.sender = None;
    }

    /// Waits for the end of a thread whose queue is closed; says whether it has ended.
    pub(crate) fn has_ended_within(&self, timeout: Duration) -> bool {
        self.ended.recv_timeout(timeout) == Err(RecvTimeoutError::Disconnected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn what_finds_no_room_is_counted_and_the_rest_is_done_before_the_end() {
        let (permit, permits) = bounded::<()>(0);
        let (done, results) = bounded(10);
        let mut queue = Queue::start("test", 2, move |items: Receiver<u8>, _| {
            let _ = permits.recv();
            items.iter().for_each(|item| done.send(item).unwrap());
        })
        .unwrap();
        let taken: Vec<_> = (0..4).map(|item| queue.send(item)).collect();
        assert_eq!(taken, [true, true, false, false]);
        assert_eq!((queue.len(), queue.lost()), (2, 2));
        assert!(!queue.has_ended_within(Duration::ZERO));
        queue.close();
        drop(permit);
        assert!(queue.has_ended_within(LONG));
        assert_eq!(results.iter().collect::<Vec<_>>(), [0, 1]);
        assert!(!queue.send(4));
    }
}
