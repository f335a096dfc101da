//! The faults that are tried one by one, and how the supervisor must react to each.

use std::ops::RangeInclusive;

/// One run of the program with a fault, and what must follow.
#[derive(Clone, Debug)]
pub(super) struct Scenario {
    /// Its name on the command line.
    pub name: &'static str,
    /// The faults, as `--inject` takes them; none where the run itself is stopped.
    pub faults: &'static [&'static str],
    /// Further options, as typed.
    pub options: &'static [&'static str],
    /// Workers; `None`: as many as were asked for.
    pub workers: Option<usize>,
    /// Whether it is about a card, which is then worker 2.
    pub on_card: bool,
    /// How long it runs, in seconds of searching.
    pub seconds: u64,
    /// Whether the process is stopped for ten seconds, as by SIGSTOP, after five.
    pub is_stopped: bool,
    /// The verdict that must be given.
    pub verdict: &'static str,
    /// Within so many seconds from the beginning of the fault.
    pub within: f64,
    /// The step that must be taken with it; `None`: any.
    pub step: Option<&'static str>,
    /// A later step with the same verdict, if one must follow.
    pub then: Option<&'static str>,
    /// Restarts in all.
    pub restarts: RangeInclusive<u64>,
    /// The program's exit code; 3, a limit, stands for 0, too: a key may have been found before it.
    pub exit: i32,
}

impl Scenario {
    /// A run for so many seconds that must lead to the verdict in time, without any restart, and ends at its limit.
    const fn new(name: &'static str, seconds: u64, verdict: &'static str, within: f64) -> Self {
        Self {
            name,
            faults: &[],
            options: &[],
            workers: None,
            on_card: false,
            seconds,
            is_stopped: false,
            verdict,
            within,
            step: None,
            then: None,
            restarts: 0..=0,
            exit: 3,
        }
    }

    const fn faults(self, faults: &'static [&'static str]) -> Self {
        Self { faults, ..self }
    }

    /// One worker on the processor, and a device beside it.
    const fn on_card(self) -> Self {
        Self {
            workers: Some(1),
            on_card: true,
            ..self
        }
    }

    const fn options(self, options: &'static [&'static str]) -> Self {
        Self { options, ..self }
    }

    /// The verdict must come with a restart, the only one.
    const fn restarting(self) -> Self {
        self.steps("restarting", None).restarts(1..=1)
    }

    const fn steps(self, step: &'static str, then: Option<&'static str>) -> Self {
        Self {
            step: Some(step),
            then,
            ..self
        }
    }

    const fn restarts(self, restarts: RangeInclusive<u64>) -> Self {
        Self { restarts, ..self }
    }
}

/// More panics within seconds than a worker may have.
const PANICS: &[&str] = &["panic:worker=1,at=1s"; 6];

/// An abandoned thread must not restart the process here.
const NO_NEW_PROCESS: &[&str] = &["--zombie-share", "off"];

/// Enough spot checks on a device that is a processor, too.
const MANY_CHECKS: &[&str] = &["--canary-bits", "18"];

/// Panics must not open the breaker here.
const NO_BREAKER: &[&str] = &["--breaker-restarts", "100"];

const PAUSED: &str = "paused";
const RESUMED: Option<&str> = Some("resumed");

/// All scenarios, in the order in which they run.
pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario::new("panic", 12, "worker-dead", 0.2)
        .faults(&["panic:worker=1,at=5s"])
        .restarting(),
    Scenario::new("hang-spinning", 20, "worker-unresponsive", 5.5)
        .faults(&["hang:worker=1,how=spin,at=5s"])
        .options(NO_NEW_PROCESS)
        .restarting(),
    Scenario::new("hang-blocked", 20, "worker-unresponsive", 5.5)
        .faults(&["hang:worker=1,how=block,at=5s"])
        .options(NO_NEW_PROCESS)
        .restarting(),
    Scenario::new("wrong-worker", 20, "wrong-arithmetic", 5.0)
        .faults(&["wrong:worker=1,at=5s"])
        .restarting(),
    Scenario::new("wrong-lane", 45, "wrong-arithmetic", 30.0)
        .faults(&["wrong:worker=1,lane=1,at=5s"])
        .restarting(),
    // Four windows of a second each, of which the first may have begun before the fault, and one batch more.
    Scenario::new("slow", 35, "worker-degraded", 6.0)
        .faults(&["slow:worker=1,factor=0.6,at=15s"])
        .restarting(),
    Scenario::new("leak", 25, "memory-growth", 5.5)
        .faults(&["leak:worker=1,rate=40000000,at=5s"])
        .options(&["--memory-interval", "2s"])
        .steps("reclaimed", Some("restarting"))
        .restarts(1..=2),
    Scenario::new("starve", 25, "contention", 10.0).faults(&["starve:worker=1,at=5s,for=15s"]),
    Scenario::new("disk-full", 20, "disk-low", 10.0)
        .faults(&["disk:free=10000000,at=5s,for=8s"])
        .steps(PAUSED, RESUMED),
    Scenario::new("memory-full", 12, "memory-low", 4.5)
        .faults(&["memory:used=0.97,at=5s"])
        .options(&["--resource-interval", "2s"]),
    Scenario::new("hot", 12, "hot", 4.5)
        .faults(&["heat:celsius=120,at=5s"])
        .options(&["--resource-interval", "2s"]),
    Scenario::new("hot-pause", 20, "hot", 10.0)
        .faults(&["heat:celsius=99,at=5s,for=8s", "heat:celsius=50,at=13s"])
        .options(&["--pause-above", "90"])
        .steps(PAUSED, RESUMED),
    Scenario::new("clock-set", 12, "clock-jump", 1.0).faults(&["clock:jump=1h,at=5s"]),
    Scenario::new("asleep", 72, "clock-jump", 1.0).faults(&["suspend:sleep=60s,at=5s"]),
    Scenario {
        is_stopped: true,
        ..Scenario::new("stopped", 15, "clock-jump", 11.0)
    },
    Scenario::new("retired", 30, "worker-retired", 60.0)
        .faults(PANICS)
        .options(NO_BREAKER)
        .restarts(5..=5),
    Scenario {
        workers: Some(1),
        exit: 5,
        ..Scenario::new("none-left", 40, "worker-retired", 60.0)
            .faults(PANICS)
            .options(NO_BREAKER)
            .restarts(5..=5)
    },
    Scenario::new("breaker", 40, "breaker-open", 30.0)
        .faults(PANICS)
        .options(&["--breaker-restarts", "3", "--breaker-open", "10s"])
        .restarts(4..=5),
    Scenario::new("card-lost", 25, "worker-dead", 2.0)
        .faults(&["lost:worker=2,at=5s"])
        .on_card()
        .restarting(),
    Scenario::new("card-hang", 30, "worker-unresponsive", 6.5)
        .faults(&["hang:worker=2,how=block,at=5s"])
        .options(NO_NEW_PROCESS)
        .on_card()
        .restarting(),
    Scenario::new("card-wrong", 30, "wrong-arithmetic", 10.0)
        .faults(&["wrong:worker=2,at=5s"])
        .options(MANY_CHECKS)
        .on_card()
        .restarting(),
    Scenario::new("card-slow", 45, "worker-degraded", 10.0)
        .faults(&["slow:worker=2,factor=0.4,at=20s"])
        .on_card()
        .restarting(),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Fault;
    use crate::health::Verdict;

    #[test]
    fn every_scenario_has_faults_that_exist_and_expects_a_verdict_that_exists() {
        for scenario in SCENARIOS {
            for fault in scenario.faults {
                assert!(fault.parse::<Fault>().is_ok(), "{fault}");
            }
            let known = Verdict::ALL.iter().any(|v| v.name() == scenario.verdict);
            assert!(known, "{}", scenario.name);
        }
    }

    #[test]
    fn no_two_scenarios_share_a_name() {
        let names: std::collections::BTreeSet<_> = SCENARIOS.iter().map(|s| s.name).collect();
        assert_eq!(names.len(), SCENARIOS.len());
    }
}
