//! The judge: what is wrong with a worker according to the observations; the first verdict of the table that fits.

use std::time::Duration;

use super::proof::Silence;
use super::thresholds::{RestartPolicy, Thresholds};
use super::verdict::Verdict;

/// What was observed of one worker.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Observation {
    /// The clock jumped: ages and windows mean nothing now.
    pub jumped: bool,
    /// Its thread has ended without being told to.
    pub dead: bool,
    /// Age of its last beat.
    pub beat_age: Duration,
    /// Processor time that its thread used since that beat, where readable.
    pub burnt: Option<Duration>,
    /// Whether the thread waits for something other than the processor, where readable.
    pub blocked: Option<bool>,
    /// Processor time over wall time of its last windows.
    pub processor_share: Option<f64>,
    /// A lane or worker without spot checks.
    pub silence: Option<Silence>,
    /// Refuted hits within the last hour.
    pub refutations: usize,
    /// Candidates a processor second, as a share of the baseline, over its last windows.
    pub rate: Option<f64>,
    /// Performance as a share of the baseline, over its last windows.
    pub performance: Option<f64>,
    /// Windows in a row with a performance under the threshold.
    pub slow_windows: u32,
    /// Windows in a row with a rate under the same threshold, for whatever reason.
    pub slow_rates: u32,
}

impl Observation {
    /// Only what concerns results.
    pub fn results(&self) -> Self {
        Self {
            silence: self.silence,
            refutations: self.refutations,
            ..Self::default()
        }
    }
}

/// The first verdict of the table that fits, if any.
pub(crate) fn judge(seen: &Observation, t: &Thresholds) -> Option<Verdict> {
    if seen.jumped {
        return Some(Verdict::ClockJump);
    }
    if seen.dead {
        return Some(Verdict::WorkerDead);
    }
    let slow_run = seen.slow_rates.max(seen.slow_windows) >= t.degraded_windows;
    if t.restart_policy == RestartPolicy::Always && slow_run {
        return Some(Verdict::WorkerDegraded);
    }
    if is_starved(seen, t) {
        return Some(Verdict::Contention);
    }
    if is_unresponsive(seen, t) {
        return Some(Verdict::WorkerUnresponsive);
    }
    if seen.silence.is_some() || seen.refutations >= t.refutations as usize {
        return Some(Verdict::WrongArithmetic);
    }
    judge_speed(seen, t)
}

fn judge_speed(seen: &Observation, t: &Thresholds) -> Option<Verdict> {
    if seen.slow_windows >= t.degraded_windows {
        return Some(Verdict::WorkerDegraded);
    }
    let explained = seen
        .performance
        .is_some_and(|share| share >= t.degraded_share);
    let slowed = seen.rate.is_some_and(|share| share < t.slowed_share);
    (slowed && explained && seen.slow_windows == 0).then_some(Verdict::ProcessorSlowed)
}

/// Runnable, but little processor time. A silent thread that used next to none is starved, too: it can't sweep.
fn is_starved(seen: &Observation, t: &Thresholds) -> bool {
    if seen.beat_age > t.beat_age {
        let idle = seen.burnt.is_some_and(|burnt| burnt < t.beat_processor);
        return idle && seen.blocked == Some(false);
    }
    seen.processor_share
        .is_some_and(|share| share < t.starved_share)
}

/// No beat for long, and a second of processor time without one, or blocked. Where the system reports neither, only
/// three times that age is proof.
fn is_unresponsive(seen: &Observation, t: &Thresholds) -> bool {
    if seen.beat_age <= t.beat_age {
        return false;
    }
    match (seen.burnt, seen.blocked) {
        (None, None) => seen.beat_age > 3 * t.beat_age,
        (burnt, blocked) => {
            burnt.is_some_and(|burnt| burnt >= t.beat_processor) || blocked == Some(true)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn verdict(seen: Observation) -> Option<Verdict> {
        judge(&seen, &Thresholds::default())
    }

    fn all_at_once() -> Observation {
        Observation {
            jumped: true,
            dead: true,
            beat_age: SECOND,
            burnt: Some(SECOND),
            blocked: Some(false),
            processor_share: Some(0.3),
            silence: Some(Silence::Worker { expected: 30.0 }),
            refutations: 2,
            rate: Some(0.5),
            performance: Some(0.8),
            slow_windows: 3,
            slow_rates: 3,
        }
    }

    #[test]
    fn verdicts_are_tried_in_the_order_of_the_table() {
        let mut seen = all_at_once();
        assert_eq!(verdict(seen.clone()), Some(Verdict::ClockJump));
        seen.jumped = false;
        assert_eq!(verdict(seen.clone()), Some(Verdict::WorkerDead));
        seen.dead = false;
        assert_eq!(verdict(seen.clone()), Some(Verdict::Contention));
        seen.processor_share = Some(0.9);
        seen.beat_age = 6 * SECOND;
        assert_eq!(verdict(seen.clone()), Some(Verdict::WorkerUnresponsive));
        seen.beat_age = SECOND;
        assert_eq!(verdict(seen.clone()), Some(Verdict::WrongArithmetic));
        (seen.silence, seen.refutations) = (None, 1);
        assert_eq!(verdict(seen.clone()), Some(Verdict::WorkerDegraded));
        seen.slow_windows = 0;
        assert_eq!(verdict(seen.clone()), Some(Verdict::ProcessorSlowed));
        seen.rate = Some(0.9);
        assert_eq!(verdict(seen), None);
    }

    #[test]
    fn a_silent_thread_that_waits_for_the_processor_is_starved_and_not_restarted() {
        let seen = Observation {
            beat_age: 60 * SECOND,
            burnt: Some(SECOND / 2),
            blocked: Some(false),
            ..Observation::default()
        };
        assert_eq!(verdict(seen), Some(Verdict::Contention));
    }

    #[test]
    fn a_silent_thread_that_spins_or_blocks_is_unresponsive() {
        let silent = Observation {
            beat_age: Duration::from_millis(5001),
            ..Observation::default()
        };
        let spins = Observation {
            burnt: Some(SECOND),
            blocked: Some(false),
            ..silent.clone()
        };
        let blocks = Observation {
            burnt: Some(Duration::ZERO),
            blocked: Some(true),
            ..silent.clone()
        };
        assert_eq!(verdict(spins), Some(Verdict::WorkerUnresponsive));
        assert_eq!(verdict(blocks), Some(Verdict::WorkerUnresponsive));
        assert_eq!(verdict(silent), None);
    }

    #[test]
    fn where_the_system_does_not_tell_only_a_long_silence_is_proof() {
        let silent = |seconds| Observation {
            beat_age: seconds * SECOND,
            ..Observation::default()
        };
        assert_eq!(verdict(silent(14)), None);
        assert_eq!(verdict(silent(16)), Some(Verdict::WorkerUnresponsive));
    }

    #[test]
    fn a_core_that_runs_everything_slower_is_no_reason_to_restart_unless_asked_to() {
        let seen = Observation {
            rate: Some(0.6),
            performance: Some(1.0),
            slow_rates: 3,
            ..Observation::default()
        };
        assert_eq!(verdict(seen.clone()), Some(Verdict::ProcessorSlowed));
        let always = Thresholds {
            restart_policy: RestartPolicy::Always,
            ..Thresholds::default()
        };
        assert_eq!(judge(&seen, &always), Some(Verdict::WorkerDegraded));
        let starved = Observation {
            processor_share: Some(0.3),
            ..seen
        };
        assert_eq!(verdict(starved.clone()), Some(Verdict::Contention));
        assert_eq!(judge(&starved, &always), Some(Verdict::WorkerDegraded));
    }

    #[test]
    fn one_refuted_hit_is_logged_and_the_second_within_an_hour_replaces() {
        let seen = |refutations| Observation {
            refutations,
            ..Observation::default()
        };
        assert_eq!(verdict(seen(1)), None);
        assert_eq!(verdict(seen(2)), Some(Verdict::WrongArithmetic));
    }
}
