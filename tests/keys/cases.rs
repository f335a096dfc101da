//! Key files of other programs, right and wrong, each with what `keygen key verify` says to it. No secret is printed.

use std::fs;
use std::path::{Path, PathBuf};

use meshcore_keygen::testing::key::hex;
use meshcore_keygen::testing::key::inspect::{Outcome, Verification, verify};
use meshcore_keygen::testing::key::load::load;

use crate::common::program::{Place, Run};

/// The public key of most files, and that of the seeds.
const PUBLIC: &str = "bc44389034f192bb60df39ce6e282cb7ee4c46a1a04526c310d0ab79d51287d9";
const OF_SEED: &str = "226a659e3f0c182aa4949cc4e468480c5b1a18fcb85d8f4ecb7aa06599404d79";
const SEED: &str = "1209e141ea5e4fbee1936f6d0bad7ae642d0bd0895edcfa7b6dfb4258c0c9ce2";

/// What else stands in the files and is public.
const OTHER_PUBLIC: &str = "1cbd741dbccfd54a23a7ea79e8a8faf35d30d28eee3fecffe352809c8c26e13c";

const IS_SEED: &str = "it is a 32-byte seed (RFC 8032)";
const MAY_BE: &str = "may be a public key or a seed";

/// Each file with the exit code and with what is said.
const CASES: &[(&str, i32, &[&str])] = &[
    ("k0-good.txt", 0, &[PUBLIC]),
    ("k1-upper.txt", 0, &[PUBLIC]),
    ("k2-crlf-spaces.txt", 0, &[PUBLIC]),
    ("k3-utf16-powershell.txt", 0, &[PUBLIC]),
    ("k4-utf8bom.txt", 0, &[PUBLIC]),
    ("k5-nbsp-zwsp.txt", 0, &[PUBLIC]),
    ("k6-truncated-127.txt", 2, &["line 1: 127 hex digits"]),
    ("k6b-truncated-100.txt", 2, &["line 1: 100 hex digits"]),
    ("k7-seed64.txt", 0, &[PUBLIC, IS_SEED]),
    (
        "k8-seed-plus-pub.txt",
        0,
        &[PUBLIC, "as NaCl and libsodium keep it"],
    ),
    ("k9-serial-transcript.txt", 0, &[PUBLIC]),
    ("k9b-serial-only-reply.txt", 0, &[PUBLIC]),
    ("k9c-set-line.txt", 0, &[PUBLIC]),
    ("k10-cli-text.txt", 0, &[PUBLIC]),
    ("k10b-cli.json", 0, &[PUBLIC]),
    ("k11-app-export.json", 0, &[PUBLIC]),
    (
        "k12-unclamped-random64.key",
        1,
        &["not a clamped scalar", "the firmware refuses the key"],
    ),
    ("k12b-binary.id", 0, &[PUBLIC]),
    ("k12c-binary64.key", 0, &[PUBLIC]),
    (
        "k13-base64.txt",
        2,
        &["line 1: character 1, 'u', is not a hex digit"],
    ),
    ("k14-0x.txt", 0, &[PUBLIC]),
    (
        "k15-two-lines.txt",
        1,
        &[MAY_BE, "half of a private key", "key 1", "key 2"],
    ),
    (
        "k16-pub-mismatch.json",
        1,
        &[OTHER_PUBLIC, "does not belong to the private key", PUBLIC],
    ),
    ("k17-labelled.txt", 0, &[PUBLIC]),
    ("k18-swap.txt", 1, &["not a clamped scalar"]),
    (
        "k19-zero.txt",
        1,
        &["not a clamped scalar", "does not verify"],
    ),
    (
        "k20-reserved-00.txt",
        1,
        &["begins with 00, which MeshCore reserves"],
    ),
    (
        "k20-reserved-ff.txt",
        1,
        &["begins with FF, which MeshCore reserves"],
    ),
    ("k21-scalar-mod-L.txt", 1, &["not a clamped scalar"]),
    (
        "k22-colon-hex.txt",
        2,
        &["holds no key", "without anything between them"],
    ),
    (
        "k23-keyslist.txt",
        0,
        &[
            "key 1", "key 2", "key 3", "a8ff2870", "54b055eb", "656210b4",
        ],
    ),
    ("k24-kybl-stream.tsv", 0, &[PUBLIC]),
    ("k25-pymc.yaml", 0, &[PUBLIC]),
    ("k26-pymc-seed.yaml", 0, &[PUBLIC, IS_SEED]),
    ("k27.env", 0, &[PUBLIC]),
    (
        "k28-cut-serial.txt",
        1,
        &["the private key was cut", "no seed"],
    ),
    (
        "k30-terminal-wrap.txt",
        2,
        &["line 1: 126 hex digits", "join the parts"],
    ),
    (
        "s1-not-a-point.txt",
        1,
        &[MAY_BE, "not on the curve", "give --seed"],
    ),
    (
        "s2-node_private.txt",
        1,
        &["a seed or a bare scalar", "give --seed"],
    ),
    ("s3-seed.txt", 0, &[OF_SEED, IS_SEED]),
    ("s4-get-seed.txt", 0, &[OF_SEED, IS_SEED]),
    ("s5-labelled.txt", 0, &[OF_SEED, IS_SEED]),
    ("s6.json", 0, &[OF_SEED, IS_SEED]),
    (
        "s7-prvkey-label.txt",
        1,
        &["a seed or a bare scalar", "give --seed"],
    ),
    ("s8-scalar-only.json", 1, &[OF_SEED, "is the bare scalar"]),
    (
        "s9-wrap80.txt",
        2,
        &["line 1: 80 hex digits", "join the parts"],
    ),
    (
        "s10-pubkey-only-map.json",
        1,
        &[OF_SEED, "only a public key"],
    ),
];

/// What `--seed` changes.
const WITH_SEED: &[(&str, i32, &[&str])] = &[
    ("k0-good.txt", 0, &[PUBLIC]),
    ("k15-two-lines.txt", 0, &["key 1", "key 2", IS_SEED]),
    ("k28-cut-serial.txt", 1, &["the private key was cut"]),
    ("s1-not-a-point.txt", 0, &[OF_SEED, IS_SEED]),
    ("s2-node_private.txt", 0, &[OF_SEED, IS_SEED]),
    ("s7-prvkey-label.txt", 0, &[OF_SEED, IS_SEED]),
    ("s8-scalar-only.json", 1, &["is the bare scalar"]),
    ("s10-pubkey-only-map.json", 1, &["only a public key"]),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/key_files")
}

/// Runs `keygen key verify` on each file, once as a file and the same on all key commands, and looks for secrets.
fn check(cases: &[(&str, i32, &[&str])], options: &[&str]) {
    let place = Place::new();
    for (name, code, expected) in cases {
        let contents = fs::read(folder().join(name)).unwrap();
        let file = place.write(name, &contents);
        let run = |command: &str| place.run(&[&["key", command], options, &[&file]].concat());
        let verified = run("verify");
        let text = verified.out.clone() + &verified.err;
        assert_eq!(verified.code, Some(*code), "{name}: {text}");
        for part in *expected {
            assert!(text.contains(part), "{name}, {part}: {text}");
        }
        let secrets = secrets(&contents);
        assert_silent(&verified, &secrets, name);
        let shown = run("show");
        assert_silent(&shown, &secrets, name);
        if *code != 0 {
            let exported = run("export");
            assert_silent(&exported, &secrets, name);
            assert_eq!(
                (exported.code, exported.out),
                (Some(*code), String::new()),
                "{name}"
            );
        }
    }
}

/// The runs of 16 digits of a file that are in none of the public keys.
fn secrets(contents: &[u8]) -> Vec<String> {
    let is_text = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~' | 0x80..=0xff);
    let text: Vec<u8> = contents
        .iter()
        .copied()
        .filter(|byte| *byte != 0 && *byte != b':')
        .collect();
    let text = match contents.contains(&0) && !text.iter().all(is_text) || contents.len() == 64 {
        true => hex::encode(contents),
        false => String::from_utf8_lossy(&text).to_lowercase(),
    };
    let public = [PUBLIC, OF_SEED, OTHER_PUBLIC];
    text.split(|c: char| !c.is_ascii_hexdigit())
        .flat_map(|run| run.as_bytes().windows(16))
        .map(|window| String::from_utf8(window.to_vec()).unwrap())
        .filter(|digits| !public.iter().any(|key| key.contains(digits)))
        // The key of a scalar of zero has more zeros than anything is secret.
        .filter(|digits| digits.bytes().any(|digit| digit != b'0'))
        .collect()
}

fn assert_silent(run: &Run, secrets: &[String], name: &str) {
    let text = (run.out.clone() + &run.err).to_lowercase();
    let printed = secrets.iter().find(|digits| text.contains(*digits));
    assert!(printed.is_none(), "{name} was printed: {text}");
}

#[test]
fn each_file_of_another_program_is_called_what_it_is_and_no_secret_is_printed() {
    check(CASES, &[]);
}

#[test]
fn thirty_two_bytes_of_unclear_meaning_are_a_seed_with_the_option() {
    check(WITH_SEED, &["--seed"]);
}

#[test]
fn every_key_file_of_the_examples_has_its_right_answer() {
    let listed: Vec<_> = CASES.iter().map(|(name, ..)| *name).collect();
    for entry in fs::read_dir(folder()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(listed.contains(&name.as_str()), "{name}");
    }
}

/// What is said of a text in each encoding, with the digits in either case.
fn in_all_forms(text: &str) -> Vec<Verification> {
    let place = Place::new();
    let upper: String = text.replace(SEED, &SEED.to_uppercase());
    let utf16 = |text: &str, unit: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(unit).collect();
    let marked = |text: &str| format!("\u{feff}{text}");
    let forms: [Vec<u8>; 8] = [
        text.into(),
        upper.into(),
        marked(text).into(),
        text.replace('\n', "\r\n").into(),
        utf16(&marked(text), u16::to_le_bytes),
        utf16(&marked(text), u16::to_be_bytes),
        utf16(text, u16::to_le_bytes),
        [text.as_bytes(), b"\n\xff\xfe\x80 noise"].concat(),
    ];
    // Noise after JSON is an error, as it should be.
    let forms = &forms[..if text.starts_with('{') { 7 } else { 8 }];
    let files = forms.iter().enumerate().map(|(index, form)| {
        let file = place.write(&format!("form{index}"), form);
        PathBuf::from(file)
    });
    let loaded = load(&files.collect::<Vec<_>>(), &mut std::io::empty());
    loaded
        .iter()
        .map(|loaded| verify(loaded.as_ref().unwrap()))
        .collect()
}

#[test]
fn a_seed_is_known_by_many_labels_in_every_encoding() {
    for text in [
        format!("seed: {SEED}\n"),
        format!("export MESHCORE_SEED=\"{SEED}\"\n"),
        format!("[12:00:01.123] get prv.seed\n[12:00:01.200]   -> > {SEED}\n"),
        format!("2026-08-14T12:00:01Z Seed (hex):\n2026-08-14T12:00:01Z {SEED}\n"),
        format!("node:\n  identity_key: \"0x{SEED}\"\n"),
        format!("{{\"ed25519_seed\": \"{SEED}\"}}\n{{\"note\": 1}}\n"),
        format!("public key: {OF_SEED}\nprivate key: {SEED}\n"),
        format!("{SEED}\n{OF_SEED}\n"),
        format!("{OF_SEED} {SEED}\n"),
    ] {
        for said in in_all_forms(&text) {
            assert_eq!(said.outcome(), Outcome::Fine, "{text}: {:?}", said.problems);
            assert_eq!(
                said.public.map(|key| hex::encode(&key)).as_deref(),
                Some(OF_SEED)
            );
            assert!(
                said.notes.iter().any(|note| note.contains(IS_SEED)),
                "{text}"
            );
        }
    }
}

#[test]
fn digits_without_a_clear_label_are_never_shown() {
    for text in [
        format!("{SEED}\n"),
        format!("  -> > {SEED}\n"),
        format!("channels:\n  - name: Public\n    key: {SEED}\n"),
        format!("public key: below\nkey: {SEED}\n"),
        format!("seed or public key: {SEED}\n"),
        format!("secret = {SEED}\n"),
        format!("set prv.key {SEED}\n  -> Error, bad key\n"),
        format!("{}\n{}\n", "11".repeat(32), SEED),
    ] {
        for said in in_all_forms(&text) {
            assert_eq!(
                (said.outcome(), said.public),
                (Outcome::Failed, None),
                "{text}"
            );
            let words = said.problems.concat() + &said.notes.concat();
            assert!(!words.to_lowercase().contains(&SEED[..16]), "{words}");
        }
    }
}

#[test]
fn digits_beside_a_private_key_are_not_shown_unless_they_are_its_public_key() {
    let private = fs::read_to_string(folder().join("k0-good.txt")).unwrap();
    for text in [format!("{SEED}\n{private}"), format!("{private}{SEED}\n")] {
        let said = &in_all_forms(&text)[0];
        assert_eq!(said.outcome(), Outcome::Failed);
        let words = said.problems.concat();
        assert!(
            words.contains("does not belong") && !words.contains(SEED),
            "{words}"
        );
    }
}

#[test]
fn the_manual_shows_what_is_said_of_a_seed() {
    let place = Place::new();
    let file = place.keys().join("node-seed.txt");
    fs::copy(folder().join("s3-seed.txt"), &file).unwrap();
    fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let words = ["key", "verify", "node-seed.txt"];
    let example = format!("$ keygen {}\n{}", words.join(" "), place.run(&words).out);
    assert!(
        include_str!("../../docs/mesh.md").contains(&example),
        "{example}"
    );
}

#[test]
fn a_file_of_raw_bytes_may_be_a_seed_too() {
    let place = Place::new();
    let seed: [u8; 32] = hex::decode(SEED).unwrap();
    let said = |name: &str, bytes: &[u8], options: &[&str]| {
        let file = place.write(name, bytes);
        let run = place.run(&[&["key", "verify"], options, &[&file]].concat());
        assert_silent(&run, &[SEED[..16].to_owned()], name);
        (run.code, run.out + &run.err)
    };
    let (code, text) = said("raw.key", &seed, &[]);
    assert!(code == Some(1) && text.contains(MAY_BE), "{text}");
    for (name, options) in [("raw.key", &["--seed"][..]), ("my_seed.bin", &[])] {
        let (code, text) = said(name, &seed, options);
        assert!(code == Some(0) && text.contains(IS_SEED), "{text}");
    }
    let (code, text) = said("cut.key", &seed[..31], &[]);
    assert!(
        code == Some(2) && text.contains("nor a seed of 32 bytes"),
        "{text}"
    );
}

#[test]
fn raw_bytes_in_another_order_than_the_firmwares_are_not_shown() {
    let place = Place::new();
    let private = fs::read(folder().join("k12c-binary64.key")).unwrap();
    let public: [u8; 32] = hex::decode(PUBLIC).unwrap();
    let file = place.write("other.id", [&private[..], &public].concat());
    for command in ["verify", "show", "export"] {
        let run = place.run(&["key", command, &file]);
        assert_eq!(run.code, Some(1));
        let halves = private.chunks(32).map(hex::encode).collect::<Vec<_>>();
        assert_silent(&run, &halves, command);
    }
}

#[test]
#[cfg_attr(not(feature = "qr"), ignore = "without the feature qr")]
fn digits_in_place_of_a_file_are_refused_and_not_repeated() {
    let place = Place::new();
    for digits in [
        SEED.to_owned(),
        format!("0x{SEED}"),
        SEED[..63].to_owned(),
        SEED.repeat(2),
    ] {
        for command in ["verify", "show", "export", "qr"] {
            let run = place.run(&["key", command, "--seed", &digits]);
            assert_eq!((run.code, run.out.as_str()), (Some(2), ""));
            assert!(run.err.contains("other users can see it"), "{}", run.err);
            assert_silent(&run, &[SEED[..16].to_owned()], command);
        }
    }
}

#[test]
#[cfg_attr(not(feature = "qr"), ignore = "without the feature qr")]
fn what_is_no_key_file_is_refused_and_not_repeated() {
    let place = Place::new();
    let folder = place.keys();
    let large = place.write("large", SEED.repeat(1 << 15));
    let not_utf8 = place.write(
        "latin1",
        [b"Schl\xfcssel: ".as_slice(), &SEED.as_bytes()[..63]].concat(),
    );
    for file in [
        place.write("empty", ""),
        place.write("rubbish", [0xff, 0, 0xd8, 7].repeat(999)),
        place.write("broken.json", format!("{{\"seed\": \"{SEED}")),
        place.write("deep.json", "[".repeat(9999) + "{"),
        place.write(
            "short.json",
            format!("{{\"private_key\": \"{}\"}}", &SEED[..62]),
        ),
        large,
        not_utf8,
        folder.to_str().unwrap().to_owned(),
        "/dev/null".to_owned(),
        "/dev/zero".to_owned(),
    ] {
        for command in ["verify", "show", "export", "qr"] {
            let run = place.run(&["key", command, &file]);
            assert_eq!(
                (run.code, run.out.as_str()),
                (Some(2), ""),
                "{command} {file}: {}",
                run.err
            );
            assert!(run.err.contains(&file), "{}", run.err);
            assert_silent(&run, &[SEED[..16].to_owned()], &file);
        }
    }
}

#[test]
fn a_key_comes_through_a_pipe_with_a_name() {
    let place = Place::new();
    let pipe = place.path("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let writer = std::thread::spawn({
        let pipe = pipe.clone();
        move || fs::write(pipe, format!("seed: {SEED}\n"))
    });
    let run = place.run(&["key", "verify", pipe.to_str().unwrap()]);
    writer.join().unwrap().unwrap();
    assert!(
        run.code == Some(0) && run.out.contains(OF_SEED),
        "{}{}",
        run.out,
        run.err
    );
}

#[test]
fn a_seed_whose_key_the_firmware_refuses_is_said_so() {
    let place = Place::new();
    let seed = (0u32..)
        .map(|number| hex::encode(&[&number.to_le_bytes()[..], &[7; 28]].concat()))
        .find(|seed| {
            let file = place.write("seed.txt", format!("seed: {seed}"));
            let found = load(&[file.into()], &mut std::io::empty()).remove(0);
            let said = verify(&found.unwrap());
            said.public.unwrap()[0] == 0
        });
    let file = place.write("seed.txt", format!("seed: {}", seed.unwrap()));
    let run = place.run(&["key", "verify", &file]);
    assert_eq!(run.code, Some(1));
    for part in [IS_SEED, "begins with 00", "MeshCore cannot use it"] {
        assert!(run.out.contains(part), "{}", run.out);
    }
}
