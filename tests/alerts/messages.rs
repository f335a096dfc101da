//! What leaves the program, as a black box: messages to web servers, commands, what is shown of addresses,
//! and that none of it delays a search or holds a private key.

use std::fs;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use crate::common::program::Place;
use crate::common::searches::SEARCH;
use crate::common::telling::{SECRET, assert_public, command, run};
use crate::common::wait::wait_until;
use crate::common::web_server::{Answer, Request, WebServer};
use rustix::process::Signal;
use serde_json::Value;

/// The alerts in the history by name, with whether they are over.
fn history(place: &Place) -> Vec<(String, bool)> {
    let listed = place.finds(&["alert", "list", "--all", "--json"]);
    let name = |alert: &Value| alert["alert_type"].as_str().unwrap().to_owned();
    let over = |alert: &Value| alert["resolved"].as_bool().unwrap();
    let alerts = listed.json();
    alerts.iter().map(|a| (name(a), over(a))).collect()
}

#[test]
fn found_keys_and_the_end_are_told_in_the_form_of_each_channel() {
    let place = Place::new();
    let server = WebServer::start(&[]);
    let words = ["--prefix", "A", "--session", "night", "--workers", "1"];
    let json = server.url("http", &format!("/{SECRET}"));
    let slack = server
        .url("slack+http", "/hook")
        .replace("//", &format!("//me:{SECRET}@"));
    let ntfy = server.url("ntfy+http", "/base/topic#critical");
    let ntfy = ntfy.replace("//", &format!("//:{SECRET}@"));
    let channels = ["--notify", &json, "--notify", &slack, "--notify", &ntfy];
    let found = run(&place, &[&words[..], &channels[..]].concat());
    assert_eq!(found.code, Some(0), "{}", found.err);
    assert!(!found.err.contains("WARNING"), "{}", found.err);
    let requests = server.rest();
    let at = |line: &str| -> Vec<&Request> { requests.iter().filter(|r| r.line == line).collect() };
    let messages: Vec<_> = at(&format!("POST /{SECRET}"))
        .iter()
        .map(|r| r.json())
        .collect();
    let names: Vec<_> = messages
        .iter()
        .map(|m| m["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["found", "ended"]);
    let public = &found.publics()[0];
    let file = found.lines()[0].1.display().to_string();
    assert_eq!(
        (&messages[0]["public_key"], &messages[0]["file"]),
        (&Value::from(public.as_str()), &Value::from(file))
    );
    for message in &messages {
        assert_eq!(
            (&message["session"], &message["v"]),
            (&"night".into(), &1.into())
        );
        assert!(
            message["host"]
                .as_str()
                .is_some_and(|host| !host.is_empty())
        );
        assert!(message["time"].as_str().unwrap().ends_with('Z'));
    }
    let slack = at("POST /hook");
    assert_eq!(slack.len(), 2);
    assert!(slack[0].json()["text"].as_str().unwrap().contains(public));
    assert_eq!(
        slack[0].header("authorization"),
        Some("Basic bWU6VE9QU0VDUkVU")
    );
    // Only what is critical goes there, and the key.
    let ntfy = at("POST /base/");
    assert_eq!(ntfy.len(), 1);
    assert_eq!(
        (&ntfy[0].json()["topic"], &ntfy[0].json()["priority"]),
        (&"topic".into(), &4.into())
    );
    assert_eq!(
        ntfy[0].header("authorization"),
        Some(format!("Bearer {SECRET}").as_str())
    );
    assert_public(&place, requests.iter().map(|request| request.body.as_str()));
    let told = history(&place);
    assert_eq!(
        told,
        [("found".to_owned(), true), ("ended".to_owned(), true)]
    );
}

#[test]
fn a_server_that_fails_gets_its_message_again() {
    let place = Place::new();
    let server = WebServer::start(&[Answer::Status(500)]);
    let url = server.url("http", "/");
    let found = run(&place, &["--prefix", "A", "--notify", &url]);
    assert_eq!(found.code, Some(0), "{}", found.err);
    let names: Vec<_> = server
        .rest()
        .iter()
        .map(|r| r.json()["name"].clone())
        .collect();
    assert_eq!(names, ["found", "found", "ended"]);
    assert!(!found.err.contains("WARNING"), "{}", found.err);
}

#[test]
fn redirects_are_not_followed_and_a_channel_that_fails_is_an_alert_to_the_others() {
    let place = Place::new();
    let elsewhere = WebServer::start(&[]);
    let lost = elsewhere.url("http", "/lost");
    let moved = WebServer::start(&vec![Answer::Redirect(lost); 9]);
    let good = WebServer::start(&[]);
    let words = ["--session", "night", "--time", "6s", "--notify"];
    let moved_url = moved.url("http", &format!("/{SECRET}"));
    let good_url = good.url("http", "/");
    let hot = [
        "--notify",
        &good_url,
        "--inject",
        "panic:worker=1",
        "--workers",
        "1",
    ];
    let words = [&SEARCH[..4], &words, &[&moved_url], &hot].concat();
    let ended = run(&place, &words);
    assert_eq!(ended.code, Some(3), "{}", ended.err);
    let said = format!(
        "A message to http://127.0.0.1:{}/… could not be delivered: the server answered 302",
        moved.port
    );
    assert!(ended.err.contains(&said), "{}", ended.err);
    assert!(elsewhere.rest().is_empty());
    let messages: Vec<_> = good.rest().iter().map(Request::json).collect();
    let named = |name: &str| messages.iter().find(|m| m["name"] == name).unwrap();
    assert_eq!(named("worker-dead")["details"]["step"], "restarting");
    assert_eq!(named("channel-failed")["subject"], "channel-1");
    assert!(!messages.iter().any(|m| m.to_string().contains(SECRET)));
    let told = history(&place);
    for name in ["worker-dead", "channel-failed", "ended"] {
        assert!(told.contains(&(name.to_owned(), true)), "{name}: {told:?}");
    }
}

#[test]
fn a_closed_port_is_said_and_costs_no_key() {
    let place = Place::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let url = format!("http://127.0.0.1:{port}/{SECRET}");
    let found = run(&place, &["--prefix", "A", "-n", "3", "--notify", &url]);
    assert_eq!(
        (found.code, place.pairs().len()),
        (Some(0), 3),
        "{}",
        found.err
    );
    assert!(
        found.err.contains("not delivered to http://127.0.0.1:"),
        "{}",
        found.err
    );
}

#[test]
fn a_server_that_never_answers_delays_neither_the_search_nor_its_end() {
    let place = Place::new();
    let server = WebServer::start(&vec![Answer::Silence; 99]);
    let url = server.url("http", &format!("/{SECRET}"));
    let words = ["--prefix", "AB", "-n", "all", "--notify", &url];
    let running = place.start(command(&place, &words));
    server.next();
    // Names only: a key's second file may not be there yet.
    wait_until("a dozen files", || place.names().len() >= 12);
    running.signal(Signal::INT);
    let told = Instant::now();
    let ended = running.end(Duration::from_secs(60));
    // The patience after an interrupt is a second; the machine may be busy.
    assert!(
        told.elapsed() < Duration::from_secs(8),
        "{:?}",
        told.elapsed()
    );
    assert_eq!(ended.code, Some(130), "{}", ended.err);
    assert!(place.pairs().len() >= 5);
    assert!(ended.err.contains("not delivered to"), "{}", ended.err);
    assert!(!ended.err.contains(SECRET), "{}", ended.err);
}

#[test]
fn commands_get_the_facts_in_their_environment_and_nothing_secret() {
    let place = Place::new();
    let out = place.path("out");
    fs::create_dir(&out).unwrap();
    let (out, dollar) = (out.display(), "$$");
    let on_found = format!("env > {out}/found; cat /proc/{dollar}/cmdline > {out}/words");
    let on_alert = format!("echo $ALERT_NAME $ALERT_STATE $ALERT_SEVERITY >> {out}/alerts; exit 3");
    let words = [
        "--prefix",
        "A",
        "--session",
        "night",
        "--on-found",
        &on_found,
    ];
    let found = run(&place, &[&words[..], &["--on-alert", &on_alert]].concat());
    assert_eq!(found.code, Some(0), "{}", found.err);
    let read = |name: &str| fs::read_to_string(place.path("out").join(name)).unwrap();
    let (facts, line) = (read("found"), read("words"));
    let file = found.lines()[0].1.display().to_string();
    for (name, value) in [
        ("FOUND_PUBLIC_KEY", found.publics()[0].as_str()),
        ("FOUND_FILE", file.as_str()),
        ("SESSION", "night"),
        ("ALERT_NAME", "found"),
    ] {
        let wanted = format!("{name}={value}");
        assert!(
            facts.lines().any(|line| line == wanted),
            "{wanted}: {facts}"
        );
    }
    assert!(
        facts
            .lines()
            .any(|line| line.starts_with("HOST=") && line.len() > 5)
    );
    assert_public(&place, [facts.as_str(), line.as_str()]);
    assert_eq!(read("alerts"), "ended noted info\n");
    assert!(
        found.err.contains("not delivered to --on-alert"),
        "{}",
        found.err
    );
}

#[test]
fn the_heartbeat_is_called_while_progress_is_confirmed() {
    let place = Place::new();
    let server = WebServer::start(&[]);
    let url = server.url("http", &format!("/{SECRET}"));
    let words = ["--no-health-check", "--time", "2s", "--heartbeat-url", &url];
    let ended = run(&place, &[&SEARCH[..4], &words].concat());
    assert_eq!(ended.code, Some(3), "{}", ended.err);
    let lines: Vec<_> = server
        .rest()
        .into_iter()
        .map(|request| request.line)
        .collect();
    assert_eq!(lines, [format!("GET /{SECRET}")]);
}

#[test]
fn a_test_says_what_each_channel_answered() {
    let place = Place::new();
    let server = WebServer::start(&[Answer::Status(200), Answer::Status(404)]);
    let good = server.url("http", &format!("/{SECRET}"));
    let bad = server.url("ntfy+http", &format!("/{SECRET}"));
    let file = place.write("channels", format!("{good}\n{bad}\n"));
    let words = [
        "alert",
        "test",
        "--on-found",
        "touch ran",
        "--on-alert",
        "touch ran-too",
    ];
    let tested = run(&place, &[&words[..], &["--notify-file", &file]].concat());
    assert_eq!(tested.code, Some(1), "{}", tested.err);
    let port = server.port;
    let expected = format!(
        "http://127.0.0.1:{port}/…: delivered: 200 OK\nntfy+http://127.0.0.1:{port}/…: FAILED: the server answered 404 Not \
         Found\n--on-alert: delivered: it exited with 0\n"
    );
    assert_eq!(tested.out, expected);
    assert_eq!(server.next().json()["name"], "test");
    assert_eq!(place.names(), ["ran-too"]);
    let good = run(&place, &["alert", "test", "--notify", &good]);
    assert_eq!(good.code, Some(0), "{}", good.err);
}

#[test]
fn settings_show_hosts_and_nothing_else_of_addresses_and_commands() {
    let place = Place::new();
    let text = format!(
        "notify = [\"https://me:{SECRET}@a.example/{SECRET}?x={SECRET}\", \"ntfy://b.example/{SECRET}#critical\"]\n\
         on-alert = \"curl https://c.example/{SECRET}\"\nheartbeat-url = \"https://d.example/{SECRET}\"\n"
    );
    let file = place.write("my.toml", text);
    let shown = run(&place, &["config", "show", "--config", &file]);
    assert_eq!(shown.code, Some(0), "{}", shown.err);
    for part in [
        "https://a.example/… ntfy://b.example/…#critical",
        "(set, not shown)",
        "https://d.example/…",
    ] {
        assert!(shown.out.contains(part), "{part}: {}", shown.out);
    }
    let checked = run(&place, &["config", "check", &file]);
    assert_eq!(checked.code, Some(0), "{}", checked.err);
}

#[test]
fn bad_input_ends_with_2_before_any_work() {
    let place = Place::new();
    let secret = format!("gopher://h.example/{SECRET}");
    let cases: [(&[&str], &str); 6] = [
        (&["--notify", &secret], "gopher:// is not supported"),
        (
            &["--notify", "https://h.example/#loud"],
            "the severity after # is unknown",
        ),
        (&["--notify-file", "none"], "no such file"),
        (&["--on-found", " "], "not a command"),
        (
            &["--on-alert", "no-such-program-here -x"],
            "--on-alert: the shell does not know",
        ),
        (&["alert", "test"], "There is no channel"),
    ];
    for (words, said) in cases {
        let refused = run(&place, words);
        assert_eq!(refused.code, Some(2), "{words:?}: {}", refused.err);
        assert!(refused.err.contains(said), "{words:?}: {}", refused.err);
        assert!(
            place.names().is_empty() && refused.out.is_empty(),
            "{words:?}"
        );
    }
}
