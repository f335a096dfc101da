//! Measures a search on a device: `measure [LANES [GROUP [POINTS [KIND [SECONDS]]]]]`, LANES of a launch.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::time::{Duration, Instant};

use meshcore_keygen_engine::coarse::{Coarse, EndsRule, WordRule};
use meshcore_keygen_engine::point::Point;
use meshcore_keygen_gpu::{Device, GpuSweeper, Size};

fn main() {
    let devices = Device::all().unwrap();
    for device in &devices {
        println!("{device:?}");
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number =
        |i: usize, default: usize| arguments.get(i).map_or(default, |a| a.parse().unwrap());
    let device = &devices[0];
    let usual = Size::of(device).unwrap();
    let size = Size {
        lanes: number(0, usual.lanes),
        group: number(1, usual.group),
        inverted: usual.inverted,
        points: number(2, usual.points),
        rounds: 0,
    };
    let kind = arguments.get(3).map_or("prefix", String::as_str);
    let masked = |mask| WordRule::Masked { mask, value: 0 };
    let coarse = match kind {
        "prefix" => Coarse {
            low: masked(0xffff_ffff),
            ..Coarse::default()
        },
        "suffix" => Coarse {
            high: masked(0x7fff_ffff << 32),
            ..Coarse::default()
        },
        _ => Coarse {
            ends: EndsRule {
                forward: vec![8],
                reversed: vec![8],
            },
            ..Coarse::default()
        },
    };
    let begin = Instant::now();
    let mut sweeper = GpuSweeper::new(device, size, &coarse).unwrap();
    let built = begin.elapsed();
    let mut point = Point::base();
    for lane in (0..sweeper.lanes()).step_by(101) {
        point = point.add(&Point::base());
        let mut bytes = point.y.to_bytes();
        bytes[31] |= (point.x.to_bytes()[0] & 1) << 7;
        sweeper.set_start(lane, &bytes).unwrap();
    }
    let ready = begin.elapsed();
    let mut found = 0;
    for _ in 0..2 {
        sweeper.sweep(&coarse, &mut |_| found += 1).unwrap();
    }
    let first = begin.elapsed();
    let (mut sweeps, begin) = (0_u32, Instant::now());
    let seconds = Duration::from_secs(number(4, 3) as u64);
    while begin.elapsed() < seconds {
        sweeper.sweep(&coarse, &mut |_| found += 1).unwrap();
        sweeps += 1;
    }
    let wall = begin.elapsed();
    let rate = f64::from(sweeps) * sweeper.candidates_per_sweep() as f64 / wall.as_secs_f64();
    println!(
        "{kind} {:?}: {:.3} G/s, a sweep {:.1} ms, built {built:.2?}, starts {ready:.2?}, first sweeps {first:.2?}, {found} found",
        sweeper.size(),
        rate / 1e9,
        wall.as_secs_f64() * 1e3 / f64::from(sweeps)
    );
}
