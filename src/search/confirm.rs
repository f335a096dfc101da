//! Confirms the survivors of a lane exactly, and compares the two words of a survivor with its exact public key.
//!
//! Spot checks are computed from the lane's scalar by curve25519-dalek. Hits are computed from the lane's point, one at a time on
//! 64-bit words, since their keys are checked from the scalar before they are saved.

use super::hit::{Hit, HitKind, HitSink};
use super::lane::Lane;
use super::target::{Class, Target};
use super::worker::{Task, WorkerError};
use crate::engine::Survivor;
use crate::engine::coarse::{HIGH_TOLERANCE, LOW_MASK};
use crate::key::{KeyError, PublicKey};

/// The result for a lane's possible hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// No hit.
    Nothing,
    /// A hit was handed over: the lane needs a fresh start.
    Reported,
    /// The saver has no room: this many possible hits were skipped, and the start was not used up.
    Skipped(u64),
}

/// Recomputes the spot checks of a lane and counts how many are right.
///
/// # Errors
/// An offset leaves the clamped scalars, which no search lives to see.
pub(crate) fn count_spot_checks(lane: &mut Lane, target: &dyn Target) -> Result<(), KeyError> {
    for index in 0..lane.spot_checks.len() {
        let survivor = lane.spot_checks[index];
        // from the scalar, so that a spot check proves the lane's point, too
        let public = lane.origin.public_at(survivor.offset)?;
        let Some(public) = agreeing(lane, survivor, public) else {
            continue;
        };
        if target.is_spot_check(&public) {
            lane.counts.spot_checks += 1;
        } else {
            lane.counts.misses += 1;
        }
    }
    Ok(())
}

/// Looks for the first real hit of a lane and hands it over; further ones of the same start are dropped.
///
/// The rarer kind goes first, so that a common one can't hide it.
///
/// # Errors
/// The operating system gives no random bytes for the signing prefix.
pub(crate) fn confirm_hits(lane: &mut Lane, task: &Task) -> Result<Outcome, WorkerError> {
    let order = by_rarity(lane);
    let total = order.len() as u64;
    for (done, survivor) in (1..).zip(order) {
        match confirm(lane, survivor, task)? {
            Outcome::Nothing => {}
            Outcome::Reported => {
                lane.counts.dropped += total - done;
                return Ok(Outcome::Reported);
            }
            Outcome::Skipped(_) => return Ok(Outcome::Skipped(total - done + 1)),
        }
    }
    Ok(Outcome::Nothing)
}

fn by_rarity(lane: &Lane) -> Vec<Survivor> {
    let (mut first, mut second) = (&lane.wanted, &lane.watched);
    if second.len() < first.len() {
        std::mem::swap(&mut first, &mut second);
    }
    first.iter().chain(second).copied().collect()
}

fn confirm(lane: &mut Lane, survivor: Survivor, task: &Task) -> Result<Outcome, WorkerError> {
    if task.sink.is_full() {
        return Ok(Outcome::Skipped(1));
    }
    let public = lane.origin.public_by_point(survivor.offset)?;
    let Some(public) = agreeing(lane, survivor, public) else {
        return Ok(Outcome::Nothing);
    };
    let class = task.target.classify(&public);
    if class.wanted.is_none() && class.watched.is_empty() {
        lane.counts.misses += 1;
        return Ok(Outcome::Nothing);
    }
    lane.counts.hits += 1;
    match claim(class, task) {
        Some(kind) => hand_over(lane, survivor, (public, kind), task),
        None => Ok(Outcome::Nothing),
    }
}

/// The public key of a survivor, unless it proves that the engine computed something wrong, which is counted.
fn agreeing(lane: &mut Lane, survivor: Survivor, public: PublicKey) -> Option<PublicKey> {
    let agrees = agree(survivor.low, survivor.high, &public);
    if !agrees {
        lane.refute(survivor);
    }
    agrees.then_some(public)
}

/// Why the key is to be saved, if it is: a watched one only while its line has places left.
fn claim(class: Class, task: &Task) -> Option<HitKind> {
    let watch = &task.shared.watch;
    class.watched.iter().for_each(|line| watch.see(*line));
    match class.wanted {
        Some(pattern) => Some(HitKind::Wanted { pattern }),
        None => watch
            .claim_any(&class.watched)
            .map(|line| HitKind::Watched { line }),
    }
}

fn hand_over(
    lane: &Lane,
    survivor: Survivor,
    (public, kind): (PublicKey, HitKind),
    task: &Task,
) -> Result<Outcome, WorkerError> {
    let HitSink::Save(sender) = &task.sink else {
        return Ok(Outcome::Reported);
    };
    let hit = Hit {
        id: task.id,
        kind,
        public,
        found: lane.origin.found_at(survivor.offset)?,
        candidates: task.shared.tested(),
        at: task.clock.now(),
    };
    task.shared.key_departs();
    match sender.try_send(hit) {
        Ok(()) => Ok(Outcome::Reported),
        Err(refused) => {
            task.shared.key_arrives();
            if let HitKind::Watched { line } = refused.into_inner().kind {
                task.shared.watch.release(line);
            }
            Ok(Outcome::Skipped(1))
        }
    }
}

/// Bits of the `high` word: 63, the sign of x above them is not computed by a sweep.
const HIGH_BITS: u64 = (1 << 63) - 1;

/// The words that an exact engine would yield for a public key, laid out as `engine::coarse` says.
pub(crate) fn exact_words(public: &[u8; 32]) -> (u64, u64) {
    let mut low = [0; 8];
    low[..6].copy_from_slice(&public[..6]);
    let mut high = [0; 8];
    high[2..].copy_from_slice(&public[26..]);
    (
        u64::from_le_bytes(low),
        u64::from_le_bytes(high) & HIGH_BITS,
    )
}

/// Whether a survivor's words fit its exact public key: equal `low`, and a `high` that is too small by no more than
/// the stated tolerance. If not, the engine computed something wrong.
pub(crate) fn agree(low: u64, high: u64, public: &[u8; 32]) -> bool {
    let (exact_low, exact_high) = exact_words(public);
    let lag = exact_high.wrapping_sub(high) & HIGH_BITS;
    low & LOW_MASK == exact_low && lag <= HIGH_TOLERANCE
}

/// A public key with these words and this sign of x, zero where the words tell nothing.
pub(crate) fn sketch(low: u64, high: u64, sign: bool) -> [u8; 32] {
    let mut public = [0; 32];
    public[..6].copy_from_slice(&low.to_le_bytes()[..6]);
    let top = (high & HIGH_BITS) | (u64::from(sign) << 63);
    public[26..].copy_from_slice(&top.to_le_bytes()[2..]);
    public
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public() -> [u8; 32] {
        let mut bytes = [0u8; 32];
        for (i, byte) in (0u8..).zip(bytes.iter_mut()) {
            *byte = 0xA1 ^ (i * 7);
        }
        bytes
    }

    #[test]
    fn exact_words_agree_with_either_sign() {
        let mut key = public();
        for sign in [0x00, 0x80] {
            key[31] = (key[31] & 0x7f) | sign;
            let (low, high) = exact_words(&key);
            assert!(agree(low, high, &key));
        }
    }

    #[test]
    fn a_high_word_may_lag_by_the_tolerance_and_no_more() {
        let key = public();
        let (low, high) = exact_words(&key);
        assert!(agree(
            low,
            high.wrapping_sub(HIGH_TOLERANCE) & HIGH_BITS,
            &key
        ));
        assert!(!agree(
            low,
            high.wrapping_sub(HIGH_TOLERANCE + (1 << 16)) & HIGH_BITS,
            &key
        ));
        assert!(!agree(low, high + (1 << 16), &key));
    }

    #[test]
    fn a_high_word_may_wrap_below_zero() {
        let mut key = public();
        key[26..].fill(0);
        let (low, _) = exact_words(&key);
        assert!(agree(low, HIGH_BITS & !0xffff, &key));
    }

    #[test]
    fn any_flipped_bit_of_the_low_word_is_an_error() {
        let key = public();
        let (low, high) = exact_words(&key);
        for bit in 0..48 {
            assert!(!agree(low ^ (1 << bit), high, &key), "bit {bit}");
        }
    }

    #[test]
    fn a_sketch_has_the_ends_of_the_key() {
        let key = public();
        let (low, high) = exact_words(&key);
        let sketch = sketch(low, high, key[31] & 0x80 != 0);
        assert_eq!(sketch[..6], key[..6]);
        assert_eq!(sketch[26..], key[26..]);
    }
}
