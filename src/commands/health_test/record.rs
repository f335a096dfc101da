//! What one run left behind: its events, the beginnings of its faults, its summary and what it printed.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

/// Everything that is known of one run.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// The events that it wrote, in order.
    pub events: Vec<Moment>,
    /// When its faults began, in order.
    pub onsets: Vec<Moment>,
    /// Candidates a second of each worker, as it printed them.
    pub rates: Vec<Rate>,
    /// The last object on its standard output.
    pub summary: Value,
    /// Public keys that it announced.
    pub announced: Vec<String>,
    /// Resident memory in bytes, when looked at.
    pub memory: Vec<(Timestamp, u64)>,
    /// Its exit code; `None`: a signal ended it.
    pub exit: Option<i32>,
    /// Its standard error.
    pub said: Vec<String>,
}

/// An object with its time.
#[derive(Clone, Debug)]
pub(super) struct Moment {
    /// When it happened.
    pub time: Timestamp,
    /// What.
    pub object: Value,
}

/// A worker's rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rate {
    /// When it was printed.
    pub time: Timestamp,
    /// Whose, from 1.
    pub worker: u64,
    /// Candidates a second.
    pub rate: f64,
}

/// Reads lines of JSON objects that have a `time`; a line that is cut off is left out.
#[must_use]
pub(super) fn moments(text: &str) -> Vec<Moment> {
    let read = |line: &str| {
        let object: Value = serde_json::from_str(line).ok()?;
        let time = object["time"].as_str()?.parse().ok()?;
        Some(Moment { time, object })
    };
    text.lines().filter_map(read).collect()
}

/// The rate in a line like "Worker 1: Completed 4 batches of 100 keys in 1.0s (131,402,000 keys/sec) | …".
#[must_use]
pub(super) fn rate(line: &str, time: Timestamp) -> Option<Rate> {
    let rest = line.strip_prefix("Worker ")?;
    let (worker, rest) = rest.split_once(": Completed ")?;
    let (_, rest) = rest.split_once('(')?;
    let (rate, _) = rest.split_once(" keys/sec)")?;
    Some(Rate {
        time,
        worker: worker.parse().ok()?,
        rate: rate.replace(',', "").parse().ok()?,
    })
}

/// Seconds from `from` to `to`, below zero if that was before.
#[must_use]
pub(super) fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64()
}

impl Record {
    /// Findings with this verdict at or after a time.
    pub(super) fn findings<'a>(
        &'a self,
        verdict: &'a str,
        from: Timestamp,
    ) -> impl Iterator<Item = &'a Moment> + 'a {
        let is_one = move |moment: &&Moment| {
            moment.object["event"] == "health" && moment.object["verdict"] == verdict
        };
        (self.events.iter().filter(is_one)).filter(move |moment| moment.time >= from)
    }

    /// Restarts by verdict, as the summary has them.
    #[must_use]
    pub(super) fn restarts(&self) -> BTreeMap<String, u64> {
        let restarts = self.summary["health"]["restarts"].as_object();
        let count = |(verdict, count): (&String, &Value)| Some((verdict.clone(), count.as_u64()?));
        restarts.map_or_else(BTreeMap::new, |map| map.iter().filter_map(count).collect())
    }

    /// Seconds from `from` until the worker's rate was back at four fifths of its median before `onset`.
    #[must_use]
    pub(super) fn rate_back(&self, worker: u64, onset: Timestamp, from: Timestamp) -> Option<f64> {
        let own = || self.rates.iter().filter(|rate| rate.worker == worker);
        let mut before: Vec<_> = own().filter(|r| r.time < onset).map(|r| r.rate).collect();
        before.sort_by(f64::total_cmp);
        let usual = *before.get(before.len() / 2)?;
        let back = own().find(|r| r.time > from && r.rate >= 0.8 * usual)?;
        Some(seconds(from, back.time))
    }

    /// Resident memory at a time, at its peak, and at the end, in bytes.
    #[must_use]
    pub(super) fn memory_around(&self, onset: Timestamp) -> Option<[u64; 3]> {
        let before = self.memory.iter().rev().find(|(time, _)| *time <= onset)?;
        let peak = self.memory.iter().map(|(_, bytes)| *bytes).max()?;
        Some([before.1, peak, self.memory.last()?.1])
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
        let expected = Rate {
            time: at(1),
            worker: 2,
            rate: 131_402_000.0,
        };
        assert_eq!(rate(line, at(1)), Some(expected));
        assert_eq!(rate("Restarting worker 2 (restart 1/5)", at(1)), None);
    }

    #[test]
    fn a_line_that_is_cut_off_is_left_out() {
        let text = "{\"time\":\"1970-01-01T00:00:01Z\",\"a\":1}\n{\"time\":\"1970";
        let read = moments(text);
        assert_eq!(
            (read.len(), read[0].time, &read[0].object["a"]),
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
        let rates = rates.map(|(second, rate)| Rate {
            time: at(second),
            worker: 1,
            rate,
        });
        let record = Record {
            rates: rates.to_vec(),
            ..Record::default()
        };
        assert_eq!(record.rate_back(1, at(4), at(6)), Some(3.0));
        assert_eq!(record.rate_back(2, at(4), at(6)), None);
    }
}
