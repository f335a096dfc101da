//! The centres of a sweep, one a lane: what is computed once a sweep for each, and the step to the next sweep.
//!
//! For a centre (x, y) and u = 1 + d y², v = d (1 − y²):
//! delta = u / v, kappa = (1 + d) y / v, rho = x u / ((1 + d) y). With these, for a table point Q = (x2, y2),
//! y(C ± Q) = y2 · W ± rho x2 (1 + d y2²) · W, where W = kappa / (y2² + delta).

use std::ops::{Add, Mul, Sub};

use super::field::{FieldElement, Simd};
use super::point::{D, Point, invert_all};

/// A point with the constants of a sweep around it: what a lane is set to.
#[derive(Clone, Copy, Debug)]
pub struct Centre {
    point: Point,
    delta: FieldElement,
    kappa: FieldElement,
    rho: FieldElement,
}

impl Centre {
    /// The centre with this encoding; `None` where no point has it.
    pub fn decompress(public: &[u8; 32]) -> Option<Self> {
        Point::decompress(public).map(|point| Self::of(&point))
    }

    /// One centre, which costs an inversion of its own.
    fn of(point: &Point) -> Self {
        let denominators = Denominators::of(point);
        denominators.centre(point, denominators.product.invert_vartime())
    }

    /// The centres of many points, with one inversion in all.
    pub fn all(points: &[Point]) -> Vec<Self> {
        let denominators: Vec<_> = points.iter().map(Denominators::of).collect();
        let mut inverses: Vec<_> = denominators.iter().map(|of| of.product).collect();
        invert_all(&mut inverses);
        let centres = points.iter().zip(denominators).zip(inverses);
        centres
            .map(|((point, denominators), inverse)| denominators.centre(point, inverse))
            .collect()
    }

    /// The point itself.
    pub fn point(&self) -> &Point {
        &self.point
    }
}

/// What the constants of a centre are divided by, and their product, of which one inverse serves both.
struct Denominators {
    u: FieldElement,
    v: FieldElement,
    /// (1 + d) y.
    y: FieldElement,
    product: FieldElement,
}

impl Denominators {
    fn of(point: &Point) -> Self {
        let one = FieldElement::ONE;
        let yy = point.y.square();
        let (u, v) = (one.add(D.mul(yy)), D.mul(one.sub(yy)));
        let y = one.add(*D).mul(point.y);
        let mut product = v.mul(y);
        // Four points of small order, where nobody searches from: they must not spoil the others of their batch.
        if product.is_zero() {
            product = one;
        }
        Self { u, v, y, product }
    }

    fn centre(&self, point: &Point, inverse: FieldElement) -> Centre {
        let (over_v, over_y) = (inverse.mul(self.y), inverse.mul(self.v));
        Centre {
            point: *point,
            delta: self.u.mul(over_v),
            kappa: self.y.mul(over_v),
            rho: point.x.mul(self.u).mul(over_y),
        }
    }
}

/// The centres of one chain: one point a lane, with its constants.
#[derive(Clone, Copy)]
pub(crate) struct Centres<S: Simd> {
    x: S::Fe,
    /// The candidates of the centres themselves.
    pub y: S::Fe,
    /// Added to every t of the table.
    pub delta: S::Addend,
    /// Multiplies the inverse of a sweep.
    pub kappa: S::Fe,
    /// rho, ready to multiply the table.
    pub rho: S::Multiplier,
    delta_fe: S::Fe,
    rho_fe: S::Fe,
}

/// Centres in projective form, waiting for the inverse of their denominator.
#[derive(Clone, Copy)]
pub(crate) struct Pending<S: Simd> {
    x: S::Fe,
    y: S::Fe,
    z: S::Fe,
    u: S::Fe,
    v: S::Fe,
    /// (1 + d) Y Z.
    yz: S::Fe,
    /// v · (1 + d) Y Z²: its inverse is all that [`Pending::finish`] needs.
    pub denominator: S::Fe,
}

/// Constants of the curve and of the step, in every lane.
#[derive(Clone, Copy)]
pub(crate) struct Shared<S: Simd> {
    one: S::Fe,
    d: S::Fe,
    one_plus_d: S::Fe,
    step_x: S::Fe,
    step_y: S::Fe,
    step_dxy: S::Fe,
}

impl<S: Simd> Shared<S> {
    /// The constants for centres that move by `step`.
    pub(crate) fn new(simd: S, step: &Point) -> Self {
        let splat = |value: FieldElement| simd.splat(&S::limbs(&value));
        Self {
            one: splat(FieldElement::ONE),
            d: splat(*D),
            one_plus_d: splat(FieldElement::ONE.add(*D)),
            step_x: splat(step.x),
            step_y: splat(step.y),
            step_dxy: splat(D.mul(step.x.mul(step.y))),
        }
    }
}

impl<S: Simd> Centres<S> {
    /// Centres that all are the base point, to be replaced lane by lane.
    pub(crate) fn new(simd: S) -> Self {
        let zero = simd.splat(&S::limbs(&FieldElement::ZERO));
        let mut centres = Self {
            x: zero,
            y: zero,
            delta: simd.addend(&zero),
            kappa: zero,
            rho: simd.multiplier(&zero),
            delta_fe: zero,
            rho_fe: zero,
        };
        let base = Centre::of(&Point::base());
        for lane in 0..S::LANES {
            centres.insert(simd, lane, &base);
        }
        centres
    }

    /// Puts a centre into one lane.
    #[inline(always)]
    pub(crate) fn insert(&mut self, simd: S, lane: usize, centre: &Centre) {
        simd.insert(&mut self.x, lane, &centre.point.x);
        simd.insert(&mut self.y, lane, &centre.point.y);
        simd.insert(&mut self.kappa, lane, &centre.kappa);
        simd.insert(&mut self.delta_fe, lane, &centre.delta);
        simd.insert(&mut self.rho_fe, lane, &centre.rho);
        self.delta = simd.addend(&self.delta_fe);
        self.rho = simd.multiplier(&self.rho_fe);
    }

    /// The next sweep's centres, but for an inverse.
    ///
    /// (x, y) + (xs, ys) = (E / (1 + k), H / (1 − k)) with E = x ys + y xs, H = y ys + x xs, k = d x xs y ys; here
    /// with Z = (1 + k)(1 − k), X = E (1 − k), Y = H (1 + k).
    #[inline(always)]
    pub(crate) fn step(&self, simd: S, shared: &Shared<S>) -> Pending<S> {
        let k = simd.mul(&simd.mul(&self.x, &self.y), &shared.step_dxy);
        let (f, g) = (simd.sub(&shared.one, &k), simd.add(&shared.one, &k));
        let e = simd.add(
            &simd.mul(&self.x, &shared.step_y),
            &simd.mul(&self.y, &shared.step_x),
        );
        let h = simd.add(
            &simd.mul(&self.y, &shared.step_y),
            &simd.mul(&self.x, &shared.step_x),
        );
        let (x, y, z) = (simd.mul(&e, &f), simd.mul(&h, &g), simd.mul(&f, &g));
        let (yy, zz) = (simd.mul(&y, &y), simd.mul(&z, &z));
        let u = simd.add(&zz, &simd.mul(&shared.d, &yy));
        let v = simd.mul(&shared.d, &simd.sub(&zz, &yy));
        let yz = simd.mul(&shared.one_plus_d, &simd.mul(&y, &z));
        let denominator = simd.mul(&v, &simd.mul(&yz, &z));
        Pending {
            x,
            y,
            z,
            u,
            v,
            yz,
            denominator,
        }
    }
}

impl<S: Simd> Pending<S> {
    /// The centres, given 1 / [`Pending::denominator`].
    #[inline(always)]
    pub(crate) fn finish(&self, simd: S, inverse: &S::Fe) -> Centres<S> {
        let over_v = simd.mul(inverse, &simd.mul(&self.yz, &self.z));
        // 1 / ((1 + d) Y Z²), and from it 1 / Z
        let over_yzz = simd.mul(inverse, &self.v);
        let over_z = simd.mul(&over_yzz, &self.yz);
        let delta_fe = simd.mul(&self.u, &over_v);
        let rho_fe = simd.mul(&simd.mul(&self.x, &self.u), &over_yzz);
        Centres {
            x: simd.mul(&self.x, &over_z),
            y: simd.mul(&self.y, &over_z),
            delta: simd.addend(&delta_fe),
            kappa: simd.mul(&self.yz, &over_v),
            rho: simd.multiplier(&rho_fe),
            delta_fe,
            rho_fe,
        }
    }
}
