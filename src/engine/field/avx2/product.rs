//! Products of four pairs of elements: columns, folds and carries.

use super::V;
use super::words::{add, and, mul32, shl, shr, word};

/// Bits 0 to 28.
pub const MASK29: u64 = (1 << 29) - 1;
/// Bits 0 to 22, what limb 8 holds below bit 255.
pub const MASK23: u64 = (1 << 23) - 1;
/// 2^261 modulo p.
pub const FOLD: u64 = 1216;
/// Bound of what [`ends`] leaves out, in units of bit 208: the carry into column 6 (below 2^5 units of limb 7),
/// the folds of columns 14 and 15 (below 2^11 each) and the bits that the shift by 5 drops.
pub const LEFT_OUT: u64 = 1 << 8;

/// Column K of a · b.
#[inline(always)]
pub fn column<const K: usize>(a: &[V; 9], b: &[V; 9]) -> V {
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
pub fn normalise(mut r: [V; 9]) -> [V; 9] {
    let mask = word(MASK29);
    macro_rules! carry {
        ($($k:literal),*) => { $(
            r[$k + 1] = add(r[$k + 1], shr::<29>(r[$k]));
            r[$k] = and(r[$k], mask);
        )* };
    }
    carry!(0, 1, 2, 3, 4, 5, 6, 7);
    r[0] = add(r[0], mul32(shr::<23>(r[8]), word(19)));
    r[8] = and(r[8], word(MASK23));
    r
}

/// a · b for limbs below 2^30.1.
#[inline(always)]
pub fn product(a: &[V; 9], b: &[V; 9]) -> [V; 9] {
    let (mask, fold) = (word(MASK29), word(FOLD));
    let c8 = column::<8>(a, b);
    let mut carry = shr::<29>(c8);
    macro_rules! upper {
        ($($k:literal),*) => { [ $( {
            let c = add(column::<$k>(a, b), carry);
            carry = shr::<29>(c);
            mul32(and(c, mask), fold)
        } ),* ] };
    }
    let high = upper!(9, 10, 11, 12, 13, 14, 15, 16);
    normalise([
        add(column::<0>(a, b), high[0]),
        add(column::<1>(a, b), high[1]),
        add(column::<2>(a, b), high[2]),
        add(column::<3>(a, b), high[3]),
        add(column::<4>(a, b), high[4]),
        add(column::<5>(a, b), high[5]),
        add(column::<6>(a, b), high[6]),
        add(column::<7>(a, b), high[7]),
        // the carry out of column 16 is below 2^20
        add(and(c8, mask), mul32(carry, fold)),
    ])
}

/// Limbs 0, 1, 7 and 8 need columns 0, 1, 7, 8 and, folded, 9, 10, 16 and 17; columns 6 and 15 are there for their
/// carries. What is left out makes the top too small by less than [`LEFT_OUT`].
#[inline(always)]
pub fn ends(a: &[V; 9], b: &[V; 9]) -> [V; 2] {
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
