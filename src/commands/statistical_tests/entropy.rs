//! `--test-entropy`: whether the parts of whole keys look random, and whether any part comes twice.

use std::collections::HashSet;

use sha2::{Digest, Sha256};

use super::statistic::{Statistic, fair_bits, rare, uniform};
use super::{TestReport, keys_text};
use crate::key::{PrivateKey, PublicKey, Start};

/// The bits of a scalar that clamping leaves free.
const FREE_BITS: std::ops::Range<usize> = 3..254;

/// The bytes of a scalar that clamping leaves alone.
const FREE_BYTES: std::ops::Range<usize> = 1..31;

/// Counts over all keys; no part of a private key stays in it.
struct Counts {
    keys: u64,
    /// How often each free bit of the scalar is set.
    bits: Vec<u64>,
    scalar: [u64; 256],
    prefix: [u64; 256],
    public: [u64; 256],
    publics: HashSet<PublicKey>,
    /// Digests of the signing prefixes.
    prefixes: HashSet<[u8; 32]>,
}

/// Makes `keys` private keys as a search does, each from a start of its own.
///
/// # Errors
/// No random bytes.
pub(super) fn test(keys: u64) -> anyhow::Result<TestReport> {
    let mut counts = Counts::new();
    for offset in 0..keys {
        counts.add(&Start::fresh()?.key((offset % 4_097) as i64)?);
    }
    Ok(TestReport {
        title: format!("Randomness of whole keys, {}", keys_text(keys)),
        facts: vec![counts.entropies()],
        statistics: counts.statistics(),
        faults: Vec::new(),
    })
}

impl Counts {
    fn new() -> Self {
        Self {
            keys: 0,
            bits: vec![0; FREE_BITS.len()],
            scalar: [0; 256],
            prefix: [0; 256],
            public: [0; 256],
            publics: HashSet::new(),
            prefixes: HashSet::new(),
        }
    }

    fn add(&mut self, key: &PrivateKey) {
        let public = key.public();
        self.keys += 1;
        for (set, bit) in self.bits.iter_mut().zip(FREE_BITS) {
            *set += u64::from(key.scalar()[bit / 8] >> (bit % 8) & 1);
        }
        tally(&mut self.scalar, &key.scalar()[FREE_BYTES]);
        tally(&mut self.prefix, key.signing_prefix());
        tally(&mut self.public, &public);
        self.publics.insert(public);
        self.prefixes
            .insert(Sha256::digest(key.signing_prefix()).into());
    }

    fn entropies(&self) -> String {
        let [scalar, prefix, public] = [&self.scalar, &self.prefix, &self.public].map(entropy);
        format!(
            "entropy in bits per byte (at most 8): scalar {scalar:.4}, signing prefix {prefix:.4}, public key {public:.4}"
        )
    }

    fn statistics(&self) -> Vec<Statistic> {
        // Pairs among n parts of 251 bits that are equal: n² / 2^252, which is as good as none.
        let expected = (self.keys as f64).powi(2) / 2_f64.powi(252);
        let repeated = |distinct: usize| self.keys - distinct as u64;
        vec![
            fair_bits("free bits of the scalar", &self.bits, self.keys),
            uniform("bytes of the scalar", &self.scalar),
            uniform("bytes of the signing prefix", &self.prefix),
            uniform("bytes of the public key", &self.public),
            rare("repeated scalars", repeated(self.publics.len()), expected),
            rare(
                "repeated signing prefixes",
                repeated(self.prefixes.len()),
                expected,
            ),
        ]
    }
}

fn tally(counts: &mut [u64; 256], bytes: &[u8]) {
    for byte in bytes {
        counts[usize::from(*byte)] += 1;
    }
}

/// Shannon's entropy of the frequencies, in bits per byte.
fn entropy(counts: &[u64; 256]) -> f64 {
    let total: u64 = counts.iter().sum();
    let shares = counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| *count as f64 / total as f64);
    -shares.map(|share| share * share.log2()).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::statistical_tests::Conclusion;

    #[test]
    fn whole_keys_look_random() {
        let report = test(500).unwrap();
        assert_eq!(report.conclusion(), Conclusion::Pass, "{report:?}");
    }

    #[test]
    fn a_key_that_comes_again_and_again_fails() {
        let key = Start::from_bytes(&[7; 32]).key(0).unwrap();
        let mut counts = Counts::new();
        (0..100).for_each(|_| counts.add(&key));
        let suspicious: Vec<_> = counts
            .statistics()
            .iter()
            .map(Statistic::is_suspicious)
            .collect();
        assert_eq!(suspicious, [true; 6]);
    }

    #[test]
    fn entropy_is_that_of_the_frequencies() {
        assert_eq!(entropy(&[3; 256]), 8.0);
        let mut coin = [0; 256];
        (coin[1], coin[2]) = (5, 5);
        assert_eq!(entropy(&coin), 1.0);
    }
}
