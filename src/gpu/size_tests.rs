//! Odd sizes of a search: each finds what the portable backend finds, or is refused in words.

use super::*;
use crate::tests::{device, expected, found, low, places};

fn size(lanes: usize, group: usize, inverted: usize, points: usize, rounds: u32) -> Size {
    Size {
        lanes,
        group,
        inverted,
        points,
        rounds,
    }
}

/// Compares all candidates, and those that a first look lets through.
fn compare(device: &Device, size: Size) {
    for coarse in [low(0, 0), low(0x3f, 0x15)] {
        let ours = found(device, size, &coarse, 2).unwrap();
        let theirs = expected(size, &coarse, 2);
        assert!(!theirs.is_empty(), "{size:?}: nothing to compare");
        assert_eq!(ours.len(), theirs.len(), "{size:?}");
        assert!(places(&ours) == places(&theirs), "{size:?}");
    }
}

#[test]
fn odd_sizes_find_what_the_portable_backend_finds() {
    let Some((_turn, device)) = device() else {
        return;
    };
    let sizes = [
        // work-groups of one, with the fewest lanes and with an odd number of them
        size(1, 1, 1, 16, 1),
        size(7, 1, 1, 16, 2),
        // all of a group invert, or only one
        size(4, 2, 2, 17, 1),
        size(24, 8, 1, 31, 3),
        // three groups, and one group that is all lanes
        size(96, 32, 32, 19, 1),
        size(64, 64, 4, 16, 1),
    ];
    for size in sizes {
        compare(&device, size);
    }
}

#[test]
fn lanes_that_are_no_whole_number_of_groups_are_refused() {
    let Some((_turn, device)) = device() else {
        return;
    };
    let refused = found(&device, size(24, 16, 4, 16, 1), &low(0, 0), 1).unwrap_err();
    assert!(matches!(refused, GpuError::Call { .. }), "{refused}");
}

/// The device as one of another shape.
fn shaped(device: &Device, kind: Kind, units: usize, largest_group: usize) -> Device {
    Device {
        kind,
        units,
        largest_group,
        ..device.clone()
    }
}

#[test]
fn a_device_of_any_shape_gets_whole_groups_that_it_can_run_and_searches_right() {
    let Some((_turn, device)) = device() else {
        return;
    };
    for (units, largest_group) in [(1, 1), (1, 3), (3, 100), (5, 1 << 20)] {
        let device = shaped(&device, Kind::Processor, units, largest_group);
        let size = Size::of(&device).unwrap();
        assert_eq!(size.lanes % size.group, 0, "{size:?}");
        assert!(size.lanes >= 64 * units, "{size:?}");
        assert!(size.group <= largest_group && size.inverted <= size.group);
        // the table of its own would take long
        let (points, rounds) = (16, 1);
        compare(
            &device,
            Size {
                points,
                rounds,
                ..size
            },
        );
    }
    let odd = shaped(&device, Kind::Card, 7, 96);
    let size = Size::of(&odd).unwrap();
    assert_eq!((size.group, size.lanes % 64), (64, 0));
}

#[test]
fn little_memory_makes_the_table_short_and_too_little_is_refused() {
    let Some((_turn, device)) = device() else {
        return;
    };
    let with = |memory: u64, largest_buffer: u64| Device {
        memory,
        largest_buffer,
        ..shaped(&device, Kind::Processor, 1, 64)
    };
    // 64 lanes of 32 bytes a point
    let a_point = 64 * PRODUCT_BYTES;
    let least = Size::of(&with(1 << 30, 16 * a_point)).unwrap();
    assert_eq!(least.points, 16);
    assert_eq!(
        Size::of(&with(2 * 20 * a_point, 1 << 30)).unwrap().points,
        20
    );
    assert_eq!(Size::of(&with(1 << 30, 1 << 30)).unwrap().points, 128);
    let refused = Size::of(&with(1 << 30, 16 * a_point - 1)).unwrap_err();
    assert!(matches!(refused, GpuError::TooSmall { .. }), "{refused}");
    compare(&device, Size { rounds: 1, ..least });
}
