//! Detects clock jumps: a suspension, a clock that was set, a supervisor that ran late.

use std::time::{Duration, SystemTime};

/// Compares the clocks between ticks.
#[derive(Clone, Debug)]
pub(super) struct JumpWatch {
    limit: Duration,
    last: (Duration, SystemTime),
}

impl JumpWatch {
    /// Ticks that are `limit` late, or a time of day that moves by more than that, are jumps.
    pub(super) fn new(limit: Duration, now: Duration, wall: SystemTime) -> Self {
        Self {
            limit,
            last: (now, wall),
        }
    }

    /// Checks the clocks; returns what happened if they jumped.
    pub(super) fn tick(&mut self, now: Duration, wall: SystemTime) -> Option<String> {
        let (then, wall_then) = std::mem::replace(&mut self.last, (now, wall));
        let passed = now.saturating_sub(then);
        if passed > self.limit {
            let seconds = passed.as_secs_f64();
            return Some(format!(
                "the supervisor ran {seconds:.1} s after its last check"
            ));
        }
        let wall_passed = match wall.duration_since(wall_then) {
            Ok(forward) => forward.as_secs_f64(),
            Err(back) => -back.duration().as_secs_f64(),
        };
        let moved = wall_passed - passed.as_secs_f64();
        (moved.abs() > self.limit.as_secs_f64()).then(|| {
            format!("the time of day moved by {moved:+.1} s (suspended, or the clock was set)")
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    /// What a second tick returns after these times on both clocks; the first one is at 100 s.
    fn second_tick(monotonic: u64, wall: i64) -> Option<String> {
        let start = UNIX_EPOCH + ms(100_000);
        let mut watch = JumpWatch::new(ms(2000), ms(100_000), start);
        let wall = UNIX_EPOCH + ms(100_000u64.saturating_add_signed(wall));
        watch.tick(ms(100_000 + monotonic), wall)
    }

    #[test]
    fn clocks_that_agree_do_not_jump() {
        assert_eq!(second_tick(250, 250), None);
        assert_eq!(second_tick(1900, 1900), None);
    }

    #[test]
    fn a_suspension_that_only_the_time_of_day_shows_is_a_jump() {
        assert!(second_tick(250, 60_000).unwrap().contains("+59.8"));
    }

    #[test]
    fn a_clock_that_was_set_back_and_a_late_tick_are_jumps() {
        assert!(second_tick(250, -3000).is_some());
        assert!(second_tick(9000, 9000).is_some());
    }
}
