//! Who may see the page, and who may act on it.

use std::fs::{self, Permissions};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;

use rustix::process::Signal;

use super::{act, enter, link, picture, search, session_of};
use crate::common::http::{ask, get};
use crate::common::program::{DEADLINE, NEVER, Place, Running};
use crate::common::searches::{folder, status};
use crate::common::wait::wait_for;

fn stop(running: Running) {
    running.signal(Signal::TERM);
    assert_eq!(running.end(DEADLINE).code, Some(143));
}

#[test]
fn a_link_lets_one_browser_in_and_strangers_other_hosts_and_other_origins_are_refused() {
    let place = Place::new();
    let (running, at, token) = search(&place, &[]);
    for path in ["/", "/live", "/past?session=night", "/?token=wrong"] {
        assert_eq!(get(at, path).status, 401, "{path}");
    }
    let cookie = enter(at, &token);
    assert_eq!(
        get(at, &format!("/?token={token}")).status,
        401,
        "the link is good once"
    );
    let page = ask(at, "GET", "/", &cookie);
    assert_eq!(page.status, 200);
    for part in [
        "content-security-policy: default-src 'none'",
        "cache-control: no-store",
        "x-frame-options: DENY",
    ] {
        assert!(page.head.contains(part), "{part} in {}", page.head);
    }
    let session = session_of(at, &cookie);
    assert_eq!(
        (&session["session"], &session["state"]),
        (&"night".into(), &"running".into())
    );
    assert_eq!(session["process"]["id"], running.id());
    for (path, headers, status) in [
        ("/", "Host: evil.example\r\n", 421),
        ("/live", "Origin: http://evil.example\r\n", 403),
        ("/live", "Sec-Fetch-Site: same-site\r\n", 403),
        ("/past?session=night", "Origin: null\r\n", 403),
        ("/past?session=other", "", 404),
        ("/nothing", "", 404),
    ] {
        // A second Host header is as good as a wrong one.
        let reply = ask(at, "GET", path, &format!("{cookie}{headers}"));
        let expected = if headers.starts_with("Host") {
            [400, 421]
        } else {
            [status; 2]
        };
        assert!(
            expected.contains(&reply.status),
            "{path} {headers}: {}",
            reply.status
        );
    }
    let rebound = "GET / HTTP/1.1\r\nHost: evil.example\r\n".to_owned() + &cookie + "\r\n";
    let rebound = crate::common::http::send(at, rebound.as_bytes());
    assert!(rebound.starts_with("HTTP/1.1 421"), "{rebound}");
    // A page that only shows passes nothing on.
    let refused = act(at, &cookie, r#"{"session":"night","command":"pause"}"#);
    assert!(
        refused.status == 403 && refused.body.contains("--dashboard-control"),
        "{}",
        refused.body
    );
    assert_eq!(
        ask(at, "POST", "/act", &cookie).status,
        403,
        "without an origin"
    );
    assert_eq!(ask(at, "DELETE", "/", &cookie).status, 405);
    assert_eq!(status(&place, "night")["state"], "running");
    stop(running);
}

#[test]
fn a_page_that_may_control_passes_requests_on_which_are_recorded_and_outlives_the_process() {
    let place = Place::new();
    let events = place.path("events");
    let events_to = events.to_str().unwrap();
    let words = [
        "--dashboard-control",
        "--events",
        events_to,
        "--on-alert",
        "true",
    ];
    let (running, at, token) = search(&place, &words);
    let cookie = enter(at, &token);
    session_of(at, &cookie);
    let said = |body: &str| {
        serde_json::from_str::<serde_json::Value>(&act(at, &cookie, body).body).unwrap()
    };
    assert_eq!(
        said(r#"{"session":"night","command":"pause"}"#)["said"],
        "is paused"
    );
    wait_for("the pause", || {
        (picture(at, &cookie)["sessions"][0]["state"] == "paused").then_some(())
    });
    // On a busy machine there may be alerts besides the pause.
    let sent = wait_for("the message about the pause", || {
        let sent = picture(at, &cookie)["sessions"][0]["snapshot"]["deliveries"][0].clone();
        (sent["delivered"].as_u64() > Some(0)).then_some(sent)
    });
    assert_eq!(sent["to"], "--on-alert");
    assert!(sent["sent"].as_u64() >= sent["delivered"].as_u64());
    assert!(
        sent["latest"].is_string() && sent["at"].is_string(),
        "{sent}"
    );
    assert_eq!(
        said(r#"{"session":"night","command":"unpause"}"#)["ok"],
        true
    );
    for wrong in [
        r#"{"session":"other","command":"stop"}"#,
        r#"{"session":"night","command":"explode"}"#,
        "rubbish",
        r#"{"session":"../night","command":"stop"}"#,
    ] {
        assert_eq!(said(wrong)["ok"], false, "{wrong}");
    }
    assert_eq!(act(at, &cookie, &"x".repeat(5000)).status, 413);
    let foreign = ask(
        at,
        "POST",
        "/act",
        &format!("{cookie}Origin: http://evil.example\r\nContent-Type: application/json\r\n"),
    );
    assert_eq!(foreign.status, 403);
    wait_for("the record", || {
        let events = fs::read_to_string(&events).unwrap_or_default();
        events.contains("\"pause\"").then_some(())
    });
    let kept = folder(&place, "night").join("dashboard.json");
    assert_eq!(
        fs::metadata(&kept).unwrap().permissions().mode() & 0o777,
        0o600
    );
    running.signal(Signal::KILL);
    running.end(DEADLINE);
    let mut again = Running::new(place.command(&["resume", "night", "--dashboard"]));
    again.read_until("Dashboard");
    assert_eq!(link(again.said()).0, at, "the port is the same");
    again.read_until("Searching for");
    assert_eq!(session_of(at, &cookie)["runs"], 2, "and so is the cookie");
    stop(again);
}

#[test]
fn a_thousand_slow_connections_slow_neither_the_search_nor_an_open_page() {
    use std::io::{BufRead, BufReader, Write};
    let place = Place::new();
    let (running, at, token) = search(&place, &[]);
    let cookie = enter(at, &token);
    let mut open = crate::common::http::connect(at);
    write!(open, "GET /live HTTP/1.1\r\nHost: {at}\r\n{cookie}\r\n").unwrap();
    let mut lines = BufReader::new(open).lines().map(Result::unwrap);
    let mut next = || lines.find(|line| line.starts_with("data: ")).unwrap();
    let candidates = |line: &str| {
        let picture: serde_json::Value =
            serde_json::from_str(line.strip_prefix("data: ").unwrap()).unwrap();
        picture["sessions"][0]["snapshot"]["candidates"]
            .as_u64()
            .unwrap_or(0)
    };
    let before = candidates(&next());
    let mut crowd = Vec::new();
    for number in 0..1000 {
        // Those beyond the bound are closed by the server; they need not even connect.
        if let Ok(mut slow) = TcpStream::connect(at) {
            let _ = slow.write_all(b"GET / HTTP/1.1\r\nHost: loc");
            crowd.push(slow);
        }
        if number % 200 == 0 {
            next();
        }
    }
    let (mut after, first) = (candidates(&next()), before);
    while after <= first {
        after = candidates(&next());
    }
    assert_eq!(ask(at, "GET", "/", &cookie).status, 200);
    let files = fs::read_dir(format!("/proc/{}/fd", running.id())).map_or(0, Iterator::count);
    assert!(files < 150, "{files} open files");
    drop(crowd);
    stop(running);
}

#[test]
fn what_makes_no_safe_page_is_refused_before_any_work() {
    let place = Place::new();
    let refused = |words: &[&str], parts: &[&str]| {
        let run = place.run(&[&["--prefix", NEVER], words].concat());
        assert_eq!(run.code, Some(2), "{words:?}: {}", run.err);
        for part in parts {
            assert!(run.err.contains(part), "{part} in {}", run.err);
        }
    };
    let token = |name: &str, text: &str, mode| {
        let path = place.write(name, text);
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        path
    };
    let good = token("good", "0123456789abcdefghij\n", 0o600);
    let open = token("open", "0123456789abcdefghij\n", 0o644);
    let short = token("short", "secret\n", 0o600);
    let file = "--dashboard-token-file";
    refused(
        &["--dashboard", "0.0.0.0:0"],
        &["--dashboard 0.0.0.0:0", file],
    );
    refused(
        &["--dashboard", file, &open],
        &[file, "other users can read it", "chmod 600"],
    );
    refused(&["--dashboard", file, &short], &[file, "16 to 1024"]);
    refused(&["--dashboard", file, "/none"], &[file, "/none"]);
    refused(
        &["--dashboard", "192.0.2.1:80"],
        &["not an address of this machine"],
    );
    refused(&["--dashboard", "nonsense"], &["--dashboard", "port"]);
    refused(&["--open"], &["--open", "--dashboard"]);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    refused(&["--dashboard", &port], &["another program listens there"]);
    assert_eq!(place.names(), [""; 0]);
    let unknown = place.run(&["dashboard", "none"]);
    assert!(
        unknown.code == Some(2) && unknown.err.contains("none"),
        "{}",
        unknown.err
    );
    // With a token of its own, a page may be reached from outside: whoever knows the token is let in.
    let mut running = Running::new(place.command(&[
        "--prefix",
        NEVER,
        "--workers",
        "1",
        "--dashboard",
        "0.0.0.0:0",
        file,
        &good,
    ]));
    running.read_until("Nothing is encrypted");
    let (_, rest) = running.said().split_once("http://localhost:").unwrap();
    let at = format!("127.0.0.1:{}", rest.split_once('/').unwrap().0)
        .parse()
        .unwrap();
    assert!(!running.said().contains("token=") && get(at, "/").body.contains("type=\"password\""));
    let form = |token: &str| {
        let body = format!("token={token}");
        let headers = format!(
            "Origin: http://{at}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        ask(at, "POST", "/enter", headers.trim_end_matches("\r\n"))
    };
    assert_eq!(
        (form("wrong").status, form("0123456789abcdefghij").status),
        (401, 200)
    );
    stop(running);
}
