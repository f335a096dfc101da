//! Products of four pairs of elements: columns, folds and carries.
//!
//! One factor's limbs stay in nine registers; the other factor is read from memory by the multiplications themselves.
//! Left to itself, the compiler computes many columns at once and moves a third of the values to the stack and back.
//! So a column is one block of assembly, and every function here is compiled apart, from memory to memory.

use core::arch::asm;

use super::words::{add, and, mul32, shl, shr, word};
use super::{Avx2, V};

/// Bits 0 to 28.
const MASK29: u64 = (1 << 29) - 1;
/// Bits 0 to 22, what limb 8 holds below bit 255.
const MASK23: u64 = (1 << 23) - 1;
/// 2^261 modulo p.
const FOLD: u64 = 1216;

/// Bound of what [`ends`] leaves out, in units of bit 208: the carry into column 6 (below 2^5 units of limb 7),
/// the folds of columns 14 and 15 (below 2^11 each) and the bits that the shift by 5 drops.
pub(super) const LEFT_OUT: u64 = 1 << 8;

/// How much too small the words of [`lows`] may be: 19 times what is missing of the product's bits from 255 up. That is
/// column 7 from its bit 52 up (8 products below 2^58.1: below 2^9.1), the fold of column 16 (below 2^17.2 · 1216 in
/// units of bit 232: below 2^4.5), and 2 for carries and a product of p or more.
pub(super) const LOW_SHORT: u64 = 19 * (549 + 23 + 2);

/// Bits of a low word that mean anything: limb 0.
pub(super) const LOW_BITS: u32 = 29;

/// How much too small the words of [`highs`] may be, in units of bit 208: the carry out of column 6 into limb 8 (7
/// products below 2^58.1: below 8 units of bit 232), that of column 15 times 1216 (2 products below 2^53: below 39), and
/// 2 for carries and the bits of limb 7.
pub(super) const HIGH_SHORT: u64 = (8 + 39 + 2) << 24;

/// Defines functions that use AVX2 and are never inlined.
///
/// `inline(never)` has no effect beside `target_feature`. So it stands at a function without the feature, into which the
/// one with it can't be inlined.
macro_rules! apart {
    ($(
        $(#[$doc:meta])*
        fn $name:ident($($arg:ident: $type:ty),*) $(-> $result:ty)? $body:block
    )*) => { $(
        $(#[$doc])*
        #[inline(never)]
        pub(super) fn $name(_: Avx2, $($arg: $type),*) $(-> $result)? {
            #[target_feature(enable = "avx2")]
            fn with_feature($($arg: $type),*) $(-> $result)? $body
            // SAFETY: the token was made where this feature was found
            unsafe { with_feature($($arg),*) }
        }
    )* };
}

/// The sum of a_i · b_j over the pairs given, each with the name of a_i's register: b_j is read from memory.
macro_rules! sum {
    ($a:expr, $b:expr; $only:ident $i:literal $j:literal) => {
        mul32($a[$i], $b[$j])
    };
    ($a:expr, $b:expr; $first:ident $i:literal $j:literal $(, $next:ident $k:literal $l:literal)+) => {{
        let b: &[V; 9] = $b;
        let sum: V;
        // SAFETY: reads limbs of `b`, of which there are nine, and nothing else; the function has the feature
        unsafe {
            asm!(
                concat!("vpmuludq {sum}, {", stringify!($first), "}, ymmword ptr [{b} + 32*", stringify!($j), "]"),
                $(
                    concat!("vpmuludq {term}, {", stringify!($next), "}, ymmword ptr [{b} + 32*", stringify!($l), "]"),
                    "vpaddq {sum}, {sum}, {term}",
                )+
                sum = out(ymm_reg) sum,
                term = out(ymm_reg) _,
                b = in(reg) b.as_ptr(),
                $first = in(ymm_reg) $a[$i],
                $($next = in(ymm_reg) $a[$k],)+
                options(pure, readonly, nostack, preserves_flags)
            );
        }
        sum
    }};
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

/// Column k of a²: a_i · 2 a_j for i < j, and a_i² in the middle. `$b` is a pair of a and 2 a.
macro_rules! square_column {
    (0, $a:expr, $b:expr) => { mul32($a[0], $a[0]) };
    (1, $a:expr, $b:expr) => { sum!($a, $b; a0 0 1) };
    (2, $a:expr, $b:expr) => { add(mul32($a[1], $a[1]), sum!($a, $b; a0 0 2)) };
    (3, $a:expr, $b:expr) => { sum!($a, $b; a0 0 3, a1 1 2) };
    (4, $a:expr, $b:expr) => { add(mul32($a[2], $a[2]), sum!($a, $b; a0 0 4, a1 1 3)) };
    (5, $a:expr, $b:expr) => { sum!($a, $b; a0 0 5, a1 1 4, a2 2 3) };
    (6, $a:expr, $b:expr) => { add(mul32($a[3], $a[3]), sum!($a, $b; a0 0 6, a1 1 5, a2 2 4)) };
    (7, $a:expr, $b:expr) => { sum!($a, $b; a0 0 7, a1 1 6, a2 2 5, a3 3 4) };
    (8, $a:expr, $b:expr) => { add(mul32($a[4], $a[4]), sum!($a, $b; a0 0 8, a1 1 7, a2 2 6, a3 3 5)) };
    (9, $a:expr, $b:expr) => { sum!($a, $b; a1 1 8, a2 2 7, a3 3 6, a4 4 5) };
    (10, $a:expr, $b:expr) => { add(mul32($a[5], $a[5]), sum!($a, $b; a2 2 8, a3 3 7, a4 4 6)) };
    (11, $a:expr, $b:expr) => { sum!($a, $b; a3 3 8, a4 4 7, a5 5 6) };
    (12, $a:expr, $b:expr) => { add(mul32($a[6], $a[6]), sum!($a, $b; a4 4 8, a5 5 7)) };
    (13, $a:expr, $b:expr) => { sum!($a, $b; a5 5 8, a6 6 7) };
    (14, $a:expr, $b:expr) => { add(mul32($a[7], $a[7]), sum!($a, $b; a6 6 8)) };
    (15, $a:expr, $b:expr) => { sum!($a, $b; a7 7 8) };
    (16, $a:expr, $b:expr) => { mul32($a[8], $a[8]) };
}

/// Writes the seventeen columns of a product, each below 2^63.5, as limbs: those from 9 on fold into those from 0 on.
///
/// Both carries, through the upper columns and through the limbs, go up side by side with the columns' products, so
/// that the processor always has independent work beside these two chains.
macro_rules! reduce {
    ($column:ident, $a:expr, $b:expr, $out:expr) => {{
        let out: &mut [V; 9] = $out;
        let (mask, fold) = (word(MASK29), word(FOLD));
        let c8 = $column!(8, $a, $b);
        let (mut upper, mut lower) = (shr::<29>(c8), word(0));
        macro_rules! limb {
            ($low:tt, $high:tt) => {{
                let c = add($column!($high, $a, $b), upper);
                upper = shr::<29>(c);
                let r = add($column!($low, $a, $b), mul32(and(c, mask), fold));
                let r = add(r, lower);
                lower = shr::<29>(r);
                out[$low] = and(r, mask);
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
        let top = add(add(and(c8, mask), mul32(upper, fold)), lower);
        close(top, out);
    }};
}

/// Limb 8, whose bits from 23 up fold into limb 0.
#[inline(always)]
fn close(top: V, out: &mut [V; 9]) {
    out[0] = add(out[0], mul32(shr::<23>(top), word(19)));
    out[8] = and(top, word(MASK23));
}

/// Carries limbs 0 to 7 upward, then folds limb 8 from bit 23 up, which must be below 2^32 by then.
#[inline(always)]
pub(super) fn normalise(mut r: [V; 9]) -> [V; 9] {
    let mask = word(MASK29);
    macro_rules! carry {
        ($($k:literal),*) => { $(
            r[$k + 1] = add(r[$k + 1], shr::<29>(r[$k]));
            r[$k] = and(r[$k], mask);
        )* };
    }
    carry!(0, 1, 2, 3, 4, 5, 6, 7);
    close(r[8], &mut r);
    r
}

/// A constant in every lane.
#[inline(always)]
pub(super) fn splat(value: &[u64; 9]) -> [V; 9] {
    let mut vector = [word(0); 9];
    for i in 0..9 {
        vector[i] = word(value[i]);
    }
    vector
}

/// a + constant, not reduced.
#[inline(always)]
fn sum_with(a: &[V; 9], constant: &[u64; 9]) -> [V; 9] {
    let mut sum = *a;
    for i in 0..9 {
        sum[i] = add(a[i], word(constant[i]));
    }
    sum
}

/// Limb k of a constant's product before its carry: its limbs with those of the factor times 2^(29 j).
macro_rules! limb_of_constant_product {
    ($k:literal, $x:expr, $multiplier:expr) => {
        sum!($x, &$multiplier[$k];
            a0 0 0, a1 1 1, a2 2 2, a3 3 3, a4 4 4, a5 5 5, a6 6 6, a7 7 7, a8 8 8)
    };
}

/// Carries limbs upward from `$carry`.
macro_rules! limbs_of_constant_product {
    ($x:expr, $multiplier:expr, $mask:expr, $carry:expr, $out:expr; $($k:literal),*) => { $(
        let r = add(limb_of_constant_product!($k, $x, $multiplier), $carry);
        $carry = shr::<29>(r);
        $out[$k] = and(r, $mask);
    )* };
}

/// Both ends of a · b: limbs 0, 1, 7 and 8 need columns 0, 1, 7, 8 and, folded, 9, 10, 16 and 17; columns 6 and 15 are
/// there for their carries. What is left out makes the top too small by less than [`LEFT_OUT`].
macro_rules! ends_of {
    ($a:expr, $b:expr) => {{
        let (mask, fold) = (word(MASK29), word(FOLD));
        let c8 = column!(8, $a, $b);
        let c9 = add(column!(9, $a, $b), shr::<29>(c8));
        let c10 = add(column!(10, $a, $b), shr::<29>(c9));
        let c16 = add(column!(16, $a, $b), shr::<29>(column!(15, $a, $b)));
        let c7 = add(column!(7, $a, $b), shr::<29>(column!(6, $a, $b)));
        let r7 = add(c7, mul32(and(c16, mask), fold));
        let r8 = add(
            add(and(c8, mask), mul32(shr::<29>(c16), fold)),
            shr::<29>(r7),
        );
        let top = shr::<23>(r8);
        let r0 = add(column!(0, $a, $b), mul32(and(c9, mask), fold));
        let r0 = add(r0, mul32(top, word(19)));
        let r1 = add(column!(1, $a, $b), mul32(and(c10, mask), fold));
        [
            add(r0, shl::<29>(r1)),
            add(shl::<24>(and(r8, word(MASK23))), shr::<5>(and(r7, mask))),
        ]
    }};
}

/// The low end of a · b: column 0 and 19 times the bits from 255 up, which columns 8 and 9 hold but for their carries.
macro_rules! low_of {
    ($a:expr, $b:expr) => {{
        let from_232 = mul32(shr::<23>(column!(8, $a, $b)), word(19));
        let from_261 = mul32(column!(9, $a, $b), word(FOLD));
        add(add(column!(0, $a, $b), from_232), from_261)
    }};
}

/// The high end of a · b: limb 8, with the carry of column 7 and the fold of column 16.
macro_rules! high_of {
    ($a:expr, $b:expr) => {{
        let (mask, fold) = (word(MASK29), word(FOLD));
        let c16 = column!(16, $a, $b);
        let r7 = add(column!(7, $a, $b), mul32(and(c16, mask), fold));
        let folded = add(shr::<29>(r7), mul32(shr::<29>(c16), fold));
        shl::<24>(add(column!(8, $a, $b), folded))
    }};
}

apart! {
    /// a · b for limbs below 2^30.1.
    fn product(a: &[V; 9], b: &[V; 9]) -> [V; 9] {
        let a = *a;
        let mut out = [word(0); 9];
        reduce!(column, a, b, &mut out);
        out
    }

    /// a².
    fn square(a: &[V; 9]) -> [V; 9] {
        let a = *a;
        let mut twice = a;
        for i in 0..9 {
            twice[i] = add(a[i], a[i]);
        }
        let mut out = [word(0); 9];
        reduce!(square_column, a, &twice, &mut out);
        out
    }

    /// a · (addend + constant).
    fn product_with_sum(a: &[V; 9], addend: &[V; 9], constant: &[u64; 9], out: &mut [V; 9]) {
        let sum = sum_with(addend, constant);
        reduce!(column, sum, a, out);
    }

    /// a · b; `running`, which is a, becomes a · (addend + constant).
    fn product_both(
        running: &mut [V; 9],
        b: &[V; 9],
        addend: &[V; 9],
        constant: &[u64; 9],
        out: &mut [V; 9]
    ) {
        let a = *running;
        reduce!(column, a, b, out);
        let sum = sum_with(addend, constant);
        reduce!(column, a, &sum, running);
    }

    /// Σ_j constant_j · column_j: limbs 0 to 7 below 2^62, limb 8 below 2^56, so that the only fold is that of limb 8:
    /// first from bit 29 up (below 2^27, to limb 0 times 1216), then as ever.
    ///
    /// `multiplier[k][j]` is limb k of the element times 2^(29 j).
    fn product_with_constant(multiplier: &[[V; 9]; 9], constant: &[u64; 9], out: &mut [V; 9]) {
        let x = splat(constant);
        let (mask, top) = (word(MASK29), limb_of_constant_product!(8, x, multiplier));
        let mut carry = mul32(shr::<29>(top), word(FOLD));
        limbs_of_constant_product!(x, multiplier, mask, carry, out; 0, 1, 2, 3, 4, 5, 6, 7);
        close(add(and(top, mask), carry), out);
    }

    /// The ends of constant · b and of a · b.
    fn ends(constant: &[u64; 9], a: &[V; 9], b: &[V; 9]) -> [[V; 2]; 2] {
        let k = splat(constant);
        let first = ends_of!(k, b);
        let a = *a;
        [first, ends_of!(a, b)]
    }

    /// Their low ends alone: too small by up to [`LOW_SHORT`] modulo 2^[`LOW_BITS`].
    fn lows(constant: &[u64; 9], a: &[V; 9], b: &[V; 9]) -> [V; 2] {
        let k = splat(constant);
        let first = low_of!(k, b);
        let a = *a;
        [first, low_of!(a, b)]
    }

    /// Their high ends alone: too small by up to [`HIGH_SHORT`] modulo 2^47.
    fn highs(constant: &[u64; 9], a: &[V; 9], b: &[V; 9]) -> [V; 2] {
        let k = splat(constant);
        let first = high_of!(k, b);
        let a = *a;
        [first, high_of!(a, b)]
    }
}
