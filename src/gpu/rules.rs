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
    /// Both, for beginnings and ends that equal one another.
    Both,
}

/// How much too small the lowest limb of a product may be: `LOW_SHORT` in field.cl.
const LOW_SHORT: u64 = 38 * 8 + 19 * 78;

/// How much too small the highest limb of a product may be: `HIGH_SHORT` in field.cl.
const HIGH_SHORT: u64 = 10;

/// Fewest bits that a first look compares: fewer let so many candidates of a group of lanes through that it does not pay.
const LEAST_BITS: u32 = 12;

/// Bit of the high word where the highest limb begins.
const HIGHEST_LIMB: u32 = 32;

/// Words of the structure `Rules` of sweep.cl.
const WORDS: usize = 40;

/// The number of ends among them.
const ENDS: usize = 20;

/// Ends that a first look at both limbs can compare.
const MOST_ENDS: usize = 4;

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
                if let Some(second) = bitmap.further.first() {
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
        if let Some(ends) = ends(coarse) {
            rules.look = Look::Both;
            rules.words.extend([ends.len() as u32, 0, 0, 0]);
            rules.words.extend(ends.into_iter().flatten());
        }
        rules.words.resize(WORDS, 0);
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
            Look::None | Look::Both => (low, only(HIGH_MASK, !answer.last)),
            Look::Low => (low, WordRule::Never),
            Look::High => (WordRule::Never, high),
        };
        let mut rules = Self::new(&Coarse {
            low,
            high,
            ..Coarse::default()
        });
        if look == Look::Both {
            // one comparison of no bits: the first look lets everything through
            rules.look = look;
            rules.words[ENDS] = 1;
        }
        rules
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

/// How the kernel compares beginnings and ends at first: how a beginning becomes an end, the shift, the bits of it, and the
/// bits compared. Nothing where other rules matter, too, or where so few bits are compared that it does not pay.
fn ends(coarse: &Coarse) -> Option<Vec<[u32; 4]>> {
    if (&coarse.low, &coarse.high) != (&WordRule::Never, &WordRule::Never) {
        return None;
    }
    let forward = coarse.ends.forward.iter().map(|digits| forward(*digits));
    let reversed = coarse.ends.reversed.iter();
    // an odd last digit, and those beyond the limb, are left to the rule
    let reversed = reversed.map(|digits| compared(2, (*digits).min(8) & !1));
    let all: Option<Vec<_>> = forward.chain(reversed).collect();
    all.filter(|ends| !ends.is_empty() && ends.len() <= MOST_ENDS)
}

/// The first digits equal the last ones: whole bytes, of which a limb holds four.
fn forward(digits: u8) -> Option<[u32; 4]> {
    match digits {
        2..=8 if digits.is_multiple_of(2) => compared(0, digits),
        10 | 12 => {
            // the fourth byte from the end is the byte before the last four of the beginning's
            let shift = 4 * u32::from(digits) - 32;
            let mask = ((1 << (32 - shift)) - 1) & !0x1f;
            enough([1, shift, u32::MAX, mask])
        }
        _ => None,
    }
}

/// So many digits at the top of the highest limb, of which the topmost bit is the sign.
fn compared(how: u32, digits: u8) -> Option<[u32; 4]> {
    let free = 32_u32.checked_sub(4 * u32::from(digits))?;
    // what is free below the digits and the bound of the limb together reach the bit above the larger of the two
    let from = (free + 1).max(5);
    let bits = u32::MAX.checked_shl(free)? & 0x7fff_ffff;
    enough([how, free, bits, (u32::MAX << from) & 0x7fff_ffff])
}

/// A comparison of enough bits.
fn enough(end: [u32; 4]) -> Option<[u32; 4]> {
    (end[3].count_ones() >= LEAST_BITS - 1).then_some(end)
}
