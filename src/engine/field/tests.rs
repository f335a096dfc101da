//! One test per operation, which every instruction set must pass against big integers.

use std::ops::Mul;

use num_bigint::BigUint;

use super::element::FieldElement;
use super::{MAX_LANES, Simd, Words};
use crate::backend::{Backend, Task};
use crate::coarse::{FIRST_LOOK_BITS, HIGH_TOLERANCE, IndexSet, LOW_MASK};

/// A property that holds on every instruction set.
trait Property {
    fn check<S: Simd>(&self, simd: S, name: &str);
}

struct Check<'a, P>(&'a P, &'a str);

impl<P: Property> Task for Check<'_, P> {
    type Output = ();

    fn run<S: Simd>(self, simd: S) {
        self.0.check(simd, self.1);
    }
}

fn on_every_backend(property: &impl Property) {
    for backend in Backend::ALL {
        if backend.run(Check(property, backend.name())).is_none() {
            eprintln!("skipped: this processor has no {backend}");
        }
    }
}

fn p() -> BigUint {
    (BigUint::from(1_u8) << 255) - 19_u8
}

fn big(value: &FieldElement) -> BigUint {
    BigUint::from_bytes_le(&value.to_bytes())
}

fn element(value: &BigUint) -> FieldElement {
    let mut bytes = [0; 32];
    let digits = value.to_bytes_le();
    bytes[..digits.len()].copy_from_slice(&digits);
    FieldElement::from_bytes(&bytes)
}

/// The values where carries and reductions have their edges, then pseudorandom ones.
fn values() -> Vec<BigUint> {
    let one = BigUint::from(1_u8);
    let mut values = vec![
        BigUint::ZERO,
        one.clone(),
        p() - 1_u8,
        p(),
        p() + 1_u8,
        p() - 19_u8,
        (&one << 255) - 1_u8,
        (&one << 254) - 1_u8,
    ];
    for radix in [29, 51, 52] {
        // a single full limb, and all limbs full but one
        for limb in 0..255 / radix {
            let full = ((&one << radix) - 1_u8) << (limb * radix);
            values.push((&one << 255) - 1_u8 - &full);
            values.push(full);
        }
    }
    let mut state = 0x1234_5678_9abc_def0_u64;
    for _ in 0..40 {
        let mut bytes = [0; 32];
        for byte in &mut bytes {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            *byte = (state >> 56) as u8;
        }
        bytes[31] &= 0x7f;
        values.push(BigUint::from_bytes_le(&bytes));
    }
    values
}

/// Calls `test` with vectors that hold every pair of [`values`], and with the pairs.
fn over_pairs<S: Simd>(simd: S, mut test: impl FnMut(S::Fe, S::Fe, &[(BigUint, BigUint)])) {
    let values = values();
    let pairs: Vec<_> = values
        .iter()
        .flat_map(|a| values.iter().map(|b| (a.clone(), b.clone())))
        .collect();
    for chunk in pairs.chunks(S::LANES) {
        let zero = simd.splat(&S::limbs(&FieldElement::ZERO));
        let (mut a, mut b) = (zero, zero);
        for (lane, (x, y)) in chunk.iter().enumerate() {
            simd.insert(&mut a, lane, &element(x));
            simd.insert(&mut b, lane, &element(y));
        }
        test(a, b, chunk);
    }
}

fn assert_lanes<S: Simd>(
    simd: S,
    name: &str,
    what: &str,
    got: &S::Fe,
    pairs: &[(BigUint, BigUint)],
    expected: impl Fn(&BigUint, &BigUint) -> BigUint,
) {
    for (lane, (a, b)) in pairs.iter().enumerate() {
        let value = big(&simd.extract(got, lane));
        assert_eq!(
            value,
            expected(a, b) % p(),
            "{name}: {what} of {a:x} and {b:x}"
        );
    }
}

/// Compares words with those of the exact value: low exact, high too small by no more than the tolerance.
fn assert_words<S: Simd>(simd: S, name: &str, words: Words<S::Word>, lane: usize, y: &BigUint) {
    let (mut low, mut high) = ([0; MAX_LANES], [0; MAX_LANES]);
    simd.store(words.low, &mut low);
    simd.store(words.high, &mut high);
    let bytes = element(y).to_bytes();
    let word = |at: usize| {
        let mut word = [0; 8];
        word.copy_from_slice(&bytes[at..at + 8]);
        u64::from_le_bytes(word)
    };
    let exact = word(24) >> 16;
    if exact >> 14 == 0 || exact >> 14 == (1 << 33) - 1 {
        return; // within the tolerance of 0 or p, the carry out of the top may be one of those left out
    }
    assert_eq!(
        low[lane] & LOW_MASK,
        word(0) & LOW_MASK,
        "{name}: low word of {y:x}"
    );
    let short = exact.wrapping_sub(high[lane]) & ((1 << 47) - 1);
    assert!(
        short <= HIGH_TOLERANCE >> 16,
        "{name}: high word of {y:x} is short by {short:x}"
    );
}

struct SumsAndDifferences;

impl Property for SumsAndDifferences {
    fn check<S: Simd>(&self, simd: S, name: &str) {
        over_pairs(simd, |a, b, pairs| {
            assert_lanes(simd, name, "sum", &simd.add(&a, &b), pairs, |a, b| a + b);
            assert_lanes(
                simd,
                name,
                "difference",
                &simd.sub(&a, &b),
                pairs,
                |a, b| a + p() + p() - b,
            );
        });
    }
}

#[test]
fn sums_and_differences_agree_with_big_integers() {
    on_every_backend(&SumsAndDifferences);
}

struct Products;

impl Property for Products {
    fn check<S: Simd>(&self, simd: S, name: &str) {
        over_pairs(simd, |a, b, pairs| {
            assert_lanes(simd, name, "product", &simd.mul(&a, &b), pairs, |a, b| {
                a * b
            });
            let square = simd.mul(&a, &a);
            assert_lanes(simd, name, "square", &square, pairs, |a, _| a * a);
        });
    }
}

#[test]
fn products_agree_with_big_integers() {
    on_every_backend(&Products);
}

struct ProductsWithSums;

impl Property for ProductsWithSums {
    fn check<S: Simd>(&self, simd: S, name: &str) {
        for constant in values() {
            let limbs = S::limbs(&element(&constant));
            over_pairs(simd, |a, b, pairs| {
                let addend = simd.addend(&b);
                let with_sum = |a: &BigUint, b: &BigUint| a * (b + &constant);
                let (mut got, mut product) = (a, a);
                let results = [&mut got, &mut product];
                simd.mul_both([&a, &b], &addend, &limbs, results);
                assert_lanes(simd, name, "first of both", &product, pairs, |a, b| a * b);
                assert_lanes(simd, name, "second of both", &got, pairs, with_sum);
                let mut out = [a; 2];
                simd.mul_sums(&[b, a], [&addend, &addend], &limbs, &mut out);
                assert_lanes(simd, name, "b (b + c)", &out[0], pairs, |_, b| {
                    b * (b + &constant)
                });
                assert_lanes(simd, name, "a (b + c)", &out[1], pairs, with_sum);
            });
            if S::LANES < MAX_LANES && constant > p() + 1_u8 {
                break; // the slow instruction sets see the edges only
            }
        }
    }
}

#[test]
fn products_with_unreduced_sums_agree_with_big_integers() {
    on_every_backend(&ProductsWithSums);
}

struct ConstantProducts;

impl Property for ConstantProducts {
    fn check<S: Simd>(&self, simd: S, name: &str) {
        for constant in values().into_iter().step_by(3) {
            let limbs = S::limbs(&element(&constant));
            over_pairs(simd, |a, _, pairs| {
                let mut got = a;
                simd.mul_constant(&simd.multiplier(&a), &S::constant(&limbs), &mut got);
                assert_lanes(simd, name, "prepared product", &got, pairs, |a, _| {
                    a * &constant
                });
            });
        }
    }
}

#[test]
fn prepared_products_with_constants_agree_with_big_integers() {
    on_every_backend(&ConstantProducts);
}

struct Ends;

impl Property for Ends {
    fn check<S: Simd>(&self, simd: S, name: &str) {
        for constant in values().into_iter().rev().take(6) {
            let limbs = S::limbs(&element(&constant));
            over_pairs(simd, |a, b, pairs| {
                let a = simd.add(&simd.mul(&a, &a), &simd.splat(&limbs));
                let [first, second] = simd.ends_both(&limbs, &a, &b);
                let [plus, minus] = simd.plus_minus(&first, &second);
                let [first, second] = simd.first_ends_both(&limbs, &a, &b);
                let at_first = simd.plus_minus(&first, &second);
                for (lane, (x, b)) in pairs.iter().enumerate() {
                    let (m, n) = (&constant * b % p(), (x * x + &constant) % p() * b % p());
                    assert_words(simd, name, plus, lane, &((&m + &n) % p()));
                    assert_words(simd, name, minus, lane, &((&m + p() - &n) % p()));
                    for (at_first, whole) in at_first.iter().zip([plus, minus]) {
                        let differs = |a, b| lane_of(simd, a, lane) ^ lane_of(simd, b, lane);
                        let low = differs(at_first.low, whole.low) & ((1 << FIRST_LOOK_BITS) - 1);
                        let high = differs(at_first.high, whole.high) & ((1 << 47) - 1);
                        assert_eq!((low, high), (0, 0), "{name}: first look at {m:x} and {n:x}");
                    }
                }
            });
        }
        over_pairs(simd, |a, b, pairs| {
            let product = simd.words(&simd.mul(&a, &b));
            for (lane, (x, y)) in pairs.iter().enumerate() {
                let exact = x * y % p();
                assert_words(simd, name, product, lane, &exact);
            }
        });
    }
}

#[test]
fn the_ends_of_products_are_within_their_tolerance() {
    on_every_backend(&Ends);
}

struct OneEnd;

impl Property for OneEnd {
    fn check<S: Simd>(&self, simd: S, name: &str) {
        assert!(S::LOW_BITS >= FIRST_LOOK_BITS);
        let low_mask = (1_u64 << S::LOW_BITS) - 1;
        let word_mask = low_mask | LOW_MASK;
        for constant in values().into_iter().rev().step_by(7) {
            let limbs = S::limbs(&element(&constant));
            over_pairs(simd, |a, b, pairs| {
                let w = simd.mul(&a, &b);
                let mut x = a;
                simd.mul_constant(&simd.multiplier(&a), &S::constant(&limbs), &mut x);
                let carried_short = S::CARRIED_LOW_SHORT.unwrap_or(S::LOW_SHORT);
                let low_ends = [
                    (simd.lows_both(&limbs, &x, &w), low_mask, S::LOW_SHORT),
                    (
                        simd.carried_lows_both(&limbs, &x, &w),
                        low_mask,
                        carried_short,
                    ),
                    (
                        simd.low_words_both(&limbs, &x, &w),
                        word_mask,
                        S::LOW_WORD_SHORT,
                    ),
                ];
                let highs = simd.highs_both(&limbs, &x, &w);
                for (lane, (a, b)) in pairs.iter().enumerate() {
                    let w = a * b % p();
                    let exact = [&constant * &w % p(), a * &constant % p() * &w % p()];
                    for (i, exact) in exact.iter().enumerate() {
                        let digits = exact.to_u64_digits();
                        let digit = |at: usize| digits.get(at).copied().unwrap_or(0);
                        for (lows, mask, most) in low_ends {
                            let low = lane_of(simd, lows[i], lane);
                            let short = digit(0).wrapping_sub(low) & mask;
                            assert!(
                                short <= most,
                                "{name}: low end of {exact:x} is short by {short:x}, not {most:x}"
                            );
                        }
                        let short = (digit(3) >> 16).wrapping_sub(lane_of(simd, highs[i], lane));
                        let short = short & ((1 << 47) - 1);
                        assert!(
                            short <= S::HIGH_SHORT,
                            "{name}: high end of {exact:x} is short by {short:x}"
                        );
                    }
                }
            });
        }
    }
}

fn lane_of<S: Simd>(simd: S, word: S::Word, lane: usize) -> u64 {
    let mut words = [0; MAX_LANES];
    simd.store(word, &mut words);
    words[lane]
}

#[test]
fn one_end_of_a_product_alone_is_too_small_by_no_more_than_its_bound() {
    on_every_backend(&OneEnd);
}

struct LongChains;

impl Property for LongChains {
    fn check<S: Simd>(&self, simd: S, name: &str) {
        let (mut value, mut expected) =
            (simd.splat(&S::limbs(&element(&(p() - 2_u8)))), p() - 2_u8);
        let full = (BigUint::from(1_u8) << 255) - 1_u8;
        let factor = simd.splat(&S::limbs(&element(&full)));
        for _ in 0..20_000 {
            value = simd.mul(&simd.sub(&simd.mul(&value, &value), &factor), &factor);
            expected = (&expected * &expected + p() - 18_u8) * 18_u8 % p();
        }
        for lane in 0..S::LANES {
            assert_eq!(
                big(&simd.extract(&value, lane)),
                expected,
                "{name}, lane {lane}"
            );
        }
    }
}

#[test]
fn long_chains_of_operations_stay_within_their_bounds() {
    on_every_backend(&LongChains);
}

struct WordOperations;

impl Property for WordOperations {
    fn check<S: Simd>(&self, simd: S, name: &str) {
        let samples = [
            0,
            1,
            u64::MAX,
            0x0123_4567_89ab_cdef,
            0xfedc_ba98_7654_3210,
            1 << 63,
        ];
        let out = |word| {
            let mut out = [0; MAX_LANES];
            simd.store(word, &mut out);
            assert!(
                out[..S::LANES].iter().all(|w| *w == out[0]),
                "{name}: lanes differ"
            );
            out[0]
        };
        for a in samples {
            for b in samples {
                let (v, w) = (simd.word(a), simd.word(b));
                assert_eq!(out(simd.word_add(v, w)), a.wrapping_add(b), "{name}");
                assert_eq!(out(simd.word_sub(v, w)), a.wrapping_sub(b), "{name}");
                assert_eq!(out(simd.word_xor(v, w)), a ^ b, "{name}");
                assert_eq!(out(simd.word_and(v, w)), a & b, "{name}");
                let all = u8::MAX >> (MAX_LANES - S::LANES);
                let expected = if a & b == 0 { all } else { 0 };
                assert_eq!(simd.lanes_without(v, w), expected, "{name}");
            }
            let v = simd.word(a);
            assert_eq!(out(simd.word_shr(v, 13)), a >> 13, "{name}");
            assert_eq!(out(simd.word_shl(v, 13)), a << 13, "{name}");
            assert_eq!(out(simd.word_swap_bytes(v)), a.swap_bytes(), "{name}");
            let nibbles: String = format!("{a:016x}")
                .as_bytes()
                .chunks(2)
                .flat_map(|pair| [char::from(pair[1]), char::from(pair[0])])
                .collect();
            assert_eq!(
                format!("{:016x}", out(simd.word_swap_nibbles(v))),
                nibbles,
                "{name}"
            );
        }
        let bitmap: [u64; 4] = [0x8000_0000_0000_0001, 0, 1 << 17, u64::MAX];
        let mut index_set = IndexSet::empty(8).unwrap();
        let has = |index: &usize| bitmap[index / 64] >> (index % 64) & 1 == 1;
        (0..256)
            .filter(has)
            .for_each(|index| index_set.insert(index));
        for index in 0..256_u64 {
            let set = bitmap[(index / 64) as usize] >> (index % 64) & 1 == 1;
            let expected = if set {
                u8::MAX >> (MAX_LANES - S::LANES)
            } else {
                0
            };
            assert_eq!(
                simd.lanes_in(&index_set, simd.word(index)),
                expected,
                "{name}"
            );
        }
    }
}

#[test]
fn word_operations_do_what_integers_do() {
    on_every_backend(&WordOperations);
}

#[test]
fn elements_survive_bytes_inversion_and_square_roots() {
    for value in values() {
        let a = element(&value);
        assert_eq!(big(&a), &value % p());
        if !a.is_zero() {
            assert_eq!(big(&a.mul(a.invert())), BigUint::from(1_u8));
        }
        let exponent = (p() - 5_u8) / 8_u8;
        assert_eq!(big(&a.power_p58()), (value % p()).modpow(&exponent, &p()));
    }
}
