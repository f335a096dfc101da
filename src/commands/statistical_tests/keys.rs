//! The tests on whole keys: `--test-compatibility`, whether known and new keys pass every check that a key must pass before
//! it is saved; and `--test-entropy`, whether their parts look random, and whether any part repeats.

use std::collections::HashSet;
use std::ops::Range;

use sha2::{Digest, Sha256};

use super::TestReport;
use super::statistic::{Statistic, fair_bits, rare, share, uniform};
use crate::commands::self_test::known_keys;
use crate::event::message::keys as keys_text;
use crate::key::verify::{check, examine};
use crate::key::{CheckError, KeyError, PrivateKey, PublicKey, Start};
use crate::text::number::thousands;

/// New keys to check.
const NEW_KEYS: u64 = 1_000;

/// The distance between a start and the key that is made of it: any will do.
const OFFSET: i64 = 4_097;

const CHECKS: &str = "each: scalar clamped, public key derived, signed and verified, key exchange with the firmware's \
                      test client, written and read as text";

/// Tests the known keys, and new ones as a search makes them.
///
/// # Errors
/// No random bytes.
pub(super) fn compatibility() -> anyhow::Result<TestReport> {
    let known = known_keys()?;
    let title = format!(
        "Compatibility with MeshCore, {} known keys and {} new ones",
        known.len(),
        thousands(NEW_KEYS)
    );
    let mut faults: Vec<String> = known.into_iter().filter_map(known_fault).collect();
    let mut reserved = 0;
    for number in 1..=NEW_KEYS {
        let (is_reserved, wrong) = new_key()?;
        reserved += u64::from(is_reserved);
        faults.extend(
            wrong
                .iter()
                .map(|fault| format!("new key {number}: {fault}")),
        );
    }
    let name = "new keys that begin with 00 or FF, which a search leaves out";
    Ok(TestReport {
        title,
        facts: vec![CHECKS.to_owned()],
        statistics: vec![share(name, reserved, NEW_KEYS, 2.0 / 256.0)],
        faults,
    })
}

fn known_fault((private, public): (PrivateKey, PublicKey)) -> Option<String> {
    let wrong = check(private, &public).err()?;
    Some(format!("known key: {wrong}"))
}

/// Makes a key, writes it as text, reads it again and checks it: whether its first byte is reserved, and its faults.
fn new_key() -> Result<(bool, Vec<String>), KeyError> {
    let start = Start::fresh()?;
    let expected = start.candidate(OFFSET)?.public();
    let key = start.key(OFFSET)?;
    let reread = PrivateKey::from_hex(key.hex().expose());
    let differs = reread.map_or(true, |read| read.expose() != key.expose());
    let is_reserved = |failure: &CheckError| matches!(failure, CheckError::Reserved { .. });
    let failures = examine(&key, Some(&expected)).failures;
    let (by_chance, real): (Vec<_>, Vec<_>) = failures.into_iter().partition(is_reserved);
    let text = differs.then(|| "it reads differently than it was written".to_owned());
    let faults = real.iter().map(ToString::to_string).chain(text);
    Ok((!by_chance.is_empty(), faults.collect()))
}

/// The bits of a scalar that clamping leaves free.
const FREE_BITS: Range<usize> = 3..254;

/// The bytes of a scalar that clamping leaves alone.
const FREE_BYTES: Range<usize> = 1..31;

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
pub(super) fn entropy(keys: u64) -> anyhow::Result<TestReport> {
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
        let [scalar, prefix, public] =
            [&self.scalar, &self.prefix, &self.public].map(bits_per_byte);
        format!(
            "entropy in bits per byte (at most 8): scalar {scalar:.4}, signing prefix {prefix:.4}, public key {public:.4}"
        )
    }

    fn statistics(&self) -> Vec<Statistic> {
        // Pairs among n parts of 251 bits that are equal: n² / 2^252, which is as good as none.
        let expected = (self.keys as f64).powi(2) / 2_f64.powi(252);
        let repeated = |name, distinct: usize| rare(name, self.keys - distinct as u64, expected);
        vec![
            fair_bits("free bits of the scalar", &self.bits, self.keys),
            uniform("bytes of the scalar", &self.scalar),
            uniform("bytes of the signing prefix", &self.prefix),
            uniform("bytes of the public key", &self.public),
            repeated("repeated scalars", self.publics.len()),
            repeated("repeated signing prefixes", self.prefixes.len()),
        ]
    }
}

fn tally(counts: &mut [u64; 256], bytes: &[u8]) {
    for byte in bytes {
        counts[usize::from(*byte)] += 1;
    }
}

/// Shannon's entropy of the frequencies, in bits per byte.
fn bits_per_byte(counts: &[u64; 256]) -> f64 {
    let total: u64 = counts.iter().sum();
    let counts = counts.iter().filter(|count| **count > 0);
    let shares = counts.map(|count| *count as f64 / total as f64);
    -shares.map(|share| share * share.log2()).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::statistical_tests::Conclusion;

    #[test]
    fn known_and_new_keys_pass_every_check() {
        let report = compatibility().unwrap();
        assert_eq!(report.conclusion(), Conclusion::Pass, "{report:?}");
    }

    #[test]
    fn a_known_key_with_another_public_key_is_a_fault() {
        let mut keys = known_keys().unwrap();
        let (_, public) = keys.swap_remove(1);
        let (private, _) = keys.swap_remove(0);
        let fault = known_fault((private, public)).unwrap();
        assert!(fault.starts_with("known key: the public key"), "{fault}");
    }

    #[test]
    fn whole_keys_look_random() {
        let report = entropy(500).unwrap();
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
        assert_eq!(bits_per_byte(&[3; 256]), 8.0);
        let mut coin = [0; 256];
        (coin[1], coin[2]) = (5, 5);
        assert_eq!(bits_per_byte(&coin), 1.0);
    }
}
