//! The record of one run: events, onsets of faults, summary and output.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::scenario_result::MemoryUse;

/// The record of one run.
#[derive(Debug, Default)]
pub(super) struct RunRecord {
    /// The events that it wrote, in order.
    pub events: Vec<LoggedEvent>,
    /// When its faults began, in order.
    pub onsets: Vec<LoggedEvent>,
    /// Candidates a second of each worker, as it printed them.
    pub rates: Vec<WorkerRate>,
    /// The last object on its standard output.
    pub summary: Value,
    /// Public keys that it announced.
    pub announced: Vec<String>,
    /// Announced keys without a complete and correct file at the end.
    pub keys_lost: usize,
    /// Resident memory in bytes, sampled.
    pub memory: Vec<(Timestamp, u64)>,
    /// Its exit code; `None`: a signal ended it.
    pub exit: Option<i32>,
    /// The last line of its standard error.
    pub last_message: String,
}

/// A line of an events file.
#[derive(Clone, Debug)]
pub(super) struct LoggedEvent {
    pub time: Timestamp,
    pub fields: Value,
}

/// Candidates a second of one worker.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct WorkerRate {
    pub time: Timestamp,
    /// Whose, from 1.
    pub worker: u64,
    /// How often it had been replaced.
    pub generation: u64,
    pub rate: f64,
}

/// Reads lines of JSON objects that have a `time`; a line that is cut off is left out.
pub(super) fn read_events(text: &str) -> Vec<LoggedEvent> {
    let read = |line: &str| {
        let fields: Value = serde_json::from_str(line).ok()?;
        let time = fields["time"].as_str()?.parse().ok()?;
        Some(LoggedEvent { time, fields })
    };
    text.lines().filter_map(read).collect()
}

/// The rate in a line like "Worker 1: Completed 4 batches of 100 keys in 1.0s (131,402,000 keys/sec) | …"; after a
/// replacement it begins like "Worker 1 (generation 1): Completed".
pub(super) fn rate(line: &str, time: Timestamp) -> Option<WorkerRate> {
    let (name, rest) = line.strip_prefix("Worker ")?.split_once(": Completed ")?;
    let (worker, generation) = name.split_once(" (generation ").unwrap_or((name, "0)"));
    let (_, rest) = rest.split_once('(')?;
    let (rate, _) = rest.split_once(" keys/sec)")?;
    Some(WorkerRate {
        time,
        worker: worker.parse().ok()?,
        generation: generation.strip_suffix(')')?.parse().ok()?,
        rate: rate.replace(',', "").parse().ok()?,
    })
}

/// Seconds from `from` to `to`, below zero if that was before.
pub(super) fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64()
}

impl RunRecord {
    /// Findings with this verdict at or after a time.
    pub(super) fn findings<'a>(
        &'a self,
        verdict: &'a str,
        from: Timestamp,
    ) -> impl Iterator<Item = &'a LoggedEvent> + 'a {
        let is_one = move |event: &&LoggedEvent| {
            event.fields["event"] == "health" && event.fields["verdict"] == verdict
        };
        (self.events.iter().filter(is_one)).filter(move |event| event.time >= from)
    }

    /// Restarts by verdict, as the summary has them.
    pub(super) fn restarts(&self) -> BTreeMap<String, u64> {
        let restarts = self.summary["health"]["restarts"].as_object();
        let count = |(verdict, count): (&String, &Value)| Some((verdict.clone(), count.as_u64()?));
        restarts.map_or_else(BTreeMap::new, |map| map.iter().filter_map(count).collect())
    }

    /// Seconds from `from` until the worker's rate was back at four fifths of its median before `onset`.
    pub(super) fn rate_back(&self, worker: u64, onset: Timestamp, from: Timestamp) -> Option<f64> {
        let own = || self.rates.iter().filter(|rate| rate.worker == worker);
        let mut before: Vec<_> = own().filter(|r| r.time < onset).map(|r| r.rate).collect();
        before.sort_by(f64::total_cmp);
        let usual = *before.get(before.len() / 2)?;
        // A worker that was replaced still sums itself up at the end of the run: that line is not its successor's.
        let newest = own().map(|r| r.generation).max()?;
        let back =
            own().find(|r| r.time > from && r.generation == newest && r.rate >= 0.8 * usual)?;
        Some(seconds(from, back.time))
    }

    pub(super) fn memory_around(&self, onset: Timestamp) -> Option<MemoryUse> {
        let (_, before) = self.memory.iter().rev().find(|(time, _)| *time <= onset)?;
        let sizes = || self.memory.iter().map(|(_, bytes)| *bytes);
        Some(MemoryUse {
            before: *before,
            peak: sizes().max()?,
            after: sizes().next_back()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn rates_are_read_from_what_people_read() {
        let line = "Worker 2: Completed 131 batches of 1,000,000 keys in 1.0s (131,402,000 keys/sec) | Total: 1";
        let expected = WorkerRate {
            time: at(1),
            worker: 2,
            generation: 0,
            rate: 131_402_000.0,
        };
        assert_eq!(rate(line, at(1)), Some(expected));
        assert_eq!(rate("Restarting worker 2 (restart 1/5)", at(1)), None);
    }

    #[test]
    fn a_line_that_is_cut_off_is_left_out() {
        let text = "{\"time\":\"1970-01-01T00:00:01Z\",\"a\":1}\n{\"time\":\"1970";
        let read = read_events(text);
        assert_eq!(
            (read.len(), read[0].time, &read[0].fields["a"]),
            (1, at(1), &json!(1))
        );
    }

    #[test]
    fn the_rate_is_back_when_it_reaches_what_it_was() {
        let rates = [
            (1, 100.0),
            (2, 110.0),
            (3, 90.0),
            (5, 20.0),
            (7, 60.0),
            (9, 95.0),
        ];
        let rates = rates.map(|(second, rate)| WorkerRate {
            time: at(second),
            worker: 1,
            generation: 0,
            rate,
        });
        let record = RunRecord {
            rates: rates.to_vec(),
            ..RunRecord::default()
        };
        assert_eq!(record.rate_back(1, at(4), at(6)), Some(3.0));
        assert_eq!(record.rate_back(2, at(4), at(6)), None);
    }

    #[test]
    fn the_rate_is_back_with_the_replacement_and_not_with_its_predecessors_last_line() {
        let line = |name: &str, rate: &str, second| {
            let line = format!(
                "Worker {name}: Completed 4 batches with 9 keys in 1.0s ({rate} keys/sec) | Total: 9"
            );
            rate_of(&line, at(second))
        };
        let record = RunRecord {
            rates: vec![
                line("1", "1,000", 1),
                line("1 (generation 1)", "500", 7),
                line("1 (generation 1)", "900", 8),
                line("1", "1,000", 12),
            ],
            ..RunRecord::default()
        };
        assert_eq!(record.rate_back(1, at(5), at(6)), Some(2.0));
        let gone = RunRecord {
            rates: record.rates[..2]
                .iter()
                .chain(&record.rates[3..])
                .copied()
                .collect(),
            ..RunRecord::default()
        };
        assert_eq!(gone.rate_back(1, at(5), at(6)), None);
    }

    fn rate_of(line: &str, time: Timestamp) -> WorkerRate {
        rate(line, time).unwrap()
    }
}
