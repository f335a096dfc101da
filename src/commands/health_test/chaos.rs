//! Random faults, one after another in the same run, and how many of them were recovered from.

use std::str::FromStr;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::record::{Moment, Record, seconds};

/// How many random faults, and how often.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Chaos {
    /// Where the random choice starts.
    pub seed: u64,
    /// Faults a minute, over all workers.
    pub rate: f64,
    /// How many faults.
    pub faults: usize,
}

impl FromStr for Chaos {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut chaos = Self {
            seed: 7,
            rate: 10.0,
            faults: 200,
        };
        for part in text.split(',') {
            let bad = || {
                format!(
                    "'{part}' is not allowed: seed=7, rate=10/min and faults=200 are, each optional"
                )
            };
            let (name, value) = part.split_once('=').ok_or_else(bad)?;
            match name {
                "seed" => chaos.seed = value.parse().map_err(|_| bad())?,
                "rate" => {
                    let number = value.strip_suffix("/min").unwrap_or(value);
                    let rate = number
                        .parse()
                        .ok()
                        .filter(|rate| (0.1..=60.0).contains(rate));
                    chaos.rate = rate.ok_or_else(|| format!("{}; 0.1 to 60 a minute", bad()))?;
                }
                "faults" => {
                    let faults = value
                        .parse()
                        .ok()
                        .filter(|faults| (1..=100_000).contains(faults));
                    chaos.faults = faults.ok_or_else(bad)?;
                }
                _ => return Err(bad()),
            }
        }
        Ok(chaos)
    }
}

/// Kinds of faults that a restart of the worker heals, and the longest time until each must be seen, in seconds.
const KINDS: [(&str, f64); 6] = [
    ("panic:", 0.2),
    // A thread that is abandoned ends some time later: else the threads of hundreds of faults would take the cores.
    ("hang:how=spin,for=8s,", 5.5),
    ("hang:how=block,for=8s,", 5.5),
    ("wrong:", 5.0),
    ("wrong:lane=1,", 30.0),
    ("slow:factor=0.5,", 30.0),
];

/// The shortest time from a worker's start to its fault, in seconds: until then a backend that is new to the run has no
/// baseline, and what is slow from the start is what is usual.
const SETTLED: f64 = 10.0;

/// A fault that begins so shortly before the end need not be seen any more, in seconds.
const TOO_LATE: f64 = 30.0;

impl Chaos {
    /// The faults as `--inject` takes them, and about how long they take all together.
    #[must_use]
    pub(crate) fn plan(&self, workers: usize) -> (Vec<String>, Duration) {
        let mut random = self.seed;
        let mut next = || {
            // SplitMix64, Steele, Lea, Flood, "Fast splittable pseudorandom number generators" (2014)
            random = random.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = random;
            z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
            z ^ z >> 31
        };
        // Each worker has its own sequence, so each waits as many times longer.
        let mean = 60.0 / self.rate * workers as f64;
        let mut totals = vec![0.0; workers];
        let specs = (0..self.faults).map(|fault| {
            let (kind, within) = KINDS[(next() % KINDS.len() as u64) as usize];
            let share = 0.5 + (next() >> 11) as f64 / (1u64 << 53) as f64;
            let at = ((mean * share).max(SETTLED) * 1000.0) as u64;
            totals[fault % workers] += at as f64 / 1000.0 + within.min(6.0);
            let (name, rest) = kind.split_once(':').unwrap_or((kind, ""));
            format!("{name}:{rest}worker={},at={at}ms", fault % workers + 1)
        });
        let specs = specs.collect();
        let longest = totals.iter().copied().fold(0.0, f64::max);
        (specs, Duration::from_secs_f64(longest * 1.1 + 60.0))
    }
}

/// What came of all faults.
#[derive(Debug, Default)]
pub(super) struct Aftermath {
    /// Faults that began early enough before the end to be seen.
    pub faults: usize,
    /// Faults that began too shortly before it.
    pub late: usize,
    /// Those that were followed by a replacement of their worker.
    pub recovered: usize,
    /// Seconds from each beginning to its detection, in rising order.
    pub detection: Vec<f64>,
    /// Faults that nobody saw, each with its time.
    pub unseen: Vec<String>,
}

impl Aftermath {
    /// From the record of the run: each fault ends with its worker's next restart, which must come before the worker's
    /// next fault.
    #[must_use]
    pub(super) fn of(record: &Record) -> Self {
        let mut aftermath = Self::default();
        let end = record.events.last().map(|event| event.time);
        for (at, onset) in record.onsets.iter().enumerate() {
            let worker = &onset.object["worker"];
            let same = |moment: &&Moment| &moment.object["worker"] == worker;
            let next = record.onsets[at + 1..].iter().find(same).map(|o| o.time);
            if end.is_some_and(|end| seconds(onset.time, end) < TOO_LATE) {
                aftermath.late += 1;
                continue;
            }
            aftermath.faults += 1;
            match restart(record, worker, onset.time, next) {
                Some(time) => {
                    aftermath.recovered += 1;
                    aftermath.detection.push(seconds(onset.time, time));
                }
                None => aftermath
                    .unseen
                    .push(format!("{} at {}", onset.object["fault"], onset.time)),
            }
        }
        aftermath.detection.sort_by(f64::total_cmp);
        aftermath
    }

    /// The detection time below which this share of all lies.
    #[must_use]
    pub(super) fn quantile(&self, share: f64) -> Option<f64> {
        let last = self.detection.len().checked_sub(1)?;
        let at = (share * last as f64).round() as usize;
        self.detection.get(at).copied()
    }

    /// The share of faults that were recovered from.
    #[must_use]
    pub(super) fn share(&self) -> f64 {
        self.recovered as f64 / self.faults.max(1) as f64
    }

    /// For programs.
    #[must_use]
    pub(super) fn json(&self) -> Value {
        json!({
            "faults": self.faults,
            "too_late": self.late,
            "recovered": self.recovered,
            "detection_seconds": {
                "median": self.quantile(0.5), "p99": self.quantile(0.99), "max": self.quantile(1.0),
            },
            "unseen": self.unseen,
        })
    }
}

fn restart(
    record: &Record,
    worker: &Value,
    from: Timestamp,
    to: Option<Timestamp>,
) -> Option<Timestamp> {
    let is_restart = |moment: &&Moment| {
        let object = &moment.object;
        object["event"] == "health" && object["step"] == "restarting" && &object["worker"] == worker
    };
    let mut restarts = record.events.iter().filter(is_restart);
    let found = restarts.find(|moment| moment.time >= from)?;
    to.is_none_or(|to| found.time <= to).then_some(found.time)
}

#[cfg(test)]
mod tests {
    use super::super::record::moments;
    use super::*;
    use crate::fault::Fault;

    #[test]
    fn a_description_is_read_and_rubbish_is_refused() {
        let chaos: Chaos = "seed=3,rate=20/min,faults=50".parse().unwrap();
        let expected = Chaos {
            seed: 3,
            rate: 20.0,
            faults: 50,
        };
        assert_eq!(chaos, expected);
        for bad in [
            "seed=x",
            "rate=0/min",
            "rate=fast",
            "faults=0",
            "speed=3",
            "seed",
        ] {
            assert!(bad.parse::<Chaos>().unwrap_err().contains(bad), "{bad}");
        }
    }

    #[test]
    fn every_planned_fault_can_be_injected_and_the_same_seed_plans_the_same() {
        let chaos: Chaos = "faults=500".parse().unwrap();
        let (specs, lasts) = chaos.plan(2);
        assert_eq!((specs.len(), chaos.plan(2)), (500, (specs.clone(), lasts)));
        for spec in &specs {
            assert!(spec.parse::<Fault>().is_ok(), "{spec}");
        }
        // 500 faults at 10 a minute take 50 minutes, and the time until they are seen
        assert!((50..110).contains(&(lasts.as_secs() / 60)), "{lasts:?}");
    }

    #[test]
    fn a_fault_counts_as_recovered_only_before_the_next_one_of_its_worker() {
        let onset = |second: u32, worker: u32| {
            format!(
                "{{\"time\":\"1970-01-01T00:00:{second}Z\",\"fault\":\"panic\",\"worker\":{worker}}}\n"
            )
        };
        let restart = |second: u32, worker: u32| {
            format!(
                "{{\"time\":\"1970-01-01T00:00:{second}Z\",\"event\":\"health\",\"step\":\"restarting\",\"worker\":{worker}}}\n"
            )
        };
        let record = Record {
            onsets: moments(
                &(onset(10, 1) + &onset(11, 2) + &onset(20, 1) + &onset(28, 1) + &onset(58, 2)),
            ),
            events: moments(
                &(restart(12, 1) + &restart(12, 2) + &restart(33, 1) + &restart(59, 2)),
            ),
            ..Record::default()
        };
        let aftermath = Aftermath::of(&record);
        assert_eq!(
            (aftermath.faults, aftermath.recovered, aftermath.late),
            (4, 3, 1)
        );
        assert_eq!(aftermath.detection, [1.0, 2.0, 5.0]);
        assert_eq!(aftermath.quantile(0.5), Some(2.0));
        assert!(aftermath.unseen[0].contains("00:00:20"));
    }
}
