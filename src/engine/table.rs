//! The multiples of 8B that every sweep adds to its centres: computed once and shared by all workers.

use std::ops::{Add, Mul};
use std::sync::{Arc, OnceLock};

use super::field::{FieldElement, Simd};
use super::point::{Point, multiples};

/// Points of a table unless told otherwise: one inversion and one step of the centres cost about 2 % of a sweep, and
/// the prefix products of two chains, the table and a large filter fit a second-level cache of 2 MiB together.
pub const DEFAULT_POINTS: usize = 1024;

/// The points Q_j = 8jB for j = 1 to N, as the constants that the sweep multiplies with.
#[derive(Debug)]
pub struct Table {
    constants: Vec<Constants>,
    step: Point,
    encodings: Encodings,
}

/// What the sweep needs of a point (x, y) of the table.
#[derive(Clone, Copy, Debug)]
struct Constants {
    /// y².
    t: FieldElement,
    /// y.
    y: FieldElement,
    /// x (1 + d y²).
    x: FieldElement,
}

/// [`Constants`] in the limbs of an instruction set.
#[derive(Clone, Copy, Debug)]
pub struct Entry<L, C = L> {
    /// y².
    pub t: L,
    /// y.
    pub y: L,
    /// x (1 + d y²), prepared for its product.
    pub x: C,
}

/// An encoding, once it is made.
type Cell<E> = OnceLock<Arc<[E]>>;

/// The encodings made so far.
#[derive(Debug, Default)]
struct Encodings {
    five_52: Cell<Entry<[u64; 5]>>,
    nine_29: Cell<Entry<[u64; 9], [i32; 27]>>,
    four_64: Cell<Entry<[u64; 4]>>,
}

/// Entries that a table can be encoded in.
pub trait Encoded: Sized {
    /// The place where a table keeps this encoding.
    #[doc(hidden)]
    fn cell(table: &Table) -> &Cell<Self>;
}

impl Encoded for Entry<[u64; 5]> {
    fn cell(table: &Table) -> &Cell<Self> {
        &table.encodings.five_52
    }
}

impl Encoded for Entry<[u64; 9], [i32; 27]> {
    fn cell(table: &Table) -> &Cell<Self> {
        &table.encodings.nine_29
    }
}

impl Encoded for Entry<[u64; 4]> {
    fn cell(table: &Table) -> &Cell<Self> {
        &table.encodings.four_64
    }
}

/// An entry for an instruction set.
pub type EntryOf<S> = Entry<<S as Simd>::Limbs, <S as Simd>::Constant>;

impl Table {
    /// The table of 8jB for j = 1 to `points`; at least one point is made.
    pub fn new(points: usize) -> Self {
        let points = points.max(1);
        let base = Point::base();
        let twice = base.add(&base);
        let four = twice.add(&twice);
        let multiples = multiples(&four.add(&four), points);
        let last = multiples[points - 1];
        let step = last.add(&last).add(&multiples[0]);
        let one = FieldElement::ONE;
        let d = *super::point::D;
        let constants = multiples
            .iter()
            .map(|q| {
                let t = q.y.square();
                Constants {
                    t,
                    y: q.y,
                    x: q.x.mul(one.add(d.mul(t))),
                }
            })
            .collect();
        Self {
            constants,
            step,
            encodings: Encodings::default(),
        }
    }

    /// Number of points N: a sweep tests 2N + 1 candidates a lane.
    pub fn points(&self) -> usize {
        self.constants.len()
    }

    /// (2N + 1) · 8B, from one sweep's centre to the next one's.
    pub fn step(&self) -> Point {
        self.step
    }

    /// For each point (x, y) of the table: y², y and x (1 + d y²).
    pub fn constants(&self) -> impl Iterator<Item = [FieldElement; 3]> + '_ {
        self.constants.iter().map(|c| [c.t, c.y, c.x])
    }

    /// The table in the limbs of an instruction set, encoded at the first call.
    pub fn encoded<S: Simd>(&self) -> Arc<[EntryOf<S>]>
    where
        EntryOf<S>: Encoded,
    {
        EntryOf::<S>::cell(self)
            .get_or_init(|| {
                self.constants
                    .iter()
                    .map(|c| Entry {
                        t: S::limbs(&c.t),
                        y: S::limbs(&c.y),
                        x: S::constant(&S::limbs(&c.x)),
                    })
                    .collect()
            })
            .clone()
    }
}
