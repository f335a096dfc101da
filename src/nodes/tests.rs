//! Lists as people have them, and lists that we write with hostile names: exactly their nodes come back.

use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::json;

use super::occupancy::Occupancy;
use super::*;
use crate::key::PrivateKey;

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

/// A name that is 32 bytes at most, as in the firmware.
fn name() -> impl Strategy<Value = String> {
    let hostile = prop::sample::select(vec![
        "AB Foothills",
        "deadbeefcafe",
        "A1B2C3D4:1:2",
        "CAFE",
        "a,b",
        "say \"hi\"",
        "\"open",
        "x|y",
        "a;b",
        "Müller ⛰",
        "Übersee",
        "",
        "3f 45",
        "REP",
        "REP 112233445566",
        "x REP aabbccddeeff 0 hop",
        "0 hop",
        "1m ago (72s), -4.25dB SNR",
        "ab...cd",
        "#1",
        "12345678",
        "1764142139000",
        "Name: x",
        "{\"a\": 1}",
        "[A1B2C3D4]",
        "meshcore",
        "meshcore://channel/add?name=x",
        "pk",
        "public_key",
        "Seed Hill",
        "Secret Garden: x",
        "-",
        "contacts",
        "12 neighbours",
        "> 8 contacts in device",
    ]);
    // `# name` begins a comment.
    let any = "[ -~äßж⛰]{0,16}".prop_filter("a comment", |name| {
        !name.trim().starts_with("# ") && !name.trim().starts_with("##") && name.trim() != "#"
    });
    prop_oneof![hostile.prop_map(str::to_owned), any]
}

type Named = [(String, String)];

fn nodes() -> impl Strategy<Value = Vec<(String, String)>> {
    let node = (name(), prop::array::uniform32(any::<u8>()));
    let public = |seed| crate::key::hex::encode(&PrivateKey::of_seed(&seed).public());
    let with_key = node.prop_map(move |(name, seed)| (name, public(seed)));
    // One key in 32 begins like a private key, of which it then is one half of two.
    let with_key = with_key.prop_filter("a scalar", |(_, key)| !secret::is_clamped(key));
    prop::collection::vec(with_key, 1..12)
}

/// A line for each node.
fn lines(nodes: &Named, line: impl Fn(&str, &str) -> String) -> String {
    nodes
        .iter()
        .map(|(name, key)| line(name, key) + "\n")
        .collect()
}

fn delimited(nodes: &Named, delimiter: u8, heading: bool) -> String {
    let mut writer = csv::WriterBuilder::new()
        .delimiter(delimiter)
        .from_writer(Vec::new());
    if heading {
        writer.write_record(["name", "public_key", "role"]).unwrap();
    }
    for (name, key) in nodes {
        writer.write_record([name, key, "repeater"]).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

fn json_shapes(nodes: &Named) -> Vec<String> {
    let node = |(name, key): &(String, String)| json!({"public_key": key, "adv_name": name, "out_path": "a1b2"});
    let list: Vec<_> = nodes.iter().map(node).collect();
    let keyed: serde_json::Map<_, _> = nodes
        .iter()
        .map(|node| (node.1.clone(), json!({"adv_name": node.0})))
        .collect();
    let short =
        |(name, key): &(String, String)| json!({"pk": key, "n": name, "t": 2, "link": null});
    let short: Vec<_> = nodes.iter().map(short).collect();
    let links: Vec<_> = nodes.iter().map(|(name, key)| address(name, key)).collect();
    let keys: Vec<_> = nodes.iter().map(|(_, key)| key).collect();
    vec![
        json!(list).to_string(),
        format!("{:#}", json!(list)),
        format!("{:#}", json!({"total": 1, "nodes": list})),
        json!({"a": [{"b": {"contacts": list}}]}).to_string(),
        list.iter().map(|node| node.to_string() + "\n").collect(),
        json!(keyed).to_string(),
        json!(short).to_string(),
        json!({"links": links, "radio": {}}).to_string(),
        json!(keys).to_string(),
    ]
}

fn address(name: &str, key: &str) -> String {
    let mut url = url::Url::parse("meshcore://contact/add").unwrap();
    url.query_pairs_mut()
        .append_pair("name", name)
        .append_pair("public_key", key)
        .append_pair("type", "1");
    url.to_string()
}

fn packed(nodes: &Named) -> Vec<u8> {
    let node = |(name, key): &(String, String)| {
        let bytes = crate::key::hex::decode::<32>(key).unwrap().to_vec();
        rmpv::Value::Map(vec![
            ("pk".into(), rmpv::Value::Binary(bytes)),
            ("t".into(), 2.into()),
            ("n".into(), name.as_str().into()),
        ])
    };
    let mut bytes = Vec::new();
    rmpv::encode::write_value(
        &mut bytes,
        &rmpv::Value::Array(nodes.iter().map(node).collect()),
    )
    .unwrap();
    bytes
}

/// Texts of whole keys.
fn whole_shapes(nodes: &Named) -> Vec<String> {
    let escaped = |name: &str| name.replace('|', "\\|");
    let markdown = lines(nodes, |name, key| {
        format!("| {} | {key} | REP |", escaped(name))
    });
    let mut shapes = json_shapes(nodes);
    for delimiter in [b',', b';', b'\t'] {
        shapes.extend([true, false].map(|heading| delimited(nodes, delimiter, heading)));
    }
    shapes.extend([
        format!("| Name | Public Key | Type |\n|---|:--|---|\n{markdown}"),
        format!("| Name | Key | Type |\n|---|---|---|\n{markdown}"),
        markdown,
        lines(nodes, |name, key| format!("{name}: {key}")),
        lines(nodes, |_, key| key.to_owned()),
        lines(nodes, |_, key| format!("0x{}", key.to_uppercase())),
        lines(nodes, address),
        lines(nodes, |_, key| format!("meshcore://1102a1b2{key}00000000")),
    ]);
    shapes
}

/// Texts of a client or console, with how many digits of a key they show.
fn short_shapes(nodes: &Named) -> Vec<(usize, String)> {
    let contacts = |tail: &str| {
        lines(nodes, |name, key| {
            format!("{name:30} \x1b[34G REP  {}{tail}", &key[..12])
        })
    };
    let neighbours = |tail: &str| {
        lines(nodes, |name, key| {
            format!(" {:30}\x1b[31G {tail}", format!("[{}] {name}", &key[..8]))
        })
    };
    let console = lines(nodes, |_, key| {
        format!("{}:12:-40\r", &key[..8].to_uppercase())
    });
    let discovered = lines(nodes, |name, key| {
        format!(
            " {:28}  REP SNR:   7.50->  6.25 RSSI: -> -90",
            format!("{} {name}", &key[..6])
        )
    });
    vec![
        (12, contacts("  0 hop       ") + "> 8 contacts in device\n"),
        (
            12,
            contacts(" a1b2,c3d4     12m 00   1.50km") + "> 3 from 8 contacts in device\n",
        ),
        (
            8,
            "Got 12 neighbours out of 12 from Ridge:\n".to_owned()
                + &neighbours("12m ago (720s), -4.25dB SNR"),
        ),
        (8, neighbours("45s, 7.5dB")),
        (8, format!("neighbors\r\n  -> {console}")),
        (
            8,
            lines(nodes, |name, key| {
                format!("12:01:02 {name} {}:12:-40", &key[..8])
            }),
        ),
        (6, "Discovered 8 nodes:\n".to_owned() + &discovered),
        (
            8,
            lines(nodes, |name, key| {
                let words: Vec<_> = name.split_whitespace().collect();
                format!("<{}...{}> {}", &key[..8], &key[56..], words.join(" "))
            }),
        ),
        (8, lines(nodes, |_, key| key[..8].to_owned())),
    ]
}

/// The same text in every encoding that can hold it.
fn encodings(text: &str) -> Vec<Vec<u8>> {
    let utf16 = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<_>>();
    let (little, big) = (utf16(u16::to_le_bytes), utf16(u16::to_be_bytes));
    let marked = |mark: &[u8], text: &[u8]| [mark, text].concat();
    let latin1: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(c).ok()).collect();
    let mut all = vec![
        text.as_bytes().to_vec(),
        marked(b"\xef\xbb\xbf", text.as_bytes()),
        marked(b"\xff\xfe", &little),
        marked(b"\xfe\xff", &big),
        little,
        big,
    ];
    all.extend(latin1);
    all
}

/// The keys, cut to so many digits, each once.
fn expected(nodes: &Named, digits: usize) -> Vec<String> {
    let keys = nodes.iter().map(|(_, key)| key[..digits].to_uppercase());
    let keys: std::collections::BTreeSet<_> = keys.collect();
    keys.into_iter().collect()
}

fn sorted(bytes: &[u8]) -> Vec<String> {
    let list = read(bytes, "list")
        .unwrap_or_else(|error| panic!("{}\n{error}", String::from_utf8_lossy(bytes)));
    let mut keys: Vec<_> = list.nodes.into_iter().map(|node| node.key).collect();
    keys.sort_unstable();
    keys
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 80,
        rng_seed: RngSeed::Fixed(20_261_126),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_list_of_whole_keys_in_any_shape_and_encoding_gives_exactly_its_keys(nodes in nodes()) {
        let keys = expected(&nodes, 64);
        prop_assert_eq!(&sorted(&packed(&nodes)), &keys);
        for bytes in whole_shapes(&nodes).iter().flat_map(|text| encodings(text)) {
            prop_assert_eq!(&sorted(&bytes), &keys, "{}", String::from_utf8_lossy(&bytes));
        }
    }

    #[test]
    fn what_clients_and_consoles_print_gives_exactly_its_keys(nodes in nodes()) {
        for (digits, text) in short_shapes(&nodes) {
            for bytes in encodings(&text) {
                prop_assert_eq!(sorted(&bytes), expected(&nodes, digits), "{}", text);
            }
        }
    }

    #[test]
    fn no_bytes_make_the_reader_fail_in_another_way_than_by_an_error(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        if let Err(error) = read(&bytes, "x") {
            prop_assert!(error.to_string().lines().count() <= 20);
        }
    }
}
