//! Lists that we write in every shape and encoding, with hostile names: exactly their nodes come back.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::json;

use super::*;
use crate::key::PrivateKey;

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

pub(super) fn address(name: &str, key: &str) -> String {
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
