//! What is refused before a node is asked anything.

use std::fs::File;
use std::io::Write;

use serialport::{SerialPort, TTYPort};

use super::simulated::Behaviour;
use super::{key_file, on_node};
use crate::common::key_samples::key;
use crate::common::program::Place;

#[test]
fn a_port_that_does_not_exist_is_refused_with_the_ports_that_do() {
    let place = Place::new();
    let file = key_file(&place, "new.json", &key(1));
    let missing = "/dev/ttyNONE9";
    for words in [
        &["node", "info", "--port", missing][..],
        &["node", "import", &file, "--yes", "--port", missing],
        &["node", "export", "--port", missing],
        &["--prefix", "A", "--import-to", missing, "--yes"],
    ] {
        let run = place.run(words);
        assert_eq!((run.code, run.out.as_str()), (Some(2), ""), "{words:?}");
        assert!(run.err.contains("there is no such port"), "{}", run.err);
        assert!(
            run.err.contains("Serial ports here: ") || run.err.contains("No serial port was found"),
            "{}",
            run.err
        );
        assert!(place.names().is_empty(), "{words:?}");
    }
}

#[test]
fn a_port_that_another_program_uses_is_refused() {
    let (place, node) = (Place::new(), Behaviour::default().on_terminal());
    let port = node.option()[1].clone();
    let held = serialport::new(&port, 115_200).open().unwrap();
    let run = on_node(&place, &node, &["info"]);
    assert_eq!(run.code, Some(2));
    for part in ["another program uses the port", "Close that program"] {
        assert!(run.err.contains(part), "{}", run.err);
    }
    assert!(
        run.err.contains("Serial ports here: ") || run.err.contains("No serial port was found"),
        "{}",
        run.err
    );
    drop(held);
}

#[test]
fn what_is_no_serial_port_is_refused() {
    let place = Place::new();
    let file = place.write("file", "");
    for port in [file.as_str(), "/dev/null", "/"] {
        let run = place.run(&["node", "info", "--port", port]);
        assert_eq!(
            (run.code, run.out.as_str()),
            (Some(2), ""),
            "{port}: {}",
            run.err
        );
        assert!(run.err.contains(port), "{}", run.err);
    }
}

#[test]
fn a_host_that_does_not_listen_is_refused() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let run = Place::new().run(&["node", "info", "--tcp", &address]);
    assert_eq!(run.code, Some(2));
    assert!(
        run.err.contains(&address) && run.err.contains("no connection"),
        "{}",
        run.err
    );
}

#[test]
fn without_a_terminal_and_yes_nothing_is_sent() {
    let (place, node) = (Place::new(), Behaviour::default().on_tcp());
    let file = key_file(&place, "new.json", &key(1));
    let run = on_node(&place, &node, &["import", &file]);
    assert_eq!(run.code, Some(2));
    assert!(run.err.contains("--yes"), "{}", run.err);
    let run = place.run(&["--prefix", "A", "--import-to", &node.target()]);
    assert_eq!(run.code, Some(2));
    assert!(run.err.contains("--yes"), "{}", run.err);
    assert!(node.commands().is_empty());
}

#[test]
fn a_person_is_asked_and_only_yes_sends_the_key() {
    for (answer, code, sends) in [("y\n", 0, true), ("\n", 1, false), ("no\n", 1, false)] {
        let (place, node) = (Place::new(), Behaviour::companion().on_tcp());
        let file = key_file(&place, "new.json", &key(1));
        let [option, address] = node.option();
        let mut command = place.command(&["node", "import", &file, &option, &address]);
        let (mut person, terminal) = TTYPort::pair().unwrap();
        command.stdin(File::open(terminal.name().unwrap()).unwrap());
        person.write_all(answer.as_bytes()).unwrap();
        let run = place.finish(command);
        assert_eq!(run.code, Some(code), "{answer:?}: {}", run.err);
        assert!(run.err.contains("[y/N]"), "{}", run.err);
        assert_eq!(node.has_got_a_key(), sends);
        assert_eq!(run.err.contains("Nothing was changed"), !sends);
    }
}

#[test]
fn a_file_without_one_good_key_is_refused_before_the_node_is_asked() {
    let (place, node) = (Place::new(), Behaviour::default().on_tcp());
    let public = place.write("public.txt", format!("{}\n", "ab".repeat(32)));
    let bad = place.write("bad.txt", format!("{}\n", "ab".repeat(64)));
    let missing = place.path("missing.json");
    for file in [public.as_str(), &bad, missing.to_str().unwrap()] {
        let run = on_node(&place, &node, &["import", file, "--yes"]);
        assert_eq!(run.code, Some(2), "{file}: {}", run.err);
        assert!(run.err.contains("Nothing was sent"), "{}", run.err);
    }
    let run = on_node(&place, &node, &["import", &"5".repeat(128), "--yes"]);
    assert_eq!(run.code, Some(2));
    assert!(!run.err.contains("55555"), "{}", run.err);
    assert!(node.commands().is_empty());
}

#[test]
fn a_node_has_one_address() {
    let place = Place::new();
    for words in [
        &["node", "info"][..],
        &["node", "info", "--port", "COM3", "--tcp", "host"],
        &["node", "info", "--tcp", "http://host"],
        &["node", "info", "--port", ""],
        &["--prefix", "A", "--yes"],
        &["--prefix", "A", "--import-to", "tcp:", "--yes"],
    ] {
        assert_eq!(place.run(words).code, Some(2), "{words:?}");
    }
}

#[test]
fn ports_are_listed() {
    let run = Place::new().finds(&["node", "list", "--json"]);
    let ports: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert!(ports.is_array());
}
