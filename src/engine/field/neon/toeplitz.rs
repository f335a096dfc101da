//! How NEON multiplies a Toeplitz matrix and a prepared constant.

use super::words::{signed, signed_add, sub};
use super::{Limb, V};

/// The nine limbs of a product before their carries.
#[inline(always)]
pub(in crate::field) fn toeplitz(matrix: &[Limb; 41], constant: &[i32; 27]) -> [V; 9] {
    let times = |element: usize, number: usize| signed(matrix[element], constant[number]);
    let add_times =
        |sum: V, element: usize, number: usize| signed_add(sum, matrix[element], constant[number]);
    let block = |n: usize| {
        let (m, c) = (23 + 6 * n, 9 + 6 * n);
        let [x, u, y] = [3, 4, 5].map(|i| times(m + i, c + i));
        [
            add_times(sub(x, u), m + 2, c + 2),
            add_times(sub(y, x), m + 1, c + 1),
            add_times(sub(u, y), m, c),
        ]
    };
    let row = |sum: V, element: usize, number: usize| {
        let sum = add_times(sum, element, number);
        let sum = add_times(sum, element - 1, number + 1);
        add_times(sum, element - 2, number + 2)
    };
    let [p3, p4, p5] = [block(0), block(1), block(2)];
    let first = (1..9).fold(times(0, 0), |sum, i| add_times(sum, i, i));
    [
        first,
        row(sub(p3[1], p4[1]), 11, 6),
        row(sub(p3[2], p4[2]), 12, 6),
        row(sub(p5[0], p3[0]), 15, 3),
        row(sub(p5[1], p3[1]), 16, 3),
        row(sub(p5[2], p3[2]), 17, 3),
        row(sub(p4[0], p5[0]), 20, 0),
        row(sub(p4[1], p5[1]), 21, 0),
        row(sub(p4[2], p5[2]), 22, 0),
    ]
}
