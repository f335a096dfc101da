//! The tools that only read.

use std::ffi::OsString;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::Context;
use super::arguments::{AnySession, Ids, Nothing, Odds, Patience, Session};
use super::output::{
    Answer, Health, HealthReport, Keys, Listed, PublicKey, Responsiveness, SearchStatus,
    SessionHealth, Sessions,
};
use crate::control::client::{self, AskError};
use crate::control::protocol::Request;
use crate::overview::{self, Overview, Past};
use crate::report::streams::Streams;
use crate::session::process::Condition;

/// How far back incidents are reported.
const INCIDENTS: Duration = Duration::from_secs(24 * 3600);

/// The session of this name.
pub(super) fn session(context: &Context, name: &str) -> Result<Overview, String> {
    let (mut sessions, mut problems) = sessions(context, Some(name))?;
    let missing = || (problems.pop()).unwrap_or_else(|| "there is no such session".to_owned());
    sessions.pop().ok_or_else(missing)
}

/// All sessions, or the one of this name; and what can't be read.
pub(super) fn sessions(
    context: &Context,
    name: Option<&str>,
) -> Result<(Vec<Overview>, Vec<String>), String> {
    overview::sessions(context.own()?, name).map_err(|error| error.to_string())
}

pub(super) fn list_sessions(context: &Context, _: Nothing) -> Result<Sessions, String> {
    let (sessions, problems) = sessions(context, None)?;
    let listed = |Overview { status, .. }: Overview| Listed {
        session: status.session,
        state: status.state,
        reason: status.reason,
        pattern: status.pattern,
        found: status.found,
        rate: status.rate,
        chance_so_far: status.chance_so_far,
    };
    Ok(Sessions {
        sessions: sessions.into_iter().map(listed).collect(),
        problems,
    })
}

pub(super) fn get_health(context: &Context, args: Session) -> Result<Health, String> {
    Ok(health(&session(context, &args.session)?))
}

fn health(overview: &Overview) -> Health {
    let status = &overview.status;
    let process = status.process.as_ref();
    let word = match process.map(|process| process.state) {
        Some(Condition::Healthy | Condition::Unresponsive) => "healthy",
        Some(Condition::Zombie) => "zombie",
        Some(Condition::Dead) | None => "dead",
    };
    let lives = process.filter(|_| word == "healthy");
    let known = process.filter(|_| word != "dead");
    Health {
        session: status.session.clone(),
        state: status.state,
        status: word,
        responsive: lives.map(|process| process.response_ms.is_some()),
        pid: known.and_then(|process| process.id),
        memory_bytes: known.and_then(|process| process.usage.memory),
        processor_share: known.and_then(|process| process.usage.processor),
        threads: known.and_then(|process| process.usage.threads),
        uptime_seconds: known.and_then(|process| process.usage.uptime_seconds),
    }
}

pub(super) fn check_responsiveness(
    context: &Context,
    args: Patience,
) -> Result<Responsiveness, String> {
    let seconds = args
        .timeout_seconds
        .unwrap_or(client::PATIENCE.as_secs_f64());
    if !(0.1..=30.0).contains(&seconds) {
        return Err(format!(
            "timeout_seconds is {seconds}; allowed are 0.1 to 30"
        ));
    }
    let look = super::change::look(context, &args.session)?;
    let answer = match look.state.is_held() {
        true => {
            let patience = Duration::from_secs_f64(seconds);
            let asked = client::ask(&look.folder, &Request::Status, patience);
            // Whoever refuses has answered.
            asked
                .map(|reply| Some(reply.took))
                .or_else(|error| match error {
                    AskError::Refused(_) => Ok(None),
                    error => Err(error.to_string()),
                })
        }
        false => Err(format!("no process: the session is {}", look.state.name())),
    };
    Ok(Responsiveness {
        session: args.session,
        responsive: answer.is_ok(),
        response_time: answer
            .as_ref()
            .ok()
            .and_then(|took| Some((*took)?.as_secs_f64())),
        reason: answer.err(),
    })
}

pub(super) fn health_report(context: &Context, args: AnySession) -> Result<HealthReport, String> {
    let (sessions, problems) = sessions(context, args.session.as_deref())?;
    Ok(HealthReport {
        sessions: sessions.iter().map(session_health).collect(),
        problems,
    })
}

fn session_health(overview: &Overview) -> SessionHealth {
    let status = &overview.status;
    let since = Timestamp::now() - INCIDENTS;
    let past = Past::read(&overview.database, &status.session, since).ok();
    SessionHealth {
        process: health(overview),
        health: status.health.clone(),
        workers: overview.live("workers").clone(),
        alerts: overview.live("alerts").clone(),
        restarts: status.restarts,
        spot_checks: status.spot_checks,
        spot_checks_expected: status.spot_checks_expected,
        refuted: status.refuted,
        gaps: status.gap_count,
        warnings: status.warnings.clone(),
        incidents: json!(past.map(|past| past.summary.incidents)),
        text: status.text(&TimeZone::system()),
    }
}

pub(super) fn search_status(context: &Context, args: Session) -> Result<SearchStatus, String> {
    session(context, &args.session).map(SearchStatus)
}

pub(super) fn list_keys(context: &Context, args: Session) -> Result<Keys, String> {
    let overview = session(context, &args.session)?;
    let keys = overview.status.keys.into_iter().map(|key| PublicKey {
        kind: json!(key.kind).as_str().unwrap_or_default().to_owned(),
        public_key: key.public_key,
        pattern: key.pattern,
        files: key.files,
    });
    Ok(Keys {
        session: args.session,
        keys: keys.collect(),
    })
}

pub(super) fn odds(_: &Context, args: Odds) -> Result<Answer, String> {
    let mut words = vec!["odds".to_owned()];
    words.extend(args.pattern.words());
    words.extend(args.rate.map(|rate| format!("--rate={rate}")));
    words.extend(args.time.map(|time| format!("--time={time}")));
    answer(words.into_iter().map(OsString::from))
}

pub(super) fn free_ids(context: &Context, args: Ids) -> Result<Answer, String> {
    if context.0.nodes.is_empty() {
        return Err(
            "there is no list of nodes: keygen mcp was started without --nodes FILE".to_owned(),
        );
    }
    let mut words = vec!["ids".to_owned()];
    words.extend(args.id_bytes.map(|bytes| format!("--id-bytes={bytes}")));
    words.extend(args.near.map(|near| format!("--near={near}")));
    words.extend(args.seen.map(|seen| format!("--seen={seen}")));
    words.push("--".to_owned());
    let words = words.into_iter().map(OsString::from);
    answer(words.chain(context.0.nodes.iter().map(OsString::from)))
}

/// What another command answers with `--json`.
fn answer(words: impl Iterator<Item = OsString>) -> Result<Answer, String> {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut words: Vec<_> = words.collect();
    words.insert(1, "--json".into());
    words.insert(0, "keygen".into());
    let mut streams = Streams {
        out: &mut out,
        err: &mut err,
    };
    let ended = super::super::dispatch(words, &mut streams);
    ended.map_err(|error| first_paragraph(&format!("{error:#}")))?;
    let mut value: Value = serde_json::from_slice(&out).map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&err);
    let notes: Vec<_> = said.lines().filter(|line| !line.is_empty()).collect();
    if !notes.is_empty() {
        value["notes"] = json!(notes);
    }
    Ok(Answer(value))
}

/// An error without the usage of the command line, which is none of the client's business.
pub(super) fn first_paragraph(text: &str) -> String {
    let text = text.trim_start_matches("error: ");
    text.split("\n\n").next().unwrap_or(text).to_owned()
}
