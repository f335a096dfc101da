//! Blind search: machines that nobody has to trust find where a key is, and only its owner makes it.

mod claims;
mod cluster;
mod leaks;
mod owner;
mod refusals;
mod sessions;

use std::fs;
use std::path::PathBuf;

use num_bigint::BigUint;
use serde_json::Value;

use crate::common::program::{Pair, Place, Run};

/// The places of an owner and of a searcher, who share nothing.
struct Both {
    owner: Place,
    searcher: Place,
}

impl Both {
    fn new() -> Self {
        Self {
            owner: Place::new(),
            searcher: Place::new(),
        }
    }

    /// Draws so many starts; gives their public halves.
    fn starts(&self, count: usize) -> Vec<String> {
        let run = self
            .owner
            .finds(&["blind", "new", "-n", &count.to_string()]);
        let starts: Vec<_> = run.out.lines().map(str::to_owned).collect();
        assert_eq!(starts.len(), count, "{}", run.out);
        starts
    }

    /// Searches from these starts for this pattern, with one worker.
    fn search(&self, starts: &[String], words: &[&str]) -> Run {
        let starts = starts.join(",");
        let first = ["--blind", &starts, "--workers", "1"];
        self.searcher.finds(&[&first[..], words].concat())
    }

    /// Makes keys of all claims that the searcher saved.
    fn finish(&self) -> Run {
        let claims = self.searcher.keys();
        self.owner
            .run(&["blind", "finish", claims.to_str().unwrap()])
    }

    /// The files of claims, by name.
    fn claim_files(&self) -> Vec<PathBuf> {
        let names = self.searcher.names().into_iter();
        let claims = names.filter(|name| name.starts_with("claim_"));
        claims.map(|name| self.searcher.keys().join(name)).collect()
    }

    /// The claims in these files.
    fn claims(&self) -> Vec<Value> {
        let read = |file: PathBuf| serde_json::from_str(&fs::read_to_string(file).unwrap());
        let claims = self.claim_files().into_iter().map(read);
        claims
            .map(|claim: Result<Value, _>| claim.unwrap())
            .collect()
    }
}

/// The scalar in a private key.
fn scalar(pair: &Pair) -> BigUint {
    BigUint::from_bytes_le(&pair.private[..32])
}

/// The scalar file of the owner's only start, or of those that are left.
fn scalars(place: &Place) -> Vec<String> {
    let folder = place.path("state/meshcore-keygen/blind");
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let files = files.filter(|file| file.extension().is_some_and(|ending| ending == "start"));
    files
        .map(|file| fs::read_to_string(file).unwrap().trim().to_owned())
        .collect()
}
