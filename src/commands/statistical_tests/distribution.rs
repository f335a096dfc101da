//! `--test-distribution`: whether the first bytes of public keys are equally frequent.

use super::TestReport;
use super::sample::draw;
use super::statistic::uniform;
use crate::text::number::thousands;

/// Tests `keys` candidates of real sweeps, those with a reserved first byte included: a search tests them, too.
///
/// # Errors
/// No random bytes, or the engine refuses its work.
pub(super) fn test(keys: u64) -> anyhow::Result<TestReport> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::statistical_tests::Conclusion;

    #[test]
    fn keys_of_real_sweeps_begin_with_every_byte_equally_often() {
        let report = test(200_000).unwrap();
        assert_eq!(report.conclusion(), Conclusion::Pass, "{report:?}");
        assert!(report.title.contains("200,000 keys"));
    }

    #[test]
    fn few_keys_are_judged_by_single_digits_or_not_at_all() {
        let report = test(500).unwrap();
        assert_eq!(report.conclusion(), Conclusion::TooFewKeys);
        assert!(report.statistics[0].p.is_none() && report.statistics[1].p.is_some());
    }
}
