//! Sweeps a given number of times on one backend, for counting instructions and for timing.
//!
//! `sweep BACKEND RULE SWEEPS [POINTS]`: RULE is prefix, short (a prefix of 4 digits), prefixes (100,000 of them), suffix,
//! vanity or both. With `valgrind --tool=callgrind` two numbers of sweeps, subtracted, give the instructions of a candidate;
//! alone it prints candidates a second and nanoseconds.

use std::sync::Arc;
use std::time::Instant;

use meshcore_keygen_engine::coarse::{
    Bitmap, Coarse, EARLY_SHORT, EndsRule, FurtherLook, IndexSet, WordRule,
};
use meshcore_keygen_engine::point::Point;
use meshcore_keygen_engine::table::{DEFAULT_POINTS, Table};
use meshcore_keygen_engine::{Backend, Sweeper};

/// The encoding of 2^(100 + lane) times the base point: any point of the curve is a start, and where all lanes had the same
/// one they would read the same places of a bitmap.
fn public_of_a_multiple(lane: usize) -> [u8; 32] {
    let point = (0..100 + lane).fold(Point::base(), |point, _| point.add(&point));
    let mut encoding = point.y.to_bytes();
    encoding[31] |= (point.x.to_bytes()[0] & 1) << 7;
    encoding
}

fn rule(name: &str) -> Coarse {
    let rule = |mask: u64| WordRule::Masked {
        mask,
        value: 0x1234_5678_9abc_def0 & mask,
    };
    let (low, high) = (rule(0x1fff_ff80), rule(0x7fff_fe00_0000_0000));
    match name {
        "prefix" => Coarse {
            low,
            ..Coarse::default()
        },
        "short" => Coarse {
            low: rule(0xffff),
            ..Coarse::default()
        },
        "prefixes" => Coarse {
            low: prefixes(),
            ..Coarse::default()
        },
        "suffix" => Coarse {
            high,
            ..Coarse::default()
        },
        "vanity" => Coarse {
            ends: EndsRule {
                forward: vec![8],
                reversed: vec![5],
            },
            ..Coarse::default()
        },
        _ => Coarse {
            low,
            high,
            ..Coarse::default()
        },
    }
}

/// The bitmaps that a search for 100,000 prefixes of 12 digits makes.
fn prefixes() -> WordRule {
    let values = || (1..=100_000_u64).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 16);
    let look = |bits, shift, short| {
        let mut set = IndexSet::empty(bits)?;
        for value in values() {
            set.insert((value >> shift) as usize);
            set.insert((value.wrapping_sub(short) >> shift) as usize);
        }
        Some(FurtherLook { shift, set })
    };
    let looks = |bits, shifts: &[u32], short| {
        let looks = shifts.iter().filter_map(|&at| look(bits, at, short));
        looks.collect()
    };
    let Some(FurtherLook { set: first, .. }) = look(22, 0, 0) else {
        return WordRule::Never;
    };
    WordRule::Bitmap(Bitmap {
        first,
        further: looks(22, &[10, 5], 0),
        early: looks(21, &[20, 27, 15], EARLY_SHORT),
    })
}

#[allow(clippy::print_stdout)] // what it is for
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let word = |at: usize, default: &str| words.get(at).map_or(default, |w| w).to_owned();
    let backend: Backend = word(0, Backend::detect().name()).parse()?;
    let coarse = rule(&word(1, "prefix"));
    let sweeps: u64 = word(2, "1000").parse()?;
    let points: usize = word(3, &DEFAULT_POINTS.to_string()).parse()?;
    let mut sweeper = Sweeper::new(backend, Arc::new(Table::new(points)))?;
    for lane in 0..sweeper.lanes() {
        sweeper.set_start(lane, &public_of_a_multiple(lane))?;
    }
    let (mut found, begin) = (0_u64, Instant::now());
    for _ in 0..sweeps {
        sweeper.sweep(&coarse, &mut |_| found += 1);
    }
    let candidates = sweeps * sweeper.candidates_per_sweep();
    let nanoseconds = begin.elapsed().as_secs_f64() * 1e9 / candidates as f64;
    println!("{backend}: {candidates} candidates, {found} survivors, {nanoseconds:.3} ns each");
    Ok(())
}
