//! Every number by which the supervisor judges, in one place, with the check that they do not contradict.

use std::time::Duration;

/// What makes the supervisor restart a slow worker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RestartPolicy {
    /// Only a performance that heat, clock and neighbours do not explain.
    #[default]
    Degraded,
    /// Any run of slow windows, as the original tool did.
    Always,
}

/// The numbers by which workers and the machine are judged. Shares are between 0 and 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Thresholds {
    /// A window lasts at least this long.
    pub window: Duration,
    /// Time between two looks at whether workers are alive.
    pub alive_interval: Duration,
    /// A beat older than this is suspicious.
    pub beat_age: Duration,
    /// Processor time without a beat that proves a worker hangs.
    pub beat_processor: Duration,
    /// A supervisor that comes so much too late, or a time of day that moves so much, is a clock jump.
    pub clock_jump: Duration,
    /// Performance below this share of its baseline is slow.
    pub degraded_share: f64,
    /// So many slow windows in a row are a degradation.
    pub degraded_windows: u32,
    /// Candidates a processor second below this share, while calibration explains it: a slowed processor.
    pub slowed_share: f64,
    /// Processor time below this share of wall time: other programs take the processor.
    pub starved_share: f64,
    /// No confirmed spot check while so many were expected: chance makes that exp(-x), 1.4e-11 for 25.
    pub silent_expected: f64,
    /// So many refuted hits within [`Thresholds::refutation_span`] replace a worker.
    pub refutations: usize,
    /// See [`Thresholds::refutations`].
    pub refutation_span: Duration,
    /// Bytes over the start that are growth.
    pub memory_growth: u64,
    /// Time between two looks at memory.
    pub memory_interval: Duration,
    /// Time between two looks at disk, system memory and temperatures.
    pub resource_interval: Duration,
    /// Used share of the output's file system: warning and critical.
    pub disk: Levels,
    /// Used share of the system's memory: warning and critical.
    pub memory: Levels,
    /// Degrees Celsius, where the sensor names no limits of its own: warning and critical.
    pub heat: Levels,
    /// The search pauses while the output's file system has fewer bytes free.
    pub disk_pause: u64,
    /// It goes on when there are more than this.
    pub disk_resume: u64,
    /// The search pauses above so many degrees Celsius; `None`: never.
    pub pause_above: Option<f64>,
    /// It goes on so many degrees below.
    pub pause_hysteresis: f64,
    /// A pause of this length is an alert.
    pub pause_alert: Duration,
    /// Restarts that a worker may use up.
    pub restarts: u32,
    /// So much healthy work gives one restart back.
    pub restart_refund: Duration,
    /// So many restarts in the pool within [`Thresholds::breaker_span`] open the breaker.
    pub breaker_restarts: usize,
    /// See [`Thresholds::breaker_restarts`].
    pub breaker_span: Duration,
    /// An open breaker lets no restart through for so long.
    pub breaker_open: Duration,
    /// So many healthy windows after the restart that follows close it.
    pub breaker_healthy: u32,
    /// What restarts a slow worker.
    pub restart_policy: RestartPolicy,
}

/// Two levels of one reading.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Levels {
    /// From here on it is said.
    pub warning: f64,
    /// From here on it is said as critical.
    pub critical: f64,
}

/// Thresholds that contradict or have no meaning.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ThresholdError {
    /// A warning would come after the critical level.
    #[error(
        "{name}: the warning level {warning} is above the critical level {critical}; allowed is at most that"
    )]
    WarningAboveCritical {
        /// Which levels.
        name: &'static str,
        /// The warning level.
        warning: f64,
        /// The critical level.
        critical: f64,
    },
    /// A share is not one.
    #[error("{name}: {value} is not a share; allowed is more than 0 and at most 1")]
    NotAShare {
        /// Which share.
        name: &'static str,
        /// Its value.
        value: f64,
    },
    /// Something must be more than zero.
    #[error("{name}: zero is not allowed")]
    Zero {
        /// What.
        name: &'static str,
    },
    /// A lower bound lies above its upper bound.
    #[error("{name}: the lower value {low} is above the upper value {high}")]
    OutOfOrder {
        /// Which pair.
        name: &'static str,
        /// The lower value.
        low: u64,
        /// The upper value.
        high: u64,
    },
}

const fn seconds(s: u64) -> Duration {
    Duration::from_secs(s)
}

impl Default for Thresholds {
    fn default() -> Self {
        let levels = |warning, critical| Levels { warning, critical };
        Self {
            window: seconds(1),
            alive_interval: Duration::from_millis(250),
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
            resource_interval: seconds(60),
            disk: levels(0.85, 0.95),
            memory: levels(0.80, 0.95),
            heat: levels(85.0, 95.0),
            disk_pause: 64 << 20,
            disk_resume: 128 << 20,
            pause_above: None,
            pause_hysteresis: 5.0,
            pause_alert: seconds(600),
            restarts: 5,
            restart_refund: seconds(3600),
            breaker_restarts: 5,
            breaker_span: seconds(60),
            breaker_open: seconds(60),
            breaker_healthy: 3,
            restart_policy: RestartPolicy::Degraded,
        }
    }
}

impl Thresholds {
    /// Checks that no two numbers contradict.
    ///
    /// # Errors
    /// The first contradiction.
    pub fn check(&self) -> Result<(), ThresholdError> {
        self.check_shares()?;
        self.check_levels()?;
        self.check_counts()?;
        if self.disk_pause <= self.disk_resume {
            return Ok(());
        }
        Err(ThresholdError::OutOfOrder {
            name: "disk_pause, disk_resume",
            low: self.disk_pause,
            high: self.disk_resume,
        })
    }

    fn check_shares(&self) -> Result<(), ThresholdError> {
        let shares = [
            ("degraded_share", self.degraded_share),
            ("slowed_share", self.slowed_share),
            ("starved_share", self.starved_share),
            ("disk.warning", self.disk.warning),
            ("disk.critical", self.disk.critical),
            ("memory.warning", self.memory.warning),
            ("memory.critical", self.memory.critical),
        ];
        let wrong = shares.into_iter().find(|(_, v)| !(*v > 0.0 && *v <= 1.0));
        wrong.map_or(Ok(()), |(name, value)| {
            Err(ThresholdError::NotAShare { name, value })
        })
    }

    fn check_levels(&self) -> Result<(), ThresholdError> {
        let levels = [
            ("disk", self.disk),
            ("memory", self.memory),
            ("heat", self.heat),
        ];
        let ordered = |l: &Levels| l.warning <= l.critical;
        let wrong = levels.into_iter().find(|(_, l)| !ordered(l));
        wrong.map_or(Ok(()), |(name, l)| {
            Err(ThresholdError::WarningAboveCritical {
                name,
                warning: l.warning,
                critical: l.critical,
            })
        })
    }

    fn check_counts(&self) -> Result<(), ThresholdError> {
        let zeros = [
            ("window", self.window.is_zero()),
            ("alive_interval", self.alive_interval.is_zero()),
            ("beat_age", self.beat_age.is_zero()),
            ("degraded_windows", self.degraded_windows == 0),
            (
                "silent_expected",
                self.silent_expected.is_nan() || self.silent_expected <= 0.0,
            ),
            ("refutations", self.refutations == 0),
            ("breaker_restarts", self.breaker_restarts == 0),
        ];
        let wrong = zeros.into_iter().find(|(_, zero)| *zero);
        wrong.map_or(Ok(()), |(name, _)| Err(ThresholdError::Zero { name }))
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
        assert!(
            text.contains("heat") && text.contains("99") && text.contains("95"),
            "{text}"
        );
    }

    #[test]
    fn a_share_over_one_and_one_that_is_no_number_are_refused() {
        for share in [1.01, 0.0, -0.5, f64::NAN] {
            let thresholds = Thresholds {
                degraded_share: share,
                ..Thresholds::default()
            };
            assert!(matches!(
                thresholds.check(),
                Err(ThresholdError::NotAShare {
                    name: "degraded_share",
                    ..
                })
            ));
        }
    }

    #[test]
    fn a_lower_bound_above_its_upper_bound_is_refused() {
        let thresholds = Thresholds {
            disk_pause: 2,
            disk_resume: 1,
            ..Thresholds::default()
        };
        assert!(matches!(
            thresholds.check(),
            Err(ThresholdError::OutOfOrder { .. })
        ));
    }

    #[test]
    fn zero_is_refused_where_it_means_nothing() {
        let thresholds = Thresholds {
            degraded_windows: 0,
            ..Thresholds::default()
        };
        assert_eq!(
            thresholds.check(),
            Err(ThresholdError::Zero {
                name: "degraded_windows"
            })
        );
    }
}
