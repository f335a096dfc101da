//! Random faults, one after another in the same run, and from how many of them the program recovered.

use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use super::run_record::{LoggedEvent, RunRecord, seconds};

/// How many random faults, and how often.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ChaosSpec {
    /// Where the random choice starts.
    pub seed: u64,
    /// Faults a minute, over all workers.
    pub rate: f64,
    pub faults: usize,
}

impl FromStr for ChaosSpec {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut spec = Self {
            seed: 7,
            rate: 10.0,
            faults: 200,
        };
        for part in text.split(',') {
            spec.set(part).ok_or_else(|| {
                format!(
                    "'{part}' is not allowed: seed=7, rate=10/min (0.1 to 60) and faults=200 (1 to 100,000) are, each \
                     optional"
                )
            })?;
        }
        Ok(spec)
    }
}

impl ChaosSpec {
    /// Reads one part, such as `seed=3`; `None` if it is not allowed.
    fn set(&mut self, part: &str) -> Option<()> {
        let (name, value) = part.split_once('=')?;
        match name {
            "seed" => self.seed = value.parse().ok()?,
            "rate" => self.rate = number(value.strip_suffix("/min").unwrap_or(value), 0.1..=60.0)?,
            "faults" => self.faults = number(value, 1..=100_000)?,
            _ => return None,
        }
        Some(())
    }
}

fn number<T: FromStr + PartialOrd>(text: &str, allowed: RangeInclusive<T>) -> Option<T> {
    text.parse().ok().filter(|number| allowed.contains(number))
}

/// Share of random faults from which the program must recover.
const RECOVERED: f64 = 0.99;

/// Availability that must be kept: 1 less the time from detection to a replacement's first sweep, over all working time.
const AVAILABILITY: f64 = 0.999;

/// Kinds of faults that a restart of the worker heals, and the longest time until each must be seen, in seconds.
const KINDS: [(&str, f64); 6] = [
    ("panic:", 0.2),
    // An abandoned thread ends some time later: otherwise the threads of hundreds of faults would occupy the cores.
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

impl ChaosSpec {
    /// The faults as `--inject` takes them, and about how long they take all together.
    pub(super) fn plan(&self, workers: usize) -> (Vec<String>, Duration) {
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

/// The result over all faults.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct ChaosResult {
    #[serde(skip)]
    pub planned: usize,
    /// Faults that began early enough before the end to be seen.
    pub faults: usize,
    /// Faults that began too shortly before it.
    pub too_late: usize,
    /// Those that were followed by a replacement of their worker.
    pub recovered: usize,
    /// From the beginning of each fault.
    pub detection_seconds: Quantiles,
    /// Faults that were not seen, each with its time.
    pub unseen: Vec<String>,
    pub availability: Option<f64>,
    pub keys_found: usize,
    pub keys_lost: usize,
    pub passed: bool,
}

/// Where most of the values lie; `None` of nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(super) struct Quantiles {
    pub median: Option<f64>,
    pub p99: Option<f64>,
    #[serde(rename = "max")]
    pub longest: Option<f64>,
}

impl ChaosResult {
    /// From the record of the run: each fault ends with its worker's next restart, which must come before the worker's
    /// next fault.
    pub(super) fn of(record: &RunRecord, planned: usize) -> Self {
        let mut result = Self {
            planned,
            availability: record.summary["health"]["availability"].as_f64(),
            keys_found: record.announced.len(),
            keys_lost: record.keys_lost,
            ..Self::default()
        };
        result.detection_seconds = Quantiles::of(result.count(record));
        result.passed = result.is_good();
        result
    }

    /// Counts the faults; returns the seconds until each was detected.
    fn count(&mut self, record: &RunRecord) -> Vec<f64> {
        let mut detection = Vec::new();
        let end = record.events.last().map(|event| event.time);
        for (at, onset) in record.onsets.iter().enumerate() {
            if end.is_some_and(|end| seconds(onset.time, end) < TOO_LATE) {
                self.too_late += 1;
                continue;
            }
            self.faults += 1;
            match restart(record, onset, &record.onsets[at + 1..]) {
                Some(time) => detection.push(seconds(onset.time, time)),
                None => {
                    let fault = &onset.fields["fault"];
                    self.unseen.push(format!("{fault} at {}", onset.time));
                }
            }
        }
        self.recovered = detection.len();
        detection
    }

    /// The share of faults that were recovered from.
    pub(super) fn share(&self) -> f64 {
        self.recovered as f64 / self.faults.max(1) as f64
    }

    fn is_good(&self) -> bool {
        self.faults + self.too_late == self.planned
            && self.faults > 0
            && self.share() >= RECOVERED
            && self.availability.is_some_and(|share| share >= AVAILABILITY)
            && self.keys_lost == 0
    }

    /// For people, one fact each.
    pub(super) fn facts(&self) -> Vec<(&'static str, String)> {
        let time = |time: Option<f64>| time.map_or("-".to_owned(), |s| format!("{s:.2} s"));
        let Quantiles {
            median,
            p99,
            longest,
        } = self.detection_seconds;
        let [median, p99, longest] = [median, p99, longest].map(time);
        let (faults, planned, late) = (self.faults, self.planned, self.too_late);
        let (recovered, share) = (self.recovered, 100.0 * self.share());
        let availability = self
            .availability
            .map(|share| format!("{:.3} %", 100.0 * share));
        let availability = availability.unwrap_or("unknown".to_owned());
        let (found, lost) = (self.keys_found, self.keys_lost);
        #[rustfmt::skip] // A table: a line each.
        let facts = [
            ("faults", format!("{faults} of {planned}, and {late} too shortly before the end to count")),
            ("recovered", format!("{recovered} ({share:.1} %, at least 99 % required)")),
            ("seen in", format!("median {median}, p99 {p99}, longest {longest}")),
            ("availability", format!("{availability} (at least 99.9 % required)")),
            ("keys", format!("{found} found, {lost} lost")),
        ];
        let unseen = self
            .unseen
            .iter()
            .map(|unseen| ("not seen", unseen.clone()));
        facts.into_iter().chain(unseen).collect()
    }
}

impl Quantiles {
    fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let last = values.len().saturating_sub(1) as f64;
        let quantile = |share: f64| values.get((share * last).round() as usize).copied();
        Self {
            median: quantile(0.5),
            p99: quantile(0.99),
            longest: quantile(1.0),
        }
    }
}

/// When the worker of a fault was restarted, if that was before its next fault, which is among `later`.
fn restart(record: &RunRecord, onset: &LoggedEvent, later: &[LoggedEvent]) -> Option<Timestamp> {
    let worker = &onset.fields["worker"];
    let is_same = |event: &&LoggedEvent| &event.fields["worker"] == worker;
    let next = later.iter().find(is_same).map(|next| next.time);
    let is_restart = |event: &&LoggedEvent| {
        event.fields["event"] == "health" && event.fields["step"] == "restarting" && is_same(event)
    };
    let mut restarts = record.events.iter().filter(is_restart);
    let found = restarts.find(|event| event.time >= onset.time)?;
    next.is_none_or(|next| found.time <= next)
        .then_some(found.time)
}

#[cfg(test)]
mod tests {
    use super::super::run_record::read_events;
    use super::*;
    use crate::fault::Fault;

    #[test]
    fn a_description_is_read_and_rubbish_is_refused() {
        let chaos: ChaosSpec = "seed=3,rate=20/min,faults=50".parse().unwrap();
        let expected = ChaosSpec {
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
            assert!(bad.parse::<ChaosSpec>().unwrap_err().contains(bad), "{bad}");
        }
    }

    #[test]
    fn every_planned_fault_can_be_injected_and_the_same_seed_plans_the_same() {
        let chaos: ChaosSpec = "faults=500".parse().unwrap();
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
        let record = RunRecord {
            onsets: read_events(
                &(onset(10, 1) + &onset(11, 2) + &onset(20, 1) + &onset(28, 1) + &onset(58, 2)),
            ),
            events: read_events(
                &(restart(12, 1) + &restart(12, 2) + &restart(33, 1) + &restart(59, 2)),
            ),
            ..RunRecord::default()
        };
        let result = ChaosResult::of(&record, 5);
        assert_eq!(
            (result.faults, result.recovered, result.too_late),
            (4, 3, 1)
        );
        assert_eq!(result.detection_seconds.longest, Some(5.0));
        assert_eq!(result.detection_seconds.median, Some(2.0));
        assert!(result.unseen[0].contains("00:00:20"));
    }
}
