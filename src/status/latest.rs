//! The latest snapshot, shared between the event loop and the threads that answer requests; neither waits for the other.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Snapshot;

/// A snapshot, and when it was taken.
type Latest = Option<(Instant, Arc<Snapshot>)>;

/// The latest snapshot, shared between threads.
#[derive(Clone, Debug, Default)]
pub(crate) struct LatestSnapshot(Arc<Mutex<Latest>>);

/// A snapshot, and how old it is.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub snapshot: Arc<Snapshot>,
    /// How long ago the loop took it: long where the loop itself hangs.
    pub age: Duration,
}

impl LatestSnapshot {
    /// Replaces the snapshot, and returns the new one.
    pub(crate) fn put(&self, snapshot: Snapshot) -> Arc<Snapshot> {
        let snapshot = Arc::new(snapshot);
        let new = Some((Instant::now(), Arc::clone(&snapshot)));
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = new;
        snapshot
    }

    /// The last one; `None` before the first.
    pub(crate) fn look(&self) -> Option<Seen> {
        let latest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        latest.as_ref().map(|(at, snapshot)| Seen {
            snapshot: Arc::clone(snapshot),
            age: at.elapsed(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_looks_sees_the_last_one() {
        let latest = LatestSnapshot::default();
        assert!(latest.look().is_none());
        for candidates in [1, 2] {
            latest.put(Snapshot {
                candidates,
                ..Snapshot::default()
            });
        }
        assert_eq!(latest.clone().look().unwrap().snapshot.candidates, 2);
    }
}
