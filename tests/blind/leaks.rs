//! What a searcher has on its disk, in its memory and in what it prints holds no secret of the owner.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use rustix::process::Signal;

use super::{Both, scalars};
use crate::common::program::{DEADLINE, NEVER, hex, unhex};
use crate::common::wait::wait_until;

/// A page that was never touched.
const ZEROS: [u8; 4096] = [0; 4096];

/// All files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => files.extend(self::files(&path)),
            false => files.push(path),
        }
    }
    files
}

/// The memory of a process as a core dump would have it: everything that it has mapped and may read or write.
fn memory(process: u32) -> Option<Vec<u8>> {
    let maps = fs::read_to_string(format!("/proc/{process}/maps")).ok()?;
    let memory = File::open(format!("/proc/{process}/mem")).ok()?;
    let mut all = Vec::new();
    for line in maps.lines().filter(|line| line.contains(" rw")) {
        let (from, to) = line.split(' ').next()?.split_once('-')?;
        let address = |text| u64::from_str_radix(text, 16).unwrap();
        let (from, to) = (address(from), address(to));
        let mut page = vec![0; 1 << 16];
        // Not every page can be read, and those that were never touched are zeros.
        for at in (from..to).step_by(page.len()) {
            let length = page.len().min((to - at) as usize);
            let read = memory.read_at(&mut page[..length], at).unwrap_or(0);
            let used = |part: &&[u8]| **part != ZEROS[..part.len()];
            page[..read]
                .chunks(ZEROS.len())
                .filter(used)
                .for_each(|part| all.extend_from_slice(part));
        }
    }
    Some(all)
}

/// How a secret could show: as bytes in either order, in hex of either case and order.
fn forms(secret: &[u8]) -> Vec<Vec<u8>> {
    let reversed: Vec<u8> = secret.iter().rev().copied().collect();
    let texts = [secret, &reversed].map(hex);
    let upper = texts.clone().map(|text| text.to_uppercase().into_bytes());
    let bytes = [secret.to_vec(), reversed];
    bytes
        .into_iter()
        .chain(texts.map(String::into_bytes))
        .chain(upper)
        .collect()
}

/// Whether any of these secrets shows in any form.
fn holds_any(haystack: &[u8], secrets: &[&[u8]]) -> bool {
    let forms: Vec<_> = secrets.iter().flat_map(|secret| forms(secret)).collect();
    let mut begins = [false; 256];
    forms
        .iter()
        .for_each(|form| begins[usize::from(form[0])] = true);
    let at = |index: usize| forms.iter().any(|form| haystack[index..].starts_with(form));
    (0..haystack.len()).any(|index| begins[usize::from(haystack[index])] && at(index))
}

/// No crash writes a core file, whatever the shell allows: what its memory holds is looked at above all.
#[test]
fn a_searcher_that_is_aborted_leaves_no_core_file() {
    let both = Both::new();
    let start = both.starts(1).remove(0);
    let shell = ["sh", "-c", "ulimit -c unlimited; exec \"$0\" \"$@\""];
    let words = ["--blind", &start, "--prefix", NEVER, "--workers", "1"];
    let running = both.searcher.start(both.searcher.wrapped(&shell, &words));
    let limits = fs::read_to_string(format!("/proc/{}/limits", running.id())).unwrap();
    let core = limits
        .lines()
        .find(|line| line.contains("core file"))
        .unwrap();
    running.signal(Signal::ABORT);
    assert_eq!(running.end(DEADLINE).code, None);
    assert_eq!(files(&both.searcher.path("")), Vec::<PathBuf>::new());
    assert_eq!(core.split_whitespace().nth(4), Some("0"));
}

#[test]
fn disk_memory_and_output_of_a_searcher_hold_no_secret() {
    let both = Both::new();
    let start = both.starts(1).remove(0);
    let scalar = unhex(&scalars(&both.owner).remove(0));
    let list = both.searcher.write("list", "A\n");
    let words = [
        "--blind",
        &start,
        "--prefix",
        NEVER,
        "--watchlist",
        &list,
        "--workers",
        "1",
        "--session",
        "s",
        "-v",
    ];
    let running = both.searcher.start(both.searcher.command(&words));
    wait_until("a claim", || !both.claim_files().is_empty());
    let memory = memory(running.id());
    running.signal(Signal::TERM);
    let run = running.end(DEADLINE);
    // a line of a watchlist names no pattern: the owner gives it
    let claims = both.searcher.keys();
    both.owner
        .finds(&["blind", "finish", claims.to_str().unwrap(), "--prefix", "A"]);
    let key = both.owner.pairs().remove(0).private;
    let secrets = [&scalar[..], &key[..32], &key[32..]];
    for file in files(&both.searcher.path("")) {
        let contents = fs::read(&file).unwrap();
        assert!(!holds_any(&contents, &secrets), "{file:?}");
    }
    let printed = run.out + &run.err;
    assert!(!holds_any(printed.as_bytes(), &secrets));
    match memory {
        None => eprintln!("skipped: the memory of a search can't be read here"),
        Some(memory) => {
            // What is public is found there: so would be what is not.
            assert!(
                holds_any(&memory, &[&unhex(&start)]),
                "{} bytes",
                memory.len()
            );
            assert!(!holds_any(&memory, &secrets));
        }
    }
}
