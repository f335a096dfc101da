//! Lists as people have them: exactly their nodes come back.

use std::path::Path;

use serde_json::json;

use super::made_up_tests::address;
use super::occupancy::Occupancy;
use super::*;

const EIGHT: [&str; 8] = [
    "3F457C", "5129FE", "6274D3", "74A2E8", "859973", "964595", "A74B5E", "B8FBEE",
];

fn case(file: &str) -> Result<NodeList, ListError> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/nodes")
        .join(file);
    read(&std::fs::read(path).unwrap(), file)
}

/// The first six digits of each node, or as many as it has.
fn beginnings(list: &NodeList) -> Vec<&str> {
    list.nodes
        .iter()
        .map(|node| &node.key[..node.key.len().min(6)])
        .collect()
}

pub(super) fn of(text: &str) -> Result<Vec<String>, String> {
    match read(text.as_bytes(), "list.txt") {
        Ok(list) => Ok(list.nodes.into_iter().map(|node| node.key).collect()),
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn every_shape_of_a_list_gives_its_eight_nodes() {
    for file in [
        "a1-contacts.txt",
        "a1b-contacts-plain.txt",
        "a2-name-colon-key.txt",
        "a3-nodes-one-line.json",
        "a3c-contacts-indent.json",
        "a3d-nodes-jsonl.json",
        "a4-nodes.csv",
        "a4b-nodes-name-first.csv",
        "a4c-nodes-id-first.csv",
        "a5-req-neighbours.txt",
        "a6-neighbors-serial.txt",
        "a7-uris.txt",
        "a9-table.md",
        "a10-plain.txt",
        "a10b-utf16le-bom.txt",
        "a10c-utf8-bom.txt",
        "a10d-latin1.txt",
        "a10e-spaced.txt",
        "a10f-colon.txt",
        "a10g-ellipsis.txt",
        "a10h-footer.txt",
    ] {
        let list = case(file).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert_eq!(beginnings(&list), EIGHT, "{file}");
    }
}

#[test]
fn exports_and_neighbours_give_all_their_nodes() {
    assert_eq!(
        case("a11-companion-contacts-500.json").unwrap().nodes.len(),
        500
    );
    assert_eq!(
        case("a11b-companion-contacts-4.json").unwrap().nodes.len(),
        4
    );
    for file in [
        "a13-neighbors-tio-timestamps.txt",
        "a13b-neighbors-plain-timestamps.txt",
        "a13d-near.txt",
    ] {
        assert_eq!(
            beginnings(&case(file).unwrap()),
            ["A1B2C3", "B70011"],
            "{file}"
        );
    }
}

#[test]
fn a_full_list_leaves_no_id_of_one_byte_and_nearly_all_of_two() {
    let nodes = case("full254.txt").unwrap().nodes;
    assert_eq!(Occupancy::of(&nodes, 1).free(), 0);
    assert_eq!(Occupancy::of(&nodes, 2).free(), 254 * 256 - 254);
}

#[test]
fn a_private_key_is_refused_and_not_repeated() {
    let error = case("private-key.txt").unwrap_err().to_string();
    assert!(
        error.contains("private key") && !error.contains("b8674d29"),
        "{error}"
    );
    let digits = "5a".repeat(32);
    for label in [
        "seed",
        "Seed (hex)",
        "12:01:02 prv.key",
        "Node private key (32 bytes)",
        "SECRET_KEY 1",
    ] {
        let error = of(&format!("{label}: {digits}")).unwrap_err();
        assert!(
            error.contains("seed") && !error.contains("5a5a"),
            "{label}: {error}"
        );
    }
    for name in ["Seed Hill", "Private Road 5", "Secretary", "12:01:02 Roof"] {
        assert_eq!(
            of(&format!("{name}: {digits}")).unwrap(),
            [digits.to_uppercase()],
            "{name}"
        );
    }
}

#[test]
fn a_part_of_a_key_in_a_line_that_cant_be_read_is_not_shown() {
    let error = of(&format!("Roof {}", "5a".repeat(50))).unwrap_err();
    assert!(
        error.contains("Roof [100 hex digits]") && !error.contains("5a5a"),
        "{error}"
    );
}

#[test]
fn facts_come_along() {
    let list = case("a3-nodes-one-line.json").unwrap();
    let node = &list.nodes[0];
    assert_eq!(node.name.as_deref(), Some("Ed's Barn"));
    assert_eq!(node.role, Some(Role::Repeater));
    assert_eq!(node.position, Position::new(52.5, 13.4));
    let contacts = case("a1-contacts.txt").unwrap();
    assert_eq!(contacts.nodes[5].name.as_deref(), Some("Ada Hill"));
    assert_eq!(contacts.nodes[5].role, Some(Role::Repeater));
    let key = "ab".repeat(32);
    let maps = json!({"nodes": [
        {"public_key": key, "name": "a", "role": "repeater", "lat": "1.5", "lon": "2.5", "last_seen": "2026-04-27T19:45:54.000Z"},
        {"public_key": "cd".repeat(32), "device_role": 3, "location": {"latitude": 1.5, "longitude": 2.5}, "last_seen": 1777319154},
    ]});
    let list = read(maps.to_string().as_bytes(), "map").unwrap();
    assert_eq!(list.nodes[0].last_seen, list.nodes[1].last_seen);
    assert_eq!(list.nodes[0].position, list.nodes[1].position);
    assert_eq!(list.nodes[1].role, Some(Role::Room));
}

#[test]
fn what_is_not_certain_is_refused_with_the_first_lines() {
    for text in [
        "A1 Mountain",
        "Ada Hill",
        "xyz",
        "12 neighbours of mine",
        "Ridge   12m ago (720s), -4.25dB SNR",
        "deadbeefcafe   12m ago, -4.25dB",
        "1764142139000 Roof",
        "AB,Roof",
        "meshcore://channel/add?name=x 12m ago",
    ] {
        let error = of(text).unwrap_err();
        assert!(
            error.contains("list.txt:1: ") && error.contains(text),
            "{text}: {error}"
        );
    }
    let many = "Mountain top\n".repeat(1000);
    let error = of(&many).unwrap_err();
    assert!(
        error.contains("1,000 lines") && error.lines().count() <= 20,
        "{error}"
    );
}

#[test]
fn a_quote_that_is_never_closed_swallows_no_rows() {
    let key = |digits: &str| digits.repeat(32);
    let (a, b) = (key("aa"), key("bb"));
    let error = of(&format!("public_key,name\n{a},\"Roof\n{b},Hill\n")).unwrap_err();
    assert!(error.contains("list.txt:2: "), "{error}");
}

#[test]
fn a_private_key_is_never_shown_however_it_is_written() {
    let hex = "b8674d29".repeat(16);
    let bytes: Vec<&str> = (0..64).map(|i| &hex[2 * i..2 * i + 2]).collect();
    let base64 = "uGdNKYnMGtZIZjAOXpKc2IPoOpqnp8P9LoJjAudLNmJJ9yFgNU5DzgIgwoR6";
    for text in [
        bytes.join(":"),
        base64.to_owned(),
        format!("key={base64}=="),
        json!([{"public_key": base64}]).to_string(),
        json!({"private_key": hex}).to_string(),
        format!("public_key,private_key\n{},{hex}\n", "ab".repeat(32)),
    ] {
        let error = of(&text).unwrap_err();
        let shown = error.replace([':', ' ', ','], "");
        assert!(
            !shown.contains("674d29") && !shown.contains("NKYn"),
            "{error}"
        );
    }
}

#[test]
fn plain_lists_hold_ids_words_and_bytes() {
    assert_eq!(of("A1\nb2\n# only\n\n0xC3\n").unwrap(), ["A1", "B2", "C3"]);
    assert_eq!(of("A1,B2, C3").unwrap(), ["A1", "B2", "C3"]);
    assert_eq!(of("A1 B2 C3").unwrap(), ["A1", "B2", "C3"]);
    assert_eq!(
        of("1. abcdef # x\n2. \"12ab\",\n").unwrap(),
        ["ABCDEF", "12AB"]
    );
    assert_eq!(of("-none-\n").unwrap(), [""; 0]);
    assert_eq!(of("").unwrap(), [""; 0]);
}

#[test]
fn damaged_and_unknown_json_is_refused() {
    let whole =
        json!([{"public_key": "ab".repeat(32)}, {"public_key": "cd".repeat(32)}]).to_string();
    assert!(
        of(&whole[..whole.len() - 20])
            .unwrap_err()
            .contains("no whole JSON")
    );
    assert!(
        of(r#"[{"public_key": "Roof"}]"#)
            .unwrap_err()
            .contains("[0].public_key")
    );
    assert!(
        of(r#"{"nodes": [{"name": "x"}]}"#)
            .unwrap_err()
            .contains("no node")
    );
    let unknown = json!([{"fingerprint": "ab".repeat(32)}]).to_string();
    assert!(of(&unknown).unwrap_err().contains("fingerprint"));
    assert_eq!(of("[]").unwrap(), [""; 0]);
}

#[test]
fn the_maps_short_binary_form_is_read() {
    let pair = |name: &str, value: rmpv::Value| (rmpv::Value::from(name), value);
    let node = rmpv::Value::Map(vec![
        pair("pk", rmpv::Value::Binary(vec![0xAB; 32])),
        pair("t", 2.into()),
        pair("n", "Roof".into()),
        pair("lat", 1.5.into()),
        pair("lon", 2.5.into()),
    ]);
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, &rmpv::Value::Array(vec![node])).unwrap();
    let list = read(&bytes, "map").unwrap();
    assert_eq!(list.nodes[0].key, "AB".repeat(32));
    assert_eq!(list.nodes[0].role, Some(Role::Repeater));
    assert!(read(&bytes[..bytes.len() - 1], "map").is_err());
}

#[test]
fn addresses_tell_their_nodes_with_any_path() {
    let key = "ab".repeat(32);
    let contact = format!("meshcore://contact/add?name=Example+Contact&public_key={key}&type=2");
    let list = read(contact.as_bytes(), "x").unwrap();
    assert_eq!(list.nodes[0].name.as_deref(), Some("Example Contact"));
    for packet in [
        format!("1100{key}00"),
        format!("1102a1b2{key}"),
        format!("1142a1b2c3d4{key}"),
        format!("100102030400{key}"),
    ] {
        assert_eq!(
            of(&format!("meshcore://{packet}")).unwrap(),
            [key.to_uppercase()],
            "{packet}"
        );
    }
    assert!(of("meshcore://contact/add?name=x").is_err());
}

#[test]
fn a_list_that_says_that_it_has_more_nodes_is_used_with_a_warning() {
    let node = |n: u8| json!({"public_key": format!("{n:02x}").repeat(32)});
    let nodes: Vec<_> = (1..=8).map(node).collect();
    let contacts = |digits: u8| format!("Roof   REP  {digits:012}  Flood\n");
    let three = format!("{}{}{}", contacts(1), contacts(2), contacts(3));
    for (text, said) in [
        (json!({"nodes": nodes, "total": 800}).to_string(), "says 800, 8 read"),
        (json!({"nodes": nodes, "page": {"total": 9}}).to_string(), "says 9, 8 read"),
        (json!({"nodes": nodes, "has_more": true}).to_string(), "says has_more"),
        (
            json!({"neighbours_count": 12, "results_count": 1, "neighbours": [{"pubkey": "a1b2c3d4"}]}).to_string(),
            "says 12, 1 read",
        ),
        (format!("{three}> 8 contacts in device\n"), "says 8, 3 read"),
        (format!("{three}> 3 from 9 contacts in device\n"), "says 9, 3 read"),
        ("12 neighbours:\nA1B2C3D4:1:2\n".to_owned(), "says 12, 1 read"),
    ] {
        let notes = read(text.as_bytes(), "list").unwrap().notes;
        assert!(notes.iter().any(|note| note.contains(said)), "{text}: {notes:?}");
    }
    let (first, second) = nodes.split_at(4);
    let pages = [first, second].map(|nodes| json!({"nodes": nodes, "total": 8}).to_string());
    for text in [
        pages.join("\n"),
        json!({"nodes": nodes, "total": 8}).to_string(),
        format!("{three}> 3 contacts in device\n"),
    ] {
        assert!(
            read(text.as_bytes(), "list").unwrap().notes.is_empty(),
            "{text}"
        );
    }
    for empty in ["", "# nothing yet\n", "[]", "-none-"] {
        let notes = read(empty.as_bytes(), "list").unwrap().notes;
        assert!(
            notes.iter().any(|note| note.contains("nothing is avoided")),
            "{empty}"
        );
    }
}

#[test]
fn cells_of_a_table_without_a_column_of_keys_are_no_ids() {
    for text in [
        "name,lat\nAB,52\n",
        "name;lat\n52\n",
        "name\tlat\nAB\t52\nCD\t53\n",
    ] {
        let error = of(text).unwrap_err();
        assert!(
            error.contains("list.txt:2: ") && error.contains("public_key_prefix or prefix"),
            "{error}"
        );
    }
    assert!(of("id,name\nA1,Roof\n").unwrap_err().contains("prefix"));
    for text in [
        "name,prefix\nAB,52C0\n",
        "| Prefix | Name |\n|---|---|\n| 52C0 | AB |\n",
    ] {
        assert_eq!(of(text).unwrap(), ["52C0"], "{text}");
    }
}

#[test]
fn a_whole_key_is_a_node_wherever_it_stands_but_not_in_a_name() {
    let (key, via) = ("AB".repeat(32), "CD".repeat(32));
    let table = format!(
        "name,public_key,via,hash\nRoof,{key},{via},{}\n",
        "EF".repeat(32)
    );
    let list = read(table.as_bytes(), "list").unwrap();
    assert_eq!(list.nodes.len(), 2, "{list:?}");
    assert!(
        list.notes.iter().any(|note| note.contains("other columns")),
        "{:?}",
        list.notes
    );
    let address = address(&via, &key);
    assert_eq!(of(&address).unwrap(), [key.as_str()]);
    assert_eq!(of(&format!("{via} {address}")).unwrap(), [key, via]);
}

#[test]
fn sixteen_digits_or_more_are_not_shown() {
    for (text, shown) in [
        ("x b8674d2989cc1ad6", "[16 hex digits]"),
        ("x b8674d2989cc1ad", "b8674d2989cc1ad"),
    ] {
        let error = of(text).unwrap_err();
        assert!(error.contains(shown), "{error}");
    }
    let inner = json!({"b8674d2989cc1ad6": {"odd": "ab".repeat(32)}}).to_string();
    assert!(!of(&inner).unwrap_err().contains("b8674d2989cc1ad6"));
}

#[test]
fn distances_are_those_of_the_globe() {
    let place = |latitude, longitude| Position::new(latitude, longitude).unwrap();
    let berlin_paris = place(52.52, 13.405).distance_km(place(48.8566, 2.3522));
    assert!((berlin_paris - 878.0).abs() < 5.0, "{berlin_paris}");
}
