//! Products of eight pairs of elements: columns, folds and carries.

use core::arch::x86_64::*;

use super::V;

/// Bits 0 to 51.
pub(super) const MASK52: u64 = (1 << 52) - 1;
/// Bits 0 to 46, what limb 4 holds below bit 255.
pub(super) const MASK47: u64 = (1 << 47) - 1;
/// 2^260 modulo p.
pub(super) const FOLD: u64 = 608;

/// Adds the low halves of a_i · b_j to column i + j and the high halves to column i + j + 1.
macro_rules! columns {
    ($c:ident, $a:expr, $b:expr, $(($i:literal, $j:literal)),*) => {
        $(
            $c[$i + $j] = _mm512_madd52lo_epu64($c[$i + $j], $a[$i], $b[$j]);
            $c[$i + $j + 1] = _mm512_madd52hi_epu64($c[$i + $j + 1], $a[$i], $b[$j]);
        )*
    };
}

pub(super) use columns;

/// The ten columns of a · b.
#[inline(always)]
pub(super) fn product(a: &[V; 5], b: &[V; 5]) -> [V; 10] {
    simd! {
        let mut c = [_mm512_setzero_si512(); 10];
        columns!(
            c, a, b,
            (0, 0), (0, 1), (0, 2), (0, 3), (0, 4),
            (1, 0), (1, 1), (1, 2), (1, 3), (1, 4),
            (2, 0), (2, 1), (2, 2), (2, 3), (2, 4),
            (3, 0), (3, 1), (3, 2), (3, 3), (3, 4),
            (4, 0), (4, 1), (4, 2), (4, 3), (4, 4)
        );
        c
    }
}

/// The columns of a · b and of c · d, row by row in turn: neither waits for its own accumulators.
#[inline(always)]
pub(super) fn product_both(a: &[V; 5], b: &[V; 5], c: &[V; 5], d: &[V; 5]) -> ([V; 10], [V; 10]) {
    simd! {
        let mut p = [_mm512_setzero_si512(); 10];
        let mut q = [_mm512_setzero_si512(); 10];
        macro_rules! rows {
            ($($i:literal),*) => { $(
                columns!(p, a, b, ($i, 0), ($i, 1), ($i, 2), ($i, 3), ($i, 4));
                columns!(q, c, d, ($i, 0), ($i, 1), ($i, 2), ($i, 3), ($i, 4));
            )* };
        }
        rows!(0, 1, 2, 3, 4);
        (p, q)
    }
}

/// Folds columns 5 to 8 into limbs 0 to 4; column 9 is left to the caller.
#[inline(always)]
pub(super) fn fold(c: &[V; 10]) -> [V; 5] {
    simd! {
        let fold = _mm512_set1_epi64(FOLD as i64);
        let mut r = [c[0], c[1], c[2], c[3], c[4]];
        r[0] = _mm512_madd52lo_epu64(r[0], c[5], fold);
        r[1] = _mm512_madd52lo_epu64(r[1], c[6], fold);
        r[2] = _mm512_madd52lo_epu64(r[2], c[7], fold);
        r[3] = _mm512_madd52lo_epu64(r[3], c[8], fold);
        r[1] = _mm512_madd52hi_epu64(r[1], c[5], fold);
        r[2] = _mm512_madd52hi_epu64(r[2], c[6], fold);
        r[3] = _mm512_madd52hi_epu64(r[3], c[7], fold);
        r[4] = _mm512_madd52hi_epu64(r[4], c[8], fold);
        r[1] = _mm512_madd52lo_epu64(r[1], _mm512_srli_epi64::<52>(c[5]), fold);
        r[2] = _mm512_madd52lo_epu64(r[2], _mm512_srli_epi64::<52>(c[6]), fold);
        r[3] = _mm512_madd52lo_epu64(r[3], _mm512_srli_epi64::<52>(c[7]), fold);
        r[4] = _mm512_madd52lo_epu64(r[4], _mm512_srli_epi64::<52>(c[8]), fold);
        r
    }
}

/// Brings limbs below 2^63 to the form between operations: bit 255 and up to limb 0, then one carry chain.
///
/// Limb 4 ends below 2^47 + 2^11 in general and below 2^47 + 2^5 after a product, whose limbs are below 2^57.
#[inline(always)]
pub(super) fn normalise(mut r: [V; 5]) -> [V; 5] {
    simd! {
        let top = _mm512_srli_epi64::<47>(r[4]);
        r[4] = _mm512_and_si512(r[4], _mm512_set1_epi64(MASK47 as i64));
        r[0] = _mm512_madd52lo_epu64(r[0], top, _mm512_set1_epi64(19));
        carry(r)
    }
}

/// Adds the bits of limbs 0 to 3 above 52 to the next limb, without clearing them.
#[inline(always)]
pub(super) fn carry(mut r: [V; 5]) -> [V; 5] {
    simd! {
        r[1] = _mm512_add_epi64(r[1], _mm512_srli_epi64::<52>(r[0]));
        r[2] = _mm512_add_epi64(r[2], _mm512_srli_epi64::<52>(r[1]));
        r[3] = _mm512_add_epi64(r[3], _mm512_srli_epi64::<52>(r[2]));
        r[4] = _mm512_add_epi64(r[4], _mm512_srli_epi64::<52>(r[3]));
        r
    }
}

/// Clears what limbs 0 to 3 carry above bit 51.
#[inline(always)]
pub(super) fn clear(mut r: [V; 5]) -> [V; 5] {
    simd! {
        for limb in &mut r[..4] {
            *limb = _mm512_and_si512(*limb, _mm512_set1_epi64(MASK52 as i64));
        }
        r
    }
}
