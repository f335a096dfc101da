//! Lists as people have them, and lists that we write with hostile names: exactly their nodes come back.

use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::json;

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

fn of(text: &str) -> Result<Vec<String>, String> {
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
    let seed = format!("seed: {}", "5a".repeat(32));
    let error = of(&seed).unwrap_err();
    assert!(error.contains("seed") && !error.contains("5a5a"), "{error}");
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
        "AB,Roof",
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
fn distances_are_those_of_the_globe() {
    let place = |latitude, longitude| Position::new(latitude, longitude).unwrap();
    let berlin_paris = place(52.52, 13.405).distance_km(place(48.8566, 2.3522));
    assert!((berlin_paris - 878.0).abs() < 5.0, "{berlin_paris}");
}

fn name() -> impl Strategy<Value = String> {
    let hostile = prop::sample::select(vec![
        "AB Foothills",
        "deadbeefcafe",
        "A1B2C3D4:1:2",
        "CAFE",
        "a,b",
        "say \"hi\"",
        "x|y",
        "Müller ⛰",
        "",
        "3f 45",
        "REP",
        "0 hop",
        "#1",
        "12345678",
        "Name: x",
        "{\"a\": 1}",
        "[A1B2C3D4]",
        "meshcore",
        "-",
        "contacts",
    ]);
    // `# name` begins a comment.
    let any = "[ -~]{0,31}".prop_filter("a comment", |name| {
        !name.trim().starts_with("# ") && !name.trim().starts_with("##") && name.trim() != "#"
    });
    prop_oneof![hostile.prop_map(str::to_owned), any]
}

fn nodes() -> impl Strategy<Value = Vec<(String, String)>> {
    let node = (name(), prop::array::uniform32(any::<u8>()));
    let with_key = node.prop_map(|(name, key)| (name, crate::key::hex::encode(&key)));
    prop::collection::vec(with_key, 1..12)
}

/// The keys, cut to so many digits, each once.
fn expected(nodes: &[(String, String)], digits: usize) -> Vec<String> {
    let mut keys: Vec<String> = nodes
        .iter()
        .map(|(_, key)| key[..digits].to_uppercase())
        .collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

fn sorted(text: &str) -> Vec<String> {
    let mut keys = of(text).unwrap_or_else(|error| panic!("{text}\n{error}"));
    keys.sort_unstable();
    keys
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 400,
        rng_seed: RngSeed::Fixed(20_261_126),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_list_in_any_shape_gives_exactly_its_keys(nodes in nodes()) {
        let json = json!(nodes.iter().map(|(name, key)| json!({"public_key": key, "adv_name": name})).collect::<Vec<_>>());
        prop_assert_eq!(sorted(&json.to_string()), expected(&nodes, 64));
        prop_assert_eq!(sorted(&format!("{json:#}")), expected(&nodes, 64));
        let mut keyed = serde_json::Map::new();
        for (name, key) in &nodes {
            keyed.insert(key.clone(), json!({"adv_name": name, "out_path": "a1b2"}));
        }
        prop_assert_eq!(sorted(&serde_json::Value::Object(keyed).to_string()), expected(&nodes, 64));
        for delimiter in [b',', b';', b'\t'] {
            let table = |heading: bool| {
                let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
                if heading {
                    writer.write_record(["name", "public_key"]).unwrap();
                }
                for (name, key) in &nodes {
                    writer.write_record([name, key]).unwrap();
                }
                String::from_utf8(writer.into_inner().unwrap()).unwrap()
            };
            prop_assert_eq!(sorted(&table(true)), expected(&nodes, 64));
            prop_assert_eq!(sorted(&table(false)), expected(&nodes, 64));
        }
        let pending: String = nodes.iter().map(|(name, key)| format!("{name}: {key}\n")).collect();
        let labelled = nodes.iter().any(|(name, _)| {
            let name = name.to_lowercase();
            ["private", "prv", "seed", "secret"].iter().any(|word| name.contains(word))
        });
        if !labelled {
            prop_assert_eq!(sorted(&pending), expected(&nodes, 64));
        }
        let contacts: String = nodes.iter().map(|(name, key)| format!("{name:30} \x1b[34GREP   {}  0 hop\n", &key[..12])).collect();
        prop_assert_eq!(sorted(&contacts), expected(&nodes, 12));
        let console: String = nodes.iter().map(|(_, key)| format!("{}:12:-40\r\n", &key[..8].to_uppercase())).collect();
        prop_assert_eq!(sorted(&format!("neighbors\r\n  -> {console}")), expected(&nodes, 8));
    }

    #[test]
    fn no_bytes_make_the_reader_fail_in_another_way_than_by_an_error(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        if let Err(error) = read(&bytes, "x") {
            prop_assert!(error.to_string().lines().count() <= 20);
        }
    }
}
