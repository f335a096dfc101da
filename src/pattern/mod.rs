//! The pattern language: what a search looks for, how likely it is, and a filter that finds it in a sweep's words.

pub(crate) mod digits;
mod each;
pub(crate) mod error;
pub(crate) mod file;
pub(crate) mod filter;
mod group;
mod line;
mod quota;
mod rect;
pub(crate) mod request;
mod resolve;
mod set;
mod terms;
#[cfg(test)]
mod tests;
pub(crate) mod wanted;
mod watchlist;

pub(crate) use digits::Digits;
pub(crate) use error::{HexError, PatternError};
pub(crate) use filter::{Filter, Plausible};
pub(crate) use line::PatternLine;
pub(crate) use quota::{Quota, Shortage, Spread};
pub(crate) use request::{DEFAULT_VANITY, Request};
pub(crate) use wanted::Wanted;
pub(crate) use watchlist::Watchlist;

/// Counts steps of work in tests, which so prove without a clock what must not grow with the square of the patterns.
mod work {
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
}
