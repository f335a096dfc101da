//! Waiting for what can be seen, with a deadline that the slowest and busiest machine keeps.

use std::thread;
use std::time::{Duration, Instant};

/// Nothing that a test waits for takes longer; a test that does hangs.
pub const DEADLINE: Duration = Duration::from_secs(300);

/// Between two looks: short for a person, and long enough to leave the processor to what is waited for.
const PAUSE: Duration = Duration::from_millis(10);

/// Looks again and again until there is something to see.
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + DEADLINE;
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(Instant::now() < end, "{what} did not come");
        thread::sleep(PAUSE);
    }
}

/// Looks again and again until something holds.
pub fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    wait_for(what, || holds().then_some(()));
}
