//! A first look at the low words alone of many beginnings: which of a block's words the bitmaps may hold.
//!
//! The words are computed without their high ends, so that they may be too small; the bitmaps allow for it (see
//! [`EARLY_SHORT`]). Among 100,000 beginnings, one pair of vectors in two or three has a word that passes the first bitmap: a
//! branch there could not be foreseen, and would often throw away the work that the processor has begun behind it. So hits
//! are noted as bits, and gathered without branches when the block is complete. Each word is looked up a point later than
//! it was stored, so that no lookup waits for a product.

use super::coarse::{Coarse, EARLY_SHORT, FurtherLook, WordRule};
use super::field::{MAX_LANES, Simd};
use super::sweep::CHAINS;

/// Table points of a block: the more, the fewer ends of loops whose length can't be foreseen.
pub(crate) const POINTS: usize = 32;

/// Vectors of words of a table point: of both chains, C + Q then C − Q.
const VECTORS: usize = CHAINS * 2;

/// Words of a block.
const MOST: usize = POINTS * VECTORS * MAX_LANES;

/// Hits of a point that are gathered without a branch; more are rare.
const USUAL_HITS: usize = 3;

/// The low words of the table points of a block, and which of them the first bitmap has.
pub(crate) struct Block {
    words: [[[u64; MAX_LANES]; VECTORS]; POINTS],
    /// Of each chain: bit i stands for word i of it, the lanes of C − Q after those of C + Q.
    hits: [[u32; CHAINS]; POINTS],
}

impl Block {
    /// No words yet.
    pub(crate) fn new() -> Self {
        Self {
            words: [[[0; MAX_LANES]; VECTORS]; POINTS],
            hits: [[0; CHAINS]; POINTS],
        }
    }
}

/// The bitmaps that words are looked up in.
pub(crate) struct Lookups<'a, S: Simd> {
    first: &'a FurtherLook,
    further: &'a [FurtherLook],
    /// Added to the words of C − Q: what is missing of the subtrahend made them too large.
    minus: S::Word,
}

impl<'a, S: Simd> Lookups<'a, S> {
    /// How much too large the word of a difference may be: also where it is below zero.
    const LARGE: u64 = S::LOW_WORD_SHORT + 19;

    /// The bitmaps of rules that look at the beginning alone, where they have such bitmaps.
    #[inline(always)]
    pub(crate) fn new(simd: S, coarse: &'a Coarse) -> Option<Self> {
        const {
            // both terms of a sum, or the minuend and what a difference is corrected by
            assert!(S::LOW_WORD_SHORT + Self::LARGE <= EARLY_SHORT);
            assert!(VECTORS * MAX_LANES <= 32);
        }
        let ends = coarse.ends.forward.len() + coarse.ends.reversed.len();
        match (&coarse.low, &coarse.high) {
            (WordRule::Bitmap(bitmap), WordRule::Never) if ends == 0 => {
                let (first, further) = bitmap.early.split_first()?;
                Some(Self {
                    first,
                    further,
                    minus: simd.word(Self::LARGE.wrapping_neg()),
                })
            }
            _ => None,
        }
    }

    /// Puts the low words of constant · w ± x · w into a block.
    #[inline(always)]
    pub(crate) fn store(
        &self,
        simd: S,
        constant: &S::Limbs,
        [x, w]: [&S::Fe; 2],
        block: &mut Block,
        [at, chain]: [usize; 2],
    ) {
        let [a, b] = simd.low_words_both(constant, x, w);
        let minus = simd.word_add(simd.word_sub(a, b), self.minus);
        simd.store(simd.word_add(a, b), &mut block.words[at][2 * chain]);
        simd.store(minus, &mut block.words[at][2 * chain + 1]);
    }

    /// Looks the words of a point and a chain up in the first bitmap.
    #[inline(always)]
    pub(crate) fn look_up(&self, block: &mut Block, [at, chain]: [usize; 2]) {
        let mut hits = 0;
        for vector in block.words[at][2 * chain..][..2].iter().rev() {
            for word in vector[..S::LANES].iter().rev() {
                hits = hits << 1 | u32::from(self.first.holds(*word));
            }
        }
        block.hits[at][chain] = hits;
    }

    /// Likewise of both chains.
    #[inline(always)]
    pub(crate) fn look_up_all(&self, block: &mut Block, at: usize) {
        for chain in 0..CHAINS {
            self.look_up(block, [at, chain]);
        }
    }

    /// Calls `found` once with each point and chain, of the block's first `points`, of which a word is in all bitmaps.
    #[inline(always)]
    pub(crate) fn gather(&self, block: &Block, points: usize, mut found: impl FnMut(usize, usize)) {
        // of counts, the remainder is taken since it spares a check
        let (mut places, mut count) = ([0; MOST], 0);
        for (at, [first, second]) in block.hits[..points].iter().enumerate() {
            let mut hits = first | second << (2 * S::LANES);
            let place = |hits: u32| {
                let word = hits.trailing_zeros() as usize;
                let vector = at * VECTORS + word / S::LANES;
                (vector * MAX_LANES + word % S::LANES) as u16
            };
            for _ in 0..USUAL_HITS {
                places[count % MOST] = place(hits);
                count += usize::from(hits != 0);
                hits &= hits.wrapping_sub(1);
            }
            while hits != 0 {
                places[count % MOST] = place(hits);
                count += 1;
                hits &= hits - 1;
            }
        }
        let words = block.words.as_flattened().as_flattened();
        for look in self.further {
            let mut kept = 0;
            for i in 0..count {
                let place = places[i % MOST];
                places[kept % MOST] = place;
                kept += usize::from(look.holds(words[usize::from(place) % MOST]));
            }
            count = kept;
        }
        let mut last = None;
        for place in &places[..count] {
            // words of one pair follow one another
            let pair = usize::from(*place) / MAX_LANES / 2;
            if last.replace(pair) != Some(pair) {
                found(pair / CHAINS, pair % CHAINS);
            }
        }
    }
}
