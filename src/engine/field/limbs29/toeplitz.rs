//! Products of a factor that is prepared once and constants that are prepared once, in 51 multiplications instead of 81.
//!
//! Limb k of a · b is Σ_j t_(k − j) · b_j, where t_0 to t_8 come from the limbs of a, and those below wrap around 2^261:
//! a Toeplitz matrix. Three by three blocks of it need six products instead of nine,
//!
//! ```text
//! | T2 T1 T0 |   | V0 |   | P0 + P3 - P4 |   P0 = (T0 + T1 + T2) V2   P3 = T1 (V1 - V2)
//! | T3 T2 T1 | · | V1 | = | P1 - P3 + P5 |   P1 = (T1 + T2 + T3) V1   P4 = T2 (V2 - V0)
//! | T4 T3 T2 |   | V2 |   | P2 + P4 - P5 |   P2 = (T2 + T3 + T4) V0   P5 = T3 (V0 - V1)
//! ```
//!
//! by Fan and Hasan, "A new approach to subquadratic space complexity parallel multipliers for extended binary fields"
//! (2007). The sums on the left and the differences on the right are prepared. P3, P4 and P5 are such products again, of
//! limbs; in P0 to P2 the sums would not fit 32 bits with a sign.

use super::lanes::Limb;
use super::lanes::words::{add, and, limb, mul32, shr, wide, word};
use super::product::{FOLD, MASK29};

/// A constant's limbs 0 to 8, then for P3, P4 and P5 the three differences v of limbs, v1 − v2, v2 − v0 and v0 − v1.
pub(in crate::field) type Differences = [i32; 27];

/// What the constant is multiplied by, below 2^31.
///
/// - 0 to 8: row 0, into which nothing wraps from below: one for each limb of the constant
/// - 9 to 12: T0 + T1 + T2, from its diagonal −1 up
/// - 13 to 17: T1 + T2 + T3, from its diagonal −2 up
/// - 18 to 22: T2 + T3 + T4
/// - 23 to 40: for P3, P4 and P5 the sums of the diagonals 0 to 2, −1 to 1 and −2 to 0, then −1, 0 and 1
pub(in crate::field) type Matrix = [Limb; 41];

/// The differences of a constant with limbs below 2^29: none is 2^30 or more from zero.
pub(super) fn differences(limbs: &[u64; 9]) -> Differences {
    let v = limbs.map(|limb| limb as i32);
    let block = |i: usize, j: usize| [0, 1, 2].map(|k| v[3 * i + k] - v[3 * j + k]);
    let mut all = [0; 27];
    all[..9].copy_from_slice(&v);
    let blocks = [block(1, 2), block(2, 0), block(0, 1)];
    for (of, v) in all[9..].as_chunks_mut::<6>().0.iter_mut().zip(blocks) {
        *of = [v[0], v[1], v[2], v[1] - v[2], v[2] - v[0], v[0] - v[1]];
    }
    all
}

/// The matrix of a factor with limbs below 2^29 + 2^17.
///
/// With 1216 · a_i = l_i + 2^29 · h_i, where l_i is below 2^29: t_i = a_i for i = 1 to 8, t_0 = a_0 + h_8, and below it
/// t_(i − 9) = l_i + h_(i − 1). All are below 2^29 + 2^17, and row 0 has no h.
#[inline(always)]
pub(super) fn matrix(a: &[Limb; 9]) -> Matrix {
    let (mask, zero) = (word(MASK29), word(0));
    let mut matrix = [limb(zero); 41];
    // t_-7 to t_8
    let mut t = [zero; 16];
    matrix[0] = a[0];
    let mut above = wide(a[0]);
    for i in (1..9).rev() {
        let times = mul32(a[i], limb(word(FOLD)));
        t[i - 1] = add(above, shr::<29>(times));
        t[7 + i] = wide(a[i]);
        above = and(times, mask);
        matrix[9 - i] = limb(above);
    }
    let sum = |i: usize, step: usize| add(add(t[i], t[i + step]), t[i + 2 * step]);
    // the middle diagonal of T1 is t_-3
    for i in 0..4 {
        matrix[9 + i] = limb(sum(i, 3));
    }
    for i in 0..5 {
        matrix[13 + i] = limb(sum(2 + i, 3));
        matrix[18 + i] = limb(sum(5 + i, 3));
    }
    for block in 0..3 {
        let (at, middle) = (23 + 6 * block, 4 + 3 * block);
        for i in 0..3 {
            matrix[at + i] = limb(sum(middle - i, 1));
            matrix[at + 3 + i] = limb(t[middle - 1 + i]);
        }
    }
    matrix
}
