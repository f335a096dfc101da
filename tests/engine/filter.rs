//! The vector filter accepts exactly what the coarse rules say, on every backend.

use std::collections::BTreeSet;
use std::sync::Arc;

use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;
use meshcore_keygen::engine::coarse::{
    Bitmap, Coarse, EARLY_SHORT, EndsRule, FurtherLook, HIGH_MASK, HIGH_TOLERANCE, IndexSet,
    LOW_MASK, WordRule,
};
use meshcore_keygen::engine::table::Table;
use meshcore_keygen::engine::{Backend, Survivor, Sweeper};

/// All bits of the high word but the unknown sign.
const HIGH_BITS: u64 = i64::MAX as u64;

/// What the documentation of the rules says, for one candidate.
fn accepts(coarse: &Coarse, low: u64, high: u64) -> bool {
    let highs = [high, high.wrapping_add(HIGH_TOLERANCE) & HIGH_BITS];
    let low_accepted = match &coarse.low {
        WordRule::Never => false,
        WordRule::Masked { mask, value } => low & mask == *value,
        WordRule::Bitmap(bitmap) => {
            bitmap.first.contains(low) && bitmap.further.iter().all(|look| look.holds(low))
        }
    };
    let high_accepted = match &coarse.high {
        WordRule::Never => false,
        WordRule::Masked { mask, value } => highs.iter().any(|high| high & mask == *value),
        WordRule::Bitmap(bitmap) => highs
            .iter()
            .any(|high| bitmap.first.contains(high >> (63 - bitmap.first.bits()))),
    };
    low_accepted
        || high_accepted
        || highs
            .iter()
            .any(|high| ends_accept(&coarse.ends, low, *high))
        || ends_are_near(&coarse.ends, low, high)
}

/// Even numbers of digits that the low word knows, as a whole.
fn ends_are_near(ends: &EndsRule, low: u64, high: u64) -> bool {
    let is_near = |n: u8, place: &dyn Fn(u32) -> u32| {
        let n = u32::from(n);
        let digit = |i| nibble(low, i / 2 * 8, u32::is_multiple_of(i, 2)) << last_bits(place(i));
        let end: u64 = (0..n.min(12)).map(digit).sum();
        let bound = 2_u64 << (64 - 4 * n).max(29);
        let distance = high.wrapping_add(HIGH_TOLERANCE).wrapping_sub(end) & HIGH_BITS;
        n.is_multiple_of(2) && n <= 12 && distance < bound
    };
    let forward = |n: &u8| is_near(*n, &|i| u32::from(*n) - 1 - i);
    let reversed = |n: &u8| is_near(*n, &|i| i);
    ends.forward.iter().any(forward) || ends.reversed.iter().any(reversed)
}

/// The lowest bit of a digit in the high word; digit 0 is the last one: the low nibble of the top byte.
fn last_bits(digit: u32) -> u32 {
    56 - digit / 2 * 8 + if digit % 2 == 1 { 4 } else { 0 }
}

/// Compares digit by digit, bit by bit, whatever both words know.
fn ends_accept(ends: &EndsRule, low: u64, high: u64) -> bool {
    let first =
        |digit: u32| (digit < 12).then(|| nibble(low, digit / 2 * 8, digit.is_multiple_of(2)));
    let agrees = |from_start: u32, from_end: u32| {
        let at = last_bits(from_end);
        let known = HIGH_MASK >> at & 0xf;
        first(from_start).is_none_or(|digit| (digit ^ (high >> at)) & known == 0)
    };
    let forward = |n: u32| (0..n).all(|i| agrees(i, n - 1 - i));
    let reversed = |n: u32| (0..n).all(|i| agrees(i, i));
    ends.forward.iter().any(|n| forward(u32::from(*n)))
        || ends.reversed.iter().any(|n| reversed(u32::from(*n)))
}

fn nibble(word: u64, byte: u32, upper: bool) -> u64 {
    word >> (byte + if upper { 4 } else { 0 }) & 0xf
}

/// A sweeper whose lanes stand at fixed starts, so that two of them test the same candidates.
fn sweeper(backend: Backend, points: usize) -> Sweeper {
    let mut sweeper = Sweeper::new(backend, Arc::new(Table::new(points))).unwrap();
    for lane in 0..sweeper.lanes() {
        let scalar = Scalar::from(0x1234_5678_9abc_def0_u64 + 1_000_003 * lane as u64);
        sweeper
            .set_start(lane, EdwardsPoint::mul_base(&scalar).compress().as_bytes())
            .unwrap();
    }
    sweeper
}

fn survivors(backend: Backend, coarse: &Coarse) -> BTreeSet<(usize, i64, u64, u64)> {
    let mut sweeper = sweeper(backend, 300);
    let mut found = BTreeSet::new();
    for _ in 0..8 {
        sweeper.sweep(coarse, &mut |Survivor {
                                        lane,
                                        offset,
                                        low,
                                        high,
                                    }| {
            assert!(found.insert((lane, offset, low, high)), "reported twice");
        });
    }
    found
}

fn check(coarse: &Coarse, least: usize) {
    let everything = Coarse {
        low: WordRule::Masked { mask: 0, value: 0 },
        ..Coarse::default()
    };
    for backend in Backend::ALL {
        if !backend.is_supported() {
            eprintln!("skipped: this processor has no {backend}");
            continue;
        }
        let all = survivors(backend, &everything);
        let expected: BTreeSet<_> = all
            .iter()
            .copied()
            .filter(|(_, _, low, high)| accepts(coarse, *low, *high))
            .collect();
        assert!(
            expected.len() >= least,
            "{backend}: only {} candidates to find",
            expected.len()
        );
        assert_eq!(
            survivors(backend, coarse),
            expected,
            "{backend}: {coarse:?}"
        );
    }
}

/// A bitmap with about one index in `every` set.
fn bitmap(bits: u32, every: u64) -> WordRule {
    WordRule::Bitmap(Bitmap {
        first: some_bits(bits, every),
        further: Vec::new(),
        early: Vec::new(),
    })
}

/// About one bit in `every` of 2^`bits`, by a fixed rule.
fn some_bits(bits: u32, every: u64) -> IndexSet {
    let mut set = IndexSet::empty(bits).unwrap();
    for index in 0..1_u64 << bits {
        if index.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32 & 0xffff < 65_536 / every {
            set.insert(index as usize);
        }
    }
    set
}

#[test]
fn masked_rules_accept_what_they_say() {
    for digits in [1, 2, 3] {
        let mask = [0xf0, 0xff, 0xf0ff][digits - 1];
        let low = WordRule::Masked {
            mask,
            value: 0x40a7 & mask,
        };
        check(
            &Coarse {
                low,
                ..Coarse::default()
            },
            1,
        );
    }
    for mask in [0x0f << 56, 0x7f << 56, 0x7ff0 << 48] {
        let high = WordRule::Masked {
            mask,
            value: (0x2468_ace0 << 32) & mask,
        };
        check(
            &Coarse {
                high,
                ..Coarse::default()
            },
            1,
        );
    }
    let high = WordRule::Masked { mask: 0, value: 0 };
    check(
        &Coarse {
            high,
            ..Coarse::default()
        },
        9000,
    );
    let low = WordRule::Masked {
        mask: LOW_MASK,
        value: 0x1234_5678_9abc,
    };
    check(
        &Coarse {
            low,
            ..Coarse::default()
        },
        0,
    );
}

#[test]
fn bitmaps_of_all_sizes_accept_what_they_say() {
    for bits in [6, 10, 17, 22, 24] {
        check(
            &Coarse {
                low: bitmap(bits, 20),
                ..Coarse::default()
            },
            100,
        );
        check(
            &Coarse {
                high: bitmap(bits, 20),
                ..Coarse::default()
            },
            100,
        );
    }
}

#[test]
fn a_further_look_takes_away_what_it_does_not_have_and_nothing_else() {
    for (shift, bits) in [(0, 6), (12, 20), (28, 20)] {
        let further = vec![
            FurtherLook {
                shift,
                set: some_bits(bits, 3),
            },
            FurtherLook {
                shift: 20,
                set: some_bits(9, 2),
            },
        ];
        let low = WordRule::Bitmap(Bitmap {
            first: some_bits(10, 4),
            further,
            early: Vec::new(),
        });
        let high = bitmap(12, 50);
        check(
            &Coarse {
                low: low.clone(),
                ..Coarse::default()
            },
            100,
        );
        check(
            &Coarse {
                low,
                high,
                ..Coarse::default()
            },
            300,
        );
    }
}

#[test]
fn ends_rules_of_all_lengths_accept_what_they_say() {
    for digits in 2..=16 {
        let one_in = if digits < 4 { 1 } else { 0 };
        let forward = EndsRule {
            forward: vec![digits],
            reversed: vec![],
        };
        check(
            &Coarse {
                ends: forward,
                ..Coarse::default()
            },
            one_in,
        );
        let reversed = EndsRule {
            forward: vec![],
            reversed: vec![digits],
        };
        check(
            &Coarse {
                ends: reversed,
                ..Coarse::default()
            },
            one_in,
        );
    }
}

#[test]
fn rules_are_joined_by_or() {
    let coarse = Coarse {
        low: WordRule::Masked {
            mask: 0xff,
            value: 0xc0,
        },
        high: bitmap(12, 50),
        ends: EndsRule {
            forward: vec![2, 4],
            reversed: vec![3],
        },
    };
    check(&coarse, 200);
}

/// As a search has it: bitmaps that hold each value, and what it is where one is lost to a carry from below.
fn early_look(shift: u32, values: &[u64]) -> FurtherLook {
    let mut set = IndexSet::empty(18).unwrap();
    for value in values {
        set.insert((value >> shift) as usize);
        set.insert((value.wrapping_sub(EARLY_SHORT) >> shift) as usize);
    }
    FurtherLook { shift, set }
}

#[test]
fn a_first_look_at_low_words_misses_nothing_and_adds_nothing() {
    let mut first = IndexSet::empty(6).unwrap();
    (0..64).for_each(|index| first.insert(index));
    let rule = |early| Coarse {
        low: WordRule::Bitmap(Bitmap {
            first: first.clone(),
            further: Vec::new(),
            early,
        }),
        ..Coarse::default()
    };
    for backend in Backend::ALL
        .into_iter()
        .filter(|backend| backend.is_supported())
    {
        let all = survivors(backend, &rule(Vec::new()));
        let wanted: BTreeSet<_> = all.iter().copied().step_by(97).collect();
        let values: Vec<_> = wanted.iter().map(|(_, _, low, _)| *low).collect();
        let early = [20, 26, 15].map(|shift| early_look(shift, &values));
        let found = survivors(backend, &rule(early.into()));
        let missed: Vec<_> = wanted.difference(&found).collect();
        assert!(missed.is_empty(), "{backend}: {missed:x?}");
        assert!(found.is_subset(&all), "{backend}");
        // of a pair of vectors in which a word passes, all lanes that pass the rule are found
        assert!(
            wanted.len() > 80 && found.len() < all.len() / 4,
            "{backend}: {} of {}",
            found.len(),
            all.len()
        );
    }
}
