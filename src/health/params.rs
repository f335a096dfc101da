//! The table of all numbers of the supervisor: name, field and meaning. Options, settings file, environment and manual
//! are derived from it.

use std::time::Duration;

use super::thresholds::{Band, RestartPolicy, Thresholds};

/// The field of a param, and with that the values it may have.
#[derive(Clone, Copy)]
pub(crate) enum Field {
    /// A time, above zero.
    Time(fn(&mut Thresholds) -> &mut Duration),
    /// More than 0 and at most 1.
    Share(fn(&mut Thresholds) -> &mut f64),
    /// A figure above 0.
    Figure(fn(&mut Thresholds) -> &mut f64),
    /// A whole number that is at least this.
    Count(fn(&mut Thresholds) -> &mut u32, u32),
    /// 0 to 100.
    Points(fn(&mut Thresholds) -> &mut u32),
    /// Bytes.
    Bytes(fn(&mut Thresholds) -> &mut u64),
    /// Degrees Celsius, or degrees between two of them.
    Degrees(fn(&mut Thresholds) -> &mut f64),
    /// Degrees Celsius, or off.
    DegreesOrOff(fn(&mut Thresholds) -> &mut Option<f64>),
    /// More than 0 and at most 1, or off.
    ShareOrOff(fn(&mut Thresholds) -> &mut Option<f64>),
    /// Bits of a spot check, 10 to 40, or auto.
    Bits(fn(&mut Thresholds) -> &mut Option<u32>),
    /// Auto or always.
    Policy(fn(&mut Thresholds) -> &mut RestartPolicy),
    /// MIN..MAX workers, or off.
    Band(fn(&mut Thresholds) -> &mut Option<Band>),
}

/// One number of the supervisor.
#[derive(Clone, Copy)]
pub(crate) struct Param {
    /// Its name as an option (without the dashes in front) and in a file.
    pub name: &'static str,
    /// What it means, without a full stop.
    pub meaning: &'static str,
    /// Its field in the thresholds.
    pub field: Field,
}

const fn param(name: &'static str, field: Field, meaning: &'static str) -> Param {
    Param {
        name,
        meaning,
        field,
    }
}

use Field::{
    Bits, Bytes, Count, Degrees, DegreesOrOff, Figure, Points, Policy, Share, ShareOrOff, Time,
};

/// All numbers, in the order in which they are shown.
#[rustfmt::skip] // A table: a line each.
pub(crate) const PARAMS: &[Param] = &[
    param("restart-policy", Policy(|t| &mut t.restart_policy),
        "What restarts a slow worker: auto (slowness that heat, clock and other programs don't explain) or always (any run of slow windows, as the original tool did)"),
    param("adaptive", Field::Band(|t| &mut t.adaptive),
        "Shrink the pool down to MIN workers while other programs need the processor, and grow it back up to MAX"),
    param("shrink-after", Time(|t| &mut t.shrink_after),
        "With --adaptive: contention that lasts this long removes a worker"),
    param("grow-after", Time(|t| &mut t.grow_after),
        "With --adaptive: time without contention after which a worker returns; doubled each time that was too early"),
    param("shrink-missing", Figure(|t| &mut t.shrink_missing),
        "With --adaptive: cores that all workers together lack before it counts as contention"),
    param("grow-missing", Figure(|t| &mut t.grow_missing),
        "With --adaptive: cores that may be lacking when the pool grows"),
    param("pause-above", DegreesOrOff(|t| &mut t.pause_above),
        "Pause while the processor is hotter than this, in degrees Celsius"),
    param("gpu-pause-above", DegreesOrOff(|t| &mut t.gpu_pause_above),
        "Pause a card's worker while the card is hotter than this, in degrees Celsius"),
    param("pause-hysteresis", Degrees(|t| &mut t.pause_hysteresis),
        "Resume this many degrees below --pause-above or --gpu-pause-above"),
    param("pause-alert", Time(|t| &mut t.pause_alert),
        "Raise an alert when a pause lasts this long"),
    param("pause-interval", Time(|t| &mut t.pause_interval),
        "Time between checks of what pauses the search: free space, and temperature with --pause-above"),
    param("window", Time(|t| &mut t.window),
        "Minimum length of a window, the time span over which speed is measured; it is at least one batch"),
    param("alive-interval", Time(|t| &mut t.alive_interval),
        "Time between checks for signs of life of the workers"),
    param("deep-interval", Time(|t| &mut t.deep_interval),
        "Time between deep checks: a ping and known answers"),
    param("resource-interval", Time(|t| &mut t.resource_interval),
        "Time between checks of disk, memory and temperature"),
    param("memory-interval", Time(|t| &mut t.memory_interval),
        "Time between checks of this process's memory"),
    param("trim-interval", Time(|t| &mut t.trim_interval),
        "How often freed memory is released to the system, where there is any"),
    param("trim-growth", Bytes(|t| &mut t.trim_growth),
        "Growth of the process since the last release that makes another worthwhile"),
    param("clock-jump", Time(|t| &mut t.clock_jump),
        "A supervisor that runs this late, or a time of day that moves this far, is a clock jump"),
    param("beat-age", Time(|t| &mut t.beat_age),
        "A worker that has not completed a sweep for this long is suspect"),
    param("beat-processor", Time(|t| &mut t.beat_processor),
        "Processor time without a completed sweep that proves a hang"),
    param("calibration-samples", Count(|t| &mut t.calibration_samples, 32),
        "Calibration samples at the start and when a worker is suspect"),
    param("calibration-span", Time(|t| &mut t.calibration_span),
        "Time over which these samples are spread"),
    param("baseline-windows", Count(|t| &mut t.baseline_windows, 1),
        "Windows whose median is the first baseline"),
    param("degraded-share", Share(|t| &mut t.degraded_share),
        "Performance below this share of its baseline is slow"),
    param("degraded-windows", Count(|t| &mut t.degraded_windows, 1),
        "Consecutive slow windows that count as a degradation"),
    param("slowed-share", Share(|t| &mut t.slowed_share),
        "A rate below this share that calibration explains means a slowed processor"),
    param("starved-share", Share(|t| &mut t.starved_share),
        "Processor time below this share of wall time means contention"),
    param("canary-bits", Bits(|t| &mut t.spot_check_bits),
        "One candidate in 2^N is a spot check; auto makes about one a second and lane"),
    param("silent-expected", Figure(|t| &mut t.silent_expected),
        "Expected spot checks without a confirmed one that mean wrong arithmetic; the probability by chance is e^-N"),
    param("refutations", Count(|t| &mut t.refutations, 1),
        "Refuted hits within --refutation-span that replace a worker"),
    param("refutation-span", Time(|t| &mut t.refutation_span),
        "See --refutations"),
    param("memory-growth", Bytes(|t| &mut t.memory_growth),
        "Increase of memory since the start that counts as growth"),
    param("gpu-memory-growth", Bytes(|t| &mut t.gpu_memory_growth),
        "Increase of this process's memory on a card that replaces the card's worker"),
    param("disk-warning", Share(|t| &mut t.disk.warning),
        "Used share of the output's file system that is a warning"),
    param("disk-critical", Share(|t| &mut t.disk.critical),
        "Used share of the output's file system that is critical"),
    param("disk-pause", Bytes(|t| &mut t.disk_pause),
        "Pause with less free space than this"),
    param("disk-resume", Bytes(|t| &mut t.disk_resume),
        "Resume with more free space than this"),
    param("memory-warning", Share(|t| &mut t.memory.warning),
        "Used share of the system's memory that is a warning"),
    param("memory-critical", Share(|t| &mut t.memory.critical),
        "Used share of the system's memory that is critical"),
    param("heat-warning", Degrees(|t| &mut t.heat.warning),
        "Degrees Celsius that are a warning, where the sensor has no limits of its own"),
    param("heat-critical", Degrees(|t| &mut t.heat.critical),
        "Degrees Celsius that are critical, where the sensor has no limits of its own"),
    param("restarts", Count(|t| &mut t.restarts, 0),
        "Restarts of a worker; after these it is retired"),
    param("restart-refund", Time(|t| &mut t.restart_refund),
        "Healthy work that gives one restart back"),
    param("breaker-restarts", Count(|t| &mut t.breaker_restarts, 1),
        "Restarts in the pool within --breaker-span that open the breaker"),
    param("breaker-span", Time(|t| &mut t.breaker_span),
        "See --breaker-restarts"),
    param("breaker-open", Time(|t| &mut t.breaker_open),
        "How long an open breaker permits no restart"),
    param("breaker-healthy", Count(|t| &mut t.breaker_healthy, 1),
        "Healthy windows after the next restart that close the breaker"),
    param("zombie-share", ShareOrOff(|t| &mut t.zombie_share),
        "Share of the workers that may be abandoned before the process restarts itself; off: it never does"),
    param("score-healthy", Points(|t| &mut t.score.healthy),
        "Points for a healthy window"),
    param("score-slow", Points(|t| &mut t.score.slow),
        "Points lost for an unexplained slow window"),
    param("score-unresponsive", Points(|t| &mut t.score.unresponsive),
        "Points lost for a missing sign of life"),
    param("score-wrong", Points(|t| &mut t.score.wrong),
        "Points lost for wrong arithmetic or growing memory"),
    param("score-low", Points(|t| &mut t.score.low),
        "A score below this is low"),
    param("repeat-after", Time(|t| &mut t.repeat_after),
        "A problem that persists is reported again after this time"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_valid_as_options() {
        let mut names: Vec<_> = PARAMS.iter().map(|n| n.name).collect();
        assert!(
            names
                .iter()
                .all(|n| n.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'))
        );
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), PARAMS.len());
    }

    #[test]
    fn every_param_has_a_field_of_its_own() {
        let mut t = Thresholds::default();
        let mut places: Vec<usize> = PARAMS.iter().map(|n| n.field.address(&mut t)).collect();
        places.sort_unstable();
        places.dedup();
        assert_eq!(places.len(), PARAMS.len());
    }

    impl Field {
        fn address(self, t: &mut Thresholds) -> usize {
            match self {
                Time(f) => std::ptr::from_mut(f(t)).addr(),
                Share(f) | Figure(f) | Degrees(f) => std::ptr::from_mut(f(t)).addr(),
                Count(f, _) | Points(f) => std::ptr::from_mut(f(t)).addr(),
                Bytes(f) => std::ptr::from_mut(f(t)).addr(),
                DegreesOrOff(f) | ShareOrOff(f) => std::ptr::from_mut(f(t)).addr(),
                Bits(f) => std::ptr::from_mut(f(t)).addr(),
                Policy(f) => std::ptr::from_mut(f(t)).addr(),
                Self::Band(f) => std::ptr::from_mut(f(t)).addr(),
            }
        }
    }
}
