//! Notices that time itself is not what it seems: a suspension, a clock that was set, a supervisor that came late.

use std::time::{Duration, SystemTime};

/// Compares the clocks from one look to the next.
#[derive(Clone, Debug)]
pub(super) struct JumpWatch {
    limit: Duration,
    last: (Duration, SystemTime),
}

impl JumpWatch {
    /// Looks that are `limit` too late, or a time of day that moves so much, are jumps.
    pub(super) fn new(limit: Duration, now: Duration, wall: SystemTime) -> Self {
        Self {
            limit,
            last: (now, wall),
        }
    }

    /// A look at the clocks; says what happened if they jumped.
    pub(super) fn tick(&mut self, now: Duration, wall: SystemTime) -> Option<String> {
        let (then, wall_then) = std::mem::replace(&mut self.last, (now, wall));
        let passed = now.saturating_sub(then);
        if passed > self.limit {
            let seconds = passed.as_secs_f64();
            return Some(format!(
                "the supervisor came {seconds:.1} s after its last look"
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

    /// What a second look says after these times on both clocks; the first one is at 100 s.
    fn second_look(monotonic: u64, wall: i64) -> Option<String> {
        let start = UNIX_EPOCH + ms(100_000);
        let mut watch = JumpWatch::new(ms(2000), ms(100_000), start);
        let wall = UNIX_EPOCH + ms(100_000u64.saturating_add_signed(wall));
        watch.tick(ms(100_000 + monotonic), wall)
    }

    #[test]
    fn clocks_that_go_together_do_not_jump() {
        assert_eq!(second_look(250, 250), None);
        assert_eq!(second_look(1900, 1900), None);
    }

    #[test]
    fn a_suspension_that_only_the_time_of_day_saw_is_a_jump() {
        assert!(second_look(250, 60_000).unwrap().contains("+59.8"));
    }

    #[test]
    fn a_clock_that_was_set_back_and_a_late_look_are_jumps() {
        assert!(second_look(250, -3000).is_some());
        assert!(second_look(9000, 9000).is_some());
    }
}
