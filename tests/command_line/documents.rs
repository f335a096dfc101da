//! The documents: their links resolve, their tables are those of the program, and the first pages stay short.

use std::fs;
use std::path::{Path, PathBuf};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn read(path: impl AsRef<Path>) -> String {
    let path = Path::new(ROOT).join(path);
    fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Every Markdown file of the folders that have documents.
fn documents() -> Vec<PathBuf> {
    let entries = |folder: &str| fs::read_dir(Path::new(ROOT).join(folder)).unwrap();
    ["", "docs", "contrib", "contrib/cluster"]
        .into_iter()
        .flat_map(entries)
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "md"))
        .collect()
}

/// The text without blocks of code, which hold no links or headings.
fn without_code(text: &str) -> String {
    text.split("```").step_by(2).collect()
}

/// The targets of all links and pictures that are not on the web.
fn targets(text: &str) -> Vec<String> {
    let links = without_code(text);
    let ends = links.split("](").skip(1);
    ends.map(|end| end.split(')').next().unwrap().to_owned())
        .filter(|target| !target.contains("://"))
        .collect()
}

/// The anchor that Markdown's hosts make of a heading.
fn anchor(heading: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || " -_".contains(*c);
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    text.chars()
        .filter(kept)
        .collect::<String>()
        .replace(' ', "-")
}

fn has_anchor(path: &Path, wanted: &str) -> bool {
    let text = without_code(&read(path));
    let mut headings = text.lines().filter(|line| line.starts_with('#'));
    headings.any(|heading| anchor(heading) == wanted)
}

/// Whether a link of this document leads somewhere.
fn resolves(document: &Path, target: &str) -> bool {
    let (file, fragment) = target.split_once('#').unwrap_or((target, ""));
    let path = match file {
        "" => document.to_owned(),
        file => document.parent().unwrap().join(file),
    };
    path.exists() && (fragment.is_empty() || has_anchor(&path, fragment))
}

#[test]
fn every_link_in_the_documents_resolves() {
    let documents = documents();
    assert!(documents.len() > 8, "{documents:?}");
    for document in documents {
        let targets = targets(&read(&document));
        let broken: Vec<_> = targets
            .iter()
            .filter(|target| !resolves(&document, target))
            .collect();
        assert!(broken.is_empty(), "{}: {broken:?}", document.display());
    }
}

#[test]
fn a_link_to_a_missing_file_or_heading_is_noticed() {
    let readme = Path::new(ROOT).join("README.md");
    assert!(resolves(&readme, "HEALTH.md#the-supervisor"));
    assert!(!resolves(&readme, "HEALTH.md#no-such-heading"));
    assert!(!resolves(&readme, "docs/no-such-page.md"));
    assert_eq!(
        targets("[a](b.md#c) [d](https://e.f) ![g](h.svg)"),
        ["b.md#c", "h.svg"]
    );
}

#[test]
fn the_first_pages_stay_short() {
    for (page, limit) in [("README.md", 150), ("HEALTH.md", 300)] {
        let lines = read(page).lines().count();
        assert!(
            lines <= limit,
            "{page} has {lines} lines, more than {limit}"
        );
    }
}

#[test]
fn the_readme_lists_the_exit_codes_of_the_program() {
    let readme = read("README.md");
    let (_, table) = readme
        .split_once("| exit code | meaning |\n| --- | --- |\n")
        .unwrap();
    let listed: Vec<_> = table
        .lines()
        .take_while(|line| line.starts_with('|'))
        .collect();
    let row = |(code, meaning): (u8, &str)| format!("| {code} | {meaning} |");
    let codes = meshcore_keygen::testing::exit::table();
    let expected: Vec<_> = codes.into_iter().map(row).collect();
    assert_eq!(listed, expected);
}

#[test]
fn the_picture_shows_no_private_key_and_no_folder_of_its_maker() {
    let picture = read("docs/keygen.svg");
    assert!(picture.contains("~/keys/meshcore_"));
    for unwanted in ["/tmp", "/home", "/root", "prv.key"] {
        assert!(!picture.contains(unwanted), "{unwanted}");
    }
    let is_key = |word: &&str| word.len() >= 64 && word.chars().all(|c| c.is_ascii_hexdigit());
    let mut keys = picture.split(|c: char| !c.is_alphanumeric()).filter(is_key);
    assert!(keys.all(|key| key.len() == 64 && key.starts_with("c0ffee1")));
}
