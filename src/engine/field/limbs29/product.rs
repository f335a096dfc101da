//! Products of pairs of elements, one a lane: columns, folds and carries.

use super::lanes::words::{add, and, limb, mul32, shl, shr, wide, word};
use super::lanes::{Limb, Token, V, apart, sum, toeplitz};
use super::toeplitz::{Differences, Matrix};

/// Bits 0 to 28.
pub(super) const MASK29: u64 = (1 << 29) - 1;
/// Bits 0 to 22, what limb 8 holds below bit 255.
const MASK23: u64 = (1 << 23) - 1;
/// 2^261 modulo p.
pub(super) const FOLD: u64 = 1216;

/// Bound of what [`ends`] leaves out, in units of bit 208: the carry into column 6 (below 2^5 units of limb 7),
/// the folds of columns 14 and 15 (below 2^11 each) and the bits that the shift by 5 drops.
pub(super) const LEFT_OUT: u64 = 1 << 8;

/// How much too small the words of [`lows`] may be: 19 times what is missing of the product's bits from 255 up. That is
/// column 7 from its bit 52 up (8 products below 2^58.1: below 2^9.1), the fold of column 16 (below 2^17.2 · 1216 in
/// units of bit 232: below 2^4.5), and 2 for carries and a product of p or more.
pub(super) const LOW_SHORT: u64 = 19 * (549 + 23 + 2);

/// How much too small the words of [`carried_lows`] may be: 1 for the carries out of columns 6 and 15, below 2^6 units of
/// limb 8, and 1 for a product of p or more.
pub(super) const CARRIED_LOW_SHORT: u64 = 19 * 2;

/// Bits of a low word that mean anything: limb 0.
pub(super) const LOW_BITS: u32 = 29;

/// How much too small the words of [`highs`] may be, in units of bit 208: the carry out of column 6 into limb 8 (7
/// products below 2^58.1: below 8 units of bit 232), that of column 15 times 1216 (2 products below 2^53: below 39), and
/// 2 for carries and the bits of limb 7.
pub(super) const HIGH_SHORT: u64 = (8 + 39 + 2) << 24;

/// a · factor for a below 2^32; of what is above that, nothing counts.
#[inline(always)]
pub(super) fn times(a: V, factor: u64) -> V {
    mul32(limb(a), limb(word(factor)))
}

/// Column k of a · b: a_i · b_j for i + j = k.
macro_rules! column {
    (0, $a:expr, $b:expr) => { sum!($a, $b; a0 0 0) };
    (1, $a:expr, $b:expr) => { sum!($a, $b; a0 0 1, a1 1 0) };
    (2, $a:expr, $b:expr) => { sum!($a, $b; a0 0 2, a1 1 1, a2 2 0) };
    (3, $a:expr, $b:expr) => { sum!($a, $b; a0 0 3, a1 1 2, a2 2 1, a3 3 0) };
    (4, $a:expr, $b:expr) => { sum!($a, $b; a0 0 4, a1 1 3, a2 2 2, a3 3 1, a4 4 0) };
    (5, $a:expr, $b:expr) => { sum!($a, $b; a0 0 5, a1 1 4, a2 2 3, a3 3 2, a4 4 1, a5 5 0) };
    (6, $a:expr, $b:expr) => { sum!($a, $b; a0 0 6, a1 1 5, a2 2 4, a3 3 3, a4 4 2, a5 5 1, a6 6 0) };
    (7, $a:expr, $b:expr) => { sum!($a, $b; a0 0 7, a1 1 6, a2 2 5, a3 3 4, a4 4 3, a5 5 2, a6 6 1, a7 7 0) };
    (8, $a:expr, $b:expr) => { sum!($a, $b; a0 0 8, a1 1 7, a2 2 6, a3 3 5, a4 4 4, a5 5 3, a6 6 2, a7 7 1, a8 8 0) };
    (9, $a:expr, $b:expr) => { sum!($a, $b; a1 1 8, a2 2 7, a3 3 6, a4 4 5, a5 5 4, a6 6 3, a7 7 2, a8 8 1) };
    (10, $a:expr, $b:expr) => { sum!($a, $b; a2 2 8, a3 3 7, a4 4 6, a5 5 5, a6 6 4, a7 7 3, a8 8 2) };
    (11, $a:expr, $b:expr) => { sum!($a, $b; a3 3 8, a4 4 7, a5 5 6, a6 6 5, a7 7 4, a8 8 3) };
    (12, $a:expr, $b:expr) => { sum!($a, $b; a4 4 8, a5 5 7, a6 6 6, a7 7 5, a8 8 4) };
    (13, $a:expr, $b:expr) => { sum!($a, $b; a5 5 8, a6 6 7, a7 7 6, a8 8 5) };
    (14, $a:expr, $b:expr) => { sum!($a, $b; a6 6 8, a7 7 7, a8 8 6) };
    (15, $a:expr, $b:expr) => { sum!($a, $b; a7 7 8, a8 8 7) };
    (16, $a:expr, $b:expr) => { sum!($a, $b; a8 8 8) };
}

/// Writes the seventeen columns of a product, each below 2^63.5, as limbs: those from 9 on fold into those from 0 on.
///
/// Both carries, through the upper columns and through the limbs, go up side by side with the columns' products, so
/// that the processor always has independent work beside these two chains.
macro_rules! reduce {
    ($column:ident, $a:expr, $b:expr, $out:expr) => {{
        let out: &mut [Limb; 9] = $out;
        let mask = word(MASK29);
        let c8 = $column!(8, $a, $b);
        let (mut upper, mut lower) = (shr::<29>(c8), word(0));
        macro_rules! limb {
            ($low:tt, $high:tt) => {{
                let c = add($column!($high, $a, $b), upper);
                upper = shr::<29>(c);
                let r = add($column!($low, $a, $b), times(and(c, mask), FOLD));
                let r = add(r, lower);
                lower = shr::<29>(r);
                out[$low] = limb(and(r, mask));
            }};
        }
        limb!(0, 9);
        limb!(1, 10);
        limb!(2, 11);
        limb!(3, 12);
        limb!(4, 13);
        limb!(5, 14);
        limb!(6, 15);
        limb!(7, 16);
        // the carry out of column 16 is below 2^32
        let top = add(add(and(c8, mask), times(upper, FOLD)), lower);
        close(top, out);
    }};
}

/// What a factor's limbs become that a product wraps around 2^261, so that no column above the limbs is needed.
///
/// With 1216 · b_i = l_i + 2^29 · h_i, where l_i is below 2^29: elements 0 to 6 are w_i = l_i + h_(i − 1) for i = 2 to 8,
/// element 7 is b_0 + h_8, elements 8 to 15 are l_i for i = 1 to 8. All are below 2^29 + 2^17.
type Wrapped = [Limb; 16];

/// [`Wrapped`] of a factor with limbs below 2^30: 1216 times that is below 2^41.
#[inline(always)]
fn wrapped(b: &[Limb; 9]) -> Wrapped {
    let mask = word(MASK29);
    let mut wrapped = [limb(word(0)); 16];
    let mut above = wide(b[0]);
    for i in (1..9).rev() {
        let times = mul32(b[i], limb(word(FOLD)));
        wrapped[i - 1] = limb(add(above, shr::<29>(times)));
        above = and(times, mask);
        wrapped[7 + i] = limb(above);
    }
    wrapped
}

/// Limb k of a · b before its carry: a_j times limb k of b · 2^(29 j), which is b_(k − j), or wraps.
macro_rules! limb_of_product {
    (0, $a:expr, $b:expr, $w:expr) => { sum!(@from {b: [Limb; 9] = $b, w: Wrapped = $w}, $a;
        a0 0 b 0, a1 1 w 15, a2 2 w 14, a3 3 w 13, a4 4 w 12, a5 5 w 11, a6 6 w 10, a7 7 w 9, a8 8 w 8) };
    (1, $a:expr, $b:expr, $w:expr) => { sum!(@from {b: [Limb; 9] = $b, w: Wrapped = $w}, $a;
        a0 0 b 1, a1 1 w 7, a2 2 w 6, a3 3 w 5, a4 4 w 4, a5 5 w 3, a6 6 w 2, a7 7 w 1, a8 8 w 0) };
    (2, $a:expr, $b:expr, $w:expr) => { sum!(@from {b: [Limb; 9] = $b, w: Wrapped = $w}, $a;
        a0 0 b 2, a1 1 b 1, a2 2 w 7, a3 3 w 6, a4 4 w 5, a5 5 w 4, a6 6 w 3, a7 7 w 2, a8 8 w 1) };
    (3, $a:expr, $b:expr, $w:expr) => { sum!(@from {b: [Limb; 9] = $b, w: Wrapped = $w}, $a;
        a0 0 b 3, a1 1 b 2, a2 2 b 1, a3 3 w 7, a4 4 w 6, a5 5 w 5, a6 6 w 4, a7 7 w 3, a8 8 w 2) };
    (4, $a:expr, $b:expr, $w:expr) => { sum!(@from {b: [Limb; 9] = $b, w: Wrapped = $w}, $a;
        a0 0 b 4, a1 1 b 3, a2 2 b 2, a3 3 b 1, a4 4 w 7, a5 5 w 6, a6 6 w 5, a7 7 w 4, a8 8 w 3) };
    (5, $a:expr, $b:expr, $w:expr) => { sum!(@from {b: [Limb; 9] = $b, w: Wrapped = $w}, $a;
        a0 0 b 5, a1 1 b 4, a2 2 b 3, a3 3 b 2, a4 4 b 1, a5 5 w 7, a6 6 w 6, a7 7 w 5, a8 8 w 4) };
    (6, $a:expr, $b:expr, $w:expr) => { sum!(@from {b: [Limb; 9] = $b, w: Wrapped = $w}, $a;
        a0 0 b 6, a1 1 b 5, a2 2 b 4, a3 3 b 3, a4 4 b 2, a5 5 b 1, a6 6 w 7, a7 7 w 6, a8 8 w 5) };
    (7, $a:expr, $b:expr, $w:expr) => { sum!(@from {b: [Limb; 9] = $b, w: Wrapped = $w}, $a;
        a0 0 b 7, a1 1 b 6, a2 2 b 5, a3 3 b 4, a4 4 b 3, a5 5 b 2, a6 6 b 1, a7 7 w 7, a8 8 w 6) };
    (8, $a:expr, $b:expr, $w:expr) => { sum!(@from {b: [Limb; 9] = $b, w: Wrapped = $w}, $a;
        a0 0 b 8, a1 1 b 7, a2 2 b 6, a3 3 b 5, a4 4 b 4, a5 5 b 3, a6 6 b 2, a7 7 b 1, a8 8 w 7) };
}

/// Writes a product whose limbs are given by a macro, before their carries: those below 2^62.4 are carried upward, in two
/// chains side by side, from limb 0 and from limb 4, which takes what comes from limb 3 last. Limb 8 (seven products of
/// whole limbs: below 2^61.9) folds from bit 30 up into limb 0 times 2432 at first, then as ever.
macro_rules! carry_upward {
    ($limb:ident($($argument:expr),+), $out:expr) => {{
        let out: &mut [Limb; 9] = $out;
        let mask = word(MASK29);
        let top = $limb!(8, $($argument),+);
        let mut carry = times(shr::<30>(top), 2 * FOLD);
        let r4 = $limb!(4, $($argument),+);
        let mut upper = shr::<29>(r4);
        macro_rules! limbs {
            ($k:tt, $high:tt) => {
                let r = add($limb!($k, $($argument),+), carry);
                carry = shr::<29>(r);
                out[$k] = limb(and(r, mask));
                let r = add($limb!($high, $($argument),+), upper);
                upper = shr::<29>(r);
                out[$high] = limb(and(r, mask));
            };
        }
        limbs!(0, 5);
        limbs!(1, 6);
        limbs!(2, 7);
        let r = add($limb!(3, $($argument),+), carry);
        carry = shr::<29>(r);
        out[3] = limb(and(r, mask));
        let r = add(and(r4, mask), carry);
        out[4] = limb(and(r, mask));
        out[5] = limb(add(wide(out[5]), shr::<29>(r)));
        close(add(and(top, word(2 * MASK29 + 1)), upper), out);
    }};
}

/// Limb k of those that are there already.
macro_rules! limb_of {
    ($k:tt, $limbs:expr) => {
        $limbs[$k]
    };
}

/// Limb 8, whose bits from 23 up fold into limb 0.
#[inline(always)]
fn close(top: V, out: &mut [Limb; 9]) {
    out[0] = limb(add(wide(out[0]), times(shr::<23>(top), 19)));
    out[8] = limb(and(top, word(MASK23)));
}

/// Carries words 0 to 7 upward, then folds word 8 from bit 23 up, which must be below 2^32 by then.
#[inline(always)]
pub(super) fn normalise(mut r: [V; 9]) -> [Limb; 9] {
    let (mask, mut out) = (word(MASK29), [limb(word(0)); 9]);
    macro_rules! carry {
        ($($k:literal),*) => { $(
            r[$k + 1] = add(r[$k + 1], shr::<29>(r[$k]));
            out[$k] = limb(and(r[$k], mask));
        )* };
    }
    carry!(0, 1, 2, 3, 4, 5, 6, 7);
    close(r[8], &mut out);
    out
}

/// A constant in every lane.
#[inline(always)]
pub(super) fn splat(value: &[u64; 9]) -> [Limb; 9] {
    let mut vector = [limb(word(0)); 9];
    for i in 0..9 {
        vector[i] = limb(word(value[i]));
    }
    vector
}

/// a + constant, not reduced.
#[inline(always)]
fn sum_with(a: &[Limb; 9], constant: &[u64; 9]) -> [Limb; 9] {
    let mut sum = *a;
    for i in 0..9 {
        sum[i] = limb(add(wide(a[i]), word(constant[i])));
    }
    sum
}

/// Limb 0 of a · b, limbs 7 and 8 as one word, and column 9, which the next limb needs: columns 0, 7, 8 and, folded, 9 and
/// 16; columns 6 and 15 are there for their carries. What is left out makes the top too small by less than [`LEFT_OUT`].
macro_rules! first_ends_of {
    ($a:expr, $b:expr) => {{
        let mask = word(MASK29);
        let c8 = column!(8, $a, $b);
        let c9 = add(column!(9, $a, $b), shr::<29>(c8));
        let c16 = add(column!(16, $a, $b), shr::<29>(column!(15, $a, $b)));
        let c7 = add(column!(7, $a, $b), shr::<29>(column!(6, $a, $b)));
        let r7 = add(c7, times(and(c16, mask), FOLD));
        let r8 = add(
            add(and(c8, mask), times(shr::<29>(c16), FOLD)),
            shr::<29>(r7),
        );
        let r0 = add(column!(0, $a, $b), times(and(c9, mask), FOLD));
        let low = add(r0, times(shr::<23>(r8), 19));
        let high = add(shl::<24>(and(r8, word(MASK23))), shr::<5>(and(r7, mask)));
        ([low, high], c9)
    }};
}

/// Both ends: limb 1 too, from columns 1 and 10.
macro_rules! ends_of {
    ($a:expr, $b:expr) => {{
        let ([low, high], c9) = first_ends_of!($a, $b);
        let mask = word(MASK29);
        let c10 = add(column!(10, $a, $b), shr::<29>(c9));
        let r1 = add(column!(1, $a, $b), times(and(c10, mask), FOLD));
        [add(low, shl::<29>(r1)), high]
    }};
}

/// The low end of a · b: column 0 and 19 times the bits from 255 up, which columns 8 and 9 hold but for their carries.
macro_rules! low_of {
    ($a:expr, $b:expr $(, $carry:expr)?) => {{
        let c8 = column!(8, $a, $b);
        $(let c8 = add(c8, $carry);)?
        let from_261 = times(column!(9, $a, $b), FOLD);
        add(add(column!(0, $a, $b), times(shr::<23>(c8), 19)), from_261)
    }};
}

/// The same with limb 1 above it, from columns 1 and 10.
macro_rules! low_word_of {
    ($a:expr, $b:expr) => {{
        let mask = word(MASK29);
        let c8 = column!(8, $a, $b);
        let c9 = add(column!(9, $a, $b), shr::<29>(c8));
        let c10 = add(column!(10, $a, $b), shr::<29>(c9));
        let r0 = add(column!(0, $a, $b), times(and(c9, mask), FOLD));
        let r1 = add(column!(1, $a, $b), times(and(c10, mask), FOLD));
        let folded = times(shr::<23>(and(c8, mask)), 19);
        add(add(r0, folded), shl::<29>(r1))
    }};
}

/// What columns 7 and 16 carry into limb 8.
macro_rules! into_limb_8 {
    ($a:expr, $b:expr) => {{
        let c16 = column!(16, $a, $b);
        let r7 = add(column!(7, $a, $b), times(and(c16, word(MASK29)), FOLD));
        add(shr::<29>(r7), times(shr::<29>(c16), FOLD))
    }};
}

/// The high end of a · b: limb 8, with the carry of column 7 and the fold of column 16.
macro_rules! high_of {
    ($a:expr, $b:expr) => {
        shl::<24>(add(column!(8, $a, $b), into_limb_8!($a, $b)))
    };
}

apart! {
    /// a · b for limbs below 2^30.1.
    fn product(a: &[Limb; 9], b: &[Limb; 9]) -> [Limb; 9] {
        let a = *a;
        let mut out = [limb(word(0)); 9];
        reduce!(column, a, b, &mut out);
        out
    }

    /// a · (addend + constant).
    fn product_with_sum(a: &[Limb; 9], addend: &[Limb; 9], constant: &[u64; 9], out: &mut [Limb; 9]) {
        let sum = sum_with(addend, constant);
        reduce!(column, sum, a, out);
    }

    /// a · b, to `out`, and a · (addend + constant), to `next`.
    fn product_both(
        a: &[Limb; 9],
        b: &[Limb; 9],
        addend: &[Limb; 9],
        constant: &[u64; 9],
        next: &mut [Limb; 9],
        out: &mut [Limb; 9]
    ) {
        let wrapped = wrapped(a);
        let b = *b;
        carry_upward!(limb_of_product(b, a, &wrapped), out);
        let sum = sum_with(addend, constant);
        carry_upward!(limb_of_product(sum, a, &wrapped), next);
    }

    /// A prepared factor times a prepared constant.
    fn product_with_constant(matrix: &Matrix, constant: &Differences, out: &mut [Limb; 9]) {
        let limbs = toeplitz(matrix, constant);
        carry_upward!(limb_of(limbs), out);
    }

    /// The ends of constant · b and of a · b.
    fn ends(constant: &[u64; 9], a: &[Limb; 9], b: &[Limb; 9]) -> [[V; 2]; 2] {
        let k = splat(constant);
        let first = ends_of!(k, b);
        let a = *a;
        [first, ends_of!(a, b)]
    }

    /// The same with limb 0 alone at the low end.
    fn first_ends(constant: &[u64; 9], a: &[Limb; 9], b: &[Limb; 9]) -> [[V; 2]; 2] {
        let k = splat(constant);
        let (first, _) = first_ends_of!(k, b);
        let a = *a;
        [first, first_ends_of!(a, b).0]
    }

    /// Their low ends alone: too small by up to [`LOW_SHORT`] modulo 2^[`LOW_BITS`].
    fn lows(constant: &[u64; 9], a: &[Limb; 9], b: &[Limb; 9]) -> [V; 2] {
        let k = splat(constant);
        let first = low_of!(k, b);
        let a = *a;
        [first, low_of!(a, b)]
    }

    /// Their limbs 0 and 1 in one word: likewise too small by up to [`LOW_SHORT`], modulo 2^58.
    fn low_words(constant: &[u64; 9], a: &[Limb; 9], b: &[Limb; 9]) -> [V; 2] {
        let k = splat(constant);
        let first = low_word_of!(k, b);
        let a = *a;
        [first, low_word_of!(a, b)]
    }

    /// Likewise with what comes into limb 8 from below: too small by up to [`CARRIED_LOW_SHORT`].
    fn carried_lows(constant: &[u64; 9], a: &[Limb; 9], b: &[Limb; 9]) -> [V; 2] {
        let k = splat(constant);
        let first = low_of!(k, b, into_limb_8!(k, b));
        let a = *a;
        [first, low_of!(a, b, into_limb_8!(a, b))]
    }

    /// Their high ends alone: too small by up to [`HIGH_SHORT`] modulo 2^47.
    fn highs(constant: &[u64; 9], a: &[Limb; 9], b: &[Limb; 9]) -> [V; 2] {
        let k = splat(constant);
        let first = high_of!(k, b);
        let a = *a;
        [first, high_of!(a, b)]
    }
}
