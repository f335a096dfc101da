//! The real clock of the core that a thread runs on: how fast a chain of dependent multiplications goes.
//!
//! No counter that a program may read tells it: the time stamp counter ticks at a fixed rate while the core speeds up
//! and slows down. Each multiplication of the chain waits for the one before, so the chain takes its number of
//! multiplications times their latency in cycles of the core, whatever else the core could do beside.

use std::hint::black_box;
use std::time::{Duration, Instant};

use super::multiply;
use crate::clock::thread_time;

/// Rounds of the chain in one reading: about 0.2 ms, short enough that the clock of the work before still holds.
const ROUNDS: u32 = 50_000;

/// Multiplications a round.
const UNROLLED: u32 = 4;

/// Readings of which the fastest counts: an interrupt can only slow one down.
const READINGS: usize = 3;

/// Measures the clock of the core that it is called on.
#[derive(Clone, Copy, Debug)]
pub(super) struct CoreClock {
    /// Cycles of one multiplication.
    latency: u32,
}

impl CoreClock {
    /// A clock for this processor, or `None` where the latency of its multiplication is not known.
    pub(super) fn detect() -> Option<Self> {
        multiply::latency().map(|latency| Self { latency })
    }

    /// Cycles a second, now.
    pub(super) fn read(self) -> f64 {
        let cycles = f64::from(ROUNDS * UNROLLED * self.latency);
        let times = (0..READINGS).map(|_| time_of(|| chain(ROUNDS)));
        let shortest = times.min().unwrap_or_default();
        cycles / shortest.as_secs_f64().max(1e-9)
    }
}

/// Processor time of this thread for `work`, so that other programs on the core don't count; else wall time.
fn time_of(work: impl Fn()) -> Duration {
    let (wall, processor) = (Instant::now(), thread_time());
    work();
    match (processor, thread_time()) {
        (Some(begin), Some(end)) => end.saturating_sub(begin),
        _ => wall.elapsed(),
    }
}

/// The chain: squares, because a compiler may fold products with a constant factor, but no repeated squaring.
#[inline(never)]
fn chain(rounds: u32) {
    let mut x = black_box(3_u32);
    for _ in 0..rounds {
        x = x.wrapping_mul(x);
        x = x.wrapping_mul(x);
        x = x.wrapping_mul(x);
        x = x.wrapping_mul(x);
    }
    black_box(x);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_core_runs_at_a_plausible_clock_where_it_is_known() {
        if let Some(clock) = CoreClock::detect() {
            let hertz = clock.read();
            assert!((1e8..1e10).contains(&hertz), "{hertz}");
        }
    }
}
