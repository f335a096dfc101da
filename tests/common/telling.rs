//! Runs the program with channels to outside, for black-box tests of what it tells.

use std::process::Command;

use crate::common::program::{Place, Run, hex};

/// A secret in every address.
pub const SECRET: &str = "TOPSECRET";

/// Runs the program to its end; nothing that it prints may hold the secret.
pub fn run(place: &Place, words: &[&str]) -> Run {
    let run = place.finish(command(place, words));
    assert!(
        !(run.out.clone() + &run.err).contains(SECRET),
        "{}",
        run.err
    );
    run
}

/// The program without this machine's settings and proxies.
pub fn command(place: &Place, words: &[&str]) -> Command {
    let mut command = place.command(words);
    command.env("XDG_CONFIG_HOME", place.path("config"));
    for proxy in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
        command.env_remove(proxy);
    }
    command
}

/// No half of a private key that was saved may be in any of these texts.
pub fn assert_public<'a>(place: &Place, texts: impl IntoIterator<Item = &'a str>) {
    let pairs = place.pairs();
    assert!(!pairs.is_empty());
    for text in texts {
        let text = text.to_lowercase();
        for half in pairs.iter().flat_map(|pair| pair.private.chunks(32)) {
            assert!(!text.contains(&hex(half)), "a private key left the program");
        }
    }
}
