//! The board on which the loop hangs where the search stands, for threads that answer others: nobody waits for anybody.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Standing;

/// A standing, and when it was put there.
type Latest = Option<(Instant, Arc<Standing>)>;

/// The latest standing, shared between threads.
#[derive(Clone, Debug, Default)]
pub(crate) struct Board(Arc<Mutex<Latest>>);

/// A standing, and how long it has been hanging there.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// The standing.
    pub standing: Arc<Standing>,
    /// How long ago the loop put it there: long where the loop itself hangs.
    pub age: Duration,
}

impl Board {
    /// Puts a standing in the place of the last one, and gives it as it hangs there.
    pub(crate) fn put(&self, standing: Standing) -> Arc<Standing> {
        let standing = Arc::new(standing);
        let new = Some((Instant::now(), Arc::clone(&standing)));
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = new;
        standing
    }

    /// The last one; `None` before the first.
    #[must_use]
    pub(crate) fn look(&self) -> Option<Seen> {
        let latest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        latest.as_ref().map(|(at, standing)| Seen {
            standing: Arc::clone(standing),
            age: at.elapsed(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_looks_sees_the_last_one() {
        let board = Board::default();
        assert!(board.look().is_none());
        for candidates in [1, 2] {
            board.put(Standing {
                candidates,
                ..Standing::default()
            });
        }
        assert_eq!(board.clone().look().unwrap().standing.candidates, 2);
    }
}
