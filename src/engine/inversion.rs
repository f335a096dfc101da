//! One inversion for all lanes of some vectors, by Montgomery's trick: first across the vectors, then across the lanes, since
//! the inverse of a single number takes an eighth of the time of a vector's chain of 254 dependent squarings.

use super::field::{FieldElement, MAX_LANES, Simd};
use super::point::invert_all;

/// Replaces the vectors by their inverses; a lane that is zero spoils that lane only.
#[inline(always)]
pub(crate) fn invert_vectors<S: Simd, const N: usize>(simd: S, values: &mut [S::Fe; N]) {
    let mut prefixes = *values;
    for i in 1..values.len() {
        prefixes[i] = simd.mul(&prefixes[i - 1], &values[i]);
    }
    let mut inverse = prefixes[values.len() - 1];
    invert_lanes(simd, &mut inverse);
    for i in (1..values.len()).rev() {
        let original = values[i];
        values[i] = simd.mul(&inverse, &prefixes[i - 1]);
        inverse = simd.mul(&inverse, &original);
    }
    values[0] = inverse;
}

/// Replaces the lanes by their inverses.
#[inline(always)]
fn invert_lanes<S: Simd>(simd: S, vector: &mut S::Fe) {
    let mut lanes = [FieldElement::ONE; MAX_LANES];
    let lanes = &mut lanes[..S::LANES];
    for (lane, value) in lanes.iter_mut().enumerate() {
        let there = simd.extract(vector, lane);
        if !there.is_zero() {
            *value = there;
        }
    }
    invert_all(lanes);
    for (lane, value) in lanes.iter().enumerate() {
        simd.insert(vector, lane, value);
    }
}
