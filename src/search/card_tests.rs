use std::collections::BTreeSet;
use std::sync::Arc;

use meshcore_keygen_gpu::{Device, Size};

use super::*;
use crate::engine::table::Table;
use crate::engine::{Survivor, Sweeper};
use crate::key::Start;
use crate::pattern::{Request, Wanted};
use crate::search::target::{PatternTarget, Target};

/// A launch tests 64 lanes of 4 rounds of 257 candidates; 8 of each half are 1,052,672.
const SIZE: Size = Size {
    lanes: 64,
    group: 32,
    inverted: 8,
    points: 128,
    rounds: 4,
};
const LAUNCHES: usize = 8;

/// A spot check in some 16,000 candidates.
const SPOT_CHECK_BITS: u32 = 14;

/// The last device, which is a processor where there is any, or the one whose number `KEYGEN_TEST_DEVICE` tells.
fn device() -> Option<Device> {
    let mut devices = Device::all().unwrap_or_default();
    let wished = std::env::var("KEYGEN_TEST_DEVICE").ok();
    let device = match wished.and_then(|number| number.parse().ok()) {
        Some(number) => devices.into_iter().nth(number),
        None => devices.pop(),
    };
    if device.is_none() {
        eprintln!("skipped: no OpenCL device");
    }
    device
}

fn starts() -> Vec<Start> {
    let start = |lane: u32| {
        let mut bytes = [0x5a; 32];
        // far apart, so that no two lanes see the same candidates
        bytes[8..12].copy_from_slice(&lane.to_le_bytes());
        Start::from_bytes(&bytes)
    };
    (0..2 * SIZE.lanes as u32).map(start).collect()
}

/// What is wanted or a spot check, by exact recomputation.
fn hits(starts: &[Start], target: &PatternTarget, survivors: &[Survivor]) -> BTreeSet<[u8; 32]> {
    let public = |survivor: &Survivor| {
        let candidate = starts[survivor.lane].candidate(survivor.offset).unwrap();
        candidate.public()
    };
    let all = survivors.iter().map(public);
    all.filter(|public| target.wanted().is_match(public) || target.is_spot_check(public))
        .collect()
}

fn on_device(device: &Device, starts: &[Start], coarse: &Coarse) -> Vec<Survivor> {
    let mut card = Card(GpuSweeper::new(device, SIZE, coarse).unwrap());
    for (lane, start) in starts.iter().enumerate() {
        card.0.set_start(lane, &start.public()).unwrap();
    }
    let mut found = Vec::new();
    for _ in 0..2 * LAUNCHES {
        card.sweep(coarse, &mut |survivor| found.push(survivor))
            .unwrap();
    }
    found
}

fn portable(starts: &[Start], coarse: &Coarse) -> Vec<Survivor> {
    let table = Arc::new(Table::new(SIZE.points));
    let mut sweeper = Sweeper::new(Backend::Portable, table).unwrap();
    let lanes = sweeper.lanes();
    let mut found = Vec::new();
    for (part, starts) in starts.chunks(lanes).enumerate() {
        for (lane, start) in starts.iter().enumerate() {
            sweeper.set_start(lane, &start.public()).unwrap();
        }
        for _ in 0..LAUNCHES * SIZE.rounds as usize {
            sweeper.sweep(coarse, &mut |survivor| {
                found.push(Survivor {
                    lane: part * lanes + survivor.lane,
                    ..survivor
                });
            });
        }
    }
    found
}

#[test]
#[ignore = "a device computes six million candidates: seconds on a card, longer where PoCL makes one of a busy processor"]
fn of_a_million_candidates_a_device_finds_what_the_portable_backend_finds_for_each_kind_of_pattern()
{
    let Some(device) = device() else { return };
    let words = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
    let none = Request::default;
    let many = (0..700_u32).map(|n| format!("{:05X}", 0x10000 + n * 1300));
    let kinds = [
        Request {
            prefixes: words(&["F8A"]),
            ..none()
        },
        Request {
            suffixes: words(&["3C7"]),
            ..none()
        },
        Request {
            vanities: vec![3],
            ..none()
        },
        Request {
            matches: words(&["A...7C", "4E...5"]),
            ..none()
        },
        Request {
            prefixes: many.collect(),
            ..none()
        },
        Request {
            prefixes: words(&["C"]),
            suffixes: words(&["EE", "0D"]),
            ..none()
        },
    ];
    let starts = starts();
    for request in kinds {
        let shown = format!("{request:.60?}");
        let (wanted, _) = Wanted::new(request).unwrap();
        let target = PatternTarget::new(wanted, None, SPOT_CHECK_BITS);
        let coarse = target.coarse();
        let found = hits(&starts, &target, &on_device(&device, &starts, coarse));
        let expected = hits(&starts, &target, &portable(&starts, coarse));
        let differing = found.symmetric_difference(&expected).count();
        assert_eq!(
            differing,
            0,
            "{shown}: {} and {}",
            found.len(),
            expected.len()
        );
        assert!(expected.len() > 150, "{shown}: {}", expected.len());
    }
}
