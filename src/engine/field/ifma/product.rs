//! Products of pairs of elements: columns, folds and carries.

use super::Madd52;
use crate::field::Vector;

/// An element's five limbs.
pub(super) type Limbs<S> = [<S as Vector>::Word; 5];

/// Bits 0 to 51.
pub(super) const MASK52: u64 = (1 << 52) - 1;
/// Bits 0 to 46, what limb 4 holds below bit 255.
pub(super) const MASK47: u64 = (1 << 47) - 1;
/// 2^260 modulo p.
pub(super) const FOLD: u64 = 608;

/// Adds the low halves of a_i · b_j to column i + j and the high halves to column i + j + 1.
macro_rules! columns {
    ($simd:ident, $c:ident, $a:expr, $b:expr, $(($i:literal, $j:literal)),*) => {
        $(
            $c[$i + $j] = $simd.madd_low($c[$i + $j], $a[$i], $b[$j]);
            $c[$i + $j + 1] = $simd.madd_high($c[$i + $j + 1], $a[$i], $b[$j]);
        )*
    };
}

pub(super) use columns;

/// The ten columns of a · b.
#[inline(always)]
pub(super) fn product<S: Madd52>(simd: S, a: &Limbs<S>, b: &Limbs<S>) -> [S::Word; 10] {
    let mut c = [simd.word(0); 10];
    columns!(
        simd,
        c,
        a,
        b,
        (0, 0),
        (0, 1),
        (0, 2),
        (0, 3),
        (0, 4),
        (1, 0),
        (1, 1),
        (1, 2),
        (1, 3),
        (1, 4),
        (2, 0),
        (2, 1),
        (2, 2),
        (2, 3),
        (2, 4),
        (3, 0),
        (3, 1),
        (3, 2),
        (3, 3),
        (3, 4),
        (4, 0),
        (4, 1),
        (4, 2),
        (4, 3),
        (4, 4)
    );
    c
}

/// The columns of a · b and of c · d, row by row in turn: neither waits for its own accumulators.
#[inline(always)]
pub(super) fn product_both<S: Madd52>(
    simd: S,
    a: &Limbs<S>,
    b: &Limbs<S>,
    c: &Limbs<S>,
    d: &Limbs<S>,
) -> ([S::Word; 10], [S::Word; 10]) {
    let mut p = [simd.word(0); 10];
    let mut q = [simd.word(0); 10];
    macro_rules! rows {
        ($($i:literal),*) => { $(
            columns!(simd, p, a, b, ($i, 0), ($i, 1), ($i, 2), ($i, 3), ($i, 4));
            columns!(simd, q, c, d, ($i, 0), ($i, 1), ($i, 2), ($i, 3), ($i, 4));
        )* };
    }
    rows!(0, 1, 2, 3, 4);
    (p, q)
}

/// Folds columns 5 to 8 into limbs 0 to 4; column 9 is left to the caller.
#[inline(always)]
pub(super) fn fold<S: Madd52>(simd: S, c: &[S::Word; 10]) -> Limbs<S> {
    let fold = simd.word(FOLD);
    let mut r = [c[0], c[1], c[2], c[3], c[4]];
    r[0] = simd.madd_low(r[0], c[5], fold);
    r[1] = simd.madd_low(r[1], c[6], fold);
    r[2] = simd.madd_low(r[2], c[7], fold);
    r[3] = simd.madd_low(r[3], c[8], fold);
    r[1] = simd.madd_high(r[1], c[5], fold);
    r[2] = simd.madd_high(r[2], c[6], fold);
    r[3] = simd.madd_high(r[3], c[7], fold);
    r[4] = simd.madd_high(r[4], c[8], fold);
    r[1] = simd.madd_low(r[1], simd.word_shr(c[5], 52), fold);
    r[2] = simd.madd_low(r[2], simd.word_shr(c[6], 52), fold);
    r[3] = simd.madd_low(r[3], simd.word_shr(c[7], 52), fold);
    r[4] = simd.madd_low(r[4], simd.word_shr(c[8], 52), fold);
    r
}

/// Brings limbs below 2^63 to the form between operations: bit 255 and up to limb 0, then one carry chain.
///
/// Limb 4 ends below 2^47 + 2^11 in general and below 2^47 + 2^5 after a product, whose limbs are below 2^57.
#[inline(always)]
pub(super) fn normalise<S: Madd52>(simd: S, mut r: Limbs<S>) -> Limbs<S> {
    let top = simd.word_shr(r[4], 47);
    r[4] = simd.word_and(r[4], simd.word(MASK47));
    r[0] = simd.madd_low(r[0], top, simd.word(19));
    carry(simd, r)
}

/// Adds the bits of limbs 0 to 3 above 52 to the next limb, without clearing them.
#[inline(always)]
pub(super) fn carry<S: Madd52>(simd: S, mut r: Limbs<S>) -> Limbs<S> {
    r[1] = simd.word_add(r[1], simd.word_shr(r[0], 52));
    r[2] = simd.word_add(r[2], simd.word_shr(r[1], 52));
    r[3] = simd.word_add(r[3], simd.word_shr(r[2], 52));
    r[4] = simd.word_add(r[4], simd.word_shr(r[3], 52));
    r
}

/// Clears what limbs 0 to 3 carry above bit 51.
#[inline(always)]
pub(super) fn clear<S: Madd52>(simd: S, mut r: Limbs<S>) -> Limbs<S> {
    for limb in &mut r[..4] {
        *limb = simd.word_and(*limb, simd.word(MASK52));
    }
    r
}
