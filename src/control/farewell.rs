//! Answers that a process still owes its clients when it ends: the threads that write them end with it.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Answers that are given and not written yet.
#[derive(Debug, Default)]
pub(super) struct Underway {
    answers: Mutex<usize>,
    written: Condvar,
}

impl Underway {
    /// One more, until what is returned is dropped.
    pub(super) fn begin(this: &Arc<Self>) -> Pending {
        *this.answers() += 1;
        Pending(Arc::clone(this))
    }

    /// Waits until there is none; whether that was in time.
    pub(super) fn wait(&self, timeout: Duration) -> bool {
        let some = |answers: &mut usize| *answers > 0;
        let waited = self
            .written
            .wait_timeout_while(self.answers(), timeout, some);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    /// A panic while the number was locked leaves one that is still right.
    fn answers(&self) -> MutexGuard<'_, usize> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An answer that is underway.
#[derive(Debug)]
pub(crate) struct Pending(Arc<Underway>);

impl Drop for Pending {
    fn drop(&mut self) {
        *self.0.answers() -= 1;
        self.0.written.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_waited_for_until_the_last_one_is_written() {
        let underway = Arc::<Underway>::default();
        assert!(underway.wait(Duration::ZERO));
        let (first, second) = (Underway::begin(&underway), Underway::begin(&underway));
        drop(first);
        assert!(!underway.wait(Duration::ZERO));
        let writes = std::thread::spawn(move || drop(second));
        assert!(underway.wait(Duration::from_secs(60)));
        writes.join().unwrap();
    }
}
