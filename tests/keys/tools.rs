//! `keygen key verify|show|export` on the files that our program and others write.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use meshcore_keygen::testing::key::{
    inspect::{ExportFormat, Outcome, Verification, export, show, verify},
    load::load,
};

const PRIVATE: &str = "c07041899743b09b5ff87235b2a8fcaacbdaf7c6d9e79b4ff1548742130e8c6e\
                       7d0a89726be4eb5a39f533247792cb4d11be69c38616aa16937609a40600e815";
const PUBLIC: &str = "9777e76a05051e0a162c876ea163854b4a59d9a6a73fb44ac38e04c37920c7e1";
/// RFC 8032 section 7.1, test 1.
const SEED: &str = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
const SEED_PUBLIC: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
const SEED_EXPANDED: &str = "307c83864f2833cb427a2ef1c00a013cfdff2768d980c0a3a520f006904de94f\
                             9b4f0afe280b746a778684e75442502057b7473a03f08f96f5a38e9287e01f8f";

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// Writes a file that only its owner can read.
    fn file(&self, name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, contents).unwrap();
        set_mode(&path, 0o600);
        path
    }
}

fn set_mode(path: &Path, mode: u32) {
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
    #[cfg(not(unix))]
    let _ = (path, mode);
}

/// The report on these inputs and how they went.
fn verified(inputs: &[PathBuf]) -> (String, Outcome) {
    let (mut out, mut worst) = (Vec::new(), Outcome::Fine);
    for loaded in load(inputs, &mut io::empty()) {
        match loaded {
            Ok(found) => {
                let result = verify(&found);
                result.write(&mut out).unwrap();
                worst = worst.max(result.outcome());
            }
            Err(error) => {
                writeln!(out, "{error}").unwrap();
                worst = Outcome::BadInput;
            }
        }
    }
    (String::from_utf8(out).unwrap(), worst)
}

/// What the checks say about the keys of standard input, which must hold some.
fn verified_input(mut text: &[u8]) -> Vec<Verification> {
    let loaded = load(&["-".into()], &mut text).into_iter();
    loaded.map(|loaded| verify(&loaded.unwrap())).collect()
}

fn exported(inputs: &[PathBuf], format: ExportFormat) -> (String, Outcome) {
    let report = export(&load(inputs, &mut io::empty()), format, None);
    let text = String::from_utf8(report.contents.to_vec()).unwrap();
    (text, report.outcome())
}

#[test]
fn either_file_of_a_pair_or_both_are_one_good_key() {
    let folder = Folder::new();
    let private = folder.file("meshcore_9777E76A_private.txt", format!("{PRIVATE}\n"));
    let public = folder.file(
        "meshcore_9777E76A_public.txt",
        format!("{}\r\n", PUBLIC.to_uppercase()),
    );
    for inputs in [
        vec![private.clone()],
        vec![public.clone()],
        vec![private.clone(), public.clone()],
        vec![public, private],
    ] {
        let (report, outcome) = verified(&inputs);
        assert_eq!(outcome, Outcome::Fine, "{report}");
        assert_eq!(report.lines().count(), 1, "{report}");
        assert!(
            report.starts_with("ok ") && report.contains(PUBLIC),
            "{report}"
        );
        assert!(!report.contains(PRIVATE));
    }
}

#[test]
fn a_private_key_alone_is_checked_without_its_public_key() {
    let folder = Folder::new();
    let (report, outcome) = verified(&[folder.file("key.txt", PRIVATE.to_uppercase())]);
    assert_eq!(outcome, Outcome::Fine, "{report}");
    assert!(report.contains(PUBLIC));
}

#[test]
fn a_public_key_of_another_pair_is_named_as_the_reason() {
    let folder = Folder::new();
    let wrong = format!("{}e0", &PUBLIC[..62]);
    let text = format!(r#"{{"publicKey": "{wrong}", "privateKey": "{PRIVATE}"}}"#);
    let (report, outcome) = verified(&[folder.file("key.json", text)]);
    assert_eq!(outcome, Outcome::Failed);
    assert!(
        report.contains(&format!("{wrong} does not belong to the private key")),
        "{report}"
    );
}

#[test]
fn every_reason_of_a_bad_key_is_given() {
    let folder = Folder::new();
    let scalar_and_public = format!("{}{PUBLIC}", &PRIVATE[..64]);
    let (report, _) = verified(&[folder.file("a.txt", scalar_and_public)]);
    assert!(
        report.contains("signing prefix, is the public key"),
        "{report}"
    );
    let not_clamped = format!("c1{}", &PRIVATE[2..]);
    let (report, _) = verified(&[folder.file("b.txt", format!("{PUBLIC} {not_clamped}"))]);
    for reason in ["not a clamped scalar", "does not belong", "test client"] {
        assert!(report.contains(reason), "{report}");
    }
}

#[test]
fn a_reserved_first_byte_is_named_as_the_reason() {
    let private = "5046bc4952319efd586d2312dabc7c8c74e9f74c3f1dcb96bb409dd62efc127d\
                   85b51b00ccbe5f54495779de5cd71732df1f8aa9553154149b76c24012f3ecc7";
    let folder = Folder::new();
    let (report, outcome) = verified(&[folder.file("key.txt", private)]);
    assert_eq!(outcome, Outcome::Failed);
    assert!(
        report.contains("begins with 00, which MeshCore reserves"),
        "{report}"
    );
}

#[test]
fn a_public_key_alone_is_shown_but_not_verified() {
    let folder = Folder::new();
    let input = [folder.file("node_public.txt", PUBLIC)];
    assert_eq!(verified(&input).1, Outcome::Failed);
    let found = load(&input, &mut io::empty()).remove(0).unwrap();
    let shown = show(&found, false, &mut io::sink()).unwrap();
    assert_eq!(shown, Outcome::Fine);
    assert_eq!(
        exported(&input, ExportFormat::Text),
        (String::new(), Outcome::Failed)
    );
}

#[test]
fn what_is_no_key_file_is_bad_input_and_the_rest_is_still_read() {
    let folder = Folder::new();
    let inputs = [
        folder.0.path().join("missing.txt"),
        folder.file("prose.txt", "hello"),
        folder.file("cut.txt", &PRIVATE[..127]),
        folder.file("broken.json", r#"{"private_key": "#),
        folder.file("picture.jpg", [0xff, 0xd8, 0x39, 0x00]),
        folder.file("good.txt", PRIVATE),
        folder.0.path().to_owned(),
    ];
    let (report, outcome) = verified(&inputs);
    assert_eq!(outcome, Outcome::BadInput);
    let expected = [
        "missing.txt cannot be read",
        "prose.txt holds no key",
        "cut.txt, line 1: 127 hex digits",
        "broken.json begins like JSON",
        "picture.jpg is not text",
        PUBLIC,
        "cannot be read",
    ];
    let lines: Vec<_> = report.lines().collect();
    assert_eq!(lines.len(), expected.len(), "{report}");
    for (line, expected) in lines.iter().zip(expected) {
        assert!(line.contains(expected), "{line}");
    }
}

#[test]
fn a_file_too_large_for_a_key_is_refused_without_reading_it_all() {
    let mut endless = io::repeat(b' ');
    let error = load(&["-".into()], &mut endless).remove(0).err().unwrap();
    assert!(
        error.to_string().contains("larger than 1048576 bytes"),
        "{error}"
    );
}

#[test]
fn standard_input_may_hold_many_keys() {
    let text = format!("{PRIVATE}\n{SEED_EXPANDED}\n");
    let results = verified_input(text.as_bytes());
    let sources: Vec<_> = results
        .iter()
        .map(|result| result.source.as_str())
        .collect();
    assert_eq!(sources, ["standard input, key 1", "standard input, key 2"]);
    assert!(
        results
            .iter()
            .all(|result| result.outcome() == Outcome::Fine)
    );
}

#[cfg(unix)]
#[test]
fn files_that_others_can_read_are_noted() {
    let folder = Folder::new();
    let private = folder.file("meshcore_9777E76A_private.txt", PRIVATE);
    let public = folder.file("meshcore_9777E76A_public.txt", PUBLIC);
    set_mode(&public, 0o644);
    assert!(!verified(std::slice::from_ref(&private)).0.contains("note"));
    set_mode(&private, 0o640);
    let (report, outcome) = verified(&[public]);
    assert_eq!(outcome, Outcome::Fine);
    assert!(
        report.contains("_private.txt can be read by others (mode 0640)"),
        "{report}"
    );
    assert!(!report.contains("_public.txt can be read"), "{report}");
}

#[test]
fn the_facts_are_public_unless_the_caller_asks() {
    let folder = Folder::new();
    let input = folder.file(
        "meshcore_9777E76A.json",
        format!(r#"{{"public_key":"{PUBLIC}","private_key":"{PRIVATE}"}}"#),
    );
    let found = load(std::slice::from_ref(&input), &mut io::empty());
    let found = found.into_iter().next().unwrap().unwrap();
    let render = |with_private| {
        let mut out = Vec::new();
        show(&found, with_private, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    let text = render(false);
    for expected in [PUBLIC, "97, 9777, 9777E7", input.to_str().unwrap()] {
        assert!(text.contains(expected), "{text}");
    }
    assert!(!text.contains(PRIVATE) && render(true).contains(PRIVATE));
}

#[test]
fn exports_are_what_each_receiver_takes() {
    let folder = Folder::new();
    let one = folder.file("one.txt", PRIVATE);
    let two = folder.file("two.txt", SEED_EXPANDED);
    let (serial, outcome) = exported(std::slice::from_ref(&one), ExportFormat::Serial);
    assert_eq!(
        (serial, outcome),
        (format!("set prv.key {PRIVATE}\n"), Outcome::Fine)
    );
    let (text, _) = exported(std::slice::from_ref(&one), ExportFormat::Text);
    assert_eq!(text, format!("{PUBLIC}\n{PRIVATE}\n"));
    let (json, _) = exported(std::slice::from_ref(&one), ExportFormat::Json);
    let object = serde_json::json!({"public_key": PUBLIC, "private_key": PRIVATE});
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&json).unwrap(),
        object
    );
    let (json, _) = exported(&[one, two], ExportFormat::Json);
    let other = serde_json::json!({"public_key": SEED_PUBLIC, "private_key": SEED_EXPANDED});
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&json).unwrap(),
        serde_json::json!([object, other])
    );
}

#[test]
fn every_export_can_be_read_again() {
    let folder = Folder::new();
    let inputs = [
        folder.file("one.txt", PRIVATE),
        folder.file("two.txt", SEED_EXPANDED),
    ];
    for format in [
        ExportFormat::Text,
        ExportFormat::Hex,
        ExportFormat::Json,
        ExportFormat::Serial,
    ] {
        let (text, _) = exported(&inputs, format);
        let results = verified_input(text.as_bytes());
        assert_eq!(results.len(), 2, "{format:?}");
        assert!(
            results
                .iter()
                .all(|result| result.outcome() == Outcome::Fine),
            "{format:?}"
        );
    }
}

#[test]
fn a_seed_of_another_tool_is_exported_as_the_bytes_that_meshcore_imports() {
    let folder = Folder::new();
    let seed = folder.file(
        "seed.json",
        format!(r#"{{"pub": "{SEED_PUBLIC}", "seed": "{SEED}"}}"#),
    );
    let sodium = folder.file("sodium.txt", format!("{SEED}{SEED_PUBLIC}"));
    for input in [seed, sodium] {
        let (text, outcome) = exported(&[input], ExportFormat::Serial);
        assert_eq!(
            (text, outcome),
            (format!("set prv.key {SEED_EXPANDED}\n"), Outcome::Fine)
        );
    }
}

#[test]
fn a_seed_without_its_public_key_is_explained_and_not_exported() {
    let folder = Folder::new();
    let input = [folder.file("meshcore_D75A9801_private.txt", SEED)];
    let (report, outcome) = verified(&input);
    assert_eq!(outcome, Outcome::Failed);
    assert!(report.contains("a seed or a bare scalar"), "{report}");
    assert_eq!(
        exported(&input, ExportFormat::Serial),
        (String::new(), Outcome::Failed)
    );
    folder.file("meshcore_D75A9801_public.txt", SEED_PUBLIC);
    assert_eq!(verified(&input).1, Outcome::Fine);
}

#[test]
fn a_bad_key_is_never_exported() {
    let folder = Folder::new();
    let bad = folder.file("bad.txt", format!("{}{PUBLIC}", &PRIVATE[..64]));
    let good = folder.file("good.txt", PRIVATE);
    let (text, outcome) = exported(&[bad, good], ExportFormat::Serial);
    assert_eq!(
        (text, outcome),
        (format!("set prv.key {PRIVATE}\n"), Outcome::Failed)
    );
}

proptest::proptest! {
    #[test]
    fn no_input_makes_the_reader_panic(text in "[\\{\\}\\[\\]\":,a-z_0-9A-Fé \n]{0,300}", bytes: Vec<u8>) {
        for mut input in [text.as_bytes(), &bytes] {
            read(&mut input);
        }
        let json = format!("{{\"private_key\": {text:?}, \"public_key\": [{text:?}]}}");
        read(&mut json.as_bytes());
    }
}

fn read(input: &mut dyn io::Read) {
    for found in load(&["-".into()], input).into_iter().flatten() {
        verify(&found).write(&mut io::sink()).unwrap();
    }
}

fn bytes(digits: &str) -> Vec<u8> {
    let pair = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
    (0..digits.len()).step_by(2).map(pair).collect()
}

#[test]
fn keys_are_read_as_powershell_and_the_firmware_keep_them() {
    let folder = Folder::new();
    let utf16 = |big: bool| -> Vec<u8> {
        let unit = |u: u16| {
            if big {
                u.to_be_bytes()
            } else {
                u.to_le_bytes()
            }
        };
        let text = format!("\u{feff}{PRIVATE}\r\n");
        text.encode_utf16().flat_map(unit).collect()
    };
    let id = [bytes(PUBLIC), bytes(PRIVATE)].concat();
    let with_name = [id.clone(), b"Roof".to_vec(), vec![0; 28]].concat();
    for (name, contents) in [
        ("little.txt", utf16(false)),
        ("big.txt", utf16(true)),
        ("raw.key", bytes(PRIVATE)),
        ("_main.id", id),
        ("named.id", with_name),
    ] {
        let file = folder.file(name, contents);
        let (text, outcome) = verified(std::slice::from_ref(&file));
        assert_eq!(outcome, Outcome::Fine, "{name}: {text}");
        let (line, _) = exported(&[file], ExportFormat::Serial);
        assert!(line.to_lowercase().contains(PRIVATE), "{name}");
    }
    let cut = folder.file("cut.key", &bytes(PRIVATE)[..63]);
    let error = load(&[cut], &mut io::empty()).remove(0).err().unwrap();
    assert!(error.to_string().contains("is not text"), "{error}");
}
