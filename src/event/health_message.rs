//! Health in words: findings, check-ups and the summary at the end.

use std::time::Duration;

use crate::batch::Repeat;
use crate::event::Checkup;
use crate::health::probe::{Readings, Space};
use crate::health::{ActionTaken, Finding, HealthSummary, Verdict, megabytes};
use crate::text::number::thousands;
use crate::text::span::span;

/// The line of a finding: what, why, what was done, and what the user can do.
pub(crate) fn finding(finding: &Finding) -> String {
    let Finding {
        verdict,
        worker,
        detail,
        action,
    } = finding;
    let who = worker.map_or_else(String::new, |worker| format!("Worker {worker}: "));
    let advice = verdict.advice();
    let what = match worker {
        Some(_) => "Its card",
        None => "The search",
    };
    match action {
        ActionTaken::Restarting { restart, of } => {
            let worker = worker.unwrap_or_default();
            format!(
                "WARNING: Restarting worker {worker} (restart {restart}/{of}): {verdict}, {detail}. {advice}"
            )
        }
        ActionTaken::Waiting => {
            format!(
                "WARNING: {who}{verdict}: {detail}. Its restart is postponed. {}",
                Verdict::BreakerOpen.advice()
            )
        }
        ActionTaken::Reported => format!("WARNING: {who}{verdict}: {detail}. {advice}"),
        ActionTaken::Reclaimed => {
            format!("{who}{verdict}: {detail}. Triggered memory reclaim. {advice}")
        }
        ActionTaken::Resized { workers } => {
            let plural = if *workers == 1 { "" } else { "s" };
            format!(
                "{verdict}: {detail}. The search continues with {workers} worker{plural}; no action needed."
            )
        }
        ActionTaken::Unreadable => format!(
            "WARNING: {who}{verdict}: {detail}. Monitor it by other means, or remove that option."
        ),
        ActionTaken::Paused => {
            format!("WARNING: {who}{verdict}: {detail}. {what} is paused. {advice}")
        }
        ActionTaken::Resumed => {
            format!("{who}{verdict}: {detail}. {what} continues; no action needed.")
        }
        ActionTaken::Over => format!("{who}{verdict} is over: {detail}. No action needed."),
    }
}

/// The lines of a check-up, for `-v`.
pub(crate) fn checkup(checkup: &Checkup) -> Vec<String> {
    let vitals = &checkup.vitals;
    let percent = |share: Option<f64>| share.map(|share| 100.0 * share);
    let mut lines = vec![format!("Worker {} Health Check:", vitals.id.worker)];
    if let Some(trimmed) = checkup.trimmed {
        lines.push(format!(
            "  Memory usage increased by {}",
            megabytes(trimmed.grown)
        ));
        let released = megabytes(trimmed.released);
        lines.push(format!("  Triggered memory reclaim (released {released})"));
    }
    lines.extend(
        checkup
            .resident
            .map(|bytes| format!("  Memory: {}", megabytes(bytes))),
    );
    lines.extend(percent(vitals.processor).map(|p| format!("  CPU: {p:.1}%")));
    lines
        .extend(percent(vitals.performance).map(|p| format!("  Performance: {p:.0}% of baseline")));
    lines.extend(
        (vitals.card.as_ref()).map(|card| format!("  Card {}: {}", card.device, card.text())),
    );
    let ping = checkup.ping.map(|ping| 1e3 * ping.as_secs_f64());
    lines.push(ping.map_or_else(
        || "  Ping: no answer yet".to_owned(),
        |ms| format!("  Ping: {ms:.1} ms"),
    ));
    let low = if checkup.low { " (low)" } else { "" };
    let (state, score) = (vitals.state.name(), vitals.score);
    lines.push(format!("  State: {state}, score {score}{low}"));
    lines
}

/// Free memory, free disk space and temperature, for `-v`; what can't be read is unknown.
pub(crate) fn resources(readings: &Readings) -> String {
    let space = |space: Option<Space>| {
        space.map_or_else(
            || "unknown".to_owned(),
            |s| {
                format!(
                    "{:.1} of {:.1} GB free",
                    gigabytes(s.free),
                    gigabytes(s.total)
                )
            },
        )
    };
    let heat = readings
        .temperature
        .map_or_else(|| "unknown".to_owned(), |t| format!("{:.0} °C", t.celsius));
    format!(
        "System resources: memory {}; disk for keys {}; processor temperature {heat}",
        space(readings.memory),
        space(readings.disk)
    )
}

fn gigabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e9
}

/// The outcome of repeating a refuted sweep.
pub(crate) fn repeated(who: &str, repeats: &[Repeat]) -> String {
    let outcome = |right| if right { "right" } else { "wrong again" };
    let outcomes: Vec<_> = repeats
        .iter()
        .map(|repeat| format!("{} {}", repeat.backend, outcome(repeat.right)))
        .collect();
    let meaning = if repeats.iter().all(|repeat| repeat.right) {
        "The error did not recur: it was a transient fault of the processor or its memory. No action needed unless it \
         happens again."
    } else {
        "The error persists: the engine has a bug, or the processor computes wrong results. Run keygen self-test."
    };
    format!(
        "{who}: the refuted sweep was repeated with fresh engines: {}. {meaning}",
        outcomes.join(", ")
    )
}

/// The health of a search that has ended.
pub(crate) fn summary(health: &HealthSummary) -> Vec<String> {
    let totals = &health.totals;
    let seconds = |seconds| Duration::try_from_secs_f64(seconds).unwrap_or_default();
    let mut lines = vec![format!(
        "Health: {}; {} spot checks refuted; availability {:.2} %.",
        health.state.name(),
        thousands(health.spot_checks.refuted),
        100.0 * totals.availability()
    )];
    if totals.paused_seconds > 0.0 {
        let paused = span(seconds(totals.paused_seconds));
        lines.push(format!("The search paused for {paused}."));
    }
    let restarts: Vec<_> = totals
        .restarts
        .iter()
        .map(|(v, n)| format!("{n} for {v}"))
        .collect();
    if !restarts.is_empty() {
        lines.push(format!(
            "Restarts: {}; {} of work lost.",
            restarts.join(", "),
            span(seconds(totals.lost_seconds))
        ));
    }
    let notices: Vec<_> = totals
        .notices
        .iter()
        .map(|(v, n)| match n {
            1 => format!("{v} once"),
            n => format!("{v} {n} times"),
        })
        .collect();
    if !notices.is_empty() {
        lines.push(format!("Noticed: {}.", notices.join(", ")));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(action: ActionTaken) -> String {
        finding(&Finding {
            verdict: Verdict::WorkerDegraded,
            worker: Some(1),
            detail: "61% of baseline, calibration unchanged".to_owned(),
            action,
        })
    }

    #[test]
    fn a_restart_is_reported_in_the_words_of_the_original_tool() {
        let line = line(ActionTaken::Restarting { restart: 1, of: 5 });
        assert!(line.contains(
            "Restarting worker 1 (restart 1/5): worker-degraded, 61% of baseline, calibration unchanged"
        ));
    }

    #[test]
    fn every_finding_ends_with_what_the_user_can_do_or_that_no_action_is_needed() {
        for action in [
            ActionTaken::Reported,
            ActionTaken::Waiting,
            ActionTaken::Reclaimed,
            ActionTaken::Paused,
            ActionTaken::Unreadable,
            ActionTaken::Resized { workers: 1 },
            ActionTaken::Resumed,
            ActionTaken::Over,
        ] {
            assert!(line(action).ends_with('.'), "{}", line(action));
        }
    }
}
