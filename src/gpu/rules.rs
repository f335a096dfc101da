//! The coarse rules in the form that the kernel reads, and the first look that they allow.

use meshcore_keygen_engine::coarse::{
    Coarse, HIGH_MASK, IndexSet, LOW_MASK, WordRule, compared_bits,
};
use meshcore_keygen_engine::known_answers::Answer;

/// Which limb of a candidate the kernel looks at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// None: every candidate is computed whole.
    None,
    /// The lowest.
    Low,
    /// The highest.
    High,
}

/// How much too small the lowest limb of a product may be: `LOW_SHORT` in field.cl.
const LOW_SHORT: u64 = 38 * 8 + 19 * 78;

/// How much too small the highest limb of a product may be: `HIGH_SHORT` in field.cl.
const HIGH_SHORT: u64 = 10;

/// Fewest bits that a first look compares: fewer let so many candidates of a group of lanes through that it does not pay.
const LEAST_BITS: u32 = 12;

/// Bit of the high word where the highest limb begins.
const HIGHEST_LIMB: u32 = 32;

/// What the kernel reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rules {
    /// The first look.
    pub look: Look,
    /// The structure `Rules` of sweep.cl.
    pub words: Vec<u32>,
    /// The bitmaps, one after the other.
    pub sets: Vec<u32>,
}

impl Rules {
    /// The kernel's form of these rules.
    pub(crate) fn new(coarse: &Coarse) -> Self {
        let mut rules = Self {
            look: Look::None,
            words: Vec::new(),
            sets: Vec::new(),
        };
        let mut kinds = 0;
        let (mut low, mut high) = ([0; 2], [0; 2]);
        let [
            mut low_bits,
            mut second_shift,
            mut second_bits,
            mut high_bits,
        ] = [0; 4];
        let (mut second_at, mut high_at) = (0, 0);
        match &coarse.low {
            WordRule::Never => {}
            WordRule::Masked { mask, value } => {
                kinds |= 1;
                low = [mask & LOW_MASK, value & mask & LOW_MASK];
            }
            WordRule::Bitmap(bitmap) => {
                kinds |= 2;
                low_bits = bitmap.first.bits();
                rules.append(&bitmap.first);
                if let Some(second) = &bitmap.second {
                    kinds |= 4;
                    (second_shift, second_bits) = (second.shift, second.set.bits());
                    second_at = rules.append(&second.set);
                }
            }
        }
        match &coarse.high {
            WordRule::Never => {}
            WordRule::Masked { mask, value } => {
                kinds |= 8;
                high = [mask & HIGH_MASK, value & mask & HIGH_MASK];
            }
            WordRule::Bitmap(bitmap) => {
                kinds |= 16;
                high_bits = bitmap.first.bits();
                high_at = rules.append(&bitmap.first);
            }
        }
        let (look, [mask, plus, minus]) = first_look(coarse);
        rules.look = look;
        for word in low.into_iter().chain(high) {
            rules.words.extend([word as u32, (word >> 32) as u32]);
        }
        rules
            .words
            .extend([kinds, low_bits, second_shift, second_bits, high_bits]);
        rules.words.extend([second_at, high_at]);
        rules
            .words
            .extend([digits(&coarse.ends.forward), digits(&coarse.ends.reversed)]);
        rules.words.extend([mask, plus, minus]);
        rules
    }

    /// Rules that just this known answer fulfils, for the kernel with this first look.
    pub(crate) fn for_one(answer: &Answer, look: Look) -> Self {
        let only = |mask: u64, word: u64| WordRule::Masked {
            mask,
            value: word & mask,
        };
        let low = only(LOW_MASK, answer.first);
        // bit 63 of the last word is the sign of x at most
        let high = only(HIGH_MASK, answer.last);
        let (low, high) = match look {
            Look::None => (low, only(HIGH_MASK, !answer.last)),
            Look::Low => (low, WordRule::Never),
            Look::High => (WordRule::Never, high),
        };
        Self::new(&Coarse {
            low,
            high,
            ..Coarse::default()
        })
    }

    /// Appends a bitmap; returns where it begins.
    fn append(&mut self, set: &IndexSet) -> u32 {
        let at = u32::try_from(self.sets.len()).unwrap_or(u32::MAX);
        let halves = set
            .words()
            .iter()
            .flat_map(|word| [*word as u32, (word >> 32) as u32]);
        self.sets.extend(halves);
        at
    }
}

/// One bit for each number of digits.
fn digits(lengths: &[u8]) -> u32 {
    lengths
        .iter()
        .fold(0, |bits, digits| bits | 1 << (digits & 31))
}

/// The limb that is enough, and what to compare: the processors' first look (its proof is there) with this kernel's bounds.
fn first_look(coarse: &Coarse) -> (Look, [u32; 3]) {
    let none = (Look::None, [0; 3]);
    if !(coarse.ends.forward.is_empty() && coarse.ends.reversed.is_empty()) {
        return none;
    }
    let (look, mask, value, bits, short, off) = match (&coarse.low, &coarse.high) {
        (WordRule::Masked { mask, value }, WordRule::Never) => {
            (Look::Low, mask & LOW_MASK, *value, 32, LOW_SHORT, 19)
        }
        (WordRule::Never, WordRule::Masked { mask, value }) => {
            let mask = (mask & HIGH_MASK) >> HIGHEST_LIMB;
            (Look::High, mask, value >> HIGHEST_LIMB, 31, HIGH_SHORT, 2)
        }
        _ => return none,
    };
    let most = 2 * short + off;
    let compared = compared_bits(mask, most) & ((1 << bits) - 1);
    if compared.count_ones() < LEAST_BITS {
        return none;
    }
    let plus = most.wrapping_sub(value & mask);
    let minus = plus.wrapping_sub(short + off);
    (look, [compared as u32, plus as u32, minus as u32])
}
