//! Lists of nodes: which IDs are taken and free, and that no key is found whose ID is in a list.

use serde_json::Value;

use crate::common::program::{Place, Run};
use crate::common::web_server::{Answer, WebServer};

/// A list of the tests, as an argument.
fn list(name: &str) -> String {
    format!("{}/tests/data/nodes/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn json(run: &Run) -> Value {
    serde_json::from_str(&run.out).unwrap()
}

#[test]
fn a_clients_contacts_are_avoided_by_their_keys_and_not_by_their_names() {
    let place = Place::new();
    // All but the eight nodes and AD, as whose beginning the name of "Ada Hill" was once read.
    let eight = ["3F", "51", "62", "74", "85", "96", "A7", "B8"];
    let others = (1..=0xfe).map(|byte| format!("{byte:02X}"));
    let others: Vec<String> = others
        .filter(|id| !eight.contains(&id.as_str()) && id != "AD")
        .collect();
    let run = place.finds(&[
        "--avoid-file",
        &list("a1-contacts.txt"),
        "--avoid",
        &others.join(","),
    ]);
    assert!(
        run.err.contains("8 nodes read from") && run.err.contains("8 one-byte IDs taken, 246 free"),
        "{}",
        run.err
    );
    assert!(
        run.publics().iter().all(|public| public.starts_with("ad")),
        "{:?}",
        run.publics()
    );
}

#[test]
fn ids_shows_what_is_taken_and_what_is_free() {
    let place = Place::new();
    let run = place.finds(&[
        "ids",
        &list("a1-contacts.txt"),
        &list("a6-neighbors-serial.txt"),
        "--json",
    ]);
    let answer = json(&run);
    assert_eq!(
        (&answer["taken"], &answer["free"]),
        (&8.into(), &246.into())
    );
    assert_eq!(answer["taken_ids"][0]["id"], "3F");
    assert_eq!(answer["taken_ids"][0]["names"][0], "Ed's Barn");
    let free = answer["free_ids"].as_array().unwrap();
    assert!(free.len() == 246 && !free.contains(&"3F".into()) && !free.contains(&"00".into()));
    let text = place.finds(&["ids", &list("a9-table.md")]).out;
    assert!(
        text.contains("8 one-byte IDs of 254 taken, 246 free"),
        "{text}"
    );
}

#[test]
fn where_all_are_taken_longer_ids_are_named() {
    let place = Place::new();
    let run = place.run(&["--avoid-file", &list("full254.txt")]);
    assert_eq!(run.code, Some(2));
    assert!(
        run.err.contains("--id-bytes 2") && run.err.contains("keygen ids"),
        "{}",
        run.err
    );
    place.finds(&["--avoid-file", &list("full254.txt"), "--id-bytes", "2"]);
    let ids = place.finds(&["ids", &list("full254.txt")]).out;
    assert!(
        ids.contains("Used least") && ids.contains("--id-bytes 2"),
        "{ids}"
    );
}

#[test]
fn nodes_that_do_not_matter_are_left_out_and_those_of_which_it_is_not_known_count() {
    let place = Place::new();
    let node =
        |first: &str, more: &str| format!("{{\"public_key\": \"{}\"{more}}}", first.repeat(32));
    let nodes = [
        node(
            "a1",
            ", \"lat\": 52.5, \"lon\": 13.4, \"role\": \"repeater\"",
        ),
        node(
            "b2",
            ", \"lat\": 48.9, \"lon\": 2.4, \"role\": \"repeater\"",
        ),
        node("c3", ", \"role\": \"companion\""),
    ];
    let file = place.write("nodes.json", format!("[{}]", nodes.join(",")));
    let taken = |words: &[&str]| -> Vec<String> {
        let answer = json(&place.finds(&[&["ids", &file, "--json"], words].concat()));
        let ids = answer["taken_ids"].as_array().unwrap();
        ids.iter()
            .map(|id| id["id"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(taken(&["--near", "52.5,13.5,30"]), ["A1", "C3"]);
    assert_eq!(taken(&["--role", "repeater"]), ["A1", "B2"]);
    assert_eq!(taken(&["--seen", "30d"]), ["A1", "B2", "C3"]);
    let run = place.run(&["ids", &file, "--near", "91,0"]);
    assert!(
        run.code == Some(2) && run.err.contains("--near"),
        "{}",
        run.err
    );
}

#[test]
fn a_list_that_cant_be_read_for_certain_ends_before_any_work() {
    let place = Place::new();
    for (name, text, words) in [
        ("names.txt", "Ada Hill\nBE Brug\n", "names.txt:1: Ada Hill"),
        ("cut.json", "[{\"public_key\": \"ab", "no whole JSON"),
        ("empty.json", "{\"nodes\": [{\"name\": \"x\"}]}", "no node"),
    ] {
        let file = place.write(name, text);
        for line in [vec!["ids", &file], vec!["--avoid-file", &file]] {
            let run = place.run(&line);
            assert_eq!(run.code, Some(2), "{line:?}");
            assert!(run.err.contains(words), "{line:?}: {}", run.err);
        }
    }
    assert!(place.names().is_empty());
}

#[test]
fn a_list_comes_from_a_web_address_whole_or_not_at_all() {
    let place = Place::new();
    let bytes = std::fs::read(list("a3-nodes-one-line.json")).unwrap();
    let body = |length, bytes: &[u8]| Answer::Body {
        length,
        bytes: bytes.to_vec(),
    };
    let server = WebServer::start(&[Answer::Status(503), body(bytes.len(), &bytes)]);
    let run = place.finds(&["ids", &server.url("http", "/nodes"), "--json"]);
    assert_eq!(json(&run)["taken"], 8, "{}", run.err);
    assert!(
        server
            .next()
            .header("user-agent")
            .unwrap()
            .starts_with("meshcore-keygen/")
    );
    for answers in [
        vec![
            body(bytes.len(), &bytes[..200]),
            body(bytes.len(), &bytes[..200]),
        ],
        vec![body(5, b"hello")],
        vec![Answer::Status(404)],
        vec![Answer::Status(500), Answer::Status(500)],
    ] {
        let server = WebServer::start(&answers);
        let address = server.url("http", "/nodes");
        let run = place.run(&["--avoid-file", &address]);
        assert_eq!(run.code, Some(2), "{}", run.err);
        assert!(run.err.contains(&address), "{}", run.err);
    }
    assert!(place.names().is_empty());
}
