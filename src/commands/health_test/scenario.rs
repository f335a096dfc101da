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

/// A run for so many seconds with these faults that must lead to the verdict in time, without any restart, and ends at its
/// limit.
const fn seen(
    name: &'static str,
    seconds: u64,
    verdict: &'static str,
    within: f64,
    faults: &'static [&'static str],
) -> Scenario {
    Scenario {
        name,
        faults,
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

/// The verdict must come with a restart, the only one.
const fn restarted(scenario: Scenario) -> Scenario {
    Scenario {
        step: Some("restarting"),
        restarts: 1..=1,
        ..scenario
    }
}

/// The same, with one worker on the processor and a device beside it.
const fn on_card(scenario: Scenario) -> Scenario {
    Scenario {
        workers: Some(1),
        on_card: true,
        ..restarted(scenario)
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

const PAUSED: Option<&str> = Some("paused");
const RESUMED: Option<&str> = Some("resumed");
const LOOKING_OFTEN: &[&str] = &["--resource-interval", "2s"];

/// All scenarios, in the order in which they run.
#[rustfmt::skip] // A table: a line each.
pub(super) const SCENARIOS: &[Scenario] = &[
    restarted(seen("panic", 12, "worker-dead", 0.2, &["panic:worker=1,at=5s"])),
    Scenario { options: NO_NEW_PROCESS, ..restarted(seen("hang-spinning", 20, "worker-unresponsive", 5.5, &["hang:worker=1,how=spin,at=5s"])) },
    Scenario { options: NO_NEW_PROCESS, ..restarted(seen("hang-blocked", 20, "worker-unresponsive", 5.5, &["hang:worker=1,how=block,at=5s"])) },
    restarted(seen("wrong-worker", 20, "wrong-arithmetic", 5.0, &["wrong:worker=1,at=5s"])),
    restarted(seen("wrong-lane", 45, "wrong-arithmetic", 30.0, &["wrong:worker=1,lane=1,at=5s"])),
    // Four windows of a second each, of which the first may have begun before the fault, and one batch more.
    restarted(seen("slow", 35, "worker-degraded", 6.0, &["slow:worker=1,factor=0.6,at=15s"])),
    Scenario {
        options: &["--memory-interval", "2s"],
        step: Some("reclaimed"),
        then: Some("restarting"),
        restarts: 1..=2,
        ..seen("leak", 25, "memory-growth", 5.5, &["leak:worker=1,rate=40000000,at=5s"])
    },
    seen("starve", 25, "contention", 10.0, &["starve:worker=1,at=5s,for=15s"]),
    Scenario { step: PAUSED, then: RESUMED, ..seen("disk-full", 20, "disk-low", 10.0, &["disk:free=10000000,at=5s,for=8s"]) },
    Scenario { options: LOOKING_OFTEN, ..seen("memory-full", 12, "memory-low", 4.5, &["memory:used=0.97,at=5s"]) },
    Scenario { options: LOOKING_OFTEN, ..seen("hot", 12, "hot", 4.5, &["heat:celsius=120,at=5s"]) },
    Scenario {
        options: &["--pause-above", "90"],
        step: PAUSED,
        then: RESUMED,
        ..seen("hot-pause", 20, "hot", 10.0, &["heat:celsius=99,at=5s,for=8s", "heat:celsius=50,at=13s"])
    },
    seen("clock-set", 12, "clock-jump", 1.0, &["clock:jump=1h,at=5s"]),
    seen("asleep", 72, "clock-jump", 1.0, &["suspend:sleep=60s,at=5s"]),
    Scenario { is_stopped: true, ..seen("stopped", 15, "clock-jump", 11.0, &[]) },
    Scenario { options: NO_BREAKER, restarts: 5..=5, ..seen("retired", 30, "worker-retired", 60.0, PANICS) },
    Scenario { options: NO_BREAKER, workers: Some(1), restarts: 5..=5, exit: 5, ..seen("none-left", 40, "worker-retired", 60.0, PANICS) },
    Scenario {
        options: &["--breaker-restarts", "3", "--breaker-open", "10s"],
        restarts: 4..=5,
        ..seen("breaker", 40, "breaker-open", 30.0, PANICS)
    },
    on_card(seen("card-lost", 25, "worker-dead", 2.0, &["lost:worker=2,at=5s"])),
    Scenario { options: NO_NEW_PROCESS, ..on_card(seen("card-hang", 30, "worker-unresponsive", 6.5, &["hang:worker=2,how=block,at=5s"])) },
    Scenario { options: MANY_CHECKS, ..on_card(seen("card-wrong", 30, "wrong-arithmetic", 10.0, &["wrong:worker=2,at=5s"])) },
    on_card(seen("card-slow", 45, "worker-degraded", 10.0, &["slow:worker=2,factor=0.4,at=20s"])),
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
