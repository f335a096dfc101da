//! `--on-found` and `--on-alert`: a command line for the shell; the facts are passed in its environment only.

use std::io;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::transport::Failure;
use crate::alert::message::Message;

/// A command that runs longer is killed.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(60);

/// Time between two checks whether it has ended: the first and the longest.
const LOOKS: [Duration; 2] = [Duration::from_millis(5), Duration::from_millis(100)];

/// The variables of a command with their values.
pub(crate) fn environment(message: &Message) -> Vec<(&'static str, String)> {
    let fact = |fact: &Option<String>| fact.clone().unwrap_or_default();
    vec![
        ("FOUND_PUBLIC_KEY", fact(&message.public_key)),
        ("FOUND_FILE", fact(&message.file)),
        ("FOUND_PATTERN", fact(&message.pattern)),
        ("FOUND_START", fact(&message.start)),
        ("FOUND_OFFSET", fact(&message.offset)),
        ("ALERT_NAME", message.name.to_owned()),
        ("ALERT_STATE", <&str>::from(message.state).to_owned()),
        ("ALERT_SEVERITY", message.severity.to_string()),
        ("ALERT_MESSAGE", message.message.clone()),
        ("ALERT_TIME", message.time.to_string()),
        ("SESSION", fact(&message.session)),
        ("HOST", message.host.clone()),
    ]
}

/// Runs a command to its end; returns how it ended, in a few words.
///
/// # Errors
/// It can't be started, failed, or took too long and was killed.
pub(crate) fn run(line: &str, message: &Message, timeout: Duration) -> Result<String, Failure> {
    let mut command = shell(line);
    command
        .envs(environment(message))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let lasting = |error: io::Error| Failure::lasting(format!("it can't be started: {error}"));
    let mut child = command.spawn().map_err(lasting)?;
    match wait(&mut child, timeout).map_err(lasting)? {
        Some(status) if status.success() => Ok("it exited with 0".to_owned()),
        Some(status) => Err(Failure::lasting(format!("it failed with {status}"))),
        None => {
            end(&mut child);
            let seconds = timeout.as_secs();
            Err(Failure::lasting(format!(
                "it did not end within {seconds} s and was killed"
            )))
        }
    }
}

/// Whether the shell finds the program that a command line begins with; true for a line that begins with shell syntax.
pub(crate) fn is_known(line: &str) -> bool {
    let first = line.split_whitespace().next().unwrap_or_default();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./+".contains(c);
    if !cfg!(unix) || !first.chars().all(plain) {
        return !first.is_empty();
    }
    let asked = Command::new("/bin/sh")
        .args(["-c", "command -v -- \"$1\"", "sh", first])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    // If the shell itself can't be started, running the command reports it.
    asked.is_ok_and(|status| status.success() || status.code().is_none())
}

#[cfg(unix)]
fn shell(line: &str) -> Command {
    use std::os::unix::process::CommandExt;
    let mut command = Command::new("/bin/sh");
    // A separate process group: Ctrl-C in the terminal does not reach it, and all of it can be killed.
    command.args(["-c", line]).process_group(0);
    command
}

#[cfg(not(unix))]
fn shell(line: &str) -> Command {
    let mut command = Command::new("cmd");
    command.args(["/C", line]);
    command
}

/// How a child ended; nothing if it did not in time.
fn wait(child: &mut Child, timeout: Duration) -> io::Result<Option<ExitStatus>> {
    let deadline = Instant::now() + timeout;
    let mut look = LOOKS[0];
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(None);
        }
        thread::sleep(look.min(left));
        look = (look * 2).min(LOOKS[1]);
    }
}

/// Kills a child with everything it started.
fn end(child: &mut Child) {
    #[cfg(unix)]
    {
        use rustix::process::{Pid, Signal, kill_process_group};
        // It may have ended just now.
        let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
    }
    let _ = child.kill();
    let _ = child.wait();
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use crate::alert::judge;
    use crate::alert::message::Sender;
    use crate::alert::throttle::Notice;

    fn message() -> Message {
        let change = judge::of_test(jiff::Timestamp::UNIX_EPOCH);
        let sender = Sender {
            host: "north".to_owned(),
            session: Some("night; touch bad".to_owned()),
        };
        Message::new(&Notice::first(change), &sender)
    }

    fn run_here(line: &str, timeout: Duration) -> Result<String, Failure> {
        run(line, &message(), timeout)
    }

    #[test]
    fn facts_are_in_the_environment_and_no_shell_reads_them_as_code() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        let line = format!(
            "cd '{}'; printf '%s|%s|%s' \"$SESSION\" $HOST $ALERT_NAME > out",
            folder.path().display()
        );
        run_here(&line, TIMEOUT).unwrap();
        let text = std::fs::read_to_string(&out).unwrap();
        assert_eq!(text, "night; touch bad|north|test");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_command_that_fails_is_reported_with_its_exit_code() {
        let failure = run_here("exit 3", TIMEOUT).unwrap_err();
        assert!(
            failure.reason.contains('3') && !failure.passing,
            "{failure:?}"
        );
    }

    #[test]
    fn a_command_that_takes_too_long_is_ended_with_all_that_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let id = folder.path().join("id");
        let line = format!("sleep 1000 & echo $! > '{}'; wait", id.display());
        let failure = run_here(&line, Duration::from_secs(2)).unwrap_err();
        assert!(failure.reason.contains("did not end"), "{failure:?}");
        let id = std::fs::read_to_string(id).unwrap();
        let lives = || {
            let status = std::fs::read_to_string(format!("/proc/{}/stat", id.trim()));
            status.is_ok_and(|text| !text.contains(") Z "))
        };
        let deadline = Instant::now() + TIMEOUT;
        while lives() && Instant::now() < deadline {
            thread::yield_now();
        }
        assert!(!lives());
    }

    #[test]
    fn a_program_that_does_not_exist_is_known_before_it_is_needed() {
        for known in [
            "true",
            "echo x > y",
            "cd /; ls",
            "/bin/sh -c x",
            "(ls)",
            "A=1 x",
            "$X",
        ] {
            assert!(is_known(known), "{known}");
        }
        for unknown in ["", "no-such-program-here -x", "/no/such/program", "./none"] {
            assert!(!is_known(unknown), "{unknown}");
        }
    }
}
