//! `keygen pause`, `unpause`, `stop`, `session check`, `restart-workers`, `reclaim`: requests to running sessions.

use std::fmt::{Display, Write};
use std::time::{Duration, Instant};

use anyhow::ensure;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::config::args::{CheckArgs, SteerArgs};
use crate::config::error::{UsageError, refuse};
use crate::config::session::place;
use crate::control::client::{self, Reply};
use crate::control::protocol::Request;
use crate::exit::Ending;
use crate::report::streams::Streams;
use crate::session::inspect::{Look, look_at, look_at_all};
use crate::session::lock;
use crate::session::process::look_at_process;
use crate::session::service_dir;
use crate::text::number::{percent, rate};

/// A stopped search has ended by then, unless keys can't be saved.
const ENDS: Duration = Duration::from_secs(15);

/// Time between two checks whether it has.
const LOOK: Duration = Duration::from_millis(50);

/// Fails with what went wrong, a line per session.
fn outcome(failed: &[String]) -> anyhow::Result<Ending> {
    ensure!(failed.is_empty(), "{}", failed.join("\n"));
    Ok(Ending::Found)
}

/// Sends a request to the named session, the only one, or all.
///
/// # Errors
/// There is no such session, or it is not running; then no request was sent.
pub(crate) fn ask(
    request: &Request,
    args: &SteerArgs,
    streams: &mut Streams<'_>,
) -> anyhow::Result<Ending> {
    let mut failed = Vec::new();
    let (sessions, heading) = meant(args, request.name())?;
    write!(streams.out, "{heading}")?;
    for look in sessions {
        let name = &look.name;
        match self::request(request, &look) {
            Ok(result) => {
                writeln!(streams.out, "{name} {result}.")?;
                streams.out.flush()?;
            }
            Err(error) => failed.push(format!("{name}: {error}.")),
        }
    }
    outcome(&failed)
}

/// Sends a request to a running session; returns what it did, in words that follow its name.
///
/// # Errors
/// Why there is no answer, or why it refuses.
pub(super) fn request(request: &Request, look: &Look) -> Result<String, String> {
    let reply = client::ask(&look.folder, request, client::LONG_PATIENCE);
    let reply = reply.map_err(|error| error.to_string())?;
    Ok(result(request, look, &reply.fields))
}

/// The sessions that the arguments name, all of them running, and the heading for their folder.
fn meant(args: &SteerArgs, command: &str) -> Result<(Vec<Look>, String), UsageError> {
    let found = service_dir::find(place(&args.place)?, args.name.as_deref());
    let wrong = |error: &dyn Display| UsageError::refused(found.wrong(error));
    let now = Timestamp::now();
    let heading = found.headed("");
    if let Some(name) = &args.name {
        let look = look_at(&found.place, name, now).map_err(|error| wrong(&error))?;
        if look.state.is_held() {
            return Ok((vec![look], heading));
        }
        let (name, quoted) = (&look.name, look.name.quoted());
        refuse!(
            "the session {name} is not running; keygen status {quoted} shows it, keygen resume {quoted} continues it"
        );
    }
    let looks = look_at_all(&found.place, now).map_err(UsageError::refused)?;
    let running = looks
        .into_iter()
        .flatten()
        .filter(|look| look.state.is_held());
    let running: Vec<_> = running.collect();
    if running.is_empty() {
        let folder = found.place.path().display();
        let error = format!("no session is running in {folder}; keygen session list shows all");
        return Err(wrong(&error));
    }
    if running.len() > 1 && !args.all {
        let names: Vec<_> = running.iter().map(|look| look.name.quoted()).collect();
        let names = names.join(", ");
        refuse!(
            "several sessions are running: {names}. Name one, or give --all: keygen {command} NAME."
        );
    }
    Ok((running, heading))
}

/// What a session did, in words that follow its name.
fn result(request: &Request, look: &Look, fields: &Value) -> String {
    match request {
        Request::Stop if ended(look) => {
            format!(
                "is stopped; keygen resume {} continues it",
                look.name.quoted()
            )
        }
        Request::Stop => "is stopping, and saves what it has".to_owned(),
        Request::RestartWorkers { .. } => {
            let workers = fields["workers"].as_array().map_or(0, Vec::len);
            match workers {
                0 => "replaces no worker: none of them can be replaced now".to_owned(),
                1 => format!("replaces worker {}", fields["workers"][0]),
                _ => format!("replaces {workers} workers"),
            }
        }
        _ => fields["said"].as_str().unwrap_or("has done it").to_owned(),
    }
}

/// Waits until the process has released its session; whether it did in time.
fn ended(look: &Look) -> bool {
    let end = Instant::now() + ENDS;
    while Instant::now() < end {
        if matches!(lock::holder(&look.folder), Ok(None)) {
            return true;
        }
        std::thread::sleep(LOOK);
    }
    false
}

/// Asks the same sessions for the state of their workers.
///
/// # Errors
/// As [`ask`].
pub(crate) fn check(args: &CheckArgs, streams: &mut Streams<'_>) -> anyhow::Result<Ending> {
    let mut failed = Vec::new();
    let (sessions, heading) = meant(&args.session, "session check")?;
    for look in sessions {
        let request = Request::Check { full: args.full };
        let patience = match args.full {
            true => client::LONG_PATIENCE,
            false => client::PATIENCE,
        };
        match client::ask(&look.folder, &request, patience) {
            Ok(reply) if args.json => {
                writeln!(streams.out, "{}", object(&look, &reply))?;
            }
            Ok(reply) => write!(streams.out, "{heading}{}", lines(&look, &reply, args.full))?,
            Err(error) => {
                let process = look_at_process(&look);
                let state = process.map(|process| json!(process.state).to_string());
                let (name, state) = (&look.name, state.unwrap_or_default());
                failed.push(format!("{name}: {error} (process {state})."));
            }
        }
    }
    outcome(&failed)
}

fn object(look: &Look, reply: &Reply) -> Value {
    json!({
        "session": look.name.to_string(),
        "response_ms": reply.took.as_secs_f64() * 1e3,
        "process": look_at_process(look),
        "standing": reply.fields["standing"],
        "workers": reply.fields["workers"],
    })
}

fn lines(look: &Look, reply: &Reply, full: bool) -> String {
    let standing = &reply.fields["standing"];
    let text = |value: &Value| value.as_str().unwrap_or("unknown").to_owned();
    let number = |value: &Value| value.as_f64();
    let answered = if full {
        "checked in full, answered"
    } else {
        "answered"
    };
    let process = look.state.process();
    let mut lines = format!(
        "{}: {answered} in {:.1} ms{}, {}; health {}\n",
        look.name,
        reply.took.as_secs_f64() * 1e3,
        process.map_or(String::new(), |id| format!(" (process {id})")),
        rate(number(&standing["rate"]).unwrap_or_default()),
        text(&standing["health"]),
    );
    for worker in reply.fields["workers"].as_array().into_iter().flatten() {
        let age = number(&worker["beat_age_ms"]).unwrap_or_default();
        let mut parts = vec![
            text(&worker["state"]),
            text(&worker["backend"]),
            format!("last sweep {age:.0} ms ago"),
        ];
        parts.extend(
            number(&worker["rate"]).map(|r| match worker["backend"] == "gpu" {
                true => rate(r),
                false => format!("{} of processor time", rate(r)),
            }),
        );
        let performance = number(&worker["performance"]);
        parts.extend(performance.map(|share| format!("{} of baseline", percent(share))));
        parts.extend(match (full, number(&worker["answered_ms"])) {
            (true, Some(ms)) => Some(format!("known answers right, in {ms:.1} ms")),
            (true, None) => Some("DID NOT ANSWER".to_owned()),
            (false, _) => None,
        });
        let _ = writeln!(lines, "  Worker {}: {}", worker["worker"], parts.join(", "));
    }
    lines
}
