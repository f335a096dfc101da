//! How the program reacted to a fault, judged from the record of its run alone.

use jiff::Timestamp;
use serde::Serialize;

use super::run_record::{LoggedEvent, RunRecord, seconds};
use super::scenario::Scenario;

/// How the program reacted to a fault.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct ScenarioResult {
    /// The scenario's name.
    pub fault: &'static str,
    /// The expected verdict.
    pub verdict: &'static str,
    /// Seconds from the beginning of the fault to its verdict.
    pub detected_seconds: Option<f64>,
    /// Seconds from the verdict until the worker's rate was back; `None`: not seen, or nothing was lost.
    pub recovered_seconds: Option<f64>,
    /// Restarts in all.
    pub restarts: u64,
    /// Announced keys without a complete and correct file at the end.
    pub keys_lost: usize,
    pub memory: Option<MemoryUse>,
    pub passed: bool,
    /// What was wrong; empty if it passed.
    pub wrong: Vec<String>,
}

/// Resident memory in bytes at the beginning of the fault, at its peak, and at the end.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(super) struct MemoryUse {
    pub before: u64,
    pub peak: u64,
    pub after: u64,
}

impl ScenarioResult {
    pub(super) fn of(scenario: &Scenario, record: &RunRecord) -> Self {
        let mut result = Self {
            restarts: record.restarts().values().sum(),
            keys_lost: record.keys_lost,
            ..Self::named(scenario)
        };
        result.judge_end(scenario, record);
        match onset(scenario, record) {
            Some(onset) => result.judge_fault(scenario, record, onset),
            None => result.wrong.push("the fault did not begin".to_owned()),
        }
        result.passed = result.wrong.is_empty();
        result
    }

    /// The result of a run that failed by itself.
    pub(super) fn failed(scenario: &Scenario, error: &anyhow::Error) -> Self {
        Self {
            wrong: vec![error.to_string()],
            ..Self::named(scenario)
        }
    }

    fn named(scenario: &Scenario) -> Self {
        Self {
            fault: scenario.name,
            verdict: scenario.verdict,
            ..Self::default()
        }
    }

    fn judge_end(&mut self, scenario: &Scenario, record: &RunRecord) {
        let found = scenario.exit == 3 && !record.announced.is_empty();
        let expected = if found { 0 } else { scenario.exit };
        if record.exit != Some(expected) {
            let exit = record
                .exit
                .map_or("none".to_owned(), |code| code.to_string());
            let last = &record.last_message;
            self.wrong
                .push(format!("exit code {exit} instead of {expected} ({last})"));
        }
        if !scenario.restarts.contains(&self.restarts) {
            let (least, most) = (scenario.restarts.start(), scenario.restarts.end());
            let restarts = self.restarts;
            self.wrong
                .push(format!("{restarts} restarts instead of {least} to {most}"));
        }
        if self.keys_lost > 0 {
            self.wrong.push(format!("{} keys lost", self.keys_lost));
        }
    }

    fn judge_fault(&mut self, scenario: &Scenario, record: &RunRecord, onset: Timestamp) {
        self.memory = record.memory_around(onset);
        let verdict = scenario.verdict;
        let mut findings = record.findings(verdict, onset);
        let Some(first) = findings.find(|finding| has_step(finding, scenario.step)) else {
            let step = scenario
                .step
                .map_or(String::new(), |step| format!(" ({step})"));
            self.wrong.push(format!("no {verdict}{step}"));
            return;
        };
        let (detected, within) = (seconds(onset, first.time), scenario.within);
        self.detected_seconds = Some(detected);
        if detected > within {
            self.wrong
                .push(format!("seen after {detected:.1} s instead of {within} s"));
        }
        if let Some(then) = scenario.then
            && !findings.any(|finding| has_step(finding, scenario.then))
        {
            self.wrong
                .push(format!("{verdict} was not followed by {then}"));
        }
        let worker = if scenario.on_card { 2 } else { 1 };
        self.recovered_seconds = record.rate_back(worker, onset, first.time);
    }

    /// Its line in the table.
    pub(super) fn row(&self) -> String {
        let time = |seconds: Option<f64>| seconds.map_or("-".to_owned(), |s| format!("{s:.2} s"));
        let memory = self.memory.map_or("unknown".to_owned(), |memory| {
            let megabytes = [memory.before, memory.peak, memory.after].map(|n| n / 1_000_000);
            let [before, peak, after] = megabytes;
            format!("{before}, peak {peak}, {after}")
        });
        let result = match self.passed {
            true => "pass".to_owned(),
            false => format!("FAIL: {}", self.wrong.join("; ")),
        };
        row([
            self.fault,
            self.verdict,
            &time(self.detected_seconds),
            &time(self.recovered_seconds),
            &self.restarts.to_string(),
            &self.keys_lost.to_string(),
            &memory,
            &result,
        ])
    }
}

/// The heading of the table.
pub(super) fn heading() -> String {
    row([
        "fault",
        "verdict",
        "seen in",
        "rate back",
        "restarts",
        "keys lost",
        "memory (MB)",
        "result",
    ])
}

fn row([fault, verdict, seen, back, restarts, lost, memory, result]: [&str; 8]) -> String {
    format!(
        "{fault:<14} {verdict:<20} {seen:>9} {back:>10} {restarts:>8} {lost:>9}  {memory:<22} {result}"
    )
}

fn has_step(finding: &LoggedEvent, step: Option<&str>) -> bool {
    step.is_none_or(|step| finding.fields["step"] == step)
}

/// When the fault began: as it noted itself, or for a process that is stopped, when it was last seen before.
fn onset(scenario: &Scenario, record: &RunRecord) -> Option<Timestamp> {
    if !scenario.is_stopped {
        return record.onsets.first().map(|onset| onset.time);
    }
    let pairs = record.memory.windows(2);
    let longest = pairs.max_by_key(|pair| pair[1].0.duration_since(pair[0].0));
    longest.map(|pair| pair[0].0)
}

#[cfg(test)]
mod tests {
    use super::super::run_record::read_events;
    use super::super::scenario::SCENARIOS;
    use super::*;
    use serde_json::{Value, json};

    /// A run in which the fault began at second 10.
    fn record(events: &str, restarts: Value, exit: i32) -> RunRecord {
        RunRecord {
            onsets: read_events("{\"time\":\"1970-01-01T00:00:10Z\",\"fault\":\"panic\"}"),
            events: read_events(events),
            summary: json!({"health": {"restarts": restarts}}),
            exit: Some(exit),
            ..RunRecord::default()
        }
    }

    fn finding(second: &str, verdict: &str, step: &str) -> String {
        let time = format!("1970-01-01T00:00:{second}Z");
        format!(
            "{}\n",
            json!({"time": time, "event": "health", "verdict": verdict, "step": step})
        )
    }

    fn panic() -> &'static Scenario {
        SCENARIOS.iter().find(|s| s.name == "panic").unwrap()
    }

    #[test]
    fn a_fault_that_is_seen_in_time_and_costs_nothing_passes() {
        let events = finding("10.1", "worker-dead", "restarting");
        let record = record(&events, json!({"worker-dead": 1}), 3);
        let result = ScenarioResult::of(panic(), &record);
        assert!(result.passed, "{:?}", result.wrong);
        assert_eq!(result.restarts, 1);
        assert!((result.detected_seconds.unwrap() - 0.1).abs() < 1e-6);
    }

    #[test]
    fn each_thing_that_is_wrong_is_named() {
        let late = finding("11.5", "worker-dead", "restarting");
        let once = json!({"worker-dead": 1});
        let wrong = |record: RunRecord, keys_lost| {
            let record = RunRecord {
                keys_lost,
                ..record
            };
            ScenarioResult::of(panic(), &record).wrong.join("; ")
        };
        assert!(wrong(record(&late, once.clone(), 3), 0).contains("seen after 1.5 s"));
        assert!(wrong(record("", once.clone(), 3), 0).contains("no worker-dead"));
        let early = finding("09.0", "worker-dead", "restarting");
        assert!(wrong(record(&early, once.clone(), 3), 0).contains("no worker-dead"));
        let seen = finding("10.1", "worker-dead", "restarting");
        assert!(wrong(record(&seen, json!({}), 3), 0).contains("0 restarts"));
        assert!(wrong(record(&seen, once.clone(), 1), 0).contains("exit code 1"));
        assert!(wrong(record(&seen, once, 3), 2).contains("2 keys lost"));
        let none = RunRecord::default();
        assert!(wrong(none, 0).contains("did not begin"));
    }

    #[test]
    fn a_pause_must_end() {
        let disk = SCENARIOS.iter().find(|s| s.name == "disk-full").unwrap();
        let paused = finding("12", "disk-low", "paused");
        let only = ScenarioResult::of(disk, &record(&paused, json!({}), 3));
        assert!(
            only.wrong[0].contains("not followed by resumed"),
            "{:?}",
            only.wrong
        );
        let both = paused + &finding("19", "disk-low", "resumed");
        assert!(ScenarioResult::of(disk, &record(&both, json!({}), 3)).passed);
    }
}
