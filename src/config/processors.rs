//! How many processors this process may use: its affinity, and the quota of its control groups rounded up.

#[cfg(target_os = "linux")]
mod cgroup;

/// The processors that this process may use, at least 1. A quota is rounded up: with 1.5 processors allowed, a single
/// worker would leave a third of them idle.
#[must_use]
pub(crate) fn usable() -> usize {
    let affinity = affinity();
    match quota() {
        Some(quota) => affinity.min(quota).max(1),
        None => affinity,
    }
}

/// The processors that the scheduler may put this process on, at least 1.
#[cfg(target_os = "linux")]
fn affinity() -> usize {
    match rustix::thread::sched_getaffinity(None) {
        Ok(set) => usize::try_from(set.count()).unwrap_or(1).max(1),
        // The set of a machine with more than 1,024 processors does not fit: the standard library handles that.
        Err(_) => parallelism(),
    }
}

/// The processors of this process where affinity is not asked for apart.
#[cfg(not(target_os = "linux"))]
fn affinity() -> usize {
    parallelism()
}

/// What the standard library says, or 1.
fn parallelism() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Processors' worth of time that the control groups allow, rounded up; `None` if they set no limit.
#[cfg(target_os = "linux")]
fn quota() -> Option<usize> {
    cgroup::quota(std::path::Path::new("/"))
}

/// There are no control groups here.
#[cfg(not(target_os = "linux"))]
fn quota() -> Option<usize> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_processor_and_no_more_than_the_affinity_allows() {
        assert!(usable() >= 1);
        assert!(usable() <= affinity());
    }
}
