use std::collections::BTreeSet;

use meshcore_keygen_engine::Survivor;
use meshcore_keygen_engine::coarse::{
    Bitmap, Coarse, EndsRule, FurtherLook, HIGH_MASK, HIGH_TOLERANCE, IndexSet, LOW_MASK, WordRule,
};
use meshcore_keygen_engine::field::FieldElement;
use meshcore_keygen_engine::point::Point;

use super::*;
use crate::machine::ROOM;
use crate::tests::{self, device, low, places, starts};

const SIZE: Size = Size {
    lanes: 64,
    group: 32,
    inverted: 8,
    points: 24,
    rounds: 3,
};

/// What a search on the device finds in so many sweeps of each half.
fn found(device: &Device, coarse: &Coarse, sweeps: usize) -> Vec<Survivor> {
    tests::found(device, SIZE, coarse, sweeps).unwrap()
}

fn expected(coarse: &Coarse, sweeps: usize) -> Vec<Survivor> {
    tests::expected(SIZE, coarse, sweeps)
}

#[test]
fn every_candidate_comes_once_and_is_the_portable_backends() {
    let Some((_turn, device)) = device() else {
        return;
    };
    let everything = low(0, 0);
    let (found, expected) = (found(&device, &everything, 2), expected(&everything, 2));
    assert_eq!(found.len(), 2 * SIZE.lanes * (2 * SIZE.points + 1) * 3 * 2);
    assert_eq!(places(&found).len(), found.len(), "some came twice");
    let (ours, theirs) = (places(&found), places(&expected));
    let wrong: Vec<_> = ours.difference(&theirs).collect();
    assert!(
        wrong.is_empty(),
        "{} of {}: {:?}",
        wrong.len(),
        ours.len(),
        wrong.iter().take(4).collect::<Vec<_>>()
    );
    assert!(theirs.is_subset(&ours));
    let highs: std::collections::BTreeMap<_, _> = expected
        .iter()
        .map(|s| ((s.lane, s.offset), s.high))
        .collect();
    for s in &found {
        let other = highs[&(s.lane, s.offset)];
        assert!(
            s.high.wrapping_sub(other) & (i64::MAX as u64) <= HIGH_TOLERANCE,
            "{s:?}, {other:x}"
        );
    }
}

/// A set that holds every so manieth number.
fn set(bits: u32, every: usize) -> IndexSet {
    let mut set = IndexSet::empty(bits).unwrap();
    (0..1 << bits).step_by(every).for_each(|i| set.insert(i));
    set
}

#[test]
fn each_kind_of_rule_lets_the_same_candidates_through_as_the_portable_backend() {
    let Some((_turn, device)) = device() else {
        return;
    };
    let masked = |mask, value: u64| WordRule::Masked {
        mask,
        value: value & mask,
    };
    let bitmap = |bits, every, second: Option<FurtherLook>| {
        WordRule::Bitmap(Bitmap {
            first: set(bits, every),
            further: second.into_iter().collect(),
            early: Vec::new(),
        })
    };
    let second = FurtherLook {
        shift: 11,
        set: set(9, 3),
    };
    let rules = [
        low(0xff, 0x5a),
        low(0xf0ff, 0x30c1),
        Coarse {
            high: masked(0x7f00 << 48 & HIGH_MASK, 0x1234 << 48),
            ..Coarse::default()
        },
        Coarse {
            low: masked(0xff, 0x11),
            high: masked(0x7f80 << 48, 0x4480 << 48),
            ..Coarse::default()
        },
        Coarse {
            low: bitmap(8, 40, None),
            ..Coarse::default()
        },
        Coarse {
            low: bitmap(12, 5, Some(second)),
            ..Coarse::default()
        },
        Coarse {
            low: WordRule::Never,
            high: bitmap(10, 77, None),
            ..Coarse::default()
        },
        Coarse {
            ends: EndsRule {
                forward: vec![2, 3],
                reversed: vec![2],
            },
            ..Coarse::default()
        },
    ];
    for coarse in &rules {
        let (found, expected) = (found(&device, coarse, 1), expected(coarse, 1));
        assert!(found.len() > 2, "{coarse:?}: {}", found.len());
        // a sweep of vectors lets a few more through, by its tolerance
        let (found, expected) = (places(&found), places(&expected));
        assert!(
            found.is_subset(&expected),
            "{:?}",
            found.difference(&expected).next()
        );
        let more = expected.len() - found.len();
        let tolerated = if coarse.low == WordRule::Never {
            expected.len()
        } else {
            0
        };
        assert!(more <= tolerated, "{coarse:?}: {more} missing");
    }
}

#[test]
fn beginnings_that_equal_ends_are_all_found_by_a_first_look_at_both() {
    let Some((_turn, device)) = device() else {
        return;
    };
    let coarse = Coarse {
        ends: EndsRule {
            forward: vec![4],
            reversed: vec![5],
        },
        ..Coarse::default()
    };
    let (found, expected) = (found(&device, &coarse, 60), expected(&coarse, 60));
    let top = |s: &Survivor| (s.high >> 32) as u32;
    let forward = |s: &Survivor| top(s) >> 16 == s.low as u32 & 0x7fff;
    let (ours, theirs) = (places(&found), places(&expected));
    assert!(ours.iter().filter(|s| theirs.contains(s)).count() == ours.len());
    assert!(
        found.iter().filter(|s| forward(s)).count() > 10,
        "{}",
        found.len()
    );
    let missed = expected.iter().filter(|s| forward(s));
    let missed: Vec<_> = missed
        .filter(|s| !ours.contains(&(s.lane, s.offset, s.low)))
        .collect();
    assert!(missed.is_empty(), "{missed:?}");
}

/// Rules that accept just this candidate.
fn only(survivor: &Survivor) -> [Coarse; 2] {
    let of = |mask: u64, word: u64| WordRule::Masked {
        mask,
        value: word & mask,
    };
    [
        Coarse {
            low: of(LOW_MASK, survivor.low),
            ..Coarse::default()
        },
        Coarse {
            high: of(HIGH_MASK, survivor.high),
            ..Coarse::default()
        },
    ]
}

#[test]
fn a_first_look_at_either_end_misses_no_candidate() {
    let Some((_turn, device)) = device() else {
        return;
    };
    let mut sweeper = GpuSweeper::new(&device, SIZE, &low(0, 0)).unwrap();
    let starts = starts(sweeper.lanes());
    let everything = found(&device, &low(0, 0), 1);
    for survivor in everything.iter().step_by(everything.len() / 80) {
        for coarse in only(survivor) {
            for (lane, start) in starts.iter().enumerate() {
                sweeper.set_start(lane, start).unwrap();
            }
            let mut again = Vec::new();
            for _ in 0..2 {
                sweeper.sweep(&coarse, &mut |s| again.push(s)).unwrap();
            }
            assert_eq!(again, [*survivor], "{coarse:?}");
        }
    }
}

#[test]
fn a_lane_that_moved_begins_anew_and_the_others_go_on() {
    let Some((_turn, device)) = device() else {
        return;
    };
    let mut sweeper = GpuSweeper::new(&device, SIZE, &low(0, 0)).unwrap();
    let starts = starts(sweeper.lanes());
    for (lane, start) in starts.iter().enumerate() {
        sweeper.set_start(lane, start).unwrap();
    }
    let everything = low(0, 0);
    let centre = |found: &[Survivor], lane: usize| {
        let lane = found.iter().filter(move |s| s.lane == lane);
        lane.map(|s| s.offset).min().unwrap()
    };
    let sweep = |sweeper: &mut GpuSweeper| {
        let mut found = Vec::new();
        for _ in 0..2 {
            sweeper.sweep(&everything, &mut |s| found.push(s)).unwrap();
        }
        found
    };
    let first = sweep(&mut sweeper);
    sweeper.set_start(3, &starts[5]).unwrap();
    sweeper.set_start(70, &starts[5]).unwrap();
    let second = sweep(&mut sweeper);
    let step = 3 * (2 * SIZE.points as i64 + 1);
    for lane in [3, 70] {
        assert_eq!(centre(&second, lane), -(SIZE.points as i64));
    }
    assert_eq!(centre(&second, 4), centre(&first, 4) + step);
    let words = |found: &[Survivor], lane: usize| -> BTreeSet<_> {
        let lane = found.iter().filter(move |s| s.lane == lane);
        lane.map(|s| (s.offset, s.low)).collect()
    };
    assert!(words(&second, 3) == words(&first, 5));
}

#[test]
fn a_launch_that_finds_more_than_there_is_room_for_is_repeated() {
    let Some((_turn, device)) = device() else {
        return;
    };
    let all = 2 * SIZE.lanes * (2 * SIZE.points + 1) * 3;
    assert!(all / 2 > ROOM, "the launch fits");
    assert_eq!(found(&device, &low(0, 0), 1).len(), all);
}

#[test]
fn bytes_that_are_no_point_are_refused() {
    let Some((_turn, device)) = device() else {
        return;
    };
    let mut sweeper = GpuSweeper::new(&device, SIZE, &low(0, 0)).unwrap();
    let mut bytes = FieldElement::from_u32(2).to_bytes();
    while Point::decompress(&bytes).is_some() {
        bytes[0] += 1;
    }
    assert_eq!(
        sweeper.set_start(1, &bytes),
        Err(GpuError::NotAPoint { lane: 1 })
    );
    assert!(sweeper.set_start(1_000, &starts(1)[0]).is_err());
}
