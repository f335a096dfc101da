//! The faults that are tried one by one, and what the supervisor has to make of each.

use std::ops::RangeInclusive;

/// One run of the program with a fault.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scenario {
    /// Its name on the command line.
    pub name: &'static str,
    /// The faults, as `--inject` takes them; none where the run itself is stopped.
    pub inject: &'static [&'static str],
    /// Further options, as typed.
    pub options: &'static [&'static str],
    /// Workers; `None`: as many as were asked for.
    pub workers: Option<usize>,
    /// How long it runs, in seconds of searching.
    pub seconds: u32,
    /// Whether the process is stopped for ten seconds, as by SIGSTOP, after five.
    pub stops: bool,
    /// What has to come of it.
    pub expect: Expect,
}

/// What has to come of a fault.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expect {
    /// The verdict.
    pub verdict: &'static str,
    /// The step that has to be taken with it; `None`: any.
    pub step: Option<&'static str>,
    /// A later step with the same verdict, if one has to follow.
    pub then: Option<&'static str>,
    /// Seconds from the beginning of the fault to the verdict.
    pub within: f64,
    /// Restarts in all.
    pub restarts: RangeInclusiveU64,
    /// The program's exit code; 3, a limit, stands for 0, too: a key may have been found before it.
    pub exit: i32,
}

/// A range of restarts that can be a constant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RangeInclusiveU64(u64, u64);

impl RangeInclusiveU64 {
    /// The range.
    #[must_use]
    pub(crate) fn range(self) -> RangeInclusive<u64> {
        self.0..=self.1
    }
}

/// A restart for the verdict, in time; the program ends at its limit.
const fn restarted(verdict: &'static str, within: f64) -> Expect {
    Expect {
        verdict,
        step: Some("restarting"),
        then: None,
        within,
        restarts: RangeInclusiveU64(1, 1),
        exit: 3,
    }
}

/// The verdict without any restart.
const fn only_said(verdict: &'static str, within: f64) -> Expect {
    Expect {
        verdict,
        step: None,
        then: None,
        within,
        restarts: RangeInclusiveU64(0, 0),
        exit: 3,
    }
}

const fn scenario(
    name: &'static str,
    inject: &'static [&'static str],
    seconds: u32,
    expect: Expect,
) -> Scenario {
    Scenario {
        name,
        inject,
        options: &[],
        workers: None,
        seconds,
        stops: false,
        expect,
    }
}

/// Five panics within seconds.
const PANICS: [&str; 6] = ["panic:worker=1,at=1s"; 6];

/// An abandoned thread asks for no new process here: that has a scenario of its own.
const NO_NEW_PROCESS: &[&str] = &["--zombie-share", "off"];

/// All scenarios, in the order in which they run.
pub(crate) const SCENARIOS: &[Scenario] = &[
    scenario(
        "panic",
        &["panic:worker=1,at=5s"],
        12,
        restarted("worker-dead", 0.2),
    ),
    Scenario {
        options: NO_NEW_PROCESS,
        ..scenario(
            "hang-spinning",
            &["hang:worker=1,how=spin,at=5s"],
            20,
            restarted("worker-unresponsive", 5.5),
        )
    },
    Scenario {
        options: NO_NEW_PROCESS,
        ..scenario(
            "hang-blocked",
            &["hang:worker=1,how=block,at=5s"],
            20,
            restarted("worker-unresponsive", 5.5),
        )
    },
    scenario(
        "wrong-worker",
        &["wrong:worker=1,at=5s"],
        20,
        restarted("wrong-arithmetic", 5.0),
    ),
    scenario(
        "wrong-lane",
        &["wrong:worker=1,lane=1,at=5s"],
        45,
        restarted("wrong-arithmetic", 30.0),
    ),
    // Four windows of a second each, of which the first may have begun before the fault, and one batch more.
    scenario(
        "slow",
        &["slow:worker=1,factor=0.6,at=15s"],
        35,
        restarted("worker-degraded", 6.0),
    ),
    Scenario {
        options: &["--memory-interval", "2s"],
        expect: Expect {
            step: Some("reclaimed"),
            then: Some("restarting"),
            restarts: RangeInclusiveU64(1, 2),
            ..restarted("memory-growth", 5.5)
        },
        ..scenario(
            "leak",
            &["leak:worker=1,rate=40000000,at=5s"],
            25,
            restarted("memory-growth", 5.5),
        )
    },
    scenario(
        "starve",
        &["starve:worker=1,at=5s,for=15s"],
        25,
        only_said("contention", 10.0),
    ),
    Scenario {
        expect: Expect {
            step: Some("paused"),
            then: Some("resumed"),
            ..only_said("disk-low", 10.0)
        },
        ..scenario(
            "disk-full",
            &["disk:free=10000000,at=5s,for=8s"],
            20,
            only_said("disk-low", 10.0),
        )
    },
    Scenario {
        options: &["--resource-interval", "2s"],
        ..scenario(
            "memory-full",
            &["memory:used=0.97,at=5s"],
            12,
            only_said("memory-low", 4.5),
        )
    },
    Scenario {
        options: &["--resource-interval", "2s"],
        ..scenario(
            "hot",
            &["heat:celsius=120,at=5s"],
            12,
            only_said("hot", 4.5),
        )
    },
    Scenario {
        options: &["--pause-above", "90"],
        expect: Expect {
            step: Some("paused"),
            then: Some("resumed"),
            ..only_said("hot", 10.0)
        },
        ..scenario(
            "hot-pause",
            &["heat:celsius=99,at=5s,for=8s", "heat:celsius=50,at=13s"],
            20,
            only_said("hot", 10.0),
        )
    },
    scenario(
        "clock-set",
        &["clock:jump=1h,at=5s"],
        12,
        only_said("clock-jump", 1.0),
    ),
    scenario(
        "asleep",
        &["suspend:sleep=60s,at=5s"],
        72,
        only_said("clock-jump", 1.0),
    ),
    Scenario {
        stops: true,
        ..scenario("stopped", &[], 15, only_said("clock-jump", 11.0))
    },
    Scenario {
        options: &["--breaker-restarts", "100"],
        expect: Expect {
            step: None,
            restarts: RangeInclusiveU64(5, 5),
            ..restarted("worker-retired", 60.0)
        },
        ..scenario("retired", &PANICS, 30, restarted("worker-retired", 60.0))
    },
    Scenario {
        options: &["--breaker-restarts", "100"],
        workers: Some(1),
        expect: Expect {
            step: None,
            restarts: RangeInclusiveU64(5, 5),
            exit: 5,
            ..restarted("worker-retired", 60.0)
        },
        ..scenario("none-left", &PANICS, 40, restarted("worker-retired", 60.0))
    },
    Scenario {
        options: &["--breaker-restarts", "3", "--breaker-open", "10s"],
        expect: Expect {
            step: None,
            restarts: RangeInclusiveU64(4, 5),
            ..restarted("breaker-open", 30.0)
        },
        ..scenario("breaker", &PANICS, 40, restarted("breaker-open", 30.0))
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Fault;
    use crate::health::Verdict;

    #[test]
    fn every_scenario_has_faults_that_exist_and_expects_a_verdict_that_exists() {
        for scenario in SCENARIOS {
            for fault in scenario.inject {
                assert!(fault.parse::<Fault>().is_ok(), "{fault}");
            }
            let known = Verdict::ALL
                .iter()
                .any(|v| v.name() == scenario.expect.verdict);
            assert!(known, "{}", scenario.name);
        }
    }

    #[test]
    fn no_two_scenarios_share_a_name() {
        let names: std::collections::BTreeSet<_> = SCENARIOS.iter().map(|s| s.name).collect();
        assert_eq!(names.len(), SCENARIOS.len());
    }
}
