//! Health in words: findings, check-ups, and what it came to.

use super::number::thousands;
use super::span::span;
use crate::event::Checkup;
use crate::health::{Finding, HealthSummary, Step, Verdict, megabytes};

/// The line of a finding: what, why, what was done, and what the user can do.
pub fn finding(finding: &Finding) -> String {
    let Finding {
        verdict,
        worker,
        fact,
        step,
    } = finding;
    let who = worker.map_or_else(String::new, |worker| format!("Worker {worker}: "));
    let advice = verdict.advice();
    match step {
        Step::Restarting { restart, of } => {
            let worker = worker.unwrap_or_default();
            format!(
                "WARNING: Restarting worker {worker} (restart {restart}/{of}): {verdict}, {fact}. {advice}"
            )
        }
        Step::Waiting => {
            format!(
                "WARNING: {who}{verdict}: {fact}. Its restart waits: {}",
                Verdict::BreakerOpen.advice()
            )
        }
        Step::Said => format!("WARNING: {who}{verdict}: {fact}. {advice}"),
        Step::Reclaimed => format!("{who}{verdict}: {fact}. Triggered memory reclaim. {advice}"),
        Step::Paused => format!("WARNING: {who}{verdict}: {fact}. The search pauses. {advice}"),
        Step::Resumed => {
            format!("{who}{verdict}: {fact}. The search goes on; nothing needs doing.")
        }
        Step::Over => format!("{who}{verdict} is over: {fact}. Nothing needs doing."),
    }
}

/// The lines of a check-up, for `-v`.
pub fn checkup(checkup: &Checkup) -> Vec<String> {
    let percent = |share: Option<f64>| share.map(|share| 100.0 * share);
    let mut lines = vec![format!("Worker {} Health Check:", checkup.id.worker)];
    lines.extend(
        checkup
            .resident
            .map(|bytes| format!("  Memory: {}", megabytes(bytes))),
    );
    lines.extend(percent(checkup.processor).map(|p| format!("  CPU: {p:.1}%")));
    lines.extend(
        percent(checkup.performance).map(|p| format!("  Performance: {p:.0}% of baseline")),
    );
    lines.push(format!(
        "  State: {}, score {}",
        checkup.state.name(),
        checkup.score
    ));
    lines
}

/// The health of a search that has ended.
pub fn summary(health: &HealthSummary) -> Vec<String> {
    let mut lines = vec![format!(
        "Health: {}; {} spot checks refuted; availability {:.2} %.",
        health.state.name(),
        thousands(health.spot_checks.refuted),
        100.0 * health.availability
    )];
    let restarts: Vec<_> = health
        .restarts
        .iter()
        .map(|(v, n)| format!("{n} for {v}"))
        .collect();
    if !restarts.is_empty() {
        lines.push(format!(
            "Restarts: {}; {} of work lost.",
            restarts.join(", "),
            span(health.lost)
        ));
    }
    let notices: Vec<_> = health
        .notices
        .iter()
        .map(|(v, n)| format!("{v} {n} times"))
        .collect();
    if !notices.is_empty() {
        lines.push(format!("Noticed: {}.", notices.join(", ")));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(step: Step) -> String {
        finding(&Finding {
            verdict: Verdict::WorkerDegraded,
            worker: Some(1),
            fact: "61% of baseline, calibration unchanged".to_owned(),
            step,
        })
    }

    #[test]
    fn a_restart_is_said_as_the_original_tool_did() {
        let line = said(Step::Restarting { restart: 1, of: 5 });
        assert!(line.contains(
            "Restarting worker 1 (restart 1/5): worker-degraded, 61% of baseline, calibration unchanged"
        ));
    }

    #[test]
    fn every_step_says_what_the_user_can_do_or_that_nothing_needs_doing() {
        for step in [
            Step::Said,
            Step::Waiting,
            Step::Reclaimed,
            Step::Paused,
            Step::Resumed,
            Step::Over,
        ] {
            assert!(said(step).ends_with('.'), "{}", said(step));
        }
    }
}
