//! Products of four pairs of elements: columns, folds and carries.

use super::V;
use super::words::{add, and, mul32, shl, shr, word};

/// Bits 0 to 28.
pub(super) const MASK29: u64 = (1 << 29) - 1;
/// Bits 0 to 22, what limb 8 holds below bit 255.
pub(super) const MASK23: u64 = (1 << 23) - 1;
/// 2^261 modulo p.
pub(super) const FOLD: u64 = 1216;
/// Bound of what [`ends`] leaves out, in units of bit 208: the carry into column 6 (below 2^5 units of limb 7),
/// the folds of columns 14 and 15 (below 2^11 each) and the bits that the shift by 5 drops.
pub(super) const LEFT_OUT: u64 = 1 << 8;

/// Column K of a · b.
#[inline(always)]
pub(super) fn column<const K: usize>(a: &[V; 9], b: &[V; 9]) -> V {
    let (mut i, last) = (K.saturating_sub(8), if K < 8 { K } else { 8 });
    let mut sum = mul32(a[i], b[K - i]);
    while i < last {
        i += 1;
        sum = add(sum, mul32(a[i], b[K - i]));
    }
    sum
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
    close([r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7]], r[8])
}

/// Column K of a², from a and 2 a.
#[inline(always)]
pub(super) fn square_column<const K: usize>(a: &[V; 9], twice: &[V; 9]) -> V {
    let mut i = K.saturating_sub(8);
    let mut sum = if K.is_multiple_of(2) {
        mul32(a[K / 2], a[K / 2])
    } else {
        mul32(a[K / 2], twice[K / 2 + 1])
    };
    while i < K.div_ceil(2) - K % 2 {
        sum = add(sum, mul32(a[i], twice[K - i]));
        i += 1;
    }
    sum
}

/// The seventeen columns of a product, each below 2^63.5, as limbs: those from 9 on fold into those from 0 on.
///
/// Both carries, through the upper columns and through the limbs, go up side by side with the columns' products, so
/// that the processor always has independent work beside these two chains.
macro_rules! reduce {
    ($column:ident, $a:expr, $b:expr) => {{
        let (mask, fold) = (word(MASK29), word(FOLD));
        let c8 = $column::<8>($a, $b);
        let (mut upper, mut lower) = (shr::<29>(c8), word(0));
        macro_rules! limb {
            ($low:literal, $high:literal) => {{
                let c = add($column::<$high>($a, $b), upper);
                upper = shr::<29>(c);
                let r = add($column::<$low>($a, $b), mul32(and(c, mask), fold));
                let r = add(r, lower);
                lower = shr::<29>(r);
                and(r, mask)
            }};
        }
        let low = [
            limb!(0, 9),
            limb!(1, 10),
            limb!(2, 11),
            limb!(3, 12),
            limb!(4, 13),
            limb!(5, 14),
            limb!(6, 15),
            limb!(7, 16),
        ];
        // the carry out of column 16 is below 2^32
        let top = add(add(and(c8, mask), mul32(upper, fold)), lower);
        close(low, top)
    }};
}

/// Eight limbs within their radix and limb 8, which folds from bit 23 up.
#[inline(always)]
pub(super) fn close(low: [V; 8], top: V) -> [V; 9] {
    let [l0, l1, l2, l3, l4, l5, l6, l7] = low;
    let l0 = add(l0, mul32(shr::<23>(top), word(19)));
    [l0, l1, l2, l3, l4, l5, l6, l7, and(top, word(MASK23))]
}

/// a · b for limbs below 2^30.1.
#[inline(always)]
pub(super) fn product(a: &[V; 9], b: &[V; 9]) -> [V; 9] {
    reduce!(column, a, b)
}

/// a² for limbs below 2^30.1.
#[inline(always)]
pub(super) fn square(a: &[V; 9]) -> [V; 9] {
    let mut twice = *a;
    for limb in &mut twice {
        *limb = add(*limb, *limb);
    }
    reduce!(square_column, a, &twice)
}

/// Limbs 0, 1, 7 and 8 need columns 0, 1, 7, 8 and, folded, 9, 10, 16 and 17; columns 6 and 15 are there for their
/// carries. What is left out makes the top too small by less than [`LEFT_OUT`].
#[inline(always)]
pub(super) fn ends(a: &[V; 9], b: &[V; 9]) -> [V; 2] {
    let (mask, fold) = (word(MASK29), word(FOLD));
    let c8 = column::<8>(a, b);
    let c9 = add(column::<9>(a, b), shr::<29>(c8));
    let c10 = add(column::<10>(a, b), shr::<29>(c9));
    let c16 = add(column::<16>(a, b), shr::<29>(column::<15>(a, b)));
    let c7 = add(column::<7>(a, b), shr::<29>(column::<6>(a, b)));
    let r7 = add(c7, mul32(and(c16, mask), fold));
    let r8 = add(
        add(and(c8, mask), mul32(shr::<29>(c16), fold)),
        shr::<29>(r7),
    );
    let top = shr::<23>(r8);
    let r0 = add(column::<0>(a, b), mul32(and(c9, mask), fold));
    let r0 = add(r0, mul32(top, word(19)));
    let r1 = add(column::<1>(a, b), mul32(and(c10, mask), fold));
    [
        add(r0, shl::<29>(r1)),
        add(shl::<24>(and(r8, word(MASK23))), shr::<5>(and(r7, mask))),
    ]
}
