//! `keygen cluster plan`, and the recipes in contrib/cluster as far as they run here.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::Both;
use crate::common::program::{DEADLINE, Place, Run, has};
use crate::common::wait::wait_until;

fn recipe(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("contrib/cluster")
        .join(name)
}

#[test]
fn a_plan_has_times_and_costs_for_people_and_as_json() {
    let place = Place::new();
    let words = [
        "cluster",
        "plan",
        "--prefix",
        "F8A1B2",
        "--rate",
        "1M",
        "--machines",
        "10",
        "--price",
        "0.36/h",
    ];
    let text = place.finds(&words).out;
    for part in ["10 × 1.0 million/s", "50 %", "90 %", "99 %", "cost"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let json = place.finds(&[&words[..], &["--json"]].concat()).out;
    let plan: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (&plan["machines"], &plan["rate_of_all"]),
        (&10.into(), &10e6.into())
    );
    let expected = 16_777_216.0 / 10e6;
    assert!((plan["expected_seconds"].as_f64().unwrap() - expected).abs() < 1e-9);
    let cost = plan["cost"]["expected"].as_f64().unwrap();
    assert!((cost - 3.6 * expected / 3600.0).abs() < 1e-9);
}

#[test]
fn a_plan_without_a_pattern_or_with_wrong_numbers_is_refused() {
    let place = Place::new();
    let wrong: [&[&str]; 5] = [
        &["--rate", "1M"],
        &["--prefix", "F8", "--machines", "0"],
        &["--prefix", "F8", "--price", "-1"],
        &["--prefix", "F8", "--price", "1/d"],
        &["--prefix", "00"],
    ];
    for words in wrong {
        let run = place.run(&[&["cluster", "plan"], words].concat());
        assert_eq!(
            (run.code, run.out.as_str()),
            (Some(2), ""),
            "{words:?}: {}",
            run.err
        );
    }
}

/// A script of contrib/cluster with this program in its path, and these variables.
fn command(both: &Both, name: &str, words: &[&str], variables: &[(&str, &str)]) -> Command {
    let program = Path::new(env!("CARGO_BIN_EXE_keygen"));
    let path = std::env::var("PATH").unwrap();
    let path = format!("{}:{path}", program.parent().unwrap().display());
    let mut command = Command::new(recipe(name));
    command
        .args(words)
        .current_dir(both.searcher.keys())
        .env("PATH", path)
        .env("HOME", both.searcher.path("home"))
        .env("XDG_STATE_HOME", both.searcher.path("state"))
        .env("CLAIMS", both.searcher.path("claims"))
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn script(both: &Both, name: &str, words: &[&str]) -> Run {
    script_with(both, name, words, &[])
}

fn script_with(both: &Both, name: &str, words: &[&str], variables: &[(&str, &str)]) -> Run {
    both.searcher.finish(command(both, name, words, variables))
}

#[test]
fn gnu_parallel_ends_all_searches_when_the_first_has_found_and_collects_its_claim() {
    if !has("gnu_parallel_…", "parallel", &["--version"]) {
        return;
    }
    let both = Both::new();
    let start = both.starts(1).remove(0);
    let hosts = both.searcher.write("hosts", "1/:\n");
    let claims = both.searcher.path("claims");
    let run = script(
        &both,
        "parallel/search",
        &[
            &hosts,
            claims.to_str().unwrap(),
            "--blind",
            &start,
            "--prefix",
            "A1B",
            "--workers",
            "1",
        ],
    );
    assert_eq!(run.code, Some(0), "{}{}", run.out, run.err);
    let collected: Vec<_> = fs::read_dir(&claims).unwrap().collect();
    assert_eq!(collected.len(), 1, "{}", run.err);
    let finished = both
        .owner
        .run(&["blind", "finish", claims.to_str().unwrap()]);
    assert_eq!(finished.code, Some(0), "{}", finished.err);
}

/// A real sshd on loopback, for this test's key only; ends with it.
struct Sshd {
    child: Child,
    folder: tempfile::TempDir,
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Sshd {
    fn start() -> Option<Self> {
        let found = has(
            "searches_over_ssh_…",
            "sh",
            &[
                "-c",
                "test -x /usr/sbin/sshd && command -v ssh-keygen parallel",
            ],
        );
        if !found {
            return None;
        }
        // The folder that sshd of a root confines a process to; without it, sshd does not start.
        let _ = fs::create_dir_all("/run/sshd");
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        for name in ["host", "user"] {
            let made = Command::new("ssh-keygen")
                .args(["-q", "-t", "ed25519", "-N", "", "-f", &path(name)])
                .status();
            assert!(made.unwrap().success());
        }
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let server = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {}\nAuthorizedKeysFile {}\nStrictModes no\nUsePAM no\n\
             PermitRootLogin yes\nPasswordAuthentication no\nPidFile none\n",
            path("host"),
            path("user.pub")
        );
        let client = format!(
            "Host north south\n  HostName 127.0.0.1\n  Port {port}\n  IdentityFile {}\n  StrictHostKeyChecking no\n  \
             UserKnownHostsFile /dev/null\n  LogLevel ERROR\n",
            path("user")
        );
        fs::write(path("server"), server).unwrap();
        fs::write(path("client"), client).unwrap();
        let mut command = Command::new("/usr/sbin/sshd");
        command
            .args(["-D", "-e", "-f", &path("server")])
            .stdin(Stdio::null())
            .stderr(Stdio::null());
        let child = command.spawn().unwrap();
        wait_until("sshd", || {
            std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
        Some(Self { child, folder })
    }

    /// Lines for --sshloginfile.
    fn hosts(&self) -> String {
        let client = self.folder.path().join("client");
        let host = |name| format!("1/ssh -F {} {name}\n", client.display());
        ["north", "south"].map(host).concat()
    }
}

/// Searches of this machine from this start.
fn searching(start: &str) -> usize {
    let runs = |entry: fs::DirEntry| {
        let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let words: Vec<_> = line.split(|byte| *byte == 0).collect();
        words.first().is_some_and(|word| word.ends_with(b"keygen"))
            && words.contains(&start.as_bytes())
    };
    fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .map(runs)
        .filter(|runs| *runs)
        .count()
}

#[test]
fn searches_over_ssh_end_when_the_first_has_found_and_none_is_left_behind() {
    let Some(sshd) = Sshd::start() else {
        return;
    };
    let both = Both::new();
    let start = both.starts(1).remove(0);
    let hosts = both.searcher.write("hosts", sshd.hosts());
    let claims = both.searcher.path("claims");
    let output = both.searcher.keys().display().to_string();
    let words = [
        hosts.as_str(),
        claims.to_str().unwrap(),
        "--blind",
        &start,
        "--prefix",
        "A1B",
        "--workers",
        "1",
        "--output",
        &output,
    ];
    let program = format!(
        "env XDG_STATE_HOME={} {}",
        both.searcher.path("state").display(),
        env!("CARGO_BIN_EXE_keygen")
    );
    let run = script_with(&both, "parallel/search", &words, &[("KEYGEN", &program)]);
    assert_eq!(run.code, Some(0), "{}{}", run.out, run.err);
    let finished = both
        .owner
        .run(&["blind", "finish", claims.to_str().unwrap()]);
    assert_eq!(finished.code, Some(0), "{}", finished.err);
    wait_until("the end of the other search", || searching(&start) == 0);
}

#[test]
fn the_container_ends_by_term_within_five_seconds() {
    let both = Both::new();
    let start = both.starts(1).remove(0);
    let message = both.searcher.path("message").display().to_string();
    let words = [
        message.as_str(),
        "--blind",
        &start,
        "--prefix",
        "0123456789ABCDEF",
        "--workers",
        "1",
    ];
    let running = both
        .searcher
        .start(command(&both, "kubernetes/search", &words, &[]));
    let begun = Instant::now();
    running.signal(Signal::TERM);
    let run = running.end(DEADLINE);
    assert_eq!(run.code, Some(143), "{}", run.err);
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(run.summary()["ending"], "interrupted");
}

#[test]
fn the_manifest_fits_the_schema_of_kubernetes() {
    let manifest = recipe("kubernetes/job.yaml");
    let words = ["--strict", manifest.to_str().unwrap()];
    let own =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("target/kubernetes/bin/kubernetes-validate");
    if has("the_manifest_fits_…", own.to_str().unwrap(), &["--version"]) {
        let status = Command::new(own).args(words).status().unwrap();
        assert!(status.success());
    }
}

#[test]
fn the_container_ends_with_0_only_when_it_has_found_and_leaves_its_claim_as_the_message() {
    let both = Both::new();
    let start = both.starts(1).remove(0);
    let message = both.searcher.path("message");
    let run = |words: &[&str]| {
        let file = message.to_str().unwrap();
        script(
            &both,
            "kubernetes/search",
            &[&[file, "--blind", &start, "--workers", "1"], words].concat(),
        )
    };
    assert_eq!(
        run(&["--prefix", "0123456789ABCDEF", "--candidates", "100K"]).code,
        Some(3)
    );
    assert!(!message.exists());
    let found = run(&["--prefix", "A1"]);
    assert_eq!(found.code, Some(0), "{}", found.err);
    let finished = both
        .owner
        .run(&["blind", "finish", message.to_str().unwrap()]);
    assert_eq!(finished.code, Some(0), "{}", finished.err);
}
