//! A search whose key goes into a node.

use super::assert_no_secret;
use super::simulated::{Behaviour, Simulated};
use crate::common::key_samples::key;
use crate::common::program::{DEADLINE, NEVER, Pair, Place, Run};

fn search(place: &Place, node: &Simulated, more: &[&str]) -> Run {
    let target = node.target();
    let words = ["--prefix", "A", "-v", "--import-to", &target, "--yes"];
    let run = place.run(&[&words, more].concat());
    assert_no_secret(&run, &node.secrets());
    run
}

fn found(place: &Place) -> Vec<Pair> {
    let mut pairs = place.pairs();
    pairs.retain(|pair| !pair.file.to_str().unwrap().contains("backup_"));
    pairs
}

#[test]
fn the_key_of_a_search_is_saved_and_then_in_the_node() {
    for node in [
        Behaviour::default().on_tcp(),
        Behaviour::companion().on_tcp(),
        Behaviour::default().on_terminal(),
    ] {
        let place = Place::new();
        let run = search(&place, &node, &["--json"]);
        assert_eq!(run.code, Some(0), "{}", run.err);
        assert!(run.out.contains(": verified"), "{}", run.out);
        assert_eq!(found(&place)[0].private, node.private());
    }
}

#[test]
fn of_several_keys_the_first_one_is_put_into_the_node() {
    let (place, node) = (Place::new(), Behaviour::companion().on_tcp());
    let run = search(&place, &node, &["-n", "3"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert_eq!(found(&place).len(), 3);
    let first = run.out.split('\t').next().unwrap();
    assert_eq!(node.public(), first.to_lowercase());
}

#[test]
fn an_import_that_fails_neither_loses_nor_hides_the_key() {
    let (place, node) = (
        Place::new(),
        Behaviour {
            refuses: true,
            ..Behaviour::companion()
        }
        .on_tcp(),
    );
    let run = search(&place, &node, &[]);
    assert_eq!(run.code, Some(1));
    assert!(run.err.contains("refuses the key"), "{}", run.err);
    let pairs = found(&place);
    assert_eq!(pairs.len(), 1);
    assert!(
        run.out.contains(pairs[0].file.to_str().unwrap()),
        "{}",
        run.out
    );
    assert!(run.err.contains("keygen node import '"), "{}", run.err);
}

#[test]
fn a_node_that_is_not_there_ends_it_before_any_search() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let target = format!("tcp:{}", listener.local_addr().unwrap());
    drop(listener);
    let place = Place::new();
    let run = place.run(&["--prefix", "A", "--import-to", &target, "--yes"]);
    assert_eq!((run.code, run.out.as_str()), (Some(2), ""));
    assert!(!run.err.contains("Searching for"), "{}", run.err);
    assert!(place.names().is_empty());
}

#[test]
fn a_search_without_a_key_leaves_the_node_alone() {
    let (place, node) = (Place::new(), Behaviour::companion().on_tcp());
    let target = node.target();
    let words = [
        "--prefix",
        "0123456789ABCDEF",
        "--candidates",
        "1K",
        "--import-to",
        &target,
        "--yes",
    ];
    assert_eq!(place.run(&words).code, Some(3));
    assert!(!node.has_got_a_key());
}

#[test]
fn a_search_in_the_background_can_t_fill_a_node() {
    let node = Behaviour::companion().on_tcp();
    let run = search(&Place::new(), &node, &["--background"]);
    assert_eq!(run.code, Some(2));
    assert!(
        run.err.contains("--import-to and --background"),
        "{}",
        run.err
    );
    assert!(node.commands().is_empty());
}

#[test]
fn a_resumed_session_puts_its_key_into_a_node_if_it_is_told_again() {
    // A first sweep that finds a key, which one of ten thousand does, is no run to resume.
    let (place, node, target) = std::iter::repeat_with(|| {
        let (place, node) = (Place::new(), Behaviour::companion().on_tcp());
        let target = node.target();
        (place, node, target)
    })
    .find(|(place, _, target)| {
        let limits = ["--prefix", "ABCDEF1", "--candidates", "1"];
        let node = ["--session", "s", "--import-to", target, "--yes"];
        place.run(&[&limits[..], &node].concat()).code == Some(3)
    })
    .unwrap();
    let words = ["resume", "s", "--candidates", "2"];
    let run = place.run(&words);
    assert!(
        run.err.contains("was begun with --import-to"),
        "{}",
        run.err
    );
    let before = node.has_got_a_key();
    let run = place.finds(&[
        "resume",
        "s",
        "--candidates",
        "1000G",
        "--import-to",
        &target,
        "--yes",
    ]);
    assert!(run.out.contains(": verified"), "{}", run.out);
    assert!(!before && node.public() == run.out[..64], "{}", run.out);
}

#[test]
fn a_process_that_restarts_itself_still_fills_the_node_with_the_first_key() {
    let (place, node) = (Place::new(), Behaviour::companion().on_tcp());
    let (target, prefixes) = (node.target(), format!("A,{NEVER}"));
    let words = [
        "--session",
        "t",
        "--workers",
        "1",
        "--inject",
        "hang:worker=1,at=1s",
        "--beat-age",
        "1s",
        "--beat-processor",
        "100ms",
        "--each",
        "--prefix",
        &prefixes,
        "--time",
        "12s",
        "--import-to",
        &target,
        "--yes",
    ];
    let run = place.run(&words);
    assert_eq!(run.code, Some(3), "{}", run.err);
    assert!(
        run.err
            .contains("Restarting the program; its session continues"),
        "{}",
        run.err
    );
    assert!(run.out.contains(": verified"), "{}{}", run.out, run.err);
    assert_eq!(
        run.err.matches("to be replaced by").count(),
        1,
        "{}",
        run.err
    );
    assert_eq!(node.public(), run.out[..64]);
}

#[test]
fn another_node_in_the_place_of_the_one_that_was_shown_is_left_alone() {
    let (place, node) = (Place::new(), Behaviour::default().on_tcp());
    let (target, prefixes) = (node.target(), format!("A,{NEVER}"));
    let words = [
        "--each",
        "--prefix",
        &prefixes,
        "--time",
        "3s",
        "--import-to",
        &target,
        "--yes",
    ];
    let running = place.start(place.command(&words));
    node.becomes(&key(77));
    let run = running.end(DEADLINE);
    assert_eq!(run.code, Some(1), "{}", run.err);
    assert!(
        run.err.contains("the node there has another public key"),
        "{}",
        run.err
    );
    assert!(
        run.err.contains("nothing was changed") && !node.has_got_a_key(),
        "{}",
        run.err
    );
    assert!(run.err.contains("keygen node import '"), "{}", run.err);
}
