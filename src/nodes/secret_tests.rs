//! Lists that hold secrets, whole or in pieces, and lists that only look like them.

use serde_json::json;

use super::tests::of;
use super::*;

/// A seed that is also a point on the curve, so that only words tell it from a public key.
const SEED: &str = "3dd392cc02d0b240df956e5306318332acfb903db2fa70316a0593d22fb28df0";

/// The public key of RFC 8032's first test.
const PUBLIC: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

fn assert_may_be_a_secret(text: &str, name: &str) {
    let error = read(text.as_bytes(), name).map(|list| list.nodes.len());
    let error = error.expect_err(&format!("{name}: {text}")).to_string();
    assert!(error.contains("may be a secret"), "{text}: {error}");
    let shown = error.to_lowercase().replace([':', ' ', ','], "");
    for part in ["3dd392cc", "b8674d29"] {
        assert!(!shown.contains(part), "{text}: {error}");
    }
}

#[test]
fn what_a_label_calls_a_secret_is_no_node() {
    for before in [
        "identity_key: ",
        "identity_key: 0x",
        "identity_key=",
        "export SEED=",
        "-e NODE_SEED=",
        "sk: ",
        "set prv.seed ",
        "prv.seed ",
        "| seed | ",
        "Private key (32 bytes) ",
        "Roof node seed: ",
        "privateKey=",
        "mnemonic ",
        "seed phrase ",
        "Seed for the roof: ",
        "[12:00:00] private key of Hill Top = ",
        "  -> > ",
        "get prv.seed\n  -> > ",
        "[12:00:01] get prv.seed\r\n[12:00:02]   -> > ",
        "Seed:\n",
        "# my seed\n",
        "name,seed\nRoof,",
        "name;private_key;public_key\nRoof;",
        "| Name | Seed |\n|---|---|\n| Roof | ",
        "Hill: d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a, seed: ",
    ] {
        assert_may_be_a_secret(&format!("{before}{SEED}"), "list.txt");
    }
    assert_may_be_a_secret(&format!("{SEED} # my seed"), "list.txt");
    assert_may_be_a_secret(&format!("{SEED} (private key)"), "list.txt");
    for field in ["identity_key", "seed", "nodeSeed", "privateKey"] {
        assert_may_be_a_secret(&json!([{field: SEED, "name": "x"}]).to_string(), "x.json");
    }
    for name in ["node-seed.txt", "x_private.txt", "/a/k7-seed64.txt", "SEED"] {
        assert_may_be_a_secret(SEED, name);
    }
}

#[test]
fn labels_of_public_keys_and_names_with_such_words_are_nodes() {
    for before in [
        "public key: ",
        "PUBKEY=",
        "get public.key\n  -> > ",
        "12:01:02 get public.key\n12:01:03   -> > ",
        "Seed Hill: ",
        "Private Road, ",
        "# nodes of Seed Hill\n",
    ] {
        let read = of(&format!("{before}{PUBLIC}"));
        assert_eq!(read.unwrap(), [PUBLIC.to_uppercase()], "{before}");
    }
    let row = format!("Roof: {PUBLIC}");
    assert!(read(row.as_bytes(), "seed-hill.txt").is_ok());
}

/// Digits with something after each `size` of them.
fn in_pieces(digits: &str, size: usize, between: &str) -> String {
    let pieces: Vec<_> = digits.as_bytes().chunks(size).collect();
    String::from_utf8(pieces.join(between.as_bytes())).unwrap()
}

#[test]
fn a_key_in_pieces_is_no_list_of_nodes() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/data/nodes/private-key.txt"
    );
    let text = std::fs::read_to_string(path).unwrap();
    let private = text.trim();
    assert_eq!(private.len(), PRIVATE_DIGITS);
    for size in [2, 4, 8, 16, 20, 32, 60, 64] {
        for between in ["\n", "\r\n", "\n\n", "\n# more\n"] {
            assert_may_be_a_secret(&in_pieces(private, size, between), "list.txt");
        }
    }
    for size in [2, 4, 8, 16, 32, 64] {
        assert_may_be_a_secret(&(in_pieces(private, size, " ") + " "), "list.txt");
    }
    for size in [2, 4, 8, 16, 32] {
        assert_may_be_a_secret(&in_pieces(SEED, size, " "), "list.txt");
    }
    let dump = in_pieces(&in_pieces(private, 2, " "), 48, "\n");
    assert_may_be_a_secret(&dump, "list.txt");
    assert_may_be_a_secret(&in_pieces(SEED, 32, "\n"), "list.txt");
    let halves = json!([private[..64], private[64..]]).to_string();
    assert_may_be_a_secret(&halves, "x.json");
    let halves = format!("Roof: {} {}", &private[..64], &private[64..]);
    assert_may_be_a_secret(&halves, "list.txt");
    // Of 64 bytes only half are the y of a point: these are not.
    assert_may_be_a_secret(
        "1209e141ea5e4fbee1936f6d0bad7ae642d0bd0895edcfa7b6dfb4258c0c9ce2",
        "list.txt",
    );
}

#[test]
fn lists_that_have_as_many_digits_as_a_key_are_still_lists() {
    let ids: Vec<_> = (0..32).map(|n| format!("{:02X}", 3 * n + 1)).collect();
    assert_eq!(of(&ids.join(" ")).unwrap(), ids);
    let eight: Vec<_> = (0..8)
        .map(|n| format!("{:08X}", 0xF000_0000_u32 - n))
        .collect();
    assert_eq!(of(&eight.join("\n")).unwrap(), eight);
    let sixteen: Vec<_> = (0..16)
        .map(|n| format!("{:08X}", 0xF100_0000_u32 - n))
        .collect();
    assert_eq!(of(&sixteen.join("\n")).unwrap(), sixteen);
    let refused: Vec<_> = (0..16)
        .map(|n| format!("{:08X}", 0xF000_0047_u32 - n))
        .collect();
    assert_may_be_a_secret(&refused.join("\n"), "list.txt");
    let as_said = refused.join("\n") + "\n00";
    assert_eq!(of(&as_said).unwrap().len(), 17);
}
