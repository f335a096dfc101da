//! On a terminal a key is followed by what to do with it, and its private half is shown only when asked for.

#![allow(clippy::unwrap_used)] // a test that fails by panicking is fine

#[path = "common/program.rs"]
mod program;

use program::{Place, Run, hex};

/// What a search shows on a terminal, which `script` pretends to be; nothing where there is no `script`.
fn on_terminal(test: &str, place: &Place, words: &str) -> Option<Run> {
    if !program::has(test, "script", &["-qec", "true", "/dev/null"]) {
        return None;
    }
    let program = env!("CARGO_BIN_EXE_keygen");
    let line = format!("{program} {words}");
    let mut command = place.wrapped(&[], &[]);
    let mut script = std::process::Command::new("script");
    script.args(["-qec", &line, "/dev/null"]);
    for (name, value) in command.get_envs() {
        script.env(name, value.unwrap());
    }
    script.current_dir(place.keys()).env("TERM", "xterm");
    script.stdin(std::process::Stdio::null());
    command = script;
    command.stdout(std::process::Stdio::piped());
    let child = command.spawn().unwrap();
    Some(Run::from(program::end_of(child, program::DEADLINE)))
}

#[test]
fn after_the_last_key_a_terminal_shows_what_to_do_with_it() {
    let place = Place::new();
    let Some(run) = on_terminal("the guide", &place, "--prefix F8 -n 2") else {
        return;
    };
    assert_eq!(run.code, Some(0), "{}", run.out);
    place.assert_secret(&run);
    for words in [
        "Node ID",
        "readable only by you",
        "set prv.key",
        "reboot",
        "companion",
    ] {
        assert_eq!(
            run.out.matches(words).count().min(1),
            1,
            "{words}: {}",
            run.out
        );
    }
    assert_eq!(
        run.out.matches("Node ID").count(),
        1,
        "only after the last key"
    );
    let guide = run.out.find("Node ID").unwrap();
    let last = place
        .pairs()
        .iter()
        .map(|pair| run.out.find(&hex(&pair.public)).unwrap())
        .max();
    assert!(last.unwrap() < guide);
}

#[test]
fn the_private_key_is_shown_on_a_terminal_when_asked_for() {
    let place = Place::new();
    let Some(run) = on_terminal("--show-private", &place, "--prefix F8 --show-private") else {
        return;
    };
    assert_eq!(run.code, Some(0), "{}", run.out);
    assert!(
        run.out.contains(&hex(&place.pairs()[0].private)),
        "{}",
        run.out
    );
}

#[test]
fn the_private_key_is_not_shown_where_nobody_reads() {
    let place = Place::new();
    let run = place.run(&["--prefix", "F8", "--show-private"]);
    assert_eq!(run.code, Some(2));
    assert!(
        run.err.contains("--show-private") && place.names().is_empty(),
        "{}",
        run.err
    );
}

#[test]
fn quiet_on_a_terminal_shows_the_result_alone() {
    let place = Place::new();
    let Some(run) = on_terminal("--quiet", &place, "--prefix F8 --quiet") else {
        return;
    };
    assert_eq!(run.out.trim().lines().count(), 1, "{}", run.out);
}
