//! What must be on record in the morning.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::Path;

use serde_json::Value;

use super::{HANGS, KILLS, Night};
use crate::clock::gap::GapKind;
use crate::event::FoundKind;
#[cfg(feature = "history")]
use crate::history::{database::open_to_read, query};
use crate::key::{hex, load};
use crate::session::checkpoint::Outcome;
use crate::session::inspect::Look;
use crate::session::state::State;

/// Seconds of eight hours.
const LIMIT: f64 = 28_800.0;

/// Restarts that there must have been, by verdict.
fn expected_restarts() -> BTreeMap<&'static str, u64> {
    BTreeMap::from([
        ("worker-dead", 2),
        ("worker-unresponsive", u64::from(HANGS)),
        ("worker-degraded", 1),
        ("wrong-arithmetic", 1),
    ])
}

/// Candidates that are counted were tested, and those that were tested are counted but for what kills and hangs cost.
pub(super) fn totals(look: &Look, night: &Night, counted: u64) {
    let checkpoint = &look.checkpoint;
    let totals = &checkpoint.totals;
    assert!(
        matches!(look.state, State::Finished(Outcome::Found)),
        "{:?}",
        look.state
    );
    assert_eq!(totals.candidates, counted);
    assert_eq!(checkpoint.run, 1 + KILLS + HANGS);
    assert_eq!(night.restarts, HANGS as usize);
    assert!(
        (LIMIT..LIMIT + 3.0).contains(&totals.working_seconds),
        "{}",
        totals.working_seconds
    );
    let searched = night.searched as f64;
    let lost = searched - totals.working_seconds;
    assert!(
        (0.0..=f64::from(11 * KILLS + 5)).contains(&lost),
        "{lost} s"
    );
    // Poisson, and what the wrong worker did not get right: 6.2 deviations are p < 1e-9.
    let expected = totals.spot_checks_expected;
    let off = (totals.spot_checks as f64 - expected).abs();
    assert!(
        off < 6.2 * expected.sqrt() + totals.refuted as f64,
        "{} of {expected}",
        totals.spot_checks
    );
    assert!((2..200).contains(&totals.refuted), "{}", totals.refuted);
    assert!(totals.fallback >= 1);
}

/// Every time without search is there, with its kind and its length.
pub fn gaps(look: &Look) {
    let lengths = |kind| -> Vec<_> {
        let gaps = look.checkpoint.gaps.latest.iter();
        gaps.filter(|gap| gap.kind == kind)
            .map(|gap| gap.length().as_secs())
            .collect()
    };
    assert_eq!(lengths(GapKind::Asleep), [3600]);
    assert_eq!(lengths(GapKind::Stopped), [600]);
    let paused = lengths(GapKind::Paused);
    assert!(
        paused.len() == 1 && (295..=305).contains(&paused[0]),
        "{paused:?}"
    );
    let gone = lengths(GapKind::ProcessGone);
    assert!(gone.len() == 2, "{gone:?}");
    assert!(
        (120..=131).contains(&gone[0]) && (7..=18).contains(&gone[1]),
        "{gone:?}"
    );
}

/// Every fault of a worker led to one restart, for its own reason.
pub fn restarts(look: &Look) {
    let restarts = look.checkpoint.health_totals.restarts.iter();
    let restarts: BTreeMap<_, _> = restarts
        .map(|(verdict, n)| (verdict.as_str(), *n))
        .collect();
    assert_eq!(restarts, expected_restarts());
    // Hangs are noticed after seconds of silence, and the program that restarts itself takes over what was lost.
    let health = &look.checkpoint.health_totals;
    let lost = health.lost_seconds;
    assert!(lost >= 5.0 * f64::from(HANGS), "{lost}");
    let share = health.worker_seconds / (super::process::WORKERS as f64 * LIMIT);
    assert!((0.99..1.03).contains(&share), "{share}");
}

/// Every key that was found is saved whole, in the journal, and announced once.
pub(super) fn keys(look: &Look, night: &Night) {
    let found: BTreeSet<_> = night
        .world
        .found
        .lock()
        .unwrap()
        .iter()
        .map(|key| hex::encode(key))
        .collect();
    assert!(found.len() > 40, "{}", found.len());
    let results = night.pages.results.0.lock().unwrap();
    let lines: Vec<_> = results
        .iter()
        .map(|line| line.split('\t').next().unwrap())
        .collect();
    assert_eq!(lines.len(), found.len(), "each is announced once");
    assert_eq!(
        lines
            .into_iter()
            .map(str::to_owned)
            .collect::<BTreeSet<_>>(),
        found
    );
    assert_eq!(look.count(FoundKind::Wanted), found.len() as u64);
    let mut saved = BTreeSet::new();
    for entry in &look.keys {
        let record = entry.last().unwrap();
        let file = &record.files[0];
        let key = load::load(std::slice::from_ref(file), &mut File::open(file).unwrap());
        let private = key.into_iter().next().unwrap().unwrap().private.unwrap();
        assert_eq!(hex::encode(&private.public()), record.public_key);
        assert!(record.seconds <= LIMIT + 3.0, "{}", record.seconds);
        saved.insert(record.public_key.clone());
    }
    assert_eq!(saved, found);
}

/// The history has each incident, none that was not, and the end of each; and it stays small.
#[cfg(feature = "history")]
pub fn history(path: &Path, look: &Look) {
    let database = open_to_read(path).unwrap();
    let since = look.definition.created;
    let mut incidents = BTreeMap::<_, u64>::new();
    for alert in query::alerts(&database, None, since, false).unwrap() {
        assert!(alert.resolved, "{alert:?}");
        *incidents.entry(alert.alert_type).or_default() += 1;
    }
    // One for each row of lanes that were refuted together.
    let refuted = incidents.remove("engine-error").unwrap_or_default();
    assert!((1..=8).contains(&refuted), "{refuted}");
    let other = [
        ("asleep", 1),
        ("process-stopped", 1),
        ("process-gone", u64::from(KILLS)),
        ("clock-jump", 2),
        // A warning, and the pause.
        ("disk-low", 2),
        ("restart-process", u64::from(HANGS)),
        ("found", look.count(FoundKind::Wanted)),
        ("ended", 1),
    ];
    let mut expected = expected_restarts();
    expected.extend(other);
    let incidents: BTreeMap<_, _> = incidents
        .iter()
        .map(|(n, times)| (n.as_str(), *times))
        .collect();
    assert_eq!(incidents, expected);

    let runs = query::runs(&database, Some("night"), since).unwrap();
    let endings: Vec<_> = runs.iter().map(|run| run.ending.as_str()).collect();
    assert_eq!(
        endings,
        [
            "restarted",
            "process-gone",
            "process-gone",
            "restarted",
            "found-in-fallback"
        ]
    );
    assert_eq!(runs[4].candidates, look.checkpoint.totals.candidates);
    let bytes = fs::metadata(path).unwrap().len();
    println!("{bytes} bytes of history");
    assert!(
        bytes < 5_000_000 / 3,
        "a third of a day may have a third of 5 MB, not {bytes}"
    );
}

/// The events file is whole, and tells the same.
pub fn events(path: &Path) {
    let text = fs::read_to_string(path).unwrap();
    let mut counts = BTreeMap::<_, u64>::new();
    for line in text.lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        let of = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
        *counts
            .entry((of("event"), of("verdict"), of("step")))
            .or_default() += 1;
    }
    let count = |event: &str, verdict: &str, step: &str| {
        let key = (event.to_owned(), verdict.to_owned(), step.to_owned());
        counts.get(&key).copied().unwrap_or_default()
    };
    for (verdict, times) in expected_restarts() {
        assert_eq!(count("health", verdict, "restarting"), times, "{verdict}");
    }
    let (kills, hangs) = (u64::from(KILLS), u64::from(HANGS));
    assert_eq!(count("started", "", ""), 1 + kills + hangs);
    assert_eq!(count("restarting-process", "", ""), hangs);
    assert_eq!(count("ended", "", ""), 1);
    // Asleep, stopped, paused.
    assert_eq!(count("gap", "", ""), 3);
    assert_eq!(count("health", "disk-low", "paused"), 1);
    assert_eq!(count("health", "disk-low", "resumed"), 1);
    // One each ten seconds.
    assert!((2800..3000).contains(&count("progress", "", "")));
}
