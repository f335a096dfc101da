//! The spot check's rarity, and how few candidates survive by accident.

use super::*;

#[test]
fn spot_checks_have_about_the_rarity_asked_for_and_are_never_missed() {
    let mut random = Random(6);
    for bits in 10..=40 {
        for request in [
            Request {
                prefixes: vec!["F".into()],
                ..Request::default()
            },
            Request {
                prefixes: vec!["F8A1B2C3D4E5F60".into(), "12".into()],
                ..Request::default()
            },
            Request {
                prefixes: vec!["F8A1B2C3D4E5".into(), "123456789AB0".into()],
                ..Request::default()
            },
            Request {
                prefixes: vec!["F8A1B2C3".into(), "12345678".into()],
                ..Request::default()
            },
            Request {
                suffixes: vec!["8A1".into()],
                ..Request::default()
            },
            Request {
                suffixes: vec!["F8A1B2C3D4E5".into()],
                ..Request::default()
            },
            Request {
                suffixes: vec!["F8A1B2C3D4E5".into(), "123".into()],
                ..Request::default()
            },
            Request {
                vanities: vec![2],
                ..Request::default()
            },
            Request {
                vanities: vec![8],
                ..Request::default()
            },
            Request {
                any_beginning: true,
                ..Request::default()
            },
        ] {
            let wanted = wanted(request);
            let filter = Filter::compile(&wanted, None, bits);
            let rarity = -filter.spot_check().probability().log2();
            assert_eq!(rarity, f64::from(bits));
            for _ in 0..10 {
                let public = filter.spot_check().made_of(random.key());
                assert!(filter.spot_check().matches(&public));
                check(&filter, &wanted, None, &public, &mut random);
            }
        }
    }
}

#[test]
fn a_spot_check_of_few_bits_turns_up_as_often_as_it_says() {
    let mut random = Random(7);
    for request in [
        Request {
            prefixes: vec!["F8A1".into()],
            ..Request::default()
        },
        Request {
            suffixes: vec!["F8A1".into()],
            ..Request::default()
        },
        Request {
            vanities: vec![4],
            ..Request::default()
        },
    ] {
        let filter = Filter::compile(&wanted(request), None, 10);
        let keys = 2_000_000;
        let found = (0..keys)
            .filter(|_| filter.spot_check().matches(&random.key()))
            .count() as f64;
        let expected = f64::from(keys) * filter.spot_check().probability();
        assert!(
            (found - expected).abs() < 6.5 * expected.sqrt(),
            "{found} found, {expected} expected"
        );
    }
}

#[test]
fn few_candidates_survive_by_accident() {
    let mut random = Random(8);
    for (count, most) in [(1000, 0.01), (100_000, 0.026)] {
        let lines = (0..count)
            .map(|_| random_line(&mut random, 8, 12))
            .filter(|l| !l.head.is_empty());
        let lines: Vec<PatternLine> = lines
            .map(|l| PatternLine {
                tail: Digits::ANY,
                ..l
            })
            .collect();
        let filter = Filter::compile(
            &wanted(Request {
                lines,
                ..Request::default()
            }),
            None,
            24,
        );
        let keys = 200_000;
        let survives = |_: &i32| {
            let (low, high) = words_of(&random.key());
            accepts(filter.coarse(), low, high)
        };
        let survivors = (0..keys).filter(survives).count() as f64;
        assert!(
            survivors < f64::from(keys) * most,
            "{survivors} of {keys} for {count}"
        );
        assert!(matches!(filter.coarse().high, WordRule::Never));
    }
}

#[test]
fn hardly_any_word_passes_the_bitmaps_of_a_first_look_by_accident_nor_the_exact_one_by_the_spot_check()
 {
    let mut random = Random(9);
    for (count, length) in [(2, 8), (2, 12), (1000, 10), (100_000, 12)] {
        let prefixes = (0..count).map(|_| format!("7{}", random.hex(length - 1)));
        let request = Request {
            prefixes: prefixes.collect(),
            ..Request::default()
        };
        let all = [21, 22, 23, 27];
        for bits in if count > 1_000 { &all[1..2] } else { &all } {
            let filter = Filter::compile(&wanted(request.clone()), None, *bits);
            let WordRule::Bitmap(bitmap) = &filter.coarse().low else {
                panic!("{count} beginnings without a bitmap");
            };
            let what = format!("{count} of {length} digits, {bits} bits");
            assert!(!bitmap.early.is_empty(), "{what}");
            let (mut early, mut exact) = (0, 0);
            for _ in 0..200_000 {
                let (low, _) = words_of(&random.key());
                early += i32::from(bitmap.early.iter().all(|look| look.holds(low)));
                exact += i32::from(bitmap.first.contains(low));
            }
            assert!(early < 500, "{early} by all bitmaps: {what}");
            let own = 200_000.0 * count as f64 * 0.5_f64.powi(bitmap.first.bits() as i32);
            let most = own + 300.0 + 7.0 * own.sqrt();
            assert!(f64::from(exact) < most, "{exact} by the exact one: {what}");
        }
    }
}

#[test]
fn lookups_are_for_beginnings_alone_and_not_for_more_than_their_bitmaps_hold() {
    let early = |request: Request| {
        let filter = Filter::compile(&wanted(request), None, 23);
        match &filter.coarse().low {
            WordRule::Bitmap(bitmap) => !bitmap.early.is_empty(),
            _ => false,
        }
    };
    let prefixes = || vec!["F8A1B2C3D4E5".to_owned(), "123456789AB0".to_owned()];
    assert!(early(Request {
        prefixes: prefixes(),
        ..Request::default()
    }));
    let mut random = Random(10);
    let short = (0..3_000).map(|_| format!("7{}", random.hex(9)));
    let many: Vec<String> = short.collect();
    assert!(!early(Request {
        prefixes: many,
        ..Request::default()
    }));
}

#[test]
fn the_low_mask_holds_twelve_digits() {
    assert_eq!(LOW_MASK.count_ones() as usize, 4 * LOW_DIGITS);
}
