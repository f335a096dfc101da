//! Rooms (the modules right below the crate's root) stand on floors, and a room imports from lower floors only.

use std::path::{Path, PathBuf};

use super::imports::{Import, of_crate};

/// The floors, lowest first. Rooms on one floor do not import one another either.
const FLOORS: &[&[&str]] = &[
    &["engine"],
    &["text", "files", "exit", "outage", "parts", "queue"],
    &["clock", "limits"],
    &["pattern"],
    &["key"],
    &["blind"],
    &["batch"],
    &["health"],
    &["event"],
    &["status"],
    &["alert"],
    &["control", "device", "nodes"],
    &["search"],
    &["supervisor"],
    &["fault"],
    &["session"],
    &["history"],
    &["overview"],
    &["http"],
    &["metrics", "dashboard"],
    &["report"],
    &["config"],
    &["app"],
    &["commands"],
    &["testing"],
    &[ROOT],
];

/// The crate's root itself: it may import everything, and nothing imports what it defines.
const ROOT: &str = "lib";

/// Imports that go up or sideways, a line each.
fn violations(root: &Path, floors: &[&[&str]]) -> Vec<String> {
    let imports = of_crate(root);
    assert!(!imports.is_empty(), "nothing was read");
    imports
        .iter()
        .filter_map(|import| violation(import, floors))
        .collect()
}

fn violation(import: &Import, floors: &[&[&str]]) -> Option<String> {
    let room = |path: &[String]| path.first().cloned().unwrap_or_else(|| ROOT.to_owned());
    let floor = |room: &str| floors.iter().position(|floor| floor.contains(&room));
    let (from, to) = (room(&import.from), room(&import.to));
    let why = match (floor(&from), floor(&to)) {
        _ if from == to => return None,
        (None, _) => format!("{from} is on no floor"),
        (_, None) => format!("{to} is on no floor"),
        (Some(own), Some(other)) if other < own => return None,
        _ => format!("{to} is not on a lower floor than {from}"),
    };
    let (file, line) = (import.file.display(), import.line);
    Some(format!(
        "{file}:{line}: crate::{}: {why}",
        import.to.join("::")
    ))
}

#[test]
fn every_import_goes_down() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs");
    let found = violations(&root, FLOORS);
    assert!(
        found.is_empty(),
        "{} imports:\n{}",
        found.len(),
        found.join("\n")
    );
}

/// A crate of two rooms, one of them a folder; `low` has this text.
fn made_up(low: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    std::fs::create_dir(folder.path().join("high")).unwrap();
    write(
        "lib.rs",
        "mod high;\nmod low;\nfn run() { high::part::run() }\n",
    );
    write("low.rs", low);
    write("high/mod.rs", "mod part;\nuse super::low::{A, B};\n");
    write(
        "high/part.rs",
        "use super::super::low::A;\nuse super::sibling;\npub(crate) fn run() {}\n",
    );
    let root = folder.path().join("lib.rs");
    (folder, root)
}

fn found_in(low: &str) -> Vec<String> {
    let (folder, root) = made_up(low);
    let shorten = |line: String| line.replace(&format!("{}/", folder.path().display()), "");
    let found = violations(&root, &[&["low"], &["high"], &[ROOT]]);
    found.into_iter().map(shorten).collect()
}

#[test]
fn imports_that_go_down_are_allowed() {
    assert_eq!(
        found_in("pub struct A;\nuse crate::low::B;\nuse self::C;\n"),
        [""; 0]
    );
}

#[test]
fn an_import_that_goes_up_is_named_with_its_place() {
    let up = "low.rs:2: crate::high::part::run: high is not on a lower floor than low";
    for text in [
        "\nuse crate::high::part::run;",
        "\nuse super::high::{part::{run}};",
        "\nuse crate::{\nlow::A, high::part::run};",
        "\nfn f() { println!(\"{}\", crate::high::part::run()) }",
        "\n#[cfg(unix)] use crate::high::part::run as other;",
        "\nmod inner { use super::super::high::part::run; }",
        "\nimpl crate::high::part::run for A {}",
    ] {
        let found = found_in(text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        // In a `use` of several lines it is the line of the name itself.
        assert_eq!(found[0].replace("low.rs:3", "low.rs:2"), up, "{text}");
    }
}

#[test]
fn what_is_compiled_for_tests_only_may_import_anything() {
    for text in [
        "#[cfg(test)] mod tests { use crate::high::part; }",
        "#[cfg(test)]\n#[path = \"missing.rs\"]\nmod tests;",
        "#[cfg(test)] use crate::high::{part, other};",
        "#[cfg(all(test, unix))] fn f() -> crate::high::T { crate::high::T }",
        "struct A { #[cfg(test)] a: crate::high::T, b: u8 }",
        "#![cfg(test)]\nuse crate::high::part;",
    ] {
        assert_eq!(found_in(text), [""; 0], "{text}");
    }
}

#[test]
fn a_room_that_is_on_no_floor_is_named() {
    let found = found_in("use crate::attic::A;\nuse crate::run;\n");
    assert_eq!(found[0], "low.rs:1: crate::attic::A: attic is on no floor");
    assert_eq!(found[1], "low.rs:2: crate::run: run is on no floor");
}

#[test]
fn rooms_on_one_floor_do_not_import_one_another() {
    let (_folder, root) = made_up("");
    let found = violations(&root, &[&["low", "high"], &[ROOT]]);
    assert_eq!(found.len(), 3, "{found:?}");
}
