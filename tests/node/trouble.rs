//! Whatever goes wrong with the line or the node: what is said is true, and the node's old key is not lost.

use rustix::process::Signal;

use super::simulated::{Behaviour, Simulated, private_of};
use super::{assert_honest, assert_no_secret, backups, import, key_file, on_node, works};
use crate::common::key_samples::key;
use crate::common::program::{DEADLINE, NEVER, Place, Run, Running};
use crate::common::wait::wait_until;

/// A repeater and a companion with the same trouble.
fn both(trouble: impl Fn(&mut Behaviour)) -> [Behaviour; 2] {
    [Behaviour::default(), Behaviour::companion()].map(|mut does| {
        trouble(&mut does);
        does
    })
}

#[test]
fn debug_text_between_answers_is_passed_over() {
    both(|does| does.noise = true).iter().for_each(works);
}

#[test]
fn very_long_lines_between_answers_are_passed_over() {
    both(|does| does.long_lines = true).iter().for_each(works);
}

#[test]
fn slow_bytes_and_answers_in_two_parts_are_waited_for() {
    both(|does| does.slow = true).iter().for_each(works);
    both(|does| does.cut = true).iter().for_each(works);
}

#[test]
fn bytes_that_are_lost_on_the_way_are_asked_for_again() {
    both(|does| does.lose_answers = 2).iter().for_each(works);
    both(|does| does.lose_keys = 1).iter().for_each(works);
}

#[test]
fn a_node_that_is_reset_when_the_port_is_opened_is_waited_for() {
    both(|does| does.booting = 30).iter().for_each(works);
}

/// Imports into the nodes, and checks what is said; the old key is saved before anything is sent.
fn stays_honest(does: &Behaviour) -> Vec<Run> {
    let nodes = [does.clone().on_tcp(), does.clone().on_terminal()];
    let import = |node: Simulated| {
        let (place, new, old) = (Place::new(), key(1), node.private());
        let run = import(&place, &node, &new, &[]);
        assert!(
            matches!(run.code, Some(0 | 1)),
            "{:?}: {}",
            run.code,
            run.err
        );
        assert_honest(&run, &node, &new);
        if node.has_got_a_key() {
            assert!(backups(&place).contains(&old), "{}", run.err);
        }
        run
    };
    nodes.into_iter().map(import).collect()
}

#[test]
fn a_node_that_is_unplugged_at_any_moment_is_not_believed_to_have_the_key() {
    // From who it is to the last question whether it has the key, in either dialect.
    for number in [1, 3, 6, 7, 8, 9, 10, 12] {
        for does in both(|does| does.unplugged_at = Some(number)) {
            let runs = stays_honest(&does);
            let is_early = number <= 3;
            assert!(
                !is_early || runs.iter().all(|run| run.code == Some(1)),
                "{number}"
            );
        }
    }
}

#[test]
fn a_connection_that_the_node_closes_at_any_moment_ends_in_the_truth() {
    for number in [2, 6, 7, 9, 10, 11] {
        both(|does| does.closes_at = Some(number))
            .iter()
            .for_each(|does| drop(stays_honest(does)));
    }
}

#[test]
fn an_answer_that_comes_after_its_deadline_is_not_taken_for_another() {
    for number in [1, 2, 5, 6, 7, 8, 9, 11] {
        both(|does| does.late_at = Some(number))
            .iter()
            .for_each(|does| drop(stays_honest(does)));
    }
}

#[test]
fn a_late_answer_is_not_shown_as_another_fact() {
    for number in [1, 3, 4, 5, 7] {
        let node = Behaviour {
            late_at: Some(number),
            ..Behaviour::default()
        }
        .on_tcp();
        let run = on_node(&Place::new(), &node, &["info", "--json"]);
        let Ok(info) = serde_json::from_str::<serde_json::Value>(&run.out) else {
            assert_eq!(run.code, Some(1), "{}", run.err);
            continue;
        };
        for (fact, value) in [
            ("name", "Hill [31mTop"),
            ("role", "repeater"),
            ("board", "RAK 4631"),
        ] {
            assert!(
                info[fact].is_null() || info[fact] == value,
                "{number}: {info}"
            );
        }
        assert_eq!(info["public_key"], node.public());
    }
}

#[test]
fn what_talks_and_never_answers_is_no_node() {
    for node in [
        Behaviour {
            chatter: true,
            ..Behaviour::default()
        }
        .on_tcp(),
        Behaviour {
            chatter: true,
            ..Behaviour::default()
        }
        .on_terminal(),
    ] {
        let run = on_node(&Place::new(), &node, &["info"]);
        assert_eq!((run.code, run.out.as_str()), (Some(1), ""));
        assert!(
            run.err.contains("bytes came that are no answer"),
            "{}",
            run.err
        );
    }
}

/// Starts an import into a node that falls silent when it gets the key, and ends it with a signal then.
fn interrupted(node: &Simulated, running: Running, signal: Signal) -> Run {
    wait_until("the key is sent", || node.has_got_a_key());
    running.signal(signal);
    running.end(DEADLINE)
}

#[test]
fn an_interrupt_after_the_key_was_sent_says_that_nobody_knows() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        for does in both(|does| does.dies = true) {
            for node in [does.clone().on_tcp(), does.on_terminal()] {
                let (place, old) = (Place::new(), node.private());
                let file = key_file(&place, "new.json", &key(1));
                let [option, address] = node.option();
                let words = [
                    "node",
                    "import",
                    &file,
                    "--yes",
                    &option,
                    &address,
                    "--timeout",
                    "6",
                ];
                let run = interrupted(&node, Running::new(place.command(&words)), signal);
                assert_eq!(
                    (run.code, run.out.as_str()),
                    (Some(code), ""),
                    "{}",
                    run.err
                );
                assert!(
                    run.err
                        .contains("error: interrupted. Which key the node has now is not known"),
                    "{}",
                    run.err
                );
                assert_eq!(backups(&place), [old]);
                assert_no_secret(&run, &[private_of(&key(1)), old]);
            }
        }
    }
}

#[test]
fn an_interrupt_while_the_key_of_a_search_is_put_into_a_node_says_so_and_keeps_the_key() {
    let (place, node) = (
        Place::new(),
        Behaviour {
            dies: true,
            ..Behaviour::companion()
        }
        .on_tcp(),
    );
    let target = node.target();
    let words = ["--prefix", "A", "--import-to", &target, "--yes"];
    let run = interrupted(&node, Running::new(place.command(&words)), Signal::INT);
    assert_eq!(run.code, Some(130), "{}", run.err);
    assert!(
        run.err.contains("is not known") && run.err.contains("keygen node import '"),
        "{}",
        run.err
    );
    assert_eq!(
        place.pairs().len(),
        2,
        "the key that was found and the node's old one"
    );
}

#[test]
fn an_interrupt_during_the_search_leaves_the_node_alone() {
    let (place, node) = (Place::new(), Behaviour::companion().on_tcp());
    let target = node.target();
    let prefixes = format!("A,{NEVER}");
    let words = [
        "--each",
        "--prefix",
        &prefixes,
        "--import-to",
        &target,
        "--yes",
    ];
    let running = place.start(place.command(&words));
    // The public half of a key comes last.
    wait_until("a key", || {
        place
            .names()
            .iter()
            .any(|name| name.ends_with("_public.txt"))
    });
    running.signal(Signal::INT);
    let run = running.end(DEADLINE);
    assert_eq!(run.code, Some(130), "{}", run.err);
    assert!(
        run.err
            .contains("The node was not changed, because the search was interrupted"),
        "{}",
        run.err
    );
    assert!(!node.has_got_a_key());
}

#[test]
fn a_present_key_that_cant_be_saved_is_not_replaced() {
    let (place, node) = (Place::new(), Behaviour::default().on_tcp());
    let file = place.write("file", "");
    let run = import(&place, &node, &key(1), &["--output", &file]);
    assert_eq!((run.code, run.out.as_str()), (Some(1), ""));
    assert!(
        run.err
            .contains("could not be saved, so nothing was changed"),
        "{}",
        run.err
    );
    assert!(!node.has_got_a_key());
}

#[test]
fn the_key_is_in_no_argument_log_or_event() {
    let (place, node) = (Place::new(), Behaviour::default().on_tcp());
    let (events, target) = (place.path("events.jsonl"), node.target());
    let words = [
        "--session",
        "s",
        "--prefix",
        "A",
        "-v",
        "--events",
        events.to_str().unwrap(),
        "--import-to",
        &target,
        "--yes",
    ];
    let run = place.finds(&words);
    assert_no_secret(&run, &node.secrets());
    let mut folders = vec![place.path("state")];
    let mut files = vec![events];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let is_folder = entry.file_type().unwrap().is_dir();
            if is_folder { &mut folders } else { &mut files }.push(entry.path());
        }
    }
    assert!(files.len() > 3, "{files:?}");
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        let out = String::from_utf8_lossy(&bytes).into_owned();
        for half in node.secrets().iter().flat_map(|secret| secret.chunks(32)) {
            assert!(!bytes.windows(32).any(|window| window == half), "{file:?}");
        }
        assert_no_secret(
            &Run {
                code: None,
                out,
                err: String::new(),
            },
            &node.secrets(),
        );
    }
}
