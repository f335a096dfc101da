//! `keygen diagnose`, and that no secret is in its bundle.

use std::fs;
use std::process::Command;

use rustix::process::Signal;
use serde_json::Value;

use crate::common::program::{DEADLINE, NEVER, Place, hex, pairs};

/// Texts that are secret in the settings of the searches below.
const SECRETS: [&str; 4] = [
    "tok-in-option",
    "tok-in-variable",
    "tok-in-file",
    "tok-of-command",
];

/// All files of a bundle, by name.
fn unpacked(place: &Place, bundle: &str) -> Vec<(String, Vec<u8>)> {
    let folder = place.path("unpacked");
    fs::create_dir(&folder).unwrap();
    let tar = Command::new("tar")
        .args(["-xzf", bundle, "-C"])
        .arg(&folder)
        .status()
        .unwrap();
    assert!(tar.success());
    let files = fs::read_dir(folder.join("keygen-bundle"))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let read = |path: std::path::PathBuf| {
        (
            path.file_name().unwrap().to_str().unwrap().to_owned(),
            fs::read(path).unwrap(),
        )
    };
    files.map(read).collect()
}

#[test]
fn a_bundle_has_what_a_bug_report_needs_and_no_secret() {
    let place = Place::new();
    let config = place.write("config", "notify = \"https://127.0.0.1:9/tok-in-file\"\n");
    fs::set_permissions(&config, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let events = place.path("events.jsonl");
    let mut command = place.command(&[
        "--prefix",
        "F8",
        "-n",
        "2",
        "--session",
        "night",
        "--config",
        &config,
        "--events",
        events.to_str().unwrap(),
        "--heartbeat-url",
        "https://127.0.0.1:9/tok-in-option",
        "--on-found",
        "true tok-of-command",
        "--background",
    ]);
    command.env("KEYGEN_ON_ALERT", "true tok-in-variable");
    let started = place.finish(command);
    assert_eq!(started.code, Some(0), "{}", started.err);
    crate::common::wait::wait_for("the end", || {
        (crate::common::searches::status(&place, "night")["state"] == "finished").then_some(())
    });
    let bundle = place.path("bundle.tar.gz");
    let bundle = bundle.to_str().unwrap();
    let mut command = place.command(&[
        "diagnose", "night", "--json", "--bundle", bundle, "--config", &config,
    ]);
    command.env("KEYGEN_ON_ALERT", "true tok-in-variable");
    let run = place.finish(command);
    assert_eq!(run.code, Some(0), "{}", run.err);
    let report: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(report["health"]["state"], "finished");
    assert_eq!(report["history"]["runs"][0]["found"], 2);
    assert_eq!(
        fs::metadata(bundle)
            .map(|m| std::os::unix::fs::PermissionsExt::mode(&m.permissions()) & 0o777)
            .unwrap(),
        0o600
    );
    for (file, why) in [
        (bundle, "not overwritten"),
        ("none/b.tar.gz", "does not exist"),
    ] {
        let refused = place.run(&["diagnose", "night", "--bundle", file]);
        assert_eq!((refused.code, refused.out.as_str()), (Some(2), ""));
        assert!(refused.err.contains(why), "{}", refused.err);
    }
    let files = unpacked(&place, bundle);
    let keys = pairs(&place.keys());
    assert_eq!(keys.len(), 2);
    let has = |name: &str, part: &str| {
        files
            .iter()
            .any(|(file, bytes)| file == name && String::from_utf8_lossy(bytes).contains(part))
    };
    assert!(has("session.json", "--heartbeat-url") && has("settings.txt", "https://127.0.0.1:9/"));
    assert!(
        has("events.jsonl", "found")
            && has("log.txt", "Searching for")
            && has("versions.json", "commit")
    );
    assert!(has("report.json", &hex(&keys[0].public)) || has("log.txt", &hex(&keys[0].public)));
    for (name, bytes) in &files {
        let text = String::from_utf8(bytes.clone()).unwrap().to_lowercase();
        for secret in SECRETS {
            assert!(!text.contains(secret), "{secret} is in {name}");
        }
        for key in &keys {
            let halves = key.private.chunks(32).map(hex);
            assert!(
                halves.into_iter().all(|half| !text.contains(&half)),
                "a private key is in {name}"
            );
        }
    }
}

#[test]
fn a_running_session_is_diagnosed_by_topic() {
    let place = Place::new();
    let running =
        place.start(place.command(&["--prefix", NEVER, "--workers", "1", "--session", "night"]));
    let topic = |words: &[&str]| {
        let run = place.run(&[&["diagnose"], words].concat());
        assert_eq!(run.code, Some(0), "{words:?}: {}", run.err);
        run.out
    };
    crate::common::wait::wait_for("an answer", || {
        topic(&["health"]).contains("responded").then_some(())
    });
    crate::common::wait::wait_until("a worker", || {
        topic(&["threads", "night"]).contains("worker-1")
    });
    let memory: Value = serde_json::from_str(&topic(&["memory", "night", "--json"])).unwrap();
    assert!(memory["memory"]["process_bytes"].as_u64().unwrap() > 1 << 20);
    assert_eq!(memory["health"], Value::Null);
    for (words, part) in [
        (["speed", "night"], "Allowed are health"),
        (["health", "none"], "none"),
    ] {
        let run = place.run(&[&["diagnose"], &words[..]].concat());
        assert!(run.code == Some(2) && run.err.contains(part), "{}", run.err);
    }
    running.signal(Signal::TERM);
    running.end(DEADLINE);
}
