//! The history as text: summary, metrics and alerts, in local time.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::event::message::keys;
use crate::health::megabytes;
use crate::history::query::{AlertRow, Measured, MetricRow};
use crate::history::record::RunSummary;
use crate::history::summary::Summary;
use crate::text::number::{rate, thousands};
use crate::text::span::seconds;

/// Incidents that are shown one by one.
const SHOWN: usize = 30;

/// The lines of the summary.
pub(crate) fn summary(summary: &Summary, zone: &TimeZone) -> String {
    let mut lines = vec![format!("Since {}:", time(summary.since, zone))];
    section(
        &mut lines,
        "Runs",
        summary.runs.iter().map(|r| run(r, zone)).collect(),
    );
    let of = |kind: &str| {
        summary
            .measured
            .iter()
            .filter(|m| m.resource_type == kind)
            .collect::<Vec<_>>()
    };
    section(&mut lines, "Workers", resources(&of("worker")));
    section(&mut lines, "Searches", resources(&of("session")));
    let others = summary
        .measured
        .iter()
        .filter(|m| !["worker", "session"].contains(&m.resource_type.as_str()));
    section(
        &mut lines,
        "Resources",
        resources(&others.collect::<Vec<_>>()),
    );
    let restarts = summary
        .restarts
        .iter()
        .map(|(cause, count)| format!("{count} for {cause}"));
    section(&mut lines, "Restarts", restarts.collect());
    section(&mut lines, "Incidents", incidents(&summary.incidents, zone));
    lines.join("\n") + "\n"
}

fn section(lines: &mut Vec<String>, title: &str, entries: Vec<String>) {
    if entries.is_empty() {
        lines.push(format!("{title}: none"));
        return;
    }
    lines.push(format!("{title}:"));
    lines.extend(entries.into_iter().map(|entry| format!("  {entry}")));
}

fn run(run: &RunSummary, zone: &TimeZone) -> String {
    format!(
        "{} (run {}), {} to {}, {}: {}, {} candidates in {} of searching",
        run.session,
        run.run,
        time(run.started, zone),
        time(run.ended, zone),
        run.ending,
        keys(run.found),
        thousands(run.candidates),
        seconds(run.working_seconds)
    )
}

/// One line a resource: its values with their range.
fn resources(measured: &[&Measured]) -> Vec<String> {
    let mut names: Vec<&str> = measured.iter().map(|m| m.resource_id.as_str()).collect();
    names.dedup();
    let line = |name: &str| {
        let of: Vec<_> = measured.iter().filter(|m| m.resource_id == name).collect();
        let worst = of
            .iter()
            .map(|m| m.status.as_str())
            .max_by_key(|status| rank(status));
        let values: Vec<_> = of.iter().map(|m| value_text(m)).collect();
        format!(
            "{name}: {}; {}",
            worst.unwrap_or("unknown"),
            values.join("; ")
        )
    };
    names.into_iter().map(line).collect()
}

fn rank(status: &str) -> usize {
    ["healthy", "degraded", "unhealthy", "critical"]
        .iter()
        .position(|s| *s == status)
        .unwrap_or(0)
}

fn value_text(measured: &Measured) -> String {
    let text = |value| value_in(value, &measured.unit);
    let name = measured.metric_name.replace('-', " ");
    if measured.samples == 1 || measured.least == measured.most {
        return format!("{name} {}", text(measured.last));
    }
    format!(
        "{name} {} ({} to {}, mean {})",
        text(measured.last),
        text(measured.least),
        text(measured.most),
        text(measured.mean)
    )
}

/// A value with its unit as people read it.
fn value_in(value: f64, unit: &str) -> String {
    match unit {
        "candidates/s" | "candidates/processor s" => rate(value),
        "bytes" => megabytes(value as u64),
        "°C" => format!("{value:.0} °C"),
        unit if unit.starts_with("share") => format!("{:.0} %", 100.0 * value),
        "" | "points" | "workers" => format!("{value:.0}"),
        unit => format!("{value} {unit}"),
    }
}

fn incidents(alerts: &[AlertRow], zone: &TimeZone) -> Vec<String> {
    let skipped = alerts.len().saturating_sub(SHOWN);
    let mut lines: Vec<_> = alerts[skipped..].iter().map(|a| alert(a, zone)).collect();
    if skipped > 0 {
        lines.insert(
            0,
            format!(
                "{} before these (keygen alert list --all has them)",
                thousands(skipped as u64)
            ),
        );
    }
    lines
}

/// One alert on a line.
pub(crate) fn alert(alert: &AlertRow, zone: &TimeZone) -> String {
    let state = match (alert.resolved, alert.resolved_at) {
        (false, _) => "open".to_owned(),
        (true, Some(at)) if at > alert.timestamp => format!("over since {}", time(at, zone)),
        (true, _) => "over".to_owned(),
    };
    let message = alert
        .message
        .strip_prefix("WARNING: ")
        .unwrap_or(&alert.message);
    format!(
        "{} #{} {} {} ({}, {state}): {message}",
        time(alert.timestamp, zone),
        alert.id,
        alert.resource_id,
        alert.alert_type,
        alert.severity
    )
}

/// One metric on a line.
pub(crate) fn metric(metric: &MetricRow, zone: &TimeZone) -> String {
    let value = metric.value.map_or_else(
        || "unknown".to_owned(),
        |value| value_in(value, &metric.unit),
    );
    format!(
        "{} {} {} {value} ({})",
        time(metric.timestamp, zone),
        metric.resource_id,
        metric.metric_name,
        metric.status
    )
}

fn time(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone())
        .strftime("%m-%d %H:%M:%S")
        .to_string()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn measured(metric_name: &str, unit: &str, values: [f64; 4]) -> Measured {
        Measured {
            resource_type: "worker".to_owned(),
            resource_id: "night/worker-1".to_owned(),
            metric_name: metric_name.to_owned(),
            unit: unit.to_owned(),
            last: values[0],
            at: Timestamp::UNIX_EPOCH,
            least: values[1],
            most: values[2],
            mean: values[3],
            samples: 9,
            status: "healthy".to_owned(),
        }
    }

    #[test]
    fn a_worker_is_one_line_with_the_range_of_what_moved() {
        let text = summary(
            &Summary {
                since: Timestamp::UNIX_EPOCH,
                runs: Vec::new(),
                measured: vec![
                    measured("performance", "share of baseline", [0.99, 0.93, 1.02, 0.98]),
                    measured("score", "points", [100.0; 4]),
                ],
                restarts: BTreeMap::from([("worker-dead".to_owned(), 2)]),
                incidents: Vec::new(),
            },
            &TimeZone::UTC,
        );
        for part in [
            "night/worker-1: healthy; performance 99 % (93 % to 102 %, mean 98 %); score 100",
            "Restarts:\n  2 for worker-dead",
            "Incidents: none",
        ] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
    }
}
