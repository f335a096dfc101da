//! Processor time of this process's threads, split into workers and all others.

use std::time::Duration;

/// Processor time so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ThreadTimes {
    /// Of threads that search.
    pub workers: Duration,
    /// Of all others.
    pub others: Duration,
}

impl ThreadTimes {
    /// The others' share of all since `earlier`.
    pub(super) fn others_share(self, earlier: Self) -> Option<f64> {
        let others = self.others.saturating_sub(earlier.others).as_secs_f64();
        let workers = self.workers.saturating_sub(earlier.workers).as_secs_f64();
        (others + workers > 0.0).then(|| others / (others + workers))
    }
}

/// The times of all threads that live, by /proc/self/task/TID/schedstat, whose first figure is nanoseconds on a
/// processor (see the kernel's documentation of scheduler statistics); `None` where the system has no such file.
pub(super) fn read() -> Option<ThreadTimes> {
    let mut times = ThreadTimes::default();
    for entry in std::fs::read_dir("/proc/self/task").ok()? {
        let folder = entry.ok()?.path();
        // A thread that ended meanwhile has nothing to tell any more.
        let Ok(text) = std::fs::read_to_string(folder.join("schedstat")) else {
            continue;
        };
        let name = std::fs::read_to_string(folder.join("comm")).unwrap_or_default();
        let used = Duration::from_nanos(text.split_whitespace().next()?.parse().ok()?);
        if name.starts_with(crate::search::pool::THREAD_NAME) {
            times.workers += used;
        } else {
            times.others += used;
        }
    }
    (times != ThreadTimes::default()).then_some(times)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_of_the_others_is_of_the_time_since_then() {
        let times = |workers, others| ThreadTimes {
            workers: Duration::from_secs(workers),
            others: Duration::from_secs(others),
        };
        assert_eq!(times(109, 3).others_share(times(10, 2)), Some(0.01));
        assert_eq!(times(10, 2).others_share(times(10, 2)), None);
    }
}
