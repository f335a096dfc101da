//! Counts steps of work in tests, so that what must not grow with the square of the patterns is proved without a clock.

#[cfg(test)]
use std::cell::Cell;

#[cfg(test)]
thread_local! {
    static STEPS: Cell<u64> = const { Cell::new(0) };
}

/// Counts `steps`; outside of tests it is nothing.
#[inline]
pub(super) fn count(_steps: usize) {
    #[cfg(test)]
    STEPS.with(|all| all.set(all.get() + _steps as u64));
}

/// The steps that `work` takes on this thread.
#[cfg(test)]
pub(super) fn of(work: impl FnOnce()) -> u64 {
    let before = STEPS.with(Cell::get);
    work();
    STEPS.with(Cell::get) - before
}
