//! On a terminal a key is followed by what to do with it, and its private half is shown only when asked for.

use std::process::Command;

use crate::common::program::{self, DEADLINE, Place, Run, hex};
use crate::common::tmux::Tmux;

/// What a search shows on a terminal, which `script` pretends to be; nothing where there is no `script`.
fn on_terminal(test: &str, place: &Place, words: &str) -> Option<Run> {
    if !program::has(test, "script", &["-qec", "true", "/dev/null"]) {
        return None;
    }
    let program = env!("CARGO_BIN_EXE_keygen");
    let line = format!("{program} {words}");
    let mut command = place.wrapped(&[], &[]);
    let mut script = Command::new("script");
    script.args(["-qec", &line, "/dev/null"]);
    for (name, value) in command.get_envs() {
        script.env(name, value.unwrap());
    }
    script.current_dir(place.keys()).env("TERM", "xterm");
    script.stdin(std::process::Stdio::null());
    command = script;
    command.stdout(std::process::Stdio::piped());
    let child = command.spawn().unwrap();
    Some(Run::from(program::end_of(child, DEADLINE)))
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

#[test]
fn a_terminal_shows_progress_at_its_bottom_which_is_gone_at_the_end() {
    if !program::has("progress on a terminal", "tmux", &["-V"]) {
        return;
    }
    let place = Place::new();
    let tmux = Tmux::start(&place, "--prefix 0123456789ABCDEF --time 1h");
    // Both come with the first rate, a moment after the first count.
    tmux.until("more than a day");
    let seen = tmux.until("from now 50 % in");
    for words in [
        "Searching for prefix",
        "candidates, ",
        "0 of 1 key",
        "a key takes 1.84e19 candidates on average, chance by now",
        "within the limit",
    ] {
        assert!(seen.contains(words), "{words}: {seen}");
    }
    assert_eq!(seen.matches("chance by now").count(), 1, "{seen}");
    assert!(seen.contains("more than a day"), "{seen}");
    tmux.run(&["send-keys", "C-c"]);
    let seen = tmux.until("code=130");
    assert!(seen.contains("Stopped by interrupt"), "{seen}");
    assert!(!seen.contains("chance by now"), "{seen}");
}

#[test]
fn without_any_option_a_terminal_shows_what_is_about_to_happen() {
    if !program::has("first run on a terminal", "tmux", &["-V"]) {
        return;
    }
    let place = Place::new();
    let tmux = Tmux::start(&place, "");
    let seen = tmux.until("on average on this machine").replace('\n', "");
    for words in [
        "vanity 8",
        "keygen --prefix F8",
        "keygen ids",
        "The key goes to",
    ] {
        assert!(seen.contains(words), "{words}: {seen}");
    }
    // from here on an interrupt ends the search in order
    tmux.until("Searching for vanity 8");
    tmux.run(&["send-keys", "C-c"]);
    tmux.until("code=");
}
