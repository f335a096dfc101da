//! Calibration: how fast this core runs the engine's own code just now, whatever slows it.

use std::time::Duration;

/// Fewer samples than this say nothing.
pub(crate) const ENOUGH: usize = 4;

/// The time of a sample at the mean speed of all; `None` if there are too few.
///
/// Samples that took more than three times the median were interrupted and are left out. The mean is one of speeds
/// because candidates of a window are a mean of speeds, too: when a core changes its speed within a window, both
/// figures change alike.
pub(crate) fn typical(samples: &[Duration]) -> Option<Duration> {
    if samples.len() < ENOUGH {
        return None;
    }
    let mut seconds: Vec<f64> = samples.iter().map(|s| s.as_secs_f64().max(1e-9)).collect();
    let middle = seconds.len() / 2;
    let limit = 3.0 * *seconds.select_nth_unstable_by(middle, f64::total_cmp).1;
    let kept = seconds.iter().filter(|s| **s <= limit);
    let (count, speed) = kept.fold((0.0, 0.0), |(n, sum), s| (n + 1.0, sum + 1.0 / s));
    Some(Duration::from_secs_f64(count / speed))
}

/// Performance: candidates a processor second times the seconds of a calibration sample, a figure without a unit.
/// Whatever slows all code of this core alike (heat, clock, neighbours) cancels out of it.
pub(crate) fn performance(candidates_per_second: f64, calibration: Duration) -> f64 {
    candidates_per_second * calibration.as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn microseconds(samples: &[u64]) -> Vec<Duration> {
        samples.iter().map(|s| Duration::from_micros(*s)).collect()
    }

    #[test]
    fn one_interrupted_sample_does_not_count() {
        let samples = microseconds(&[20, 20, 9_000, 20, 20]);
        assert_eq!(typical(&samples), Some(Duration::from_micros(20)));
    }

    #[test]
    fn a_core_at_half_speed_for_half_of_the_time_is_at_three_quarters() {
        let samples = microseconds(&[30, 30, 60, 60]);
        assert_eq!(typical(&samples), Some(Duration::from_micros(40)));
    }

    #[test]
    fn too_few_samples_say_nothing() {
        assert_eq!(typical(&microseconds(&[20, 20, 20])), None);
    }

    #[test]
    fn half_the_clock_halves_the_rate_doubles_the_calibration_and_leaves_performance_alone() {
        let usual = performance(1e8, Duration::from_micros(20));
        let slow = performance(0.5e8, Duration::from_micros(40));
        assert!((usual - slow).abs() < 1e-9);
    }
}
