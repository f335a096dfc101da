//! The owner's side: one start serves one key, whatever processes do at the same time.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::{Both, scalars};
use crate::common::program::{DEADLINE, end_of};

#[test]
fn a_start_is_saved_for_its_owner_alone_and_listed_until_it_is_used() {
    let both = Both::new();
    let run = both.owner.finds(&["blind", "new", "roof"]);
    let start = run.out.trim().to_owned();
    assert_eq!(start.len(), 64);
    assert!(
        run.err.contains(&format!("keygen --blind {start}")),
        "{}",
        run.err
    );
    let secret = scalars(&both.owner).remove(0);
    assert!(!(run.out + &run.err).contains(&secret));
    let file = both.owner.path("state/meshcore-keygen/blind/roof.start");
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let list = |both: &Both| both.owner.finds(&["blind", "list"]).out;
    assert_eq!(list(&both), format!("{start}\troof\tunused\n"));
    assert_eq!(both.owner.run(&["blind", "new", "roof"]).code, Some(2));
    both.search(&[start], &["--prefix", "A"]);
    assert_eq!(both.finish().code, Some(0));
    assert!(
        list(&both).contains("\troof\tused for a"),
        "{}",
        list(&both)
    );
    assert!(!file.exists());
    assert!(
        both.owner
            .names()
            .iter()
            .any(|name| name.ends_with("_private.txt"))
    );
    // A key of a claim is one as any other.
    let key = both.owner.pairs().remove(0);
    both.owner
        .finds(&["key", "verify", key.file.to_str().unwrap()]);
}

#[test]
fn of_two_processes_with_two_claims_of_one_start_exactly_one_gets_a_key() {
    let both = Both::new();
    let starts = both.starts(1);
    both.search(&starts, &["--prefix", "A", "-n", "2"]);
    let finish = |claim: &std::path::PathBuf| {
        let words = ["blind", "finish", claim.to_str().unwrap()];
        both.owner.command(&words).spawn().unwrap()
    };
    let children: Vec<_> = both.claim_files().iter().map(finish).collect();
    let ends: Vec<_> = children
        .into_iter()
        .map(|child| end_of(child, DEADLINE))
        .collect();
    let mut codes: Vec<_> = ends.iter().map(|end| end.status.code()).collect();
    codes.sort();
    assert_eq!(codes, [Some(0), Some(1)]);
    let said: String = ends
        .iter()
        .map(|end| String::from_utf8_lossy(&end.stderr))
        .collect();
    assert!(said.contains("One start serves one key"), "{said}");
    assert_eq!(both.owner.pairs().len(), 1);
    let again = both.finish();
    assert_eq!(
        (again.code, both.owner.pairs().len()),
        (Some(1), 1),
        "{}",
        again.err
    );
}

#[test]
fn a_pattern_on_the_owners_command_line_goes_before_what_claims_say() {
    let both = Both::new();
    let starts = both.starts(1);
    both.search(&starts, &["--prefix", "A"]);
    let claims = both.searcher.keys();
    let claims = claims.to_str().unwrap();
    let refused = both
        .owner
        .run(&["blind", "finish", claims, "--prefix", "B"]);
    assert_eq!(refused.code, Some(1));
    assert!(
        refused.err.contains("does not fit the pattern"),
        "{}",
        refused.err
    );
    assert_eq!(
        both.owner
            .run(&["blind", "finish", claims, "--prefix", "A"])
            .code,
        Some(0)
    );
}

#[test]
fn a_claim_that_somebody_changed_is_refused_and_the_start_still_serves() {
    let both = Both::new();
    let starts = both.starts(1);
    both.search(&starts, &["--prefix", "A"]);
    let text = fs::read_to_string(&both.claim_files()[0]).unwrap();
    let public = both.claims()[0]["public_key"].as_str().unwrap().to_owned();
    let file = both.owner.write(
        "claim_changed.json",
        text.replace(&public[..9], "a12345678"),
    );
    let refused = both.owner.run(&["blind", "finish", &file]);
    assert_eq!(refused.code, Some(2), "{}", refused.err);
    assert!(refused.err.contains("changed or cut"), "{}", refused.err);
    assert_eq!(both.finish().code, Some(0));
}
