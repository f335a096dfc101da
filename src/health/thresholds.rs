//! Every number by which the supervisor judges, in one place, with the check that no two contradict each other.

use std::time::Duration;

/// What makes the supervisor restart a slow worker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RestartPolicy {
    /// Only a performance that heat, clock and neighbours do not explain.
    #[default]
    Auto,
    /// Any run of slow windows, as the original tool did.
    Always,
}

/// Between how many workers an adaptive pool may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Band {
    /// The fewest, at least 1.
    pub least: usize,
    /// The most.
    pub most: usize,
}

/// The numbers by which workers and the machine are judged. Shares are between 0 and 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Thresholds {
    /// A window lasts at least this long.
    pub window: Duration,
    /// Time between checks for signs of life.
    pub alive_interval: Duration,
    /// Time between deep checks: a ping that a worker answers between two sweeps, and known answers.
    pub deep_interval: Duration,
    /// Calibration samples in the first [`Thresholds::calibration_span`], and whenever a worker is suspected.
    pub calibration_samples: u32,
    /// See [`Thresholds::calibration_samples`].
    pub calibration_span: Duration,
    /// Bits of the spot check pattern; `None`: as many as make about one hit a second and lane on the backend in use.
    pub spot_check_bits: Option<u32>,
    /// Windows whose median is the first baseline.
    pub baseline_windows: u32,
    /// A beat older than this is suspicious.
    pub beat_age: Duration,
    /// Processor time without a beat that proves a worker hangs.
    pub beat_processor: Duration,
    /// A supervisor that runs this late, or a time of day that moves this far, is a clock jump.
    pub clock_jump: Duration,
    /// Performance below this share of its baseline is slow.
    pub degraded_share: f64,
    /// This many slow windows in a row are a degradation.
    pub degraded_windows: u32,
    /// Candidates a processor second below this share, while calibration explains it: a slowed processor.
    pub slowed_share: f64,
    /// Processor time below this share of wall time: other programs take the processor.
    pub starved_share: f64,
    /// No confirmed spot check while this many were expected: its probability is exp(-x), 1.4e-11 for 25.
    pub silent_expected: f64,
    /// This many refuted hits within [`Thresholds::refutation_span`] replace a worker.
    pub refutations: u32,
    /// See [`Thresholds::refutations`].
    pub refutation_span: Duration,
    /// Bytes more than at the start that count as growth.
    pub memory_growth: u64,
    /// Time between checks of memory.
    pub memory_interval: Duration,
    /// How often freed memory is released to the system, where there is any.
    pub trim_interval: Duration,
    /// Growth of the process since the last release that makes another worthwhile.
    pub trim_growth: u64,
    /// Time between checks of disk, system memory and temperatures.
    pub resource_interval: Duration,
    /// Time between checks of what pauses the search: free space, and temperature where that is asked for.
    pub pause_interval: Duration,
    /// Used share of the output's file system: warning and critical.
    pub disk: Levels,
    /// Used share of the system's memory: warning and critical.
    pub memory: Levels,
    /// Degrees Celsius, where the sensor names no limits of its own: warning and critical.
    pub heat: Levels,
    /// The search pauses while the output's file system has fewer bytes free.
    pub disk_pause: u64,
    /// It resumes with more than this.
    pub disk_resume: u64,
    /// The search pauses above this temperature in degrees Celsius; `None`: never.
    pub pause_above: Option<f64>,
    /// A card's worker pauses while the card is hotter than this, in degrees Celsius; `None`: never.
    pub gpu_pause_above: Option<f64>,
    /// Growth of this process's memory on a card that replaces its worker.
    pub gpu_memory_growth: u64,
    /// It resumes this many degrees below.
    pub pause_hysteresis: f64,
    /// A pause that lasts this long is an alert.
    pub pause_alert: Duration,
    /// Restarts that a worker may use up.
    pub restarts: u32,
    /// Healthy work that gives one restart back.
    pub restart_refund: Duration,
    /// This many restarts in the pool within [`Thresholds::breaker_span`] open the breaker.
    pub breaker_restarts: u32,
    /// See [`Thresholds::breaker_restarts`].
    pub breaker_span: Duration,
    /// How long an open breaker permits no restart.
    pub breaker_open: Duration,
    /// Healthy windows after the next restart that close it.
    pub breaker_healthy: u32,
    /// What restarts a slow worker.
    pub restart_policy: RestartPolicy,
    /// Share of the workers that may be abandoned before a new process is asked for.
    pub zombie_share: Option<f64>,
    /// Points that change a worker's score.
    pub score: ScorePoints,
    /// Between how many workers the pool shrinks and grows; `None`: it keeps its size.
    pub adaptive: Option<Band>,
    /// Contention that lasts this long shrinks the pool by a worker.
    pub shrink_after: Duration,
    /// Time without contention that lets it grow by one; doubled each time that turns out to be too early.
    pub grow_after: Duration,
    /// Cores that all workers lack together, from which on it is contention that shrinks the pool.
    pub shrink_missing: f64,
    /// It may grow while at most this many are missing.
    pub grow_missing: f64,
    /// A problem that persists is reported again after this time.
    pub repeat_after: Duration,
}

/// What a worker's score gains and loses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScorePoints {
    /// Gained with a healthy window.
    pub healthy: u32,
    /// Lost with a slow window that nothing explains.
    pub slow: u32,
    /// Lost when it gives no sign of life.
    pub unresponsive: u32,
    /// Lost with wrong arithmetic and with growing memory.
    pub wrong: u32,
    /// A score below this is low.
    pub low: u32,
}

/// Two levels of one reading.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Levels {
    /// Reported as a warning from here on.
    pub warning: f64,
    /// Reported as critical from here on.
    pub critical: f64,
}

/// Thresholds that contradict each other.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{low} {low_value} is above {high} {high_value}; allowed is at most that")]
pub struct Contradiction {
    /// The setting that must not be above the other.
    pub low: &'static str,
    /// Its value.
    pub low_value: f64,
    /// The other one.
    pub high: &'static str,
    /// Its value.
    pub high_value: f64,
}

impl Default for Thresholds {
    fn default() -> Self {
        let levels = |warning, critical| Levels { warning, critical };
        let seconds = Duration::from_secs;
        Self {
            window: seconds(1),
            alive_interval: Duration::from_millis(250),
            deep_interval: seconds(30),
            calibration_samples: 40,
            calibration_span: seconds(1),
            spot_check_bits: None,
            baseline_windows: 5,
            beat_age: seconds(5),
            beat_processor: seconds(1),
            clock_jump: seconds(2),
            degraded_share: 0.7,
            degraded_windows: 3,
            slowed_share: 0.8,
            starved_share: 0.5,
            silent_expected: 25.0,
            refutations: 2,
            refutation_span: seconds(3600),
            memory_growth: 100_000_000,
            memory_interval: seconds(10),
            trim_interval: seconds(30),
            trim_growth: 4_000_000,
            resource_interval: seconds(60),
            pause_interval: seconds(2),
            disk: levels(0.85, 0.95),
            memory: levels(0.80, 0.95),
            heat: levels(85.0, 95.0),
            disk_pause: 64 << 20,
            disk_resume: 128 << 20,
            pause_above: None,
            gpu_pause_above: None,
            // the list of what a launch found may take 200 MB
            gpu_memory_growth: 512 << 20,
            pause_hysteresis: 5.0,
            pause_alert: seconds(600),
            restarts: 5,
            restart_refund: seconds(3600),
            breaker_restarts: 5,
            breaker_span: seconds(60),
            breaker_open: seconds(60),
            breaker_healthy: 3,
            restart_policy: RestartPolicy::Auto,
            zombie_share: Some(0.5),
            score: ScorePoints {
                healthy: 1,
                slow: 10,
                unresponsive: 20,
                wrong: 50,
                low: 30,
            },
            adaptive: None,
            shrink_after: seconds(10),
            grow_after: seconds(60),
            shrink_missing: 0.5,
            grow_missing: 0.25,
            repeat_after: seconds(600),
        }
    }
}

impl Thresholds {
    /// Slots of a pool that starts with this many workers: an adaptive one may grow.
    pub fn places(&self, workers: usize) -> usize {
        self.adaptive.map_or(workers, |band| band.most)
    }

    /// Checks that no two numbers contradict each other; whether each makes sense by itself is known to
    /// [`crate::health::params::PARAMS`].
    ///
    /// # Errors
    /// The first contradiction.
    pub fn check(&self) -> Result<(), Contradiction> {
        #[rustfmt::skip] // A table: a row each.
        let pairs = [
            ("grow-missing", self.grow_missing, "shrink-missing", self.shrink_missing),
            ("disk-warning", self.disk.warning, "disk-critical", self.disk.critical),
            ("memory-warning", self.memory.warning, "memory-critical", self.memory.critical),
            ("heat-warning", self.heat.warning, "heat-critical", self.heat.critical),
            ("disk-pause", self.disk_pause as f64, "disk-resume", self.disk_resume as f64),
            ("alive-interval", self.alive_interval.as_secs_f64(), "beat-age", self.beat_age.as_secs_f64()),
        ];
        let wrong = pairs.into_iter().find(|(_, low, _, high)| low > high);
        wrong.map_or(Ok(()), |(low, low_value, high, high_value)| {
            Err(Contradiction {
                low,
                low_value,
                high,
                high_value,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_thresholds_do_not_contradict() {
        assert_eq!(Thresholds::default().check(), Ok(()));
    }

    #[test]
    fn a_warning_above_critical_is_refused_with_both_values() {
        let mut thresholds = Thresholds::default();
        thresholds.heat.warning = 99.0;
        let text = thresholds.check().unwrap_err().to_string();
        assert_eq!(
            text,
            "heat-warning 99 is above heat-critical 95; allowed is at most that"
        );
    }

    #[test]
    fn a_search_that_would_pause_where_it_goes_on_is_refused() {
        let thresholds = Thresholds {
            disk_pause: 2,
            disk_resume: 1,
            ..Thresholds::default()
        };
        assert_eq!(thresholds.check().unwrap_err().low, "disk-pause");
    }
}
