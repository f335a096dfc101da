//! Affine points of the curve −x² + y² = 1 + d x² y², one at a time: what sets a search up.

use std::ops::{Add, Mul, Sub};
use std::sync::LazyLock;

use zeroize::Zeroizing;

use super::field::FieldElement;

/// d = −121665 / 121666 (RFC 8032, section 5.1).
pub static D: LazyLock<FieldElement> = LazyLock::new(|| {
    FieldElement::ZERO
        .sub(FieldElement::from_u32(121_665))
        .mul(FieldElement::from_u32(121_666).invert())
});

/// The square root of −1, 2^((p − 1) / 4): ((2^2)^((p − 5) / 8)) · 2 as (p − 1)/4 = 2 (p − 5)/8 + 1.
static SQRT_MINUS_ONE: LazyLock<FieldElement> = LazyLock::new(|| {
    let two = FieldElement::from_u32(2);
    two.power_p58().square().mul(two)
});

/// A point of the curve.
#[derive(Clone, Copy, Debug)]
pub struct Point {
    /// The first coordinate.
    pub x: FieldElement,
    /// The second coordinate, which a public key holds.
    pub y: FieldElement,
}

impl Point {
    /// The point of an encoding: 255 bits of y, then the sign of x (RFC 8032, section 5.1.3); `None` where no point
    /// has this y.
    pub fn decompress(encoding: &[u8; 32]) -> Option<Self> {
        let y = FieldElement::from_bytes(encoding);
        let yy = y.square();
        let u = yy.sub(FieldElement::ONE);
        let v = D.mul(yy).add(FieldElement::ONE);
        // x = u v^3 (u v^7)^((p − 5) / 8), perhaps times the square root of −1
        let v3 = v.square().mul(v);
        let root = u.mul(v3.square().mul(v)).power_p58();
        let mut x = u.mul(v3).mul(root);
        let check = v.mul(x.square());
        if !check.sub(u).is_zero() {
            if !check.add(u).is_zero() {
                return None;
            }
            x = x.mul(*SQRT_MINUS_ONE);
        }
        Some(Self { x, y }.with_sign_of(encoding))
    }

    /// The encoding: y, and the sign of x in the top bit.
    pub fn compress(&self) -> [u8; 32] {
        let mut encoding = self.y.to_bytes();
        encoding[31] |= u8::from(self.x.is_odd()) << 7;
        encoding
    }

    /// (x, y) or (−x, y), whichever has the sign of this encoding.
    fn with_sign_of(self, encoding: &[u8; 32]) -> Self {
        if self.x.is_odd() == (encoding[31] >> 7 == 1) {
            return self;
        }
        Self {
            x: FieldElement::ZERO.sub(self.x),
            y: self.y,
        }
    }

    /// Whether −x² + y² = 1 + d x² y².
    pub(crate) fn is_on_curve(&self) -> bool {
        let (xx, yy) = (self.x.square(), self.y.square());
        let right = FieldElement::ONE.add(D.mul(xx.mul(yy)));
        yy.sub(xx).sub(right).is_zero()
    }

    /// The base point: y = 4/5, x even (RFC 8032, section 5.1).
    pub fn base() -> Self {
        let y = FieldElement::from_u32(4).mul(FieldElement::from_u32(5).invert());
        // 4/5 belongs to a point, so the fallback is never taken
        Self::decompress(&y.to_bytes()).unwrap_or(Self {
            x: FieldElement::ZERO,
            y,
        })
    }

    /// self + other.
    pub fn add(&self, other: &Self) -> Self {
        let sums = add_all(self, std::slice::from_ref(other));
        sums[0]
    }
}

/// `point` times 1, 2, … to `count`; at least one multiple is made.
pub fn multiples(point: &Point, count: usize) -> Vec<Point> {
    let mut multiples = vec![*point];
    while multiples.len() < count {
        let last = multiples[multiples.len() - 1];
        let more = (count - multiples.len()).min(multiples.len());
        let sums = add_all(&last, &multiples[..more]);
        multiples.extend(sums);
    }
    multiples
}

/// A way to invert one element.
pub(crate) type Invert = fn(FieldElement) -> FieldElement;

/// `point` + each of `others`, with one inversion in all.
pub fn add_all(point: &Point, others: &[Point]) -> Vec<Point> {
    let dxy = D.mul(point.x.mul(point.y));
    let k: Vec<_> = others.iter().map(|q| dxy.mul(q.x.mul(q.y))).collect();
    let mut inverse: Vec<_> = k
        .iter()
        .map(|k| FieldElement::ONE.sub(k.square()))
        .collect();
    invert_all(&mut inverse);
    others
        .iter()
        .zip(k.iter().zip(inverse))
        .map(|(q, (k, inverse))| {
            let x = point.x.mul(q.y).add(point.y.mul(q.x));
            let y = point.y.mul(q.y).add(point.x.mul(q.x));
            // 1 / (1 + k) = (1 − k) / (1 − k²), and likewise for 1 − k
            Point {
                x: x.mul(FieldElement::ONE.sub(*k)).mul(inverse),
                y: y.mul(FieldElement::ONE.add(*k)).mul(inverse),
            }
        })
        .collect()
}

/// Replaces each value by its inverse, with one inversion in all (Montgomery's trick); none may be zero. The time depends on the
/// values.
pub fn invert_all(values: &mut [FieldElement]) {
    invert_all_by(values, FieldElement::invert_vartime);
}

/// The same by this way to invert their product.
pub(crate) fn invert_all_by(values: &mut [FieldElement], invert: Invert) {
    let mut product = FieldElement::ONE;
    let prefixes = values.iter().map(|value| {
        let prefix = product;
        product = product.mul(*value);
        prefix
    });
    let prefixes = Zeroizing::new(prefixes.collect::<Vec<_>>());
    let mut inverse = invert(product);
    for (value, prefix) in values.iter_mut().zip(prefixes.iter()).rev() {
        let original = *value;
        *value = inverse.mul(*prefix);
        inverse = inverse.mul(original);
    }
}
