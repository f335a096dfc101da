//! One sweep: y(C ± Q_j) for every centre C and every table point, with one inversion in all.
//!
//! Forward, each chain multiplies up the denominators t_j + delta of its centres and keeps the prefix products. One
//! inversion serves all chains and the step to the next centres. Backward, the running inverse gives
//! W_j = kappa / (t_j + delta), and the ends of y2 · W_j ± (rho x') · W_j go to the filter in blocks.

use std::ops::Range;
use std::sync::Arc;

use super::both_ends::BothEnds;
use super::centre::{Centre, Centres, Shared};
use super::coarse::Coarse;
use super::field::{FieldElement, Simd, Words};
use super::inversion::invert_vectors;
use super::lookups::{Block, Lookups, POINTS};
use super::prefilter::{CarriedLowEnd, End, HighEnd, Look, LowEnd, Prefilter};
use super::scan::{Scan, Survivor};
use super::table::{Encoded, EntryOf, Table};

/// Independent chains of prefix products: two hide the latency of the dependent multiplication.
pub(crate) const CHAINS: usize = 2;

/// Table points whose words are computed before the filter looks at them.
const BLOCK: usize = 16;

/// Words of one block: for each table point, for each chain, C + Q then C − Q.
pub(crate) const BLOCK_WORDS: usize = BLOCK * CHAINS * 2;

/// The state of a search on one instruction set: centres, scratch and the shared table.
pub(crate) struct Sweep<S: Simd> {
    simd: S,
    table: Arc<[EntryOf<S>]>,
    shared: Shared<S>,
    centres: [Centres<S>; CHAINS],
    /// The products of the first j denominators, for j = 0 to N.
    prefixes: Vec<[S::Fe; CHAINS]>,
}

impl<S: Simd> Sweep<S>
where
    EntryOf<S>: Encoded,
{
    /// Scratch for a table; every lane still stands at the base point.
    pub(crate) fn new(simd: S, table: &Table) -> Self {
        let one = simd.splat(&S::limbs(&FieldElement::ONE));
        Self {
            simd,
            table: table.encoded::<S>(),
            shared: Shared::new(simd, &table.step()),
            centres: [Centres::new(simd); CHAINS],
            prefixes: vec![[one; CHAINS]; table.points() + 1],
        }
    }

    /// Puts a centre into a lane, 0 to CHAINS · LANES − 1.
    pub(crate) fn insert(&mut self, lane: usize, centre: &Centre) {
        let simd = self.simd;
        let centres = &mut self.centres[lane / S::LANES];
        simd.vectorize(
            #[inline(always)]
            || centres.insert(simd, lane % S::LANES, centre),
        );
    }

    /// Bytes of this search's own buffers.
    pub(crate) fn buffer_bytes(&self) -> usize {
        size_of::<Self>() + self.prefixes.capacity() * size_of::<[S::Fe; CHAINS]>()
    }

    /// Tests all candidates of this sweep, then steps every centre by 2N + 1 points.
    pub(crate) fn run(&mut self, coarse: &Coarse, accept: &mut dyn FnMut(Survivor)) {
        let simd = self.simd;
        simd.vectorize(
            #[inline(always)]
            || {
                let scan = Scan::new(simd, coarse);
                self.centre_words(&scan, accept);
                let totals = self.forward();
                let (running, next) = self.invert(&totals);
                if let Some(lookups) = Lookups::new(simd, coarse) {
                    self.backward_with_lookups(running, &lookups, coarse, accept);
                } else if let Some(look) = Prefilter::new(simd, coarse) {
                    match look.end {
                        End::Low => {
                            self.backward_with_first_look(running, &LowEnd(look), coarse, accept);
                        }
                        End::CarriedLow => {
                            let look = CarriedLowEnd(look);
                            self.backward_with_first_look(running, &look, coarse, accept);
                        }
                        End::High => {
                            self.backward_with_first_look(running, &HighEnd(look), coarse, accept);
                        }
                    }
                } else if let Some(look) = BothEnds::new(simd, coarse) {
                    self.backward_with_first_look(running, &look, coarse, accept);
                } else {
                    self.backward(running, &scan, accept);
                }
                self.centres = next;
            },
        );
    }

    /// The candidates of the centres themselves, offset 0.
    #[inline(always)]
    fn centre_words(&self, scan: &Scan<S>, accept: &mut dyn FnMut(Survivor)) {
        let words = [
            self.simd.words(&self.centres[0].y),
            self.simd.words(&self.centres[1].y),
        ];
        scan.block(&words, &mut |at, survivor| {
            accept(Survivor {
                lane: at * S::LANES + survivor.lane,
                ..survivor
            });
        });
    }

    /// Multiplies up the denominators; leaves the prefix products and returns the totals.
    #[inline(always)]
    fn forward(&mut self) -> [S::Fe; CHAINS] {
        let deltas = [&self.centres[0].delta, &self.centres[1].delta];
        let mut totals = self.prefixes[0];
        for (j, entry) in self.table.iter().enumerate() {
            let (done, rest) = self.prefixes.split_at_mut(j + 1);
            let last = if S::IN_MEMORY { &done[j] } else { &totals };
            let next = &mut rest[0];
            self.simd.mul_sums(last, deltas, &entry.t, next);
            if !S::IN_MEMORY {
                totals = *next;
            }
        }
        self.prefixes[self.table.len()]
    }

    /// kappa over each chain's total, and the next sweep's centres, from one inversion.
    #[inline(always)]
    fn invert(&self, totals: &[S::Fe; CHAINS]) -> ([S::Fe; CHAINS], [Centres<S>; CHAINS]) {
        let simd = self.simd;
        let pending = [
            self.centres[0].step(simd, &self.shared),
            self.centres[1].step(simd, &self.shared),
        ];
        let mut inverses = [
            totals[0],
            totals[1],
            pending[0].denominator,
            pending[1].denominator,
        ];
        invert_vectors(simd, &mut inverses);
        let running = [
            simd.mul(&inverses[0], &self.centres[0].kappa),
            simd.mul(&inverses[1], &self.centres[1].kappa),
        ];
        let next = [
            pending[0].finish(simd, &inverses[2]),
            pending[1].finish(simd, &inverses[3]),
        ];
        (running, next)
    }

    /// Walks the table backward and gives the words of each pair of candidates to the filter.
    #[inline(always)]
    fn backward(&self, running: [S::Fe; CHAINS], scan: &Scan<S>, accept: &mut dyn FnMut(Survivor)) {
        let simd = self.simd;
        let zero = Words {
            low: simd.word(0),
            high: simd.word(0),
        };
        let mut words = [zero; BLOCK_WORDS];
        let (mut x, mut w) = (running[0], running[0]);
        let mut both = [running; 2];
        let [mut running, mut next] = both.each_mut();
        let mut end = self.table.len();
        while end > 0 {
            let begin = end.saturating_sub(BLOCK);
            let entries = self.table[begin..end].iter();
            let prefixes = &self.prefixes[begin..end];
            for (at, (entry, prefix)) in entries.zip(prefixes).enumerate().rev() {
                for chain in 0..CHAINS {
                    let centre = &self.centres[chain];
                    factors(
                        simd,
                        centre,
                        entry,
                        [&running[chain], &prefix[chain]],
                        [&mut next[chain], &mut x, &mut w],
                    );
                    let [a, b] = simd.ends_both(&entry.y, &x, &w);
                    let [plus, minus] = simd.plus_minus(&a, &b);
                    words[(at * CHAINS + chain) * 2] = plus;
                    words[(at * CHAINS + chain) * 2 + 1] = minus;
                }
                advance::<S>(&mut running, &mut next);
            }
            scan.block(&words[..(end - begin) * CHAINS * 2], &mut |at, survivor| {
                let (point, chain) = (begin + at / (CHAINS * 2), at / 2 % CHAINS);
                accept(placed::<S>(survivor, point, chain, at));
            });
            end = begin;
        }
    }

    /// Likewise, where a first look at a part of each candidate tells whether the filter wants to see both ends.
    #[inline(always)]
    fn backward_with_first_look(
        &self,
        running: [S::Fe; CHAINS],
        look: &impl Look<S>,
        coarse: &Coarse,
        accept: &mut dyn FnMut(Survivor),
    ) {
        let simd = self.simd;
        let prefixes = &self.prefixes[..self.table.len()];
        let (mut x, mut w) = (running, running);
        let mut both = [running; 2];
        let [mut running, mut next] = both.each_mut();
        for (at, (entry, prefix)) in self.table.iter().zip(prefixes).enumerate().rev() {
            for chain in 0..CHAINS {
                let centre = &self.centres[chain];
                factors(
                    simd,
                    centre,
                    entry,
                    [&running[chain], &prefix[chain]],
                    [&mut next[chain], &mut x[chain], &mut w[chain]],
                );
            }
            // after the factors of both chains: what a look needs is ready then, instead of the latest of all
            for chain in 0..CHAINS {
                if look.may_hold(simd, &entry.y, &x[chain], &w[chain]) {
                    self.look_closely([at, chain], &x[chain], &w[chain], coarse, accept);
                }
            }
            advance::<S>(&mut running, &mut next);
        }
    }

    /// Likewise, where the first look is for the low words of a whole block.
    #[inline(always)]
    fn backward_with_lookups(
        &self,
        running: [S::Fe; CHAINS],
        lookups: &Lookups<S>,
        coarse: &Coarse,
        accept: &mut dyn FnMut(Survivor),
    ) {
        let simd = self.simd;
        let mut block = Block::new();
        let (mut x, mut w) = (running, running);
        let mut both = [running; 2];
        let [mut running, mut next] = both.each_mut();
        let mut end = self.table.len();
        while end > 0 {
            let begin = end.saturating_sub(POINTS);
            let last = *running;
            for at in (begin..end).rev() {
                let entry = &self.table[at];
                let before = (at + 1 < end).then_some(at + 1 - begin);
                for chain in 0..CHAINS {
                    factors(
                        simd,
                        &self.centres[chain],
                        entry,
                        [&running[chain], &self.prefixes[at][chain]],
                        [&mut next[chain], &mut x[chain], &mut w[chain]],
                    );
                    // beside products that are calls, lookups are in the way
                    if let (Some(before), false) = (before, S::IN_MEMORY) {
                        lookups.look_up(&mut block, [before, chain]);
                    }
                }
                for chain in 0..CHAINS {
                    let factors = [&x[chain], &w[chain]];
                    lookups.store(simd, &entry.y, factors, &mut block, [at - begin, chain]);
                }
                if let (Some(before), true) = (before, S::IN_MEMORY) {
                    lookups.look_up_all(&mut block, before);
                }
                advance::<S>(&mut running, &mut next);
            }
            lookups.look_up_all(&mut block, 0);
            lookups.gather(&block, end - begin, |at, chain| {
                self.look_again(&last[chain], begin + at..end, chain, coarse, accept);
            });
            end = begin;
        }
    }

    /// Computes a pair of candidates again, that of the first of some points, from the running inverse of the last one: for
    /// one pair in hundreds that takes less than to keep what all were made of.
    #[cold]
    #[inline(never)]
    fn look_again(
        &self,
        last: &S::Fe,
        points: Range<usize>,
        chain: usize,
        coarse: &Coarse,
        accept: &mut dyn FnMut(Survivor),
    ) {
        let simd = self.simd;
        let [mut running, mut next, mut x, mut w] = [*last; 4];
        let first = points.start;
        simd.vectorize(
            #[inline(always)]
            || {
                for at in points.rev() {
                    let factors_of = [&running, &self.prefixes[at][chain]];
                    let made = [&mut next, &mut x, &mut w];
                    factors(
                        simd,
                        &self.centres[chain],
                        &self.table[at],
                        factors_of,
                        made,
                    );
                    running = next;
                }
            },
        );
        self.look_closely([first, chain], &x, &w, coarse, accept);
    }

    /// Gives both words of a pair of candidates to the filter; rare enough to stay out of the loop.
    #[cold]
    #[inline(never)]
    fn look_closely(
        &self,
        [at, chain]: [usize; 2],
        x: &S::Fe,
        w: &S::Fe,
        coarse: &Coarse,
        accept: &mut dyn FnMut(Survivor),
    ) {
        let simd = self.simd;
        simd.vectorize(
            #[inline(always)]
            || {
                let [a, b] = simd.ends_both(&self.table[at].y, x, w);
                let words = simd.plus_minus(&a, &b);
                Scan::new(simd, coarse).block(&words, &mut |sign, survivor| {
                    accept(placed::<S>(survivor, at, chain, sign));
                });
            },
        );
    }
}

/// rho x' and W of a table point and a centre, and the running inverse for the point before it.
#[inline(always)]
fn factors<S: Simd>(
    simd: S,
    centre: &Centres<S>,
    entry: &EntryOf<S>,
    [running, prefix]: [&S::Fe; 2],
    [next, x, w]: [&mut S::Fe; 3],
) {
    simd.mul_both([running, prefix], &centre.delta, &entry.t, [next, w]);
    simd.mul_constant(&centre.rho, &entry.x, x);
}

/// The running inverses for the next step: from memory to memory without a copy, or in the same registers.
#[inline(always)]
fn advance<'a, S: Simd>(running: &mut &'a mut [S::Fe; CHAINS], next: &mut &'a mut [S::Fe; CHAINS]) {
    if S::IN_MEMORY {
        core::mem::swap(running, next);
    } else {
        // one by one: as a whole they would go through a call of memcpy
        for (running, next) in running.iter_mut().zip(next.iter()) {
            *running = *next;
        }
    }
}

/// A survivor of table point `point` (from 0) in a chain; an even `sign` stands for C + Q.
fn placed<S: Simd>(survivor: Survivor, point: usize, chain: usize, sign: usize) -> Survivor {
    let offset = point as i64 + 1;
    Survivor {
        lane: chain * S::LANES + survivor.lane,
        offset: if sign.is_multiple_of(2) {
            offset
        } else {
            -offset
        },
        ..survivor
    }
}
