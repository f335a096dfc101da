//! `keygen key export`: what other programs take, in files that only their owner can read.

use std::fs::{self, File};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Stdio;

use meshcore_keygen::testing::key::hex;
use serde_json::Value;

use crate::common::key_samples::key;
use crate::common::program::{Place, Run};

struct Sample {
    place: Place,
    public: String,
    private: String,
    file: String,
}

fn sample() -> Sample {
    let (place, key) = (Place::new(), key(1));
    let (public, private) = (
        hex::encode(key.public()),
        key.private().hex().expose().to_owned(),
    );
    let file = place.write("key.txt", format!("{private}\n"));
    Sample {
        place,
        public,
        private,
        file,
    }
}

impl Sample {
    fn export(&self, words: &[&str]) -> Run {
        self.place
            .run(&[&["key", "export", &self.file], words].concat())
    }

    /// Where a new file goes.
    fn path(&self, name: &str) -> String {
        self.place.path(name).to_str().unwrap().to_owned()
    }
}

fn mode(file: impl AsRef<Path>) -> u32 {
    fs::metadata(file).unwrap().permissions().mode() & 0o777
}

#[test]
fn the_private_key_alone_is_a_line_of_hex() {
    let sample = sample();
    let run = sample.export(&["--format", "hex"]);
    assert_eq!(
        (run.code, run.out),
        (Some(0), format!("{}\n", sample.private))
    );
}

#[test]
fn the_app_gets_a_name_and_both_keys() {
    let sample = sample();
    let exported = |words: &[&str]| {
        let run = sample.export(&[&["--format", "app"], words].concat());
        assert_eq!(run.code, Some(0), "{}", run.err);
        serde_json::from_str::<Value>(&run.out).unwrap()
    };
    let object = exported(&[]);
    assert_eq!(object["name"], sample.public[..8].to_uppercase());
    assert_eq!(object["public_key"], sample.public);
    assert_eq!(object["private_key"], sample.private);
    assert_eq!(object.as_object().unwrap().len(), 3);
    assert_eq!(
        exported(&["--name", "Ed's \"Barn\" é"])["name"],
        "Ed's \"Barn\" é"
    );
}

#[test]
fn the_name_beside_a_key_is_kept_if_a_node_can_have_it() {
    let sample = sample();
    for (name, kept) in [("Roof", true), ("a\\nb", false), (&"x".repeat(32), false)] {
        let text = format!(
            "{{\"name\": \"{name}\", \"private_key\": \"{}\"}}",
            sample.private
        );
        let file = sample.place.write("named.json", text);
        let run = sample
            .place
            .run(&["key", "export", &file, "--format", "app"]);
        let object: Value = serde_json::from_str(&run.out).unwrap();
        let expected = if kept {
            name.to_owned()
        } else {
            sample.public[..8].to_uppercase()
        };
        assert_eq!(object["name"], expected);
    }
}

#[test]
fn the_firmwares_file_is_96_bytes_that_are_read_again() {
    let sample = sample();
    let file = sample.path("_main.id");
    let run = sample.export(&["--format", "id", "--output", &file]);
    assert_eq!((run.code, run.out.as_str()), (Some(0), ""), "{}", run.err);
    let bytes = fs::read(&file).unwrap();
    assert_eq!(
        hex::encode(&bytes),
        format!("{}{}", sample.public, sample.private)
    );
    let run = sample.place.run(&["key", "verify", &file]);
    assert!(
        run.code == Some(0) && run.out.contains(&sample.public),
        "{}",
        run.out
    );
}

#[test]
fn an_exported_file_is_for_its_owner_only() {
    let sample = sample();
    for format in ["text", "hex", "json", "app", "serial", "id"] {
        let file = sample.path(format);
        let run = sample.export(&["--format", format, "--output", &file]);
        assert_eq!((run.code, run.out.as_str()), (Some(0), ""), "{}", run.err);
        assert_eq!(mode(&file), 0o600);
        assert!(run.err.contains("1 key written to"), "{}", run.err);
        let run = sample.place.run(&["key", "verify", &file]);
        assert_eq!(run.code, Some(0), "{format}: {}{}", run.out, run.err);
    }
}

#[test]
fn the_manual_lists_the_formats_of_the_program() {
    let manual = include_str!("../../docs/mesh.md");
    let (_, table) = manual
        .split_once("| `--format` | what it is |\n| --- | --- |\n")
        .unwrap();
    let rows = table.lines().take_while(|line| line.starts_with('|'));
    let listed: Vec<_> = rows.map(|row| row.split('`').nth(1).unwrap()).collect();
    let help = Place::new().run(&["key", "export", "--help"]).out;
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    let values = format!("[possible values: {}]", listed.join(", "));
    assert!(help.contains(&values), "{help}");
}

#[test]
fn no_file_is_overwritten_and_nothing_is_read_before() {
    let sample = sample();
    let taken = sample.place.write("taken.txt", "mine");
    let dangling = sample.path("link");
    symlink(sample.path("nowhere"), &dangling).unwrap();
    let below_file = format!("{taken}/key");
    let in_no_folder = sample.path("missing/key");
    let folder = sample.place.keys();
    for (file, said) in [
        (taken.as_str(), "the file exists"),
        (&dangling, "the file exists"),
        (folder.to_str().unwrap(), "the file exists"),
        (&in_no_folder, "there is no folder"),
        (&below_file, "there is no folder"),
        ("-", "not the name of a file"),
    ] {
        // The key file is missing: it would be complained about if it were read.
        let words = ["key", "export", "/nonexistent/key", "--output", file];
        let run = sample.place.run(&words);
        assert_eq!((run.code, run.out.as_str()), (Some(2), ""), "{file}");
        assert!(
            run.err.contains(said) && !run.err.contains("nonexistent"),
            "{}",
            run.err
        );
    }
    assert_eq!(fs::read_to_string(&taken).unwrap(), "mine");
    assert!(!Path::new(&sample.path("nowhere")).exists());
}

#[test]
fn a_file_is_not_made_for_a_key_that_is_bad() {
    let sample = sample();
    let bad = sample.place.write(
        "bad.txt",
        format!("{}{}", &sample.private[..64], sample.public),
    );
    let file = sample.path("new.txt");
    let run = sample
        .place
        .run(&["key", "export", &bad, "--output", &file]);
    assert_eq!(run.code, Some(1));
    assert!(
        run.err.contains("not exported") && !Path::new(&file).exists(),
        "{}",
        run.err
    );
}

#[test]
fn a_format_for_one_key_refuses_two() {
    let sample = sample();
    let other = sample
        .place
        .write("two.txt", key(2).private().hex().expose());
    for format in ["app", "id"] {
        let run = sample.export(&[&other, "--format", format]);
        assert_eq!((run.code, run.out.as_str()), (Some(2), ""));
        assert!(
            run.err.contains("holds one key, and 2 were given"),
            "{}",
            run.err
        );
    }
}

#[test]
fn a_name_is_for_the_app_only_and_one_that_a_node_can_have() {
    let sample = sample();
    let long = "x".repeat(32);
    for words in [
        &["--name", "Roof"][..],
        &["--format", "app", "--name", ""],
        &["--format", "app", "--name", &long],
        &["--format", "app", "--name", "a\tb"],
    ] {
        let run = sample.export(words);
        assert_eq!((run.code, run.out.as_str()), (Some(2), ""), "{words:?}");
        assert!(run.err.contains("--name"), "{}", run.err);
    }
}

#[test]
fn standard_output_into_a_file_that_others_can_read_is_a_warning() {
    let sample = sample();
    for (mode, warned) in [(0o644, true), (0o640, true), (0o600, false)] {
        let path = sample.place.path("out.txt");
        let file = File::create(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let mut command = sample.place.command(&["key", "export", &sample.file]);
        let output = command.stdout(Stdio::from(file)).output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0));
        let warning = format!("a file that others can read (mode {mode:04o})");
        assert_eq!(err.contains(&warning), warned, "{err}");
        assert!(fs::read_to_string(&path).unwrap().contains(&sample.private));
    }
    assert!(
        !sample.export(&[]).err.contains("warning"),
        "a pipe is no file"
    );
}
