//! Points in extended coordinates, x = X / Z, y = Y / Z, T = X Y / Z: sums without an inversion, one point a lane.

use std::ops::{Add, Mul, Sub};

use zeroize::Zeroizing;

use super::field::{FieldElement, Simd};
use super::point::{D, Invert, Point, invert_all_by};

/// The point that changes no other.
pub(crate) const NEUTRAL: Point = Point {
    x: FieldElement::ZERO,
    y: FieldElement::ONE,
};

/// y + x, y − x and 2 d x y of a point: what it takes to add it.
pub(crate) type Summand<T> = [T; 3];

/// What it takes to add the point.
pub(crate) fn summand(point: &Point) -> Summand<FieldElement> {
    let Point { x, y } = *point;
    let dxy = D.mul(x.mul(y));
    [y.add(x), y.sub(x), dxy.add(dxy)]
}

/// A point a lane in extended coordinates.
pub(crate) struct Extended<S: Simd> {
    x: S::Fe,
    y: S::Fe,
    z: S::Fe,
    t: S::Fe,
}

impl<S: Simd> Extended<S> {
    /// The point in every lane.
    #[inline(always)]
    pub(crate) fn of(simd: S, point: &Point) -> Self {
        let Point { x, y } = *point;
        let coordinates = [x, y, FieldElement::ONE, x.mul(y)];
        let [x, y, z, t] = coordinates.map(|value| simd.splat(&S::limbs(&value)));
        Self { x, y, z, t }
    }

    /// The sum with a point whose Z is 1 (Hisil, Wong, Carter, Dawson, "Twisted Edwards curves revisited", 2008, section
    /// 3.1, which holds for equal points and the neutral one, too).
    #[inline(always)]
    pub(crate) fn plus(&self, simd: S, [sum, difference, dxy]: &Summand<S::Fe>) -> Self {
        let a = simd.mul(&simd.sub(&self.y, &self.x), difference);
        let b = simd.mul(&simd.add(&self.y, &self.x), sum);
        let c = simd.mul(&self.t, dxy);
        let d = simd.add(&self.z, &self.z);
        let (e, f) = (simd.sub(&b, &a), simd.sub(&d, &c));
        let (g, h) = (simd.add(&d, &c), simd.add(&b, &a));
        Self {
            x: simd.mul(&e, &f),
            y: simd.mul(&g, &h),
            z: simd.mul(&f, &g),
            t: simd.mul(&e, &h),
        }
    }

    /// The point of one lane.
    pub(crate) fn extract(&self, simd: S, lane: usize) -> Projective {
        [&self.x, &self.y, &self.z].map(|coordinate| simd.extract(coordinate, lane))
    }
}

/// X, Y and Z of a point.
pub(crate) type Projective = [FieldElement; 3];

/// The points, with one inversion in all.
pub(crate) fn affine(points: &[Projective], invert: Invert) -> Vec<Point> {
    let mut inverses: Zeroizing<Vec<_>> =
        points.iter().map(|[_, _, z]| *z).collect::<Vec<_>>().into();
    invert_all_by(&mut inverses, invert);
    let points = points.iter().zip(inverses.iter());
    let point = |(&[x, y, _], &inverse): (&Projective, &FieldElement)| Point {
        x: x.mul(inverse),
        y: y.mul(inverse),
    };
    points.map(point).collect()
}
