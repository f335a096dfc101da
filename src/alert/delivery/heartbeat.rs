//! When the heartbeat's address is called: at once with the first confirmed progress, then every five minutes while
//! there is any. A pure function of time.

use std::time::Duration;

/// Time between two calls.
pub(super) const INTERVAL: Duration = Duration::from_secs(300);

/// The clock of a heartbeat.
#[derive(Debug, Default)]
pub(super) struct Heartbeat {
    next: Option<Duration>,
}

impl Heartbeat {
    /// Whether the address is to be called now; `fresh`: progress was confirmed lately.
    pub(super) fn is_due(&mut self, fresh: bool, now: Duration) -> bool {
        let due = fresh && self.next.is_none_or(|next| now >= next);
        if due {
            self.next = Some(now + INTERVAL);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_beats_every_five_minutes_while_progress_is_confirmed() {
        let mut heartbeat = Heartbeat::default();
        let course = [
            (0, false, false),
            (1, true, true),
            (2, true, false),
            (300, true, false),
            (301, true, true),
            (700, false, false),
            (710, true, true),
        ];
        for (second, fresh, due) in course {
            let beats = heartbeat.is_due(fresh, Duration::from_secs(second));
            assert_eq!(beats, due, "{second}");
        }
    }
}
