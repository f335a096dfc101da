//! The names and labels of the metrics, and what they say of a search.

use jiff::Timestamp;

use super::*;
use crate::event::{Pause, PauseReason};
use crate::health::proof::SpotChecks;
use crate::metrics::family::{Format, write};
use crate::status::{ActiveAlert, Totals, WorkerSnapshot};

fn snapshot() -> Snapshot {
    Snapshot {
        version: "1.2.3",
        session: Some("night".into()),
        backend: "avx2".into(),
        candidates: 10,
        totals: Totals {
            candidates: 30,
            found: 1,
            ..Totals::default()
        },
        rate: 2.5,
        chance: 0.25,
        spot_checks: SpotChecks {
            confirmed: 7,
            refuted: 1,
            expected: 7.5,
        },
        workers: vec![WorkerSnapshot {
            worker: 1,
            state: "healthy",
            score: 99,
            rate: Some(1e6),
            restarts: [("worker-dead", 2), ("hot", 1)].into(),
            card: Some(CardReadings {
                device: "gpu:0".into(),
                celsius: Some(57.0),
                clock_mhz: Some(1980.0),
                watts: Some(513.0),
                memory_used: Some(2200),
                memory_total: Some(8000),
                throttled: Some(vec![Throttle::PowerCap]),
                ..CardReadings::default()
            }),
            ..WorkerSnapshot::default()
        }],
        checkpoint: Some(Timestamp::from_millisecond(1_500).unwrap()),
        ..Snapshot::default()
    }
}

fn text(snapshot: &Snapshot) -> String {
    write(families(snapshot), None, Format::Prometheus)
}

fn assert_lines(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(text.lines().any(|l| l == *line), "{line} is not in\n{text}");
    }
}

#[test]
fn every_name_has_its_labels_and_its_value() {
    assert_lines(
        &text(&snapshot()),
        &[
            "keygen_info{version=\"1.2.3\",backend=\"avx2\",session=\"night\"} 1",
            "keygen_candidates_total 10",
            "keygen_candidates_per_second 2.5",
            "keygen_session_candidates 30",
            "keygen_session_found 1",
            "keygen_session_state{state=\"running\"} 1",
            "keygen_session_state{state=\"no-worker-left\"} 0",
            "keygen_chance_ratio 0.25",
            "keygen_spot_checks_total{result=\"confirmed\"} 7",
            "keygen_spot_checks_total{result=\"refuted\"} 1",
            "keygen_spot_checks_expected_total 7.5",
            "keygen_worker_state{worker=\"1\",state=\"healthy\"} 1",
            "keygen_worker_state{worker=\"1\",state=\"dead\"} 0",
            "keygen_worker_score{worker=\"1\"} 99",
            "keygen_worker_rate{worker=\"1\"} 1000000.0",
            "keygen_worker_restarts_total{worker=\"1\",verdict=\"worker-dead\"} 2",
            "keygen_worker_restarts_total{worker=\"1\",verdict=\"hot\"} 1",
            "keygen_worker_restarts_total{worker=\"1\",verdict=\"command\"} 0",
            "keygen_gpu_temperature_celsius{worker=\"1\",device=\"gpu:0\"} 57.0",
            "keygen_gpu_clock_hertz{worker=\"1\",device=\"gpu:0\"} 1980000000.0",
            "keygen_gpu_power_watts{worker=\"1\",device=\"gpu:0\"} 513.0",
            "keygen_gpu_memory_used_bytes{worker=\"1\",device=\"gpu:0\"} 2200",
            "keygen_gpu_memory_bytes{worker=\"1\",device=\"gpu:0\"} 8000",
            "keygen_gpu_throttled{worker=\"1\",device=\"gpu:0\",reason=\"power-cap\"} 1",
            "keygen_gpu_throttled{worker=\"1\",device=\"gpu:0\",reason=\"heat\"} 0",
            "keygen_paused{reason=\"user\"} 0",
            "keygen_checkpoint_timestamp_seconds 1.5",
        ],
    );
}

#[test]
fn a_pause_shows_by_its_reason() {
    let pause = |verdict| Pause {
        reason: PauseReason::Verdict(verdict),
        why: String::new(),
        since: Timestamp::UNIX_EPOCH,
    };
    let paused = Snapshot {
        phase: Phase::Paused,
        pauses: vec![pause(Verdict::DiskLow), pause(Verdict::MemoryLow)],
        ..snapshot()
    };
    assert_lines(
        &text(&paused),
        &[
            "keygen_session_state{state=\"paused\"} 1",
            "keygen_session_state{state=\"running\"} 0",
            "keygen_paused{reason=\"disk-low\"} 1",
            "keygen_paused{reason=\"memory-low\"} 1",
            "keygen_paused{reason=\"hot\"} 0",
        ],
    );
}

#[test]
fn an_ended_search_is_in_the_state_of_its_ending_only() {
    let ended = Snapshot {
        phase: Phase::Ended,
        ending: Some(Ending::Found.name()),
        ..snapshot()
    };
    let text = text(&ended);
    assert_lines(&text, &["keygen_session_state{state=\"found\"} 1"]);
    let ones = text
        .lines()
        .filter(|line| line.starts_with("keygen_session_state"));
    assert_eq!(ones.filter(|line| line.ends_with(" 1")).count(), 1);
}

#[test]
fn alerts_are_counted_by_name_and_severity() {
    let alert = |name: &str, severity| ActiveAlert {
        name: name.into(),
        severity,
        message: "secret of nobody".into(),
        since: Timestamp::UNIX_EPOCH,
    };
    let alerted = Snapshot {
        alerts: vec![
            alert("hot", "warning"),
            alert("hot", "warning"),
            alert("disk", "critical"),
        ],
        ..snapshot()
    };
    let text = text(&alerted);
    assert_lines(
        &text,
        &[
            "keygen_alerts_active{name=\"hot\",severity=\"warning\"} 2",
            "keygen_alerts_active{name=\"disk\",severity=\"critical\"} 1",
        ],
    );
    assert!(!text.contains("secret"), "messages are no labels");
}

/// The manual's table has every name with its labels, and nothing else.
#[test]
fn the_manual_lists_exactly_these_names() {
    use crate::metrics::process::{self, Usage};
    let mut all = families(&Snapshot {
        alerts: vec![ActiveAlert {
            name: "a".into(),
            severity: "info",
            message: String::new(),
            since: Timestamp::UNIX_EPOCH,
        }],
        ..snapshot()
    });
    all.extend(process::families(&Usage {
        processor: Some(0.0),
        resident: Some(0),
        started: Some(0),
        threads: Some(0),
        files: Some(0),
    }));
    let shown = |family: &Family| {
        let (labels, _) = &family.samples[0];
        let labels: Vec<_> = labels.iter().map(|(name, _)| *name).collect();
        let braces = if labels.is_empty() {
            String::new()
        } else {
            format!("{{{}}}", labels.join(","))
        };
        format!("| `{}{braces}` | ", family.full_name())
    };
    let manual = include_str!("../../../docs/metrics.md");
    let rows: Vec<_> = all.iter().map(shown).collect();
    for row in &rows {
        assert!(
            manual.contains(row.as_str()),
            "docs/metrics.md should have a row {row}"
        );
    }
    let listed = manual
        .lines()
        .filter(|line| line.starts_with("| `keygen_") || line.starts_with("| `process_"));
    assert_eq!(listed.count(), rows.len());
}
