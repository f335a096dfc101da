//! What came of a fault, judged from the record of its run alone.

use std::fmt::Display;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::record::{Moment, Record, seconds};
use super::scenario::Scenario;

/// What came of a fault.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// Seconds from the beginning of the fault to its verdict.
    pub detected: Option<f64>,
    /// Seconds from the verdict until the worker's rate was back; `None`: not seen, or nothing was lost.
    pub recovered: Option<f64>,
    /// Restarts in all.
    pub restarts: u64,
    /// Keys that were announced and are not there, whole and right.
    pub lost: usize,
    /// Resident memory in bytes at the beginning of the fault, at its peak, and at the end.
    pub memory: Option<[u64; 3]>,
    /// What was not as it should be; empty: passed.
    pub wrong: Vec<String>,
}

impl Outcome {
    /// Judges a run whose key files hold up as `lost` says.
    #[must_use]
    pub(super) fn of(scenario: &Scenario, record: &Record, lost: usize) -> Self {
        let restarts = record.restarts().values().sum();
        let mut outcome = Self {
            restarts,
            lost,
            ..Self::default()
        };
        outcome.judge_end(scenario, record);
        match onset(scenario, record) {
            Some(onset) => outcome.judge_fault(scenario, record, onset),
            None => outcome.wrong.push("the fault did not begin".to_owned()),
        }
        outcome
    }

    /// A run that could not be had.
    #[must_use]
    pub(super) fn failed(error: &dyn Display) -> Self {
        Self {
            wrong: vec![error.to_string()],
            ..Self::default()
        }
    }

    fn judge_end(&mut self, scenario: &Scenario, record: &Record) {
        let found = scenario.expect.exit == 3 && !record.announced.is_empty();
        let expected = if found { 0 } else { scenario.expect.exit };
        if record.exit != Some(expected) {
            let exit = record
                .exit
                .map_or("none".to_owned(), |code| code.to_string());
            let last = record.said.last().map_or("", String::as_str);
            self.wrong
                .push(format!("exit code {exit} instead of {expected} ({last})"));
        }
        if !scenario.expect.restarts.range().contains(&self.restarts) {
            let range = scenario.expect.restarts.range();
            let (least, most) = (range.start(), range.end());
            self.wrong.push(format!(
                "{} restarts instead of {least} to {most}",
                self.restarts
            ));
        }
        if self.lost > 0 {
            self.wrong.push(format!("{} keys lost", self.lost));
        }
    }

    fn judge_fault(&mut self, scenario: &Scenario, record: &Record, onset: Timestamp) {
        let expect = &scenario.expect;
        self.memory = record.memory_around(onset);
        let has_step = |moment: &&Moment, step: Option<&str>| {
            step.is_none_or(|step| moment.object["step"] == step)
        };
        let mut findings = record.findings(expect.verdict, onset);
        let Some(first) = findings.find(|finding| has_step(finding, expect.step)) else {
            let step = expect
                .step
                .map_or(String::new(), |step| format!(" ({step})"));
            self.wrong.push(format!("no {}{step}", expect.verdict));
            return;
        };
        let detected = seconds(onset, first.time);
        self.detected = Some(detected);
        if detected > expect.within {
            self.wrong.push(format!(
                "seen after {detected:.1} s instead of {} s",
                expect.within
            ));
        }
        if expect.then.is_some() && !findings.any(|finding| has_step(&finding, expect.then)) {
            let then = expect.then.unwrap_or_default();
            self.wrong
                .push(format!("{} was not followed by {then}", expect.verdict));
        }
        self.recovered = record.rate_back(1, onset, first.time);
    }

    /// Whether all was as it should be.
    #[must_use]
    pub(super) fn passed(&self) -> bool {
        self.wrong.is_empty()
    }

    /// For programs.
    #[must_use]
    pub(super) fn json(&self, scenario: &Scenario) -> Value {
        json!({
            "fault": scenario.name,
            "verdict": scenario.expect.verdict,
            "detected_seconds": self.detected,
            "recovered_seconds": self.recovered,
            "restarts": self.restarts,
            "keys_lost": self.lost,
            "memory": self.memory.map(|[before, peak, after]| json!({
                "before": before, "peak": peak, "after": after,
            })),
            "passed": self.passed(),
            "wrong": self.wrong,
        })
    }
}

/// When the fault began: as it noted itself, or for a process that is stopped, when it was last seen before.
fn onset(scenario: &Scenario, record: &Record) -> Option<Timestamp> {
    if !scenario.stops {
        return record.onsets.first().map(|onset| onset.time);
    }
    let pairs = record.memory.windows(2);
    let longest = pairs.max_by_key(|pair| pair[1].0.duration_since(pair[0].0));
    longest.map(|pair| pair[0].0)
}

#[cfg(test)]
mod tests {
    use super::super::record::moments;
    use super::super::scenario::SCENARIOS;
    use super::*;

    /// A run in which the fault began at second 10.
    fn record(events: &str, restarts: Value, exit: i32) -> Record {
        Record {
            onsets: moments("{\"time\":\"1970-01-01T00:00:10Z\",\"fault\":\"panic\"}"),
            events: moments(events),
            summary: json!({"health": {"restarts": restarts}}),
            exit: Some(exit),
            ..Record::default()
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
        let outcome = Outcome::of(panic(), &record, 0);
        assert!(outcome.passed(), "{:?}", outcome.wrong);
        assert_eq!(outcome.restarts, 1);
        assert!((outcome.detected.unwrap() - 0.1).abs() < 1e-6);
    }

    #[test]
    fn each_thing_that_is_not_as_it_should_be_is_named() {
        let late = finding("11.5", "worker-dead", "restarting");
        let once = json!({"worker-dead": 1});
        let wrong = |record: Record, lost| Outcome::of(panic(), &record, lost).wrong.join("; ");
        assert!(wrong(record(&late, once.clone(), 3), 0).contains("seen after 1.5 s"));
        assert!(wrong(record("", once.clone(), 3), 0).contains("no worker-dead"));
        let early = finding("09.0", "worker-dead", "restarting");
        assert!(wrong(record(&early, once.clone(), 3), 0).contains("no worker-dead"));
        let seen = finding("10.1", "worker-dead", "restarting");
        assert!(wrong(record(&seen, json!({}), 3), 0).contains("0 restarts"));
        assert!(wrong(record(&seen, once.clone(), 1), 0).contains("exit code 1"));
        assert!(wrong(record(&seen, once, 3), 2).contains("2 keys lost"));
        let none = Record::default();
        assert!(wrong(none, 0).contains("did not begin"));
    }

    #[test]
    fn a_pause_must_end() {
        let disk = SCENARIOS.iter().find(|s| s.name == "disk-full").unwrap();
        let paused = finding("12", "disk-low", "paused");
        let only = Outcome::of(disk, &record(&paused, json!({}), 3), 0);
        assert!(
            only.wrong[0].contains("not followed by resumed"),
            "{:?}",
            only.wrong
        );
        let both = paused + &finding("19", "disk-low", "resumed");
        assert!(Outcome::of(disk, &record(&both, json!({}), 3), 0).passed());
    }
}
