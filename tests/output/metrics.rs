//! Metrics of the real program: over HTTP, in a file, and as Prometheus' own tools read them.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};

use crate::common::http::{self, address, ask, connect, get, value};
use crate::common::program::{self, DEADLINE, NEVER, Place, Running, has};
use crate::common::wait::{wait_for, wait_until};
use rustix::process::Signal;

/// A search that goes on until it is told to stop, with metrics at any free port.
fn search(place: &Place, more: &[&str]) -> (Running, SocketAddr) {
    let words = ["--prefix", NEVER, "--workers", "1", "--metrics", "0"];
    let command = place.command(&[&words[..], more].concat());
    let mut running = Running::new(command);
    running.read_until("Metrics: http://");
    let address = address(running.said());
    running.read_until("Searching for");
    (running, address)
}

/// The supervisor answers; on a busy machine it may be late, and `/livez` truly says so meanwhile.
fn wait_for_life(at: SocketAddr) {
    wait_for("life", || (get(at, "/livez").status == 200).then_some(()));
}

fn stop(running: Running) {
    running.signal(Signal::TERM);
    let run = running.end(DEADLINE);
    assert_eq!(run.code, Some(143), "{}", run.err);
}

#[test]
fn a_search_tells_where_it_stands_to_whoever_asks() {
    let place = Place::new();
    let (running, at) = search(&place, &["--session", "night"]);
    wait_for("confirmed progress", || {
        (get(at, "/readyz").status == 200).then_some(())
    });
    wait_for_life(at);
    let metrics = get(at, "/metrics");
    assert_eq!(metrics.status, 200);
    assert!(
        metrics
            .head
            .contains("content-type: text/plain; version=0.0.4"),
        "{}",
        metrics.head
    );
    let of = |sample: &str| value(&metrics.body, sample).unwrap();
    assert!(
        metrics.body.contains("session=\"night\"} 1\n"),
        "{}",
        metrics.body
    );
    assert!(of("keygen_candidates_total ") > 0.0);
    assert!(of("keygen_session_candidates ") >= of("keygen_candidates_total "));
    assert_eq!(of("keygen_session_found "), 0.0);
    assert_eq!(of("keygen_session_state{state=\"running\"} "), 1.0);
    assert!(of("keygen_spot_checks_total{result=\"confirmed\"} ") > 0.0);
    assert!((1e6..60e6).contains(&of("process_resident_memory_bytes ")));
    let status: serde_json::Value = serde_json::from_str(&get(at, "/status").body).unwrap();
    assert_eq!(status["session"], "night");
    assert_eq!(status["process"], running.id());
    assert_eq!(status["phase"], "running");
    let written = "keygen_checkpoint_timestamp_seconds ";
    let written = wait_for("a checkpoint", || value(&get(at, "/metrics").body, written));
    assert!(written > 1.7e9, "{written}");
    stop(running);
}

#[test]
fn other_paths_methods_and_rubbish_are_refused_and_do_no_harm() {
    let place = Place::new();
    let (running, at) = search(&place, &[]);
    assert_eq!(get(at, "/").status, 200);
    assert_eq!(get(at, "/nothing").status, 404);
    let posted = ask(at, "POST", "/metrics", "Content-Length: 1000000\r\n");
    assert_eq!(posted.status, 405);
    assert!(posted.head.contains("allow: GET, HEAD"), "{}", posted.head);
    assert_eq!(ask(at, "BREW", "/metrics", "").status, 405);
    wait_for_life(at);
    let head = ask(at, "HEAD", "/", "");
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    let rubbish = [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"GET\r\n\r\n",
        b"GET /metrics HTTP/9.9\r\n\r\n",
        b"\0\0\0\0\r\n\r\n",
        b"GET /metrics HTTP/1.1\r\nbad header\r\n\r\n",
    ];
    for bytes in rubbish {
        let said = http::send(at, bytes);
        assert!(said.is_empty() || said.starts_with("HTTP/1.1 4"), "{said}");
    }
    let huge = format!("X-Long: {}\r\n", "x".repeat(10_000_000));
    let request = format!("GET /metrics HTTP/1.1\r\n{huge}\r\n");
    let said = http::send(at, request.as_bytes());
    assert!(
        said.is_empty() || said.starts_with("HTTP/1.1 431"),
        "{said}"
    );
    wait_for_life(at);
    stop(running);
}

/// Idle ones, ones with half a request, and ones that do not read their answer, 1,000 in all.
#[test]
fn a_thousand_connections_keep_nobody_from_asking_and_cost_little() {
    let place = Place::new();
    let (running, at) = search(&place, &[]);
    wait_for("progress", || {
        (get(at, "/readyz").status == 200).then_some(())
    });
    let before = get(at, "/metrics").body;
    let mut open = Vec::new();
    for number in 0..1000 {
        let mut stream = connect(at);
        let words: &[u8] = match number % 3 {
            0 => b"",
            1 => b"GET /metrics HTTP/1.1\r\nX-Slow: ",
            _ => b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n",
        };
        // Where it is among the oldest it may be closed already.
        let _ = stream.write_all(words);
        open.push(stream);
        if number % 250 == 249 {
            assert_eq!(get(at, "/readyz").status, 200, "{number}");
        }
    }
    let after = get(at, "/metrics").body;
    let of = |text: &str, sample: &str| value(text, sample).unwrap();
    assert!(
        of(&after, "process_open_fds ") < of(&before, "process_open_fds ") + 100.0,
        "{after}"
    );
    assert!(
        of(&after, "process_threads ") <= of(&before, "process_threads ") + 1.0,
        "{after}"
    );
    assert!(
        of(&after, "process_resident_memory_bytes ") < 60e6,
        "{after}"
    );
    let tested = |text: &str| of(text, "keygen_candidates_total ");
    wait_until("progress", || {
        tested(&get(at, "/metrics").body) > tested(&before)
    });
    drop(open);
    stop(running);
}

/// Whoever sends a byte now and then has five seconds for its head.
#[test]
fn a_slow_request_is_hung_up_on() {
    let place = Place::new();
    let (running, at) = search(&place, &[]);
    let mut stream = connect(at);
    stream
        .write_all(b"GET /metrics HTTP/1.1\r\nX-Slow: ")
        .unwrap();
    let begun = std::time::Instant::now();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    assert!(begun.elapsed().as_secs_f64() > 3.0, "{answer:?}");
    wait_for_life(at);
    stop(running);
}

#[cfg(unix)]
#[test]
fn a_search_that_was_stopped_is_not_ready_until_progress_is_confirmed_again() {
    let place = Place::new();
    let (running, at) = search(&place, &[]);
    wait_for("progress", || {
        (get(at, "/readyz").status == 200).then_some(())
    });
    running.signal(Signal::STOP);
    running.signal(Signal::CONT);
    wait_for("progress", || {
        (get(at, "/readyz").status == 200).then_some(())
    });
    stop(running);
}

#[test]
fn addresses_and_files_that_can_not_be_had_end_with_2_before_any_work() {
    let place = Place::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let folder = place.path("missing/k.prom");
    let cases: [(&[&str], &str); 6] = [
        (
            &["--metrics", &port],
            "another program listens there. Choose another port",
        ),
        (
            &["--metrics", "192.0.2.1:9184"],
            "not an address of this machine",
        ),
        (
            &["--metrics", "99999"],
            "--metrics 99999: a port is a number from 0 to 65535",
        ),
        (
            &["--metrics", "nobody"],
            "it has no port. Allowed are a port of this machine",
        ),
        (
            &["--metrics-file", folder.to_str().unwrap()],
            "it can't be written: No such file",
        ),
        (&["--metrics-file", "."], "that is a folder. Name a file"),
    ];
    for (words, said) in cases {
        let output = place.path("new");
        let more = ["--prefix", "F8", "--output", output.to_str().unwrap()];
        let run = place.run(&[words, &more[..]].concat());
        assert_eq!(run.code, Some(2), "{words:?}: {}", run.err);
        assert!(run.err.contains(said), "{words:?}: {}", run.err);
        assert!(run.out.is_empty() && !output.exists(), "{words:?}");
    }
    let mut command = place.command(&["--prefix", "F8"]);
    command.env("KEYGEN_METRICS", "x");
    assert_eq!(place.finish(command).code, Some(2));
}

#[test]
fn the_file_tells_of_a_found_key_after_the_process_is_gone() {
    let place = Place::new();
    let file = place.path("k.prom");
    let words = [
        "--prefix",
        "F8",
        "--session",
        "a b",
        "--metrics-file",
        file.to_str().unwrap(),
    ];
    place.finds(&words);
    let text = fs::read_to_string(&file).unwrap();
    assert_eq!(
        value(&text, "keygen_session_found{session=\"a b\"} "),
        Some(1.0),
        "{text}"
    );
    let found = "keygen_session_state{session=\"a b\",state=\"found\"} ";
    assert_eq!(value(&text, found), Some(1.0), "{text}");
    let keys = place.pairs();
    for half in keys[0].private.chunks(32) {
        assert!(!text.to_lowercase().contains(&program::hex(half)));
    }
}

#[test]
fn in_the_background_the_file_is_kept_too() {
    let place = Place::new();
    let file = place.path("k.prom");
    let words = [
        "--prefix",
        "F8A",
        "--background",
        "--metrics",
        "0",
        "--metrics-file",
    ];
    let run = place.finds(&[&words[..], &[file.to_str().unwrap()]].concat());
    assert!(run.out.contains("runs in the background"), "{}", run.out);
    wait_for("the end", || {
        let text = fs::read_to_string(&file).ok()?;
        let ended = text
            .lines()
            .any(|l| l.contains("state=\"found\"") && l.ends_with(" 1"));
        ended.then_some(())
    });
}

#[test]
fn promtool_finds_nothing_to_say_about_the_metrics() {
    if !has("promtool", "promtool", &["--version"]) {
        return;
    }
    let place = Place::new();
    let file = place.path("k.prom");
    let (running, at) = search(&place, &["--metrics-file", file.to_str().unwrap()]);
    wait_for("rates", || {
        get(at, "/metrics")
            .body
            .contains("keygen_worker_rate{")
            .then_some(())
    });
    let older = get(at, "/metrics").body;
    let file = fs::read_to_string(file).unwrap();
    for text in [older, file] {
        let mut child = Command::new("promtool")
            .args(["check", "metrics"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(text.as_bytes())
            .unwrap();
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(
            output.status.success() && said.trim().is_empty(),
            "{said}\n{text}"
        );
    }
    stop(running);
}

#[test]
fn promtool_accepts_the_alert_rules_and_the_configuration() {
    if !has("alert rules", "promtool", &["--version"]) {
        return;
    }
    let contrib = concat!(env!("CARGO_MANIFEST_DIR"), "/contrib");
    for words in [
        ["rules", "prometheus-rules.yml"],
        ["config", "prometheus.yml"],
    ] {
        let mut command = Command::new("promtool");
        let output = command
            .arg("check")
            .args(words)
            .current_dir(contrib)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

#[test]
fn the_dashboard_and_the_agents_configuration_name_metrics_that_there_are() {
    let manual = include_str!("../../docs/metrics.md");
    let known = |name: &str| manual.contains(&format!("| `{name}"));
    for text in [
        include_str!("../../contrib/grafana-dashboard.json"),
        include_str!("../../contrib/cloudwatch-agent.json"),
        include_str!("../../contrib/prometheus-rules.yml"),
    ] {
        let part_of_name = |c: char| c.is_ascii_lowercase() || c == '_';
        let names = text
            .split(|c| !part_of_name(c))
            .filter(|word| word.starts_with("keygen_"));
        let unknown: Vec<_> = names.filter(|name| !known(name)).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }
    for text in [
        include_str!("../../contrib/grafana-dashboard.json"),
        include_str!("../../contrib/cloudwatch-agent.json"),
    ] {
        assert!(
            serde_json::from_str::<serde_json::Value>(text)
                .unwrap()
                .is_object()
        );
    }
}

/// A Prometheus that ends with the test.
struct Prometheus(Child);

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_real_prometheus_scrapes_it() {
    if !has("scrape", "prometheus", &["--version"]) {
        return;
    }
    let place = Place::new();
    let (running, at) = search(&place, &[]);
    let config = place.write(
        "prometheus.yml",
        format!(
            "global: {{scrape_interval: 1s}}\nscrape_configs:\n- job_name: keygen\n  static_configs: [{{targets: ['{at}']}}]\n"
        ),
    );
    // It takes no port 0: one that was free a moment ago.
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let server = Prometheus(
        Command::new("prometheus")
            .arg(format!("--config.file={config}"))
            .arg(format!(
                "--storage.tsdb.path={}",
                place.path("tsdb").display()
            ))
            .arg(format!("--web.listen-address={free}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap(),
    );
    wait_for("Prometheus", || std::net::TcpStream::connect(free).ok());
    let query = |what: &str| {
        let reply = get(free, &format!("/api/v1/query?query={what}"));
        let json: serde_json::Value = serde_json::from_str(&reply.body).ok()?;
        let value = json["data"]["result"][0]["value"][1].as_str()?;
        value.parse::<f64>().ok()
    };
    wait_for("candidates", || {
        query("keygen_candidates_total").filter(|n| *n > 0.0)
    });
    assert_eq!(query("up"), Some(1.0));
    assert_eq!(query("keygen_info"), Some(1.0));
    drop(server);
    stop(running);
}
