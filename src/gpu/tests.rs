//! What the tests of this crate share.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use meshcore_keygen_engine::coarse::{Coarse, WordRule};
use meshcore_keygen_engine::point::Point;
use meshcore_keygen_engine::table::Table;
use meshcore_keygen_engine::{Backend, Survivor, Sweeper};

use crate::{Device, GpuError, GpuSweeper, Size};

/// The device that tests run on, one at a time: the last one, which is a processor where there is any,
/// or the one whose number `KEYGEN_TEST_DEVICE` tells.
pub(crate) fn device() -> Option<(MutexGuard<'static, ()>, Device)> {
    static TURN: Mutex<()> = Mutex::new(());
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut devices = Device::all().unwrap_or_default();
    let wished = std::env::var("KEYGEN_TEST_DEVICE").ok();
    let device = match wished.and_then(|number| number.parse().ok()) {
        Some(number) => devices.into_iter().nth(number),
        None => devices.pop(),
    };
    if device.is_none() {
        eprintln!("skipped: no OpenCL device");
    }
    device.map(|device| (turn, device))
}

/// Points far from one another: large powers of two of the base point.
pub(crate) fn starts(count: usize) -> Vec<[u8; 32]> {
    let mut point = Point::base();
    let next = || {
        point = point.add(&point);
        let mut bytes = point.y.to_bytes();
        bytes[31] |= (point.x.to_bytes()[0] & 1) << 7;
        bytes
    };
    std::iter::repeat_with(next).skip(60).take(count).collect()
}

/// What a search of this size finds on the device in so many sweeps of each half.
///
/// # Errors
/// The device refuses the size, or fails.
pub(crate) fn found(
    device: &Device,
    size: Size,
    coarse: &Coarse,
    sweeps: usize,
) -> Result<Vec<Survivor>, GpuError> {
    let mut sweeper = GpuSweeper::new(device, size, coarse)?;
    for (lane, start) in starts(sweeper.lanes()).iter().enumerate() {
        sweeper.set_start(lane, start)?;
    }
    let mut found = Vec::new();
    for _ in 0..2 * sweeps {
        sweeper.sweep(coarse, &mut |s| found.push(s))?;
    }
    Ok(found)
}

/// What the portable backend finds among the same candidates.
pub(crate) fn expected(size: Size, coarse: &Coarse, sweeps: usize) -> Vec<Survivor> {
    let all = starts(2 * size.lanes);
    let mut sweeper = Sweeper::new(Backend::Portable, Arc::new(Table::new(size.points))).unwrap();
    let mut found = Vec::new();
    for (part, starts) in all.chunks(sweeper.lanes()).enumerate() {
        // where fewer starts are left than it has lanes, some lanes search in vain
        for (lane, start) in starts.iter().cycle().take(sweeper.lanes()).enumerate() {
            sweeper.set_start(lane, start).unwrap();
        }
        for _ in 0..sweeps * size.rounds as usize {
            let first = part * sweeper.lanes();
            sweeper.sweep(coarse, &mut |s| {
                found.extend((s.lane < starts.len()).then(|| Survivor {
                    lane: first + s.lane,
                    ..s
                }));
            });
        }
    }
    found
}

pub(crate) fn places(survivors: &[Survivor]) -> BTreeSet<(usize, i64, u64)> {
    survivors
        .iter()
        .map(|s| (s.lane, s.offset, s.low))
        .collect()
}

/// A rule for the low word alone.
pub(crate) fn low(mask: u64, value: u64) -> Coarse {
    Coarse {
        low: WordRule::Masked { mask, value },
        ..Coarse::default()
    }
}
