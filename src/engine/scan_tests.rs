//! No key that a rule is made for slips through the vector compare, however rare it is in a search.

use super::backend::{Backend, Task};
use super::both_ends::BothEnds;
use super::coarse::{
    Coarse, EndsRule, FIRST_LOOK_BITS, HIGH_MASK, HIGH_TOLERANCE, LOW_MASK, WordRule,
};
use super::field::portable::Portable;
use super::field::{Simd, Vector, Words};
use super::scan::Scan;

/// Lanes whose candidate has these words, as one number a lane set.
fn marked<S: Vector>(simd: S, coarse: &Coarse, low: u64, high: u64) -> u32 {
    let mut lanes = 0;
    simd.vectorize(|| {
        // what the words hold beside the known bits must not matter
        let words = [Words {
            low: simd.word(low | !LOW_MASK),
            high: simd.word(high >> 16 | 7 << 60),
        }];
        Scan::new(simd, coarse).block(&words, &mut |_, survivor| lanes |= 1 << survivor.lane);
        if let Some(look) = BothEnds::new(simd, coarse) {
            let [mut first] = words;
            first.low = simd.word(low | !((1 << FIRST_LOOK_BITS) - 1));
            let seen = look.may_hold(simd, &[first; 2]);
            assert!(seen || lanes == 0, "{coarse:?}: {low:x}, {high:x}");
        }
    });
    lanes
}

fn assert_accepted<S: Vector>(simd: S, coarse: &Coarse, key: &[u8; 32]) {
    let mut low = [0; 8];
    low[..6].copy_from_slice(&key[..6]);
    let mut high = [0; 8];
    high[2..].copy_from_slice(&key[26..]);
    let (low, high) = (
        u64::from_le_bytes(low),
        u64::from_le_bytes(high) & (i64::MAX as u64),
    );
    for short in [0, 1 << 16, HIGH_TOLERANCE / 2, HIGH_TOLERANCE] {
        let high = high.wrapping_sub(short) & (i64::MAX as u64);
        let all = (1 << S::LANES) - 1;
        assert_eq!(
            marked(simd, coarse, low, high),
            all,
            "{coarse:?} misses {key:02x?} - {short:x}"
        );
    }
}

fn on_every_backend(coarse: &Coarse, key: &[u8; 32]) {
    struct Accepts<'a>(&'a Coarse, &'a [u8; 32]);
    impl Task for Accepts<'_> {
        type Output = ();

        fn run<S: Simd>(self, simd: S) {
            assert_accepted(simd, self.0, self.1);
        }
    }
    for backend in Backend::ALL {
        backend.run(Accepts(coarse, key));
    }
}

/// Pseudorandom digits, the same at every run.
fn digits(state: &mut u64) -> Vec<u8> {
    (0..64)
        .map(|_| {
            *state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (*state >> 60) as u8
        })
        .collect()
}

fn key(digits: &[u8]) -> [u8; 32] {
    core::array::from_fn(|i| digits[2 * i] << 4 | digits[2 * i + 1])
}

#[test]
fn no_key_with_matching_ends_is_missed() {
    let mut state = 1;
    for n in 2..=16_usize {
        for _ in 0..200 {
            let mut digits = digits(&mut state);
            digits.copy_within(..n, 64 - n);
            let forward = EndsRule {
                forward: vec![n as u8],
                reversed: vec![],
            };
            on_every_backend(
                &Coarse {
                    ends: forward,
                    ..Coarse::default()
                },
                &key(&digits),
            );
            digits[64 - n..].reverse();
            let reversed = EndsRule {
                forward: vec![],
                reversed: vec![n as u8],
            };
            on_every_backend(
                &Coarse {
                    ends: reversed,
                    ..Coarse::default()
                },
                &key(&digits),
            );
        }
    }
}

/// What passes is recomputed one by one: it must be rare where matching ends are.
#[test]
fn hardly_any_key_without_matching_ends_passes() {
    let mut state = 3;
    let mut random = || {
        let digits = digits(&mut state);
        digits[..16]
            .iter()
            .fold(0, |word, digit| word << 4 | u64::from(*digit))
    };
    for n in 2..=12_u8 {
        for reversed in [false, true] {
            let (some, none) = (vec![n], vec![]);
            let (forward, reversed) = if reversed { (none, some) } else { (some, none) };
            let ends = EndsRule { forward, reversed };
            let coarse = Coarse {
                ends,
                ..Coarse::default()
            };
            let passes =
                |_: &u32| marked(Portable, &coarse, random() & LOW_MASK, random() >> 1) == 1;
            let passed = (0..1 << 14).filter(passes).count() as f64;
            // All but the sign, a bit for the tolerance, and what it covers.
            let bits = (4 * i32::from(n) - 2).min(32);
            let mean = f64::from(1 << 14) * 0.5_f64.powi(bits);
            assert!(
                passed <= mean + 7.0 * mean.sqrt() + 3.0,
                "{coarse:?}: {passed}"
            );
        }
    }
}

#[test]
fn no_key_with_a_given_beginning_or_end_is_missed() {
    let mut state = 2;
    for n in 1..=16 {
        for _ in 0..100 {
            let digits = digits(&mut state);
            let key = key(&digits);
            let mut mask = [0; 32];
            (0..n).for_each(|i| mask[i / 2] |= [0xf0, 0x0f][i % 2]);
            let (value, masked) = (word(&key, 0), word(&mask, 0) & LOW_MASK);
            let low = WordRule::Masked {
                mask: masked,
                value: value & masked,
            };
            on_every_backend(
                &Coarse {
                    low,
                    ..Coarse::default()
                },
                &key,
            );
            let mut mask = [0; 32];
            (0..n).for_each(|i| mask[31 - i / 2] |= [0x0f, 0xf0][i % 2]);
            let (value, masked) = (word(&key, 24), word(&mask, 24) & HIGH_MASK);
            let high = WordRule::Masked {
                mask: masked,
                value: value & masked,
            };
            on_every_backend(
                &Coarse {
                    high,
                    ..Coarse::default()
                },
                &key,
            );
        }
    }
}

/// Without a first look, a search for these would only be slower: no other test would show it.
#[test]
fn rules_of_many_bits_for_both_ends_have_a_first_look() {
    let masked = |mask| WordRule::Masked { mask, value: 0 };
    let of_ends = |forward: &[u8], reversed: &[u8]| Coarse {
        ends: EndsRule {
            forward: forward.to_vec(),
            reversed: reversed.to_vec(),
        },
        ..Coarse::default()
    };
    let either = |low, high| Coarse {
        low: masked(low),
        high: masked(high),
        ..Coarse::default()
    };
    let few = [
        of_ends(&[2], &[]),
        of_ends(&[8], &[3]),
        either(0xff, HIGH_MASK),
    ];
    let many = [
        of_ends(&[8, 12], &[5]),
        of_ends(&[4], &[4]),
        either(LOW_MASK, HIGH_MASK),
    ];
    let looks = |coarse: &Coarse| BothEnds::new(Portable, coarse).is_some();
    assert!(many.iter().all(looks) && !few.iter().any(looks));
}

fn word(bytes: &[u8; 32], at: usize) -> u64 {
    let mut word = [0; 8];
    word.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(word)
}
