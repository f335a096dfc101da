//! Readings of all clocks of this machine at one moment: they tell sleep, stops and work from one another.

use std::time::Duration;

use jiff::Timestamp;

/// Readings of the clocks at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// A clock that stands still while the machine sleeps.
    pub awake: Duration,
    /// One that does not; where the system has none, the time of day.
    pub always: Duration,
    /// The time of day.
    pub wall: Timestamp,
    /// Processor time of this process, where the system tells.
    pub busy: Option<Duration>,
}

impl Reading {
    /// The clocks of this machine now.
    #[must_use]
    pub fn take() -> Self {
        let wall = Timestamp::now();
        let (awake, always) = clocks();
        let always =
            always.unwrap_or_else(|| Duration::try_from(wall.as_duration()).unwrap_or_default());
        Self {
            awake,
            always,
            wall,
            busy: process_time(),
        }
    }
}

/// Processor time that all threads of this process have used, or `None` where the system does not tell.
#[cfg(any(
    target_os = "linux",
    target_os = "android",
    target_os = "macos",
    target_os = "freebsd"
))]
fn process_time() -> Option<Duration> {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    let seconds = u64::try_from(time.tv_sec).ok()?;
    Some(Duration::new(seconds, u32::try_from(time.tv_nsec).ok()?))
}

/// Processor time that all threads of this process have used, or `None` where the system does not tell.
#[cfg(not(any(
    target_os = "linux",
    target_os = "android",
    target_os = "macos",
    target_os = "freebsd"
)))]
fn process_time() -> Option<Duration> {
    None
}

/// The clock that stands still during sleep, and the one that does not, where the system has it.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn clocks() -> (Duration, Option<Duration>) {
    use rustix::time::{ClockId, clock_gettime};
    let read = |clock| {
        let time = clock_gettime(clock);
        let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
        Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or(0))
    };
    (read(ClockId::Monotonic), Some(read(ClockId::Boottime)))
}

/// The clock that stands still during sleep; the time of day stands in for the other one.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn clocks() -> (Duration, Option<Duration>) {
    use std::sync::OnceLock;
    use std::time::Instant;
    static ORIGIN: OnceLock<Instant> = OnceLock::new();
    (ORIGIN.get_or_init(Instant::now).elapsed(), None)
}
