//! The way of a narrower target to the workers: published by the saver, taken over by each between two sweeps.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::target::Target;

/// The latest target, if there is one beside that which workers start with.
#[derive(Default)]
pub(crate) struct Retarget {
    version: AtomicU64,
    target: Mutex<Option<Arc<dyn Target>>>,
}

impl Retarget {
    /// From now on workers look for this.
    pub(crate) fn publish(&self, target: Arc<dyn Target>) {
        *self.target.lock().unwrap_or_else(PoisonError::into_inner) = Some(target);
        self.version.fetch_add(1, Ordering::Release);
    }

    /// The latest target, if it is newer than `seen`, which then is the latest.
    #[inline]
    pub(crate) fn newer(&self, seen: &mut u64) -> Option<Arc<dyn Target>> {
        let version = self.version.load(Ordering::Acquire);
        if version == *seen {
            return None;
        }
        *seen = version;
        let target = self.target.lock().unwrap_or_else(PoisonError::into_inner);
        target.clone()
    }
}

impl fmt::Debug for Retarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Retarget").field(&self.version).finish()
    }
}
