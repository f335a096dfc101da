//! The table of all numbers of the supervisor: name, meaning, and where each lives; options, files, environment,
//! defaults and manual are derived from it.

use std::time::Duration;

use super::thresholds::{Band, RestartPolicy, Thresholds};

/// Where a param lives, and by that what it may be.
#[derive(Clone, Copy)]
pub(crate) enum Field {
    /// A time, above zero.
    Time(fn(&mut Thresholds) -> &mut Duration),
    /// More than 0 and at most 1.
    Share(fn(&mut Thresholds) -> &mut f64),
    /// A figure above 0.
    Figure(fn(&mut Thresholds) -> &mut f64),
    /// A whole param that is at least this.
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

/// One param of the supervisor.
#[derive(Clone, Copy)]
pub(crate) struct Param {
    /// Its name as an option (without the dashes in front) and in a file.
    pub name: &'static str,
    /// What it means, without a full stop.
    pub meaning: &'static str,
    /// Where it lives.
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
        "What restarts a slow worker: auto (what heat, clock and other programs don't explain) or always (any run of slow windows, as the original tool did)"),
    param("adaptive", Field::Band(|t| &mut t.adaptive),
        "Let the pool shrink to MIN workers while other programs take the processor, and grow back to MAX"),
    param("shrink-after", Time(|t| &mut t.shrink_after),
        "With --adaptive: contention for so long takes a worker out"),
    param("grow-after", Time(|t| &mut t.grow_after),
        "With --adaptive: so long without contention brings one back; doubled each time that was too early"),
    param("shrink-missing", Figure(|t| &mut t.shrink_missing),
        "With --adaptive: so many cores that all workers miss together are contention"),
    param("grow-missing", Figure(|t| &mut t.grow_missing),
        "With --adaptive: with at most so many missing the pool may grow"),
    param("pause-above", DegreesOrOff(|t| &mut t.pause_above),
        "Pause while the processor is hotter than this, in degrees Celsius"),
    param("pause-hysteresis", Degrees(|t| &mut t.pause_hysteresis),
        "Go on so many degrees below --pause-above"),
    param("pause-alert", Time(|t| &mut t.pause_alert),
        "A pause of this length is an alert"),
    param("pause-interval", Time(|t| &mut t.pause_interval),
        "Time between two looks at what pauses the search: free space, and heat with --pause-above"),
    param("window", Time(|t| &mut t.window),
        "A window, by which speed is judged, is at least one batch and this long"),
    param("alive-interval", Time(|t| &mut t.alive_interval),
        "Time between two looks at whether workers are alive"),
    param("deep-interval", Time(|t| &mut t.deep_interval),
        "Time between two deep looks: a ping and known answers"),
    param("resource-interval", Time(|t| &mut t.resource_interval),
        "Time between two looks at disk, memory and temperature"),
    param("memory-interval", Time(|t| &mut t.memory_interval),
        "Time between two looks at the memory of this process"),
    param("trim-interval", Time(|t| &mut t.trim_interval),
        "Freed memory is given back to the system so often, where there is any"),
    param("trim-growth", Bytes(|t| &mut t.trim_growth),
        "Growth of the process since then that makes it worth it"),
    param("clock-jump", Time(|t| &mut t.clock_jump),
        "A supervisor that is so late, or a time of day that moves so much, is a clock jump"),
    param("beat-age", Time(|t| &mut t.beat_age),
        "A worker without a sweep for so long is looked at"),
    param("beat-processor", Time(|t| &mut t.beat_processor),
        "Processor time without a sweep that proves that it hangs"),
    param("calibration-samples", Count(|t| &mut t.calibration_samples, 32),
        "Calibration samples at the start and when a worker is suspected"),
    param("calibration-span", Time(|t| &mut t.calibration_span),
        "The time over which these are spread"),
    param("baseline-windows", Count(|t| &mut t.baseline_windows, 1),
        "Windows whose median is the first baseline"),
    param("degraded-share", Share(|t| &mut t.degraded_share),
        "Performance below this share of its baseline is slow"),
    param("degraded-windows", Count(|t| &mut t.degraded_windows, 1),
        "So many slow windows in a row are a degradation"),
    param("slowed-share", Share(|t| &mut t.slowed_share),
        "A rate below this share that calibration explains: a slowed processor"),
    param("starved-share", Share(|t| &mut t.starved_share),
        "Processor time below this share of wall time: contention"),
    param("canary-bits", Bits(|t| &mut t.spot_check_bits),
        "One candidate in 2^N is a spot check; auto makes about one a second and lane"),
    param("silent-expected", Figure(|t| &mut t.silent_expected),
        "So many expected spot checks without a right one: wrong arithmetic; chance makes that e^-N"),
    param("refutations", Count(|t| &mut t.refutations, 1),
        "So many refuted hits within --refutation-span replace a worker"),
    param("refutation-span", Time(|t| &mut t.refutation_span),
        "See --refutations"),
    param("memory-growth", Bytes(|t| &mut t.memory_growth),
        "Memory over the start that is growth"),
    param("disk-warning", Share(|t| &mut t.disk.warning),
        "Used share of the output's file system that is said"),
    param("disk-critical", Share(|t| &mut t.disk.critical),
        "Used share of it that is critical"),
    param("disk-pause", Bytes(|t| &mut t.disk_pause),
        "The search pauses with less free space than this"),
    param("disk-resume", Bytes(|t| &mut t.disk_resume),
        "It goes on with more than this"),
    param("memory-warning", Share(|t| &mut t.memory.warning),
        "Used share of the system's memory that is said"),
    param("memory-critical", Share(|t| &mut t.memory.critical),
        "Used share of it that is critical"),
    param("heat-warning", Degrees(|t| &mut t.heat.warning),
        "Degrees Celsius that are said, where the sensor names no limits"),
    param("heat-critical", Degrees(|t| &mut t.heat.critical),
        "Degrees Celsius that are critical, where the sensor names no limits"),
    param("restarts", Count(|t| &mut t.restarts, 0),
        "Restarts of a worker; one more retires it"),
    param("restart-refund", Time(|t| &mut t.restart_refund),
        "So much healthy work gives one restart back"),
    param("breaker-restarts", Count(|t| &mut t.breaker_restarts, 1),
        "So many restarts in the pool within --breaker-span open the breaker"),
    param("breaker-span", Time(|t| &mut t.breaker_span),
        "See --breaker-restarts"),
    param("breaker-open", Time(|t| &mut t.breaker_open),
        "An open breaker lets no restart through for so long"),
    param("breaker-healthy", Count(|t| &mut t.breaker_healthy, 1),
        "So many healthy windows after the restart that follows close it"),
    param("zombie-share", ShareOrOff(|t| &mut t.zombie_share),
        "Abandoned threads as a share of the workers that ask for a new process; off: they never do"),
    param("score-healthy", Points(|t| &mut t.score.healthy),
        "Points of a healthy window"),
    param("score-slow", Points(|t| &mut t.score.slow),
        "Points that an unexplained slow window costs"),
    param("score-unresponsive", Points(|t| &mut t.score.unresponsive),
        "Points that a missing sign of life costs"),
    param("score-wrong", Points(|t| &mut t.score.wrong),
        "Points that wrong arithmetic or growing memory costs"),
    param("score-low", Points(|t| &mut t.score.low),
        "A score below this is low"),
    param("repeat-after", Time(|t| &mut t.repeat_after),
        "What goes on is said again after this time"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_stands_twice_and_each_is_fit_for_an_option() {
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
    fn every_number_has_a_place_of_its_own() {
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
