//! One lane on 64-bit limbs with 128-bit products: runs everywhere.
//!
//! Radix 2^51, five limbs. Factors may have limbs below 2^54; sums of two reduced elements (below 2^53) need no
//! carry before they are multiplied.

use super::element::{FieldElement, wide};
use super::mulx::with_mulx;
use super::{MAX_LANES, Simd, Vector, Words};
use crate::coarse::IndexSet;

/// Bits 0 to 50.
const MASK51: u64 = (1 << 51) - 1;

/// Bound of the carry that [`ends`] leaves out of limb 4: 2^8 units of bit 204.
const CARRY_LEFT_OUT: u64 = 1 << 8;

/// Bound of what [`low`] leaves out: 19 times the carry of column 3 into bit 255, which with limbs below 2^52 is below
/// 23 · 2^104 / 2^102, and 2 for carries and a product of p or more.
const LOW_SHORT: u64 = 19 * (92 + 2);

/// The token of the portable implementation: always available.
#[derive(Clone, Copy, Debug)]
pub struct Portable;

impl Vector for Portable {
    const LANES: usize = 1;
    type Word = u64;

    #[inline(always)]
    fn vectorize<R>(self, f: impl FnOnce() -> R) -> R {
        with_mulx(f)
    }

    #[inline(always)]
    fn word(self, value: u64) -> u64 {
        value
    }

    #[inline(always)]
    fn store(self, word: u64, out: &mut [u64; MAX_LANES]) {
        out[0] = word;
    }

    #[inline(always)]
    fn word_add(self, a: u64, b: u64) -> u64 {
        a.wrapping_add(b)
    }

    #[inline(always)]
    fn word_sub(self, a: u64, b: u64) -> u64 {
        a.wrapping_sub(b)
    }

    #[inline(always)]
    fn word_xor(self, a: u64, b: u64) -> u64 {
        a ^ b
    }

    #[inline(always)]
    fn word_and(self, a: u64, b: u64) -> u64 {
        a & b
    }

    #[inline(always)]
    fn word_shr(self, a: u64, count: u32) -> u64 {
        a >> count
    }

    #[inline(always)]
    fn word_shl(self, a: u64, count: u32) -> u64 {
        a << count
    }

    #[inline(always)]
    fn word_swap_bytes(self, a: u64) -> u64 {
        a.swap_bytes()
    }

    #[inline(always)]
    fn word_swap_nibbles(self, a: u64) -> u64 {
        const LOW_NIBBLES: u64 = 0x0f0f_0f0f_0f0f_0f0f;
        (a & LOW_NIBBLES) << 4 | a >> 4 & LOW_NIBBLES
    }

    #[inline(always)]
    fn lanes_without(self, a: u64, b: u64) -> u32 {
        u32::from(a & b == 0)
    }

    #[inline(always)]
    fn lanes_in(self, set: &IndexSet, index: u64) -> u32 {
        u32::from(set.contains(index))
    }
}

impl Simd for Portable {
    type Fe = FieldElement;
    type Addend = FieldElement;
    type Multiplier = FieldElement;
    type Limbs = FieldElement;
    /// Limbs 0 and 4, both below 2^52.
    type Ends = [u64; 2];

    const IN_MEMORY: bool = false;
    const LOW_BITS: u32 = 51;
    const LOW_SHORT: u64 = LOW_SHORT;
    const HIGH_SHORT: u64 = (CARRY_LEFT_OUT >> 4) + 2;

    fn limbs(value: &FieldElement) -> FieldElement {
        FieldElement(value.canonical())
    }

    #[inline(always)]
    fn splat(self, value: &FieldElement) -> FieldElement {
        *value
    }

    fn insert(self, vector: &mut FieldElement, _lane: usize, value: &FieldElement) {
        *vector = *value;
    }

    fn extract(self, vector: &FieldElement, _lane: usize) -> FieldElement {
        *vector
    }

    #[inline(always)]
    fn add(self, a: &FieldElement, b: &FieldElement) -> FieldElement {
        *a + *b
    }

    #[inline(always)]
    fn sub(self, a: &FieldElement, b: &FieldElement) -> FieldElement {
        *a - *b
    }

    #[inline(always)]
    fn mul(self, a: &FieldElement, b: &FieldElement) -> FieldElement {
        *a * *b
    }

    #[inline(always)]
    fn square(self, a: &FieldElement) -> FieldElement {
        a.square()
    }

    #[inline(always)]
    fn addend(self, a: &FieldElement) -> FieldElement {
        *a
    }

    #[inline(always)]
    fn mul_both(
        self,
        [a, b]: [&FieldElement; 2],
        addend: &FieldElement,
        constant: &FieldElement,
        [next, out]: [&mut FieldElement; 2],
    ) {
        // in this order the multiples of 19 serve both products
        *out = *b * *a;
        *next = sum(addend, constant) * *a;
    }

    #[inline(always)]
    fn mul_sums(
        self,
        a: &[FieldElement; 2],
        addends: [&FieldElement; 2],
        constant: &FieldElement,
        out: &mut [FieldElement; 2],
    ) {
        *out = [
            a[0] * sum(addends[0], constant),
            a[1] * sum(addends[1], constant),
        ];
    }

    #[inline(always)]
    fn multiplier(self, a: &FieldElement) -> FieldElement {
        *a
    }

    #[inline(always)]
    fn mul_constant(
        self,
        multiplier: &FieldElement,
        constant: &FieldElement,
        out: &mut FieldElement,
    ) {
        // in this order the multiples of 19 are the same for every constant
        *out = *constant * *multiplier;
    }

    #[inline(always)]
    fn ends_both(
        self,
        constant: &FieldElement,
        a: &FieldElement,
        b: &FieldElement,
    ) -> [[u64; 2]; 2] {
        [ends(constant, b), ends(a, b)]
    }

    #[inline(always)]
    fn lows_both(self, constant: &FieldElement, a: &FieldElement, b: &FieldElement) -> [u64; 2] {
        [low(constant, b), low(a, b)]
    }

    #[inline(always)]
    fn highs_both(self, constant: &FieldElement, a: &FieldElement, b: &FieldElement) -> [u64; 2] {
        [high(constant, b) >> 4, high(a, b) >> 4]
    }

    #[inline(always)]
    fn plus_minus(self, a: &[u64; 2], b: &[u64; 2]) -> [Words<u64>; 2] {
        let plus = a[1] + b[1];
        let minus = a[1].wrapping_sub(b[1]);
        [
            Words {
                low: a[0] + b[0] + 19 * (plus >> 51),
                high: plus >> 4,
            },
            Words {
                low: a[0].wrapping_sub(b[0]).wrapping_sub(19 * (minus >> 63)),
                // b may be too small, which made the difference too large
                high: minus.wrapping_sub(CARRY_LEFT_OUT) >> 4,
            },
        ]
    }

    #[inline(always)]
    fn words(self, a: &FieldElement) -> Words<u64> {
        let l = a.canonical();
        Words {
            low: l[0],
            high: l[4] >> 4,
        }
    }
}

/// a + constant, whose limbs are below 2^53: a factor without a carry.
#[inline(always)]
fn sum(a: &FieldElement, constant: &FieldElement) -> FieldElement {
    let (a, b) = (a.0, constant.0);
    FieldElement([
        a[0] + b[0],
        a[1] + b[1],
        a[2] + b[2],
        a[3] + b[3],
        a[4] + b[4],
    ])
}

/// Column 0 of the product modulo 2^64; its carry is not needed.
#[inline(always)]
fn column_0(a: &[u64; 5], b: &[u64; 5]) -> u64 {
    (wide(a[0], b[0])
        + wide(a[4], 19 * b[1])
        + wide(a[3], 19 * b[2])
        + wide(a[2], 19 * b[3])
        + wide(a[1], 19 * b[4])) as u64
}

/// Column 4 of the product, without what is carried into it.
#[inline(always)]
fn column_4(a: &[u64; 5], b: &[u64; 5]) -> u128 {
    wide(a[4], b[0]) + wide(a[3], b[1]) + wide(a[2], b[2]) + wide(a[1], b[3]) + wide(a[0], b[4])
}

/// Column 4 with the carry of column 3. The carry out of column 2 is left out: with limbs below 2^52 it is below
/// 59 · 2^104 / 2^51 < 2^59, so the top limb is too small by less than [`CARRY_LEFT_OUT`] units of bit 204.
#[inline(always)]
fn top(a: &[u64; 5], b: &[u64; 5]) -> u128 {
    let c3 = wide(a[3], b[0])
        + wide(a[2], b[1])
        + wide(a[1], b[2])
        + wide(a[0], b[3])
        + wide(a[4], 19 * b[4]);
    column_4(a, b) + (c3 >> 51)
}

/// Columns 0, 3 and 4 of the product.
#[inline(always)]
fn ends(a: &FieldElement, b: &FieldElement) -> [u64; 2] {
    let (a, b) = (&a.0, &b.0);
    let c4 = top(a, b);
    let carry = (c4 >> 51) as u64;
    [(column_0(a, b) & MASK51) + 19 * carry, c4 as u64 & MASK51]
}

/// The low limb alone: columns 0 and 4.
#[inline(always)]
fn low(a: &FieldElement, b: &FieldElement) -> u64 {
    let (a, b) = (&a.0, &b.0);
    let carry = (column_4(a, b) >> 51) as u64;
    column_0(a, b).wrapping_add(carry.wrapping_mul(19))
}

/// The high limb alone: columns 3 and 4.
#[inline(always)]
fn high(a: &FieldElement, b: &FieldElement) -> u64 {
    top(&a.0, &b.0) as u64 & MASK51
}
