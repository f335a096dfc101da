//! `--test-meshcore-id`: whether node IDs are equally frequent, and two nodes with one ID as rare as chance predicts.

use super::TestReport;
use super::sample::{Head, draw};
use super::statistic::{Statistic, rare, uniform};
use crate::key::{MAX_NODE_ID_BYTES, node_id};
use crate::text::number::thousands;

/// First bytes that a node may have: all but 00 and FF.
const FIRST_BYTES: f64 = 254.0;

/// Tests the node IDs of `keys` candidates of real sweeps; as in a search, none begins with a reserved byte.
///
/// # Errors
/// No random bytes, or the engine refuses its work.
pub(super) fn test(keys: u64) -> anyhow::Result<TestReport> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::statistical_tests::Conclusion;

    #[test]
    fn node_ids_of_real_sweeps_are_as_chance_has_them() {
        let report = test(50_000).unwrap();
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
}
