//! The tests on candidates of real sweeps from fresh starts, some of them recomputed exactly: `--test-distribution`, whether
//! the first bytes of public keys are equally frequent; and `--test-meshcore-id`, whether node IDs are, and two nodes with
//! one ID as rare as chance predicts.

use std::sync::Arc;

use super::TestReport;
use super::statistic::{Statistic, rare, uniform};
use crate::engine::coarse::{Coarse, LOW_MASK, WordRule};
use crate::engine::table::{DEFAULT_POINTS, Table};
use crate::engine::{Backend, Survivor, Sweeper};
use crate::event::message::keys as keys_text;
use crate::key::{KeyError, MAX_NODE_ID_BYTES, Start, node_id};
use crate::search::confirm::agree;
use crate::text::number::thousands;

/// First bytes that a node may have: all but 00 and FF.
const FIRST_BYTES: f64 = 254.0;

/// Tests `keys` candidates of real sweeps, those with a reserved first byte included: a search tests them, too.
///
/// # Errors
/// No random bytes, or the engine refuses its work.
pub(super) fn distribution(keys: u64) -> anyhow::Result<TestReport> {
    let mut bytes = [0_u64; 256];
    let sample = draw(keys, |head| {
        bytes[usize::from(head[0])] += 1;
        true
    })?;
    let statistics = vec![
        uniform("both digits", &bytes),
        uniform("first digit", &digit_counts(&bytes, 4)),
        uniform("second digit", &digit_counts(&bytes, 0)),
    ];
    let facts = Vec::from_iter(extremes(&bytes, keys));
    Ok(sample.report(
        "Distribution of the first two hex digits",
        facts,
        statistics,
    ))
}

/// How often each value of one of the two digits occurs.
fn digit_counts(bytes: &[u64; 256], shift: usize) -> [u64; 16] {
    let mut sums = [0; 16];
    for (byte, count) in bytes.iter().enumerate() {
        sums[byte >> shift & 0xf] += count;
    }
    sums
}

/// The most and least frequent beginnings.
fn extremes(bytes: &[u64; 256], keys: u64) -> Option<String> {
    let counted = || bytes.iter().zip(0_usize..);
    let ((most, byte), (least, other)) = (counted().max()?, counted().min()?);
    let (most, least) = (thousands(*most), thousands(*least));
    let mean = keys as f64 / 256.0;
    Some(format!(
        "most frequent {byte:02X} ({most}), least frequent {other:02X} ({least}), mean {mean:.1}"
    ))
}

/// Tests the node IDs of `keys` candidates of real sweeps; as in a search, none begins with a reserved byte.
///
/// # Errors
/// No random bytes, or the engine refuses its work.
pub(super) fn node_ids(keys: u64) -> anyhow::Result<TestReport> {
    let mut seen = vec![0_u32; 1 << 24];
    let mut reserved = 0_u64;
    let mut last = Head::default();
    let sample = draw(keys, |head| {
        if matches!(head[0], 0x00 | 0xff) {
            reserved += 1;
            return false;
        }
        seen[index(head)] += 1;
        last = head;
        true
    })?;
    let reserved = thousands(reserved);
    let left_out = format!("left out as a search does: {reserved} that begin with 00 or FF");
    let subject = format!("Node IDs of 1 to {MAX_NODE_ID_BYTES} bytes");
    Ok(sample.report(
        &subject,
        vec![left_out, example(last)],
        statistics(&seen, keys),
    ))
}

/// The place of a head's first three bytes in the table of counts.
fn index(head: Head) -> usize {
    usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2])
}

fn example(head: Head) -> String {
    let mut public = [0; 32];
    public[..head.len()].copy_from_slice(&head);
    let ids = (1..=MAX_NODE_ID_BYTES).map(|bytes| node_id(&public, bytes));
    format!(
        "IDs of the last one: {}",
        ids.collect::<Vec<_>>().join(", ")
    )
}

/// The statistics of how often each ID of three bytes occurred; all slices of `seen` begin with the first byte.
fn statistics(seen: &[u32], keys: u64) -> Vec<Statistic> {
    let first: Vec<u64> = sums(seen, 1 << 16).collect();
    let pairs = keys as f64 * (keys as f64 - 1.0) / 2.0;
    let equal_two = pairs_of(sums(seen, 1 << 8));
    let equal_three = pairs_of(sums(seen, 1));
    let expected_two = pairs / (FIRST_BYTES * 256.0);
    vec![
        uniform("IDs of 1 byte", &first[1..255]),
        rare("pairs with one ID of 2 bytes", equal_two, expected_two),
        rare(
            "pairs with one ID of 3 bytes",
            equal_three,
            expected_two / 256.0,
        ),
    ]
}

/// The sums of every `width` counts.
fn sums(seen: &[u32], width: usize) -> impl Iterator<Item = u64> {
    let sum = |counts: &[u32]| counts.iter().map(|count| u64::from(*count)).sum();
    seen.chunks(width).map(sum)
}

/// How many pairs of equals there are.
fn pairs_of(counts: impl Iterator<Item = u64>) -> u64 {
    counts
        .map(|count| count * count.saturating_sub(1) / 2)
        .sum()
}

/// One candidate in so many is recomputed exactly, by arithmetic that the engine does not share.
const RECOMPUTED: u64 = 1 << 10;

/// What a sample consisted of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct KeySample {
    backend: Backend,
    /// Candidates that counted.
    keys: u64,
    /// Candidates that were recomputed exactly.
    recomputed: u64,
    /// Those of them whose recomputation differed: errors of the engine.
    wrong: u64,
}

/// The first bytes of a public key, as a sweep knows them: six exact ones, byte 0 first.
type Head = [u8; 6];

/// Gives the heads of candidates to `take` until it has let `keys` of them count.
///
/// # Errors
/// The operating system gives no random bytes, or the engine refuses its work.
fn draw(keys: u64, mut take: impl FnMut(Head) -> bool) -> anyhow::Result<KeySample> {
    let backend = Backend::detect();
    let mut sweeper = Sweeper::new(backend, Arc::new(Table::new(DEFAULT_POINTS)))?;
    let starts = starts(&mut sweeper)?;
    let mut sample = KeySample {
        backend,
        keys: 0,
        recomputed: 0,
        wrong: 0,
    };
    let (mut seen, mut chosen) = (0_u64, Vec::new());
    while sample.keys < keys {
        sweeper.sweep(&everything(), &mut |survivor| {
            if sample.keys == keys {
                return;
            }
            if seen.is_multiple_of(RECOMPUTED) {
                chosen.push(survivor);
            }
            seen += 1;
            sample.keys += u64::from(take(head(&survivor)));
        });
        for survivor in chosen.drain(..) {
            sample.recomputed += 1;
            sample.wrong += u64::from(!is_right(&survivor, &starts)?);
        }
    }
    Ok(sample)
}

impl KeySample {
    /// The report on a test of this sample.
    fn report(
        self,
        subject: &str,
        mut facts: Vec<String>,
        statistics: Vec<Statistic>,
    ) -> TestReport {
        let Self { backend, wrong, .. } = self;
        let recomputed = thousands(self.recomputed);
        facts.insert(
            0,
            format!(
                "candidates of real sweeps ({backend}), {recomputed} of them recomputed exactly"
            ),
        );
        let fault = format!("{wrong} recomputed keys differ from what the engine computed");
        TestReport {
            title: format!("{subject}, {}", keys_text(self.keys)),
            facts,
            statistics,
            faults: Vec::from_iter((wrong > 0).then_some(fault)),
        }
    }
}

/// A fresh start for every lane.
fn starts(sweeper: &mut Sweeper) -> anyhow::Result<Vec<Start>> {
    let lanes = 0..sweeper.lanes();
    let fresh = |lane| {
        let start = Start::fresh()?;
        sweeper.set_start(lane, &start.public())?;
        Ok(start)
    };
    lanes.map(fresh).collect()
}

/// Rules that let every candidate through.
fn everything() -> Coarse {
    Coarse {
        low: WordRule::Masked { mask: 0, value: 0 },
        ..Coarse::default()
    }
}

fn head(survivor: &Survivor) -> Head {
    let [head @ .., _, _] = (survivor.low & LOW_MASK).to_le_bytes();
    head
}

/// Whether the exact public key has the words that the sweep computed.
fn is_right(survivor: &Survivor, starts: &[Start]) -> Result<bool, KeyError> {
    let Some(start) = starts.get(survivor.lane) else {
        return Ok(false);
    };
    let public = start.candidate(survivor.offset)?.public();
    Ok(agree(survivor.low, survivor.high, &public))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::statistical_tests::Conclusion;

    #[test]
    fn keys_of_real_sweeps_begin_with_every_byte_equally_often() {
        let report = distribution(200_000).unwrap();
        assert_eq!(report.conclusion(), Conclusion::Pass, "{report:?}");
        assert!(report.title.contains("200,000 keys"));
    }

    #[test]
    fn few_keys_are_judged_by_single_digits_or_not_at_all() {
        let report = distribution(500).unwrap();
        assert_eq!(report.conclusion(), Conclusion::TooFewKeys);
        assert!(report.statistics[0].p.is_none() && report.statistics[1].p.is_some());
    }

    #[test]
    fn node_ids_of_real_sweeps_are_as_chance_has_them() {
        let report = node_ids(50_000).unwrap();
        assert_eq!(report.conclusion(), Conclusion::Pass, "{report:?}");
        assert_eq!(report.statistics.len(), 3);
    }

    #[test]
    fn pairs_are_counted_among_all_equals() {
        assert_eq!(pairs_of([0, 1, 2, 3].into_iter()), 1 + 3);
    }

    #[test]
    fn ids_are_the_first_bytes_in_upper_case() {
        assert!(example([0xf8, 0xa1, 0x0b, 0, 0, 0]).ends_with("F8, F8A1, F8A10B"));
        assert_eq!(index([0xf8, 0xa1, 0x0b, 0, 0, 0]), 0xf8_a10b);
    }

    #[test]
    fn keys_that_share_an_id_too_often_fail() {
        let mut seen = vec![0; 1 << 24];
        seen[0xf8_0000] = 20;
        let found = statistics(&seen, 20);
        assert!(
            found[1].is_suspicious() && found[2].is_suspicious(),
            "{found:?}"
        );
    }

    #[test]
    fn a_sample_has_exactly_the_keys_that_were_asked_for() {
        let mut taken = 0;
        let sample = draw(100_000, |_| {
            taken += 1;
            true
        });
        let sample = sample.unwrap();
        assert_eq!((sample.keys, taken), (100_000, 100_000));
        assert_eq!((sample.recomputed, sample.wrong), (98, 0));
    }

    #[test]
    fn candidates_that_do_not_count_are_replaced() {
        let mut counted = 0;
        let take = |head: Head| {
            let even = head[0].is_multiple_of(2);
            counted += u64::from(even);
            even
        };
        assert_eq!(draw(1_000, take).unwrap().keys, 1_000);
        assert_eq!(counted, 1_000);
    }
}
