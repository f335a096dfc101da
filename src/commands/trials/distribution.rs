//! `--test-distribution`: whether the first bytes of public keys are equally frequent.

use super::sample::{Next, draw};
use super::statistic::uniform;
use super::{Trial, about, keys_text};
use crate::text::number::thousands;

/// Tries `keys` candidates of real sweeps, those with a reserved first byte included: they are tested, too.
///
/// # Errors
/// No random bytes, or the engine refuses its work.
pub(super) fn trial(keys: u64) -> anyhow::Result<Trial> {
    let mut bytes = [0_u64; 256];
    let sample = draw(keys, |head| {
        bytes[usize::from(head[0])] += 1;
        Next::Count
    })?;
    let (fact, fault) = about(&sample);
    let digits = |shift: usize| sums_of(&bytes, shift);
    Ok(Trial {
        title: format!(
            "Distribution of the first two hex digits, {}",
            keys_text(sample.keys)
        ),
        facts: [Some(fact), extremes(&bytes, keys)]
            .into_iter()
            .flatten()
            .collect(),
        statistics: vec![
            uniform("both digits", &bytes),
            uniform("first digit", &digits(4)),
            uniform("second digit", &digits(0)),
        ],
        faults: fault.into_iter().collect(),
    })
}

/// How often each value of one of the two digits comes.
fn sums_of(bytes: &[u64; 256], shift: usize) -> [u64; 16] {
    let mut sums = [0; 16];
    for (byte, count) in bytes.iter().enumerate() {
        sums[byte >> shift & 0xf] += count;
    }
    sums
}

/// The most and least frequent beginnings.
fn extremes(bytes: &[u64; 256], keys: u64) -> Option<String> {
    let most = (0..256).max_by_key(|byte| bytes[*byte])?;
    let least = (0..256).min_by_key(|byte| bytes[*byte])?;
    Some(format!(
        "most frequent {most:02X} ({}), least frequent {least:02X} ({}), mean {:.1}",
        thousands(bytes[most]),
        thousands(bytes[least]),
        keys as f64 / 256.0
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::trials::Verdict;

    #[test]
    fn keys_of_real_sweeps_begin_with_every_byte_equally_often() {
        let trial = trial(200_000).unwrap();
        assert_eq!(trial.verdict(), Verdict::Pass, "{trial:?}");
        assert!(trial.title.contains("200,000 keys"));
    }

    #[test]
    fn few_keys_are_judged_by_single_digits_or_not_at_all() {
        let trial = trial(500).unwrap();
        assert_eq!(trial.verdict(), Verdict::TooFew);
        assert!(trial.statistics[0].p.is_none() && trial.statistics[1].p.is_some());
    }
}
