//! Tests of how many keys are wanted of what.

use super::super::{PatternLine, Request};
use super::*;

fn wanted(prefixes: &[&str], each: bool) -> Arc<Wanted> {
    let request = Request {
        prefixes: prefixes.iter().map(ToString::to_string).collect(),
        each,
        ..Request::default()
    };
    Arc::new(Wanted::new(request).unwrap().0)
}

fn quota(prefixes: &[&str], each: Option<u64>, id_bytes: Option<u8>) -> Quota {
    let spread = Spread { each, id_bytes };
    Quota::new(&wanted(prefixes, each.is_some()), spread, []).unwrap()
}

fn key(begins: &[u8]) -> [u8; 32] {
    let mut public = [0x55; 32];
    public[..begins.len()].copy_from_slice(begins);
    public
}

/// Offers a key as the saver does; whether it was taken.
fn offer(quota: &mut Quota, begins: &[u8]) -> bool {
    let public = key(begins);
    let takes = quota.takes(&public);
    if takes {
        quota.count(&public);
    }
    quota.refresh();
    takes
}

#[test]
fn without_terms_there_is_no_quota() {
    assert!(Quota::new(&wanted(&["F8"], false), Spread::default(), []).is_none());
}

#[test]
fn a_key_whose_id_is_taken_is_passed_over_until_no_id_is_left() {
    let mut quota = quota(&["F8", "A1"], None, Some(1));
    assert!(offer(&mut quota, &[0xF8, 1]) && !offer(&mut quota, &[0xF8, 2]));
    assert_eq!(quota.left().unwrap().describe(), "prefix A1, not F8");
    assert!(offer(&mut quota, &[0xA1]));
    assert!(quota.left().is_none());
}

#[test]
fn an_id_has_as_many_bytes_as_were_asked_for() {
    let mut quota = quota(&["F8"], None, Some(2));
    assert!(offer(&mut quota, &[0xF8, 1]) && offer(&mut quota, &[0xF8, 2]));
    assert!(!offer(&mut quota, &[0xF8, 1, 7]));
}

#[test]
fn each_pattern_gets_its_number_and_then_is_not_looked_for_any_more() {
    let mut quota = quota(&["F8", "A1B2C3"], Some(2), None);
    assert!(offer(&mut quota, &[0xF8]) && offer(&mut quota, &[0xF8]));
    assert!(!offer(&mut quota, &[0xF8]));
    assert_eq!(quota.left().unwrap().describe(), "prefix A1B2C3");
    assert!(offer(&mut quota, &[0xA1, 0xB2, 0xC3]) && offer(&mut quota, &[0xA1, 0xB2, 0xC3]));
    assert!(quota.left().is_none());
}

#[test]
fn a_resumed_search_has_what_its_keys_say() {
    let terms = Spread {
        each: Some(1),
        id_bytes: Some(1),
    };
    let wanted = wanted(&["F", "F8", "A1"], true);
    let keys = [(&key(&[0xF9]), "prefix F"), (&key(&[0xA1]), "prefix A1")];
    let mut quota = Quota::new(&wanted, terms, keys).unwrap();
    assert!(!offer(&mut quota, &[0xF7]) && !offer(&mut quota, &[0xA1, 9]));
    assert_eq!(quota.count(&key(&[0xF8])), Some("prefix F8"));
    assert!(quota.refresh() && quota.left().is_none());
}

#[test]
fn a_hundred_thousand_patterns_are_not_worked_out_after_every_key() {
    let line = |n| {
        PatternLine::parse_line(&format!("{n:05X}"), n)
            .unwrap()
            .unwrap()
    };
    let lines: Vec<_> = (0x10000..0x11000).map(line).collect();
    let request = Request {
        lines,
        each: true,
        ..Request::default()
    };
    let wanted = Arc::new(Wanted::new(request).unwrap().0);
    let terms = Spread {
        each: Some(1),
        id_bytes: None,
    };
    let mut quota = Quota::new(&wanted, terms, []).unwrap();
    let first = key(&[0x10, 0x00, 0x00]);
    assert!(quota.takes(&first));
    quota.count(&first);
    assert!(!quota.refresh());
    assert!((0..PASSED_OVER).all(|_| !quota.takes(&first)));
    assert!(
        quota.refresh(),
        "a common pattern that is full must leave the filter"
    );
}

#[test]
fn a_key_that_would_take_the_only_id_of_another_pattern_is_passed_over() {
    let mut quota = quota(&["A", "A1B2", "A3"], Some(1), Some(1));
    assert_eq!(quota.shortage(3), None);
    assert!(!offer(&mut quota, &[0xA1]) && !offer(&mut quota, &[0xA1, 7]));
    assert!(offer(&mut quota, &[0xA3]) && !offer(&mut quota, &[0xA3]));
    assert!(offer(&mut quota, &[0xA2]) && offer(&mut quota, &[0xA1, 0xB2]));
    assert!(quota.is_spent());
}

#[test]
fn fewer_ids_than_keys_are_known_before_the_search() {
    let all = quota(&["F8", "A"], None, Some(1));
    assert_eq!(all.shortage(17), None);
    let short = all.shortage(18).unwrap();
    assert_eq!((short.free, short.needed, short.id_bytes), (17, 18, 1));
    let each = quota(&["F8", "A"], Some(2), Some(1));
    let short = each.shortage(4).unwrap();
    assert_eq!((short.what.as_str(), short.free), ("prefix F8", 1));
    let shared = quota(&["A1", "A1B2", "C"], Some(1), Some(1));
    let short = shared.shortage(3).unwrap();
    assert_eq!(
        (short.what.as_str(), short.free, short.needed),
        ("prefix A1, prefix A1B2", 1, 2)
    );
    assert_eq!(quota(&["F8"], None, Some(3)).shortage(60_000), None);
}
