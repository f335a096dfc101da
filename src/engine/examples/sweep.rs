//! Sweeps a given number of times on one backend, for counting instructions and for timing.
//!
//! `sweep BACKEND RULE SWEEPS [POINTS]`: RULE is prefix, prefixes (100,000 of them), suffix, vanity or both. With `valgrind --tool=callgrind` two numbers of
//! sweeps, subtracted, give the instructions of a candidate; alone it prints candidates a second and nanoseconds.

use std::sync::Arc;
use std::time::Instant;

use meshcore_keygen_engine::coarse::{Bitmap, Coarse, EndsRule, IndexSet, SecondLook, WordRule};
use meshcore_keygen_engine::table::{DEFAULT_POINTS, Table};
use meshcore_keygen_engine::{Backend, Sweeper};

/// The base point: any point of the curve is a start.
const START: [u8; 32] = [
    0x58, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
    0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
];

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

/// The bitmaps that a search for 100,000 prefixes makes.
fn prefixes() -> WordRule {
    const SHIFT: u32 = 12;
    let (Some(mut first), Some(mut set)) = (IndexSet::empty(22), IndexSet::empty(20)) else {
        return WordRule::Never;
    };
    for n in 1..=100_000_u64 {
        let value = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
        first.insert(value as usize);
        set.insert((value >> SHIFT) as usize);
    }
    let second = Some(SecondLook { shift: SHIFT, set });
    WordRule::Bitmap(Bitmap { first, second })
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
        sweeper.set_start(lane, &START)?;
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
