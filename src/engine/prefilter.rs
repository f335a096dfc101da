//! A first look at one end of each candidate, for rules that look at no other.
//!
//! Computing one end of y alone takes half of the multiplications of both. Its word is too small by up to a few thousand,
//! since carries from between the ends are missing, so a first look lets more through than the rule does. What passes
//! is computed again with both ends and goes through the rule itself: nobody sees that there was a first look.

use super::coarse::{Coarse, HIGH_MASK, LOW_MASK, WordRule, compared_bits};
use super::field::{Simd, Vector};
use super::scan::HIGH_SHIFT;

/// Fewest bits that a first look must compare: one pair of vectors of four lanes in 16 passes by accident then.
const LEAST_BITS: u32 = 7;

/// Bits of the high word of a sweep.
const HIGH_BITS: u32 = 47;

/// What of y is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Low,
    /// With the carries that a short beginning needs.
    CarriedLow,
    High,
}

/// Compares one word of a candidate with what a rule wants.
///
/// Let the true word be T = x + e with the computed one x and 0 ≤ e ≤ E. If the rule accepts T, then T = V + u with the
/// wanted value V and u zero in the rule's bits, so that x − V + E = u + (E − e). The bits compared begin at t, which is
/// chosen so that the part of u below bit t, added to E, stays below 2^t. So nothing is carried into them, and they are
/// zero as they are in u.
#[derive(Clone, Copy)]
pub(crate) struct Prefilter<S: Vector> {
    pub(crate) end: End,
    mask: S::Word,
    /// Added to the words of C + Q.
    plus: S::Word,
    /// Added to those of C − Q.
    minus: S::Word,
}

impl<S: Simd> Prefilter<S> {
    /// The first look for these rules; nothing where they look at both ends, or at too few bits.
    #[inline(always)]
    pub(crate) fn new(simd: S, coarse: &Coarse) -> Option<Self> {
        if !(coarse.ends.forward.is_empty() && coarse.ends.reversed.is_empty()) {
            return None;
        }
        match (&coarse.low, &coarse.high) {
            (WordRule::Masked { mask, value }, WordRule::Never) => {
                let rule = [mask & LOW_MASK, *value];
                let carried = S::CARRIED_LOW_SHORT;
                Self::at(simd, End::Low, rule, S::LOW_SHORT).or_else(|| {
                    carried.and_then(|short| Self::at(simd, End::CarriedLow, rule, short))
                })
            }
            (WordRule::Never, WordRule::Masked { mask, value }) => {
                let rule = [mask & HIGH_MASK, *value].map(|word| word >> HIGH_SHIFT);
                Self::at(simd, End::High, rule, S::HIGH_SHORT)
            }
            _ => None,
        }
    }

    /// The first look at words of this end, too small by `short` at most, for the bits in a mask and their values.
    #[inline(always)]
    fn at(simd: S, end: End, [mask, value]: [u64; 2], short: u64) -> Option<Self> {
        // a sum of p or more, or a difference below zero, is 19 off at the low end and a unit at the high end
        let (bits, off) = match end {
            End::Low | End::CarriedLow => (S::LOW_BITS, 19),
            End::High => (HIGH_BITS, 2),
        };
        let most = 2 * short + off;
        let compared = compared_bits(mask, most) & ((1 << bits) - 1);
        let plus = most.wrapping_sub(value & mask);
        (compared.count_ones() >= LEAST_BITS).then(|| Self {
            end,
            mask: simd.word(compared),
            plus: simd.word(plus),
            // what is missing of the subtrahend makes a difference too large
            minus: simd.word(plus.wrapping_sub(short + off)),
        })
    }

    /// Whether any lane of a + b or of a − b may hold a word that the rule accepts.
    #[inline(always)]
    pub(crate) fn may_hold(&self, simd: S, [a, b]: [S::Word; 2]) -> bool {
        let plus = simd.word_add(simd.word_add(a, b), self.plus);
        let minus = simd.word_add(simd.word_sub(a, b), self.minus);
        simd.lanes_without(plus, self.mask) | simd.lanes_without(minus, self.mask) != 0
    }
}

/// Tells from a part of the words of a pair of candidates whether the filter wants to see the whole.
pub(crate) trait Look<S: Simd> {
    /// Whether any lane of constant · w ± x · w may hold words that the rules accept.
    fn may_hold(&self, simd: S, constant: &S::Limbs, x: &S::Fe, w: &S::Fe) -> bool;
}

/// A first look at the low end.
pub(crate) struct LowEnd<S: Vector>(pub(crate) Prefilter<S>);

/// A first look at the low end with its carries.
pub(crate) struct CarriedLowEnd<S: Vector>(pub(crate) Prefilter<S>);

/// A first look at the high end.
pub(crate) struct HighEnd<S: Vector>(pub(crate) Prefilter<S>);

impl<S: Simd> Look<S> for LowEnd<S> {
    #[inline(always)]
    fn may_hold(&self, simd: S, constant: &S::Limbs, x: &S::Fe, w: &S::Fe) -> bool {
        self.0.may_hold(simd, simd.lows_both(constant, x, w))
    }
}

impl<S: Simd> Look<S> for CarriedLowEnd<S> {
    #[inline(always)]
    fn may_hold(&self, simd: S, constant: &S::Limbs, x: &S::Fe, w: &S::Fe) -> bool {
        self.0
            .may_hold(simd, simd.carried_lows_both(constant, x, w))
    }
}

impl<S: Simd> Look<S> for HighEnd<S> {
    #[inline(always)]
    fn may_hold(&self, simd: S, constant: &S::Limbs, x: &S::Fe, w: &S::Fe) -> bool {
        self.0.may_hold(simd, simd.highs_both(constant, x, w))
    }
}

#[cfg(test)]
mod tests {
    use std::ops::Mul;
    use std::sync::Arc;

    use super::*;
    use crate::backend::{Backend, Task};
    use crate::field::FieldElement;
    use crate::sweeper::Sweeper;
    use crate::table::Table;

    /// Pseudorandom words, the same at every run.
    fn random(state: &mut u64) -> u64 {
        *state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        *state ^ *state >> 29
    }

    /// Makes a and b of a sum (or difference) with the wanted bits, each computed one too small by `short` at most.
    fn assert_seen<S: Simd>(simd: S, coarse: &Coarse, state: &mut u64) -> bool {
        let Some(prefilter) = Prefilter::new(simd, coarse) else {
            return false;
        };
        let (rule, short, shift, modulus) = match prefilter.end {
            End::Low => (&coarse.low, S::LOW_SHORT, 0, 1_u64 << S::LOW_BITS),
            End::CarriedLow => {
                let short = S::CARRIED_LOW_SHORT.unwrap();
                (&coarse.low, short, 0, 1_u64 << S::LOW_BITS)
            }
            End::High => (&coarse.high, S::HIGH_SHORT, HIGH_SHIFT, 1 << HIGH_BITS),
        };
        let WordRule::Masked { mask, value } = rule else {
            return false;
        };
        for fill in [0, u64::MAX, random(state), random(state)] {
            let wanted = (value | fill & !mask) >> shift;
            for [short_a, short_b] in [[0, 0], [0, short], [short, 0], [short, short]] {
                let b = random(state);
                let garbage = random(state) & !(modulus - 1);
                let off: u64 = if prefilter.end == End::High { 1 } else { 19 };
                for off in [0, off] {
                    let a = wanted.wrapping_sub(b).wrapping_sub(off);
                    let computed = [
                        (a.wrapping_sub(short_a) & (modulus - 1)) | garbage,
                        (b.wrapping_sub(short_b) & (modulus - 1)) | garbage,
                    ];
                    let words = computed.map(|word| simd.word(word));
                    assert!(prefilter.may_hold(simd, words), "{coarse:?} misses a sum");
                    let a = wanted.wrapping_add(b).wrapping_add(off);
                    let computed = [
                        (a.wrapping_sub(short_a) & (modulus - 1)) | garbage,
                        computed[1],
                    ];
                    let words = computed.map(|word| simd.word(word));
                    assert!(
                        prefilter.may_hold(simd, words),
                        "{coarse:?} misses a difference"
                    );
                }
            }
        }
        true
    }

    fn on_every_backend(coarse: &Coarse, state: &mut u64) -> bool {
        struct Sees<'a>(&'a Coarse, &'a mut u64);
        impl Task for Sees<'_> {
            type Output = bool;

            fn run<S: Simd>(self, simd: S) -> bool {
                assert_seen(simd, self.0, self.1)
            }
        }
        let seen = Backend::ALL.map(|backend| backend.run(Sees(coarse, state)));
        seen.contains(&Some(true))
    }

    /// Digits 1 to n at the low end, or the last n at the high end, in a sweep's words.
    fn mask_of(n: u32, low: bool) -> u64 {
        let digits = u64::MAX << (64 - 4 * n);
        if low {
            digits.swap_bytes() & LOW_MASK
        } else {
            let swapped =
                (digits & 0x0f0f_0f0f_0f0f_0f0f) << 4 | digits >> 4 & 0x0f0f_0f0f_0f0f_0f0f;
            swapped & HIGH_MASK
        }
    }

    #[test]
    fn no_beginning_or_end_of_1_to_16_digits_is_missed_at_the_bounds_of_what_is_left_out() {
        let mut state = 5;
        let mut seen = 0;
        for n in 1..=16 {
            for low in [true, false] {
                for _ in 0..50 {
                    let mask = mask_of(n, low);
                    for mask in [
                        mask,
                        mask & random(&mut state),
                        mask & !0xff,
                        mask & !0x7f_ffff,
                    ] {
                        let value = random(&mut state) & mask;
                        let rule = WordRule::Masked { mask, value };
                        let (rule, none) = (rule, WordRule::Never);
                        let (low, high) = if low { (rule, none) } else { (none, rule) };
                        let coarse = Coarse {
                            low,
                            high,
                            ..Coarse::default()
                        };
                        seen += u32::from(on_every_backend(&coarse, &mut state));
                    }
                }
            }
        }
        assert!(seen > 1_000, "only {seen} rules had a first look");
    }

    /// What 40 sweeps of a small table let through.
    fn survivors(backend: Backend, coarse: &Coarse) -> Vec<(usize, i64, u64)> {
        let mut sweeper = Sweeper::new(backend, Arc::new(Table::new(64))).unwrap();
        for lane in 0..sweeper.lanes() {
            let start = FieldElement::from_u32(4).mul(FieldElement::from_u32(5).invert());
            sweeper.set_start(lane, &start.to_bytes()).unwrap();
        }
        let mut found = Vec::new();
        for _ in 0..40 {
            sweeper.sweep(coarse, &mut |s| found.push((s.lane, s.offset, s.low)));
        }
        found.sort_unstable();
        found
    }

    #[test]
    fn a_first_look_changes_nothing_of_what_survives() {
        let rule = |mask: u64| WordRule::Masked {
            mask,
            value: 0x0123_4567_89ab_cdef & mask,
        };
        // a rule for the other end, which nothing fulfils, asks for both
        let (low, high) = (rule(0x01ff_8000), rule(0x7fe0 << 48));
        let pairs = [
            [(low.clone(), WordRule::Never), (low, rule(HIGH_MASK))],
            [(WordRule::Never, high.clone()), (rule(LOW_MASK), high)],
        ];
        for backend in Backend::supported() {
            for pair in &pairs {
                let [one, both] = pair.clone().map(|(low, high)| {
                    let coarse = Coarse {
                        low,
                        high,
                        ..Coarse::default()
                    };
                    survivors(backend, &coarse)
                });
                assert!(one.len() > 2, "{backend}: {one:?}");
                assert_eq!(one, both, "{backend}");
            }
        }
    }

    #[test]
    fn bits_into_which_nothing_is_carried_are_compared() {
        assert_eq!(compared_bits(0xffff_ffff, 0x30), 0xffff_ffc0);
        assert_eq!(
            compared_bits(0xffff_ff80, 0x30),
            0xffff_ff00 & !0xff | 0xffff_ff00
        );
        assert_eq!(compared_bits(0x30, 0x30), 0);
    }
}
