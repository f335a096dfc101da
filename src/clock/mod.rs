//! Time as a parameter: the real clock, one that tests move by hand, and the processor time of a thread.

pub(crate) mod gap;
pub(crate) mod reading;

#[cfg(test)]
use std::sync::atomic::{AtomicU64, Ordering};
#[cfg(test)]
use std::time::UNIX_EPOCH;
use std::time::{Duration, Instant, SystemTime};

use jiff::Timestamp;

use self::reading::Reading;

/// A source of time.
pub trait Clock: Send + Sync {
    /// Time since a fixed moment; it never goes back.
    fn now(&self) -> Duration;

    /// The time of day, which an administrator or a time server may set forwards and backwards.
    fn wall(&self) -> SystemTime;

    /// All clocks of the machine.
    fn reading(&self) -> Reading {
        Reading::take()
    }

    /// The time of day for records, which ignore a simulated time of day.
    fn timestamp(&self) -> Timestamp {
        Timestamp::now()
    }

    /// Processor time that the calling thread has used, or `None` where the system does not report it.
    fn thread_time(&self) -> Option<Duration> {
        thread_time()
    }
}

/// The clocks of this machine; [`Clock::now`] counts from the clock's creation.
#[derive(Clone, Debug)]
pub struct RealClock {
    origin: Instant,
}

impl RealClock {
    /// A clock that starts at zero now.
    pub fn new() -> Self {
        Self {
            origin: Instant::now(),
        }
    }
}

impl Default for RealClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for RealClock {
    fn now(&self) -> Duration {
        self.origin.elapsed()
    }

    fn wall(&self) -> SystemTime {
        SystemTime::now()
    }
}

/// A clock that stands still until it is moved; the time of day starts at 1970-01-01 00:00 UTC.
#[cfg(test)]
#[derive(Debug, Default)]
pub(crate) struct SimulatedClock {
    nanoseconds: AtomicU64,
}

#[cfg(test)]
impl SimulatedClock {
    /// A clock that stands at zero.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Moves the time by `step`.
    pub(crate) fn advance(&self, step: Duration) {
        let nanoseconds = u64::try_from(step.as_nanos()).unwrap_or(u64::MAX);
        self.nanoseconds.fetch_add(nanoseconds, Ordering::SeqCst);
    }
}

#[cfg(test)]
impl Clock for SimulatedClock {
    fn now(&self) -> Duration {
        Duration::from_nanos(self.nanoseconds.load(Ordering::SeqCst))
    }

    fn wall(&self) -> SystemTime {
        UNIX_EPOCH + self.now()
    }
}

/// Processor time that the calling thread has used, or `None` where the system does not report it.
pub(crate) fn thread_time() -> Option<Duration> {
    processor_time(Whose::Thread)
}

/// Whose processor time is read.
#[derive(Clone, Copy, PartialEq)]
enum Whose {
    Thread,
    Process,
}

#[cfg(any(
    target_os = "linux",
    target_os = "android",
    target_os = "macos",
    target_os = "freebsd"
))]
fn processor_time(whose: Whose) -> Option<Duration> {
    use rustix::time::{ClockId, clock_gettime};
    let time = clock_gettime(match whose {
        Whose::Thread => ClockId::ThreadCPUTime,
        Whose::Process => ClockId::ProcessCPUTime,
    });
    let seconds = u64::try_from(time.tv_sec).ok()?;
    Some(Duration::new(seconds, u32::try_from(time.tv_nsec).ok()?))
}

#[cfg(not(any(
    target_os = "linux",
    target_os = "android",
    target_os = "macos",
    target_os = "freebsd"
)))]
fn processor_time(_: Whose) -> Option<Duration> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_simulated_clock_moves_only_when_it_is_told_to() {
        let clock = SimulatedClock::new();
        assert_eq!(clock.now(), Duration::ZERO);
        clock.advance(Duration::from_secs(90));
        assert_eq!(clock.now(), Duration::from_secs(90));
        assert_eq!(clock.wall(), UNIX_EPOCH + Duration::from_secs(90));
    }

    #[test]
    fn the_processor_time_of_a_thread_grows_with_its_work() {
        let Some(before) = thread_time() else { return };
        let mut sum = 0u64;
        for i in 0..1_000_000u64 {
            sum = std::hint::black_box(sum.wrapping_add(i));
        }
        assert!(thread_time() > Some(before));
    }
}
