//! Lists of nodes: which IDs are taken and free, and that no key is found whose ID is in a list.

use std::time::Duration;

use meshcore_keygen::testing::fetch::{Limits, fetch_within};
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
    for part in [
        "8 one-byte IDs of 254 taken, 246 free",
        "Taken: 3F, 51, 62",
        "Free: 01 02",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn the_manual_shows_what_the_program_prints() {
    let place = Place::new();
    let contacts = std::fs::read(list("a1-contacts.txt")).unwrap();
    std::fs::write(place.keys().join("contacts.txt"), contacts).unwrap();
    let run = place.finds(&["ids", "contacts.txt"]);
    let manual = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/mesh.md");
    let manual = std::fs::read_to_string(manual).unwrap();
    let shown = format!("$ keygen ids contacts.txt\n{}{}```", run.err, run.out);
    assert!(manual.contains(&shown), "{shown}");
}

#[test]
fn a_search_names_what_it_took_where_more_is_asked_for() {
    let place = Place::new();
    for (more, named) in [("-v", true), ("--json", true), ("--no-watchlist", false)] {
        let run = place.finds(&[
            "--avoid-file",
            &list("a1-contacts.txt"),
            "--prefix",
            "A1",
            more,
        ]);
        assert_eq!(
            run.err.contains("Taken: 3F 51 62 74 85 96 A7 B8."),
            named,
            "{}",
            run.err
        );
    }
}

#[test]
fn the_least_used_ids_are_those_with_the_fewest_nodes_far_away() {
    let place = Place::new();
    let node = |id: u8, lat: f64| serde_json::json!({"public_key": format!("{id:02x}").repeat(32), "lat": lat, "lon": 13.4});
    let mut nodes: Vec<_> = (1..=0xfe).map(|id| node(id, 52.5)).collect();
    nodes[0x41] = node(0x42, 52.9);
    nodes.push(serde_json::json!({"public_key": "43".repeat(32) , "name": "again"}));
    nodes.push(serde_json::json!({"public_key": "43".to_owned() + &"00".repeat(31)}));
    let file = place.write("nodes.json", serde_json::json!(nodes).to_string());
    let words = ["ids", &file, "--near", "52.5,13.4,100"];
    let answer = json(&place.finds(&[&words[..], &["--json"]].concat()));
    let least = answer["least_used"].as_array().unwrap();
    assert_eq!((least.len(), &least[0]), (253, &"42".into()));
    let text = place.finds(&words).out;
    assert!(
        text.contains("Taken: 43 by 2 nodes at 0.0 km, ") && text.contains("Used least: 42 01"),
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
    assert!(
        run.err.contains("full254.txt (254 nodes): ") && !run.err.contains("--avoid:"),
        "{}",
        run.err
    );
    let run = place.finds(&["--avoid-file", &list("full254.txt"), "--id-bytes", "2"]);
    assert_eq!(run.publics().len(), 1);
    let run = place.run(&["--avoid-file", &list("private-key.txt")]);
    assert_eq!(run.code, Some(2));
    assert!(
        run.err.contains("private key") && !run.err.contains("b8674d29"),
        "{}",
        run.err
    );
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

fn body(bytes: impl AsRef<[u8]>) -> Answer {
    let bytes = bytes.as_ref().to_vec();
    let length = bytes.len();
    Answer::Body { length, bytes }
}

#[test]
#[cfg_attr(not(feature = "network"), ignore = "without the feature network")]
fn each_source_that_people_use_is_read_from_its_address() {
    let (a, b) = ("a1".repeat(32), "b2".repeat(32));
    let map = serde_json::json!([
        {"public_key": a, "type": 2, "adv_name": "x", "adv_lat": 52.5, "adv_lon": 13.4, "last_advert": "2026-04-27T19:45:54.000Z", "params": {"freq": 869.5}, "link": "meshcore://x"},
        {"public_key": b, "type": 1, "adv_name": "CAFE", "link": null},
    ]);
    let short =
        serde_json::json!([{"pk": a, "t": 2, "n": "x", "l": "y"}, {"pk": b, "t": 1, "n": "CAFE"}]);
    let core_scope = serde_json::json!({"nodes": [
        {"public_key": a, "name": "x", "role": "repeater", "lat": 52.5, "lon": 13.4, "hash_sizes_seen": [1, 2]},
        {"public_key": b, "name": null, "role": "companion"},
    ], "total": 2, "counts": {"repeaters": 1}});
    let lets_mesh = serde_json::json!({"nodes": [
        {"public_key": a, "name": "x", "device_role": 2, "regions": ["DEN", "AB"], "location": {"latitude": 1.5, "longitude": 2.5}},
        {"public_key": b, "name": "y", "device_role": 3, "regions": [], "location": null},
    ]});
    let mesh_mapper = serde_json::json!([
        {"id": "A1", "hex_id": a, "name": "x", "lat": 1.5, "lon": 2.5, "last_heard": 1_777_319_154, "enabled": 1, "iata": "DEN"},
        {"id": "B2", "hex_id": b, "name": "CAFE", "enabled": 0},
    ]);
    let place = Place::new();
    for shape in [map, short, core_scope, lets_mesh, mesh_mapper] {
        let server = WebServer::start(&[body(shape.to_string())]);
        let answer = json(&place.finds(&["ids", &server.url("http", "/nodes?limit=9"), "--json"]));
        let ids: Vec<_> = answer["taken_ids"]
            .as_array()
            .unwrap()
            .iter()
            .map(|id| &id["id"])
            .collect();
        assert_eq!(ids, ["A1", "B2"], "{shape}");
    }
}

#[test]
#[cfg_attr(not(feature = "network"), ignore = "without the feature network")]
fn a_failure_that_may_pass_is_tried_once_more_by_a_client_that_says_who_it_is() {
    let place = Place::new();
    let bytes = std::fs::read(list("a3-nodes-one-line.json")).unwrap();
    let cut = Answer::Body {
        length: bytes.len(),
        bytes: bytes[..200].to_vec(),
    };
    let target = WebServer::start(&[body(&bytes)]);
    for answers in [
        [Answer::Status(503), body(&bytes)],
        [cut, body(&bytes)],
        [
            Answer::Redirect(target.url("http", "/elsewhere")),
            Answer::Silence,
        ],
    ] {
        let server = WebServer::start(&answers);
        let run = place.finds(&["ids", &server.url("http", "/nodes"), "--json"]);
        assert_eq!(json(&run)["taken"], 8, "{}", run.err);
        let agent = server.next();
        let agent = agent.header("user-agent").unwrap();
        assert!(
            agent.starts_with("meshcore-keygen/") && !agent.contains("Mozilla"),
            "{agent}"
        );
    }
}

#[test]
#[cfg_attr(not(feature = "network"), ignore = "without the feature network")]
fn a_list_comes_from_a_web_address_whole_or_not_at_all() {
    let place = Place::new();
    let bytes = std::fs::read(list("a3-nodes-one-line.json")).unwrap();
    let lie = |length, bytes: &[u8]| Answer::Body {
        length,
        bytes: bytes.to_vec(),
    };
    let cut = lie(bytes.len(), &bytes[..200]);
    for (answers, requests) in [
        (vec![cut.clone(), cut], 2),
        (vec![lie(200, &bytes)], 1),
        (vec![body("hello")], 1),
        (vec![body("")], 1),
        (vec![body("<html><body>Not here</body></html>")], 1),
        (vec![body(b"\x7fELF\x01\x00")], 1),
        (vec![body("mountain\n".repeat(100_000))], 1),
        (vec![Answer::Status(404)], 1),
        (
            vec![Answer::Status(500), Answer::Status(500), body(&bytes)],
            2,
        ),
        (vec![Answer::Redirect("http://127.0.0.1:1/".into()); 2], 2),
    ] {
        let server = WebServer::start(&answers);
        let address = server.url("http", "/nodes");
        let run = place.run(&["--avoid-file", &address]);
        assert_eq!(run.code, Some(2), "{}", run.err);
        assert!(run.err.contains(&address), "{}", run.err);
        assert!(run.err.lines().count() <= 20, "{}", run.err);
        assert_eq!(server.rest().len(), requests, "{}", run.err);
    }
    assert!(place.names().is_empty());
}

#[test]
#[cfg_attr(not(feature = "network"), ignore = "without the feature network")]
fn an_answer_that_is_late_or_too_long_is_given_up() {
    let limits = Limits {
        time: Duration::from_millis(300),
        bytes: 2 << 20,
    };
    let said = |answers: &[Answer]| {
        let server = WebServer::start(answers);
        let error = fetch_within(&server.url("http", "/"), limits)
            .unwrap_err()
            .to_string();
        (error, server.rest().len())
    };
    let (error, requests) = said(&[Answer::Silence, Answer::Silence]);
    assert!(
        error.contains("no whole answer within 0.3 s") && requests == 2,
        "{error}"
    );
    let (error, requests) = said(&[body(vec![b'a'; (2 << 20) + 1])]);
    assert!(
        error.contains("more than 2 MiB") && requests == 1,
        "{error}"
    );
}

#[test]
fn what_may_be_a_secret_ends_before_any_work_and_is_not_shown() {
    let place = Place::new();
    let seed = "3dd392cc02d0b240df956e5306318332acfb903db2fa70316a0593d22fb28df0";
    for (name, text) in [
        ("node-seed.txt", seed.to_owned()),
        ("a.txt", format!("identity_key: 0x{seed}\n")),
        ("b.csv", format!("name,seed\nRoof,{seed}\n")),
    ] {
        let file = place.write(name, text);
        for line in [vec!["ids", &file], vec!["--avoid-file", &file]] {
            let run = place.run(&line);
            assert_eq!(run.code, Some(2), "{line:?}: {}", run.err);
            assert!(run.err.contains("may be a secret"), "{line:?}: {}", run.err);
            assert!(!run.err.contains("3dd392"), "{line:?}: {}", run.err);
        }
    }
}

#[test]
fn words_are_singular_where_one_thing_is_meant_and_other_addresses_are_refused() {
    let place = Place::new();
    let file = place.write("one.txt", "A1\n");
    let run = place.finds(&["ids", &file, "--seen", "30d"]);
    assert!(
        run.out.contains("1 one-byte ID of 254 taken"),
        "{}",
        run.out
    );
    assert!(
        run.err
            .contains("1 lacks what is filtered by and counts as taken"),
        "{}",
        run.err
    );
    let file = place.write("none.txt", "# none yet\n");
    let run = place.finds(&["--avoid-file", &file, "--prefix", "A"]);
    assert!(run.err.contains("nothing is avoided"), "{}", run.err);
    let run = place.run(&["ids", "ftp://x/y"]);
    assert_eq!(run.code, Some(2), "{}", run.err);
    assert!(run.err.contains("only http:// and https://"), "{}", run.err);
}

#[test]
fn many_bad_lists_are_told_in_twenty_lines() {
    let place = Place::new();
    let files: Vec<_> = (0..9)
        .map(|n| place.write(&format!("{n}.txt"), "Ada Hill\nBE Brug\nCA Hill\nx y\n"))
        .collect();
    let words: Vec<&str> = ["ids"]
        .into_iter()
        .chain(files.iter().map(String::as_str))
        .collect();
    let run = place.run(&words);
    assert_eq!(run.code, Some(2));
    assert!(run.err.lines().count() <= 20, "{}", run.err);
}
