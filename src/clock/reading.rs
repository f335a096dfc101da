//! Readings of all clocks of this machine at one moment, by which sleep, stops and work are told apart.

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
    /// Processor time of this process, where the system reports it.
    pub busy: Option<Duration>,
}

impl Reading {
    /// The clocks of this machine now.
    pub fn take() -> Self {
        let wall = Timestamp::now();
        let (awake, always) = clocks();
        let always =
            always.unwrap_or_else(|| Duration::try_from(wall.as_duration()).unwrap_or_default());
        Self {
            awake,
            always,
            wall,
            busy: super::processor_time(super::Whose::Process),
        }
    }
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
