//! `--test-compatibility`: whether known and new keys pass every check that a key must pass before it is saved.

use super::TestReport;
use super::statistic::share;
use crate::commands::known_keys::KNOWN_KEYS;
use crate::key::verify::{check, examine};
use crate::key::{CheckError, KeyError, PrivateKey, PublicKey, Start};
use crate::text::number::thousands;

/// New keys that are made.
const KEYS: u64 = 1_000;

/// The distance between a start and the key that is made of it: any will do.
const OFFSET: i64 = 4_097;

const CHECKS: &str = "each: scalar clamped, public key derived, signed and verified, key exchange with the firmware's \
                      test client, written and read as text";

/// Tests the known keys, and new ones as a search makes them.
///
/// # Errors
/// No random bytes.
pub(super) fn test() -> anyhow::Result<TestReport> {
    let known_faults = KNOWN_KEYS
        .iter()
        .filter_map(|known| known_fault(known.pair()));
    let mut faults: Vec<String> = known_faults.collect();
    let mut reserved = 0;
    for number in 1..=KEYS {
        let key = new_key()?;
        reserved += u64::from(key.is_reserved);
        faults.extend(
            key.faults
                .iter()
                .map(|fault| format!("new key {number}: {fault}")),
        );
    }
    let (known, new) = (KNOWN_KEYS.len(), thousands(KEYS));
    let reserved = share(
        "new keys that begin with 00 or FF, which a search leaves out",
        reserved,
        KEYS,
        2.0 / 256.0,
    );
    Ok(TestReport {
        title: format!("Compatibility with MeshCore, {known} known keys and {new} new ones"),
        facts: vec![CHECKS.to_owned()],
        statistics: vec![reserved],
        faults,
    })
}

fn known_fault<E: ToString>(pair: Result<(PrivateKey, PublicKey), E>) -> Option<String> {
    let wrong = match pair {
        Ok((private, public)) => check(private, &public).err().map(|error| error.to_string()),
        Err(error) => Some(error.to_string()),
    };
    wrong.map(|wrong| format!("known key: {wrong}"))
}

/// What the checks say about a new key.
struct NewKey {
    is_reserved: bool,
    faults: Vec<String>,
}

/// Makes a key, writes it as text, reads it again and checks it.
fn new_key() -> Result<NewKey, KeyError> {
    let start = Start::fresh()?;
    let expected = start.candidate(OFFSET)?.public();
    let key = start.key(OFFSET)?;
    let reread = PrivateKey::from_hex(key.hex().expose());
    let differs = reread.map_or(true, |read| read.expose() != key.expose());
    let is_reserved = |failure: &CheckError| matches!(failure, CheckError::Reserved { .. });
    let failures = examine(&key, Some(&expected)).failures;
    let (by_chance, real): (Vec<_>, Vec<_>) = failures.into_iter().partition(is_reserved);
    let text = differs.then(|| "it reads differently than it was written".to_owned());
    Ok(NewKey {
        is_reserved: !by_chance.is_empty(),
        faults: real.iter().map(ToString::to_string).chain(text).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::statistical_tests::Conclusion;

    #[test]
    fn known_and_new_keys_pass_every_check() {
        let report = test().unwrap();
        assert_eq!(report.conclusion(), Conclusion::Pass, "{report:?}");
    }

    #[test]
    fn a_known_key_with_another_public_key_is_a_fault() {
        let (private, _) = KNOWN_KEYS[0].pair().unwrap();
        let (_, public) = KNOWN_KEYS[1].pair().unwrap();
        let fault = known_fault::<String>(Ok((private, public))).unwrap();
        assert!(fault.starts_with("known key: the public key"), "{fault}");
    }
}
