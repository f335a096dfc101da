//! Tests of the history: what is written is told again, and no trouble with the file ever stops the sender.

use std::fs;

use super::*;
use crate::alert::{Change, Subject};
use crate::engine::Backend;
use crate::health::Learned;
use crate::health::baseline::Key;
use crate::health::state::Status;
use crate::history::query;
use crate::history::record::{RunSummary, VALUES_A_SAMPLE};

/// Long enough for any disk, and over at once on a good one.
const LONG: Duration = Duration::from_secs(60);

fn at(second: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn metric(second: i64) -> Record {
    Record::Metric(Metric {
        resource_type: ResourceType::Worker,
        resource_id: "worker-1".to_owned(),
        name: "rate",
        value: 1e6 + second as f64,
        warning: Some(1.0),
        critical: None,
        at: at(second),
        unit: "candidates/s",
        status: Status::Healthy,
    })
}

fn alert() -> Record {
    let (subject, message) = (Subject::Search, "Worker 1 died".to_owned());
    let change = Change {
        details: serde_json::json!({"worker": 1}),
        ..Change::raised("worker-dead", subject, Status::Unhealthy, message, at(5))
    };
    Record::Alert(change, "night".to_owned())
}

fn learned() -> Record {
    let learned = Learned {
        key: Key {
            backend: Backend::Portable,
            filter: "prefix".to_owned(),
            workers: 2,
        },
        performance: 12.5,
        rate: 1e8,
    };
    Record::Learned("m".to_owned(), learned)
}

fn run(found: u64) -> Record {
    Record::Run(RunSummary {
        session: "night".to_owned(),
        run: 1,
        started: at(0),
        ended: at(10),
        ending: "running".to_owned(),
        found,
        candidates: 1_000_000,
        working_seconds: 10.0,
    })
}

fn database() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    (folder, path)
}

fn write(path: &Path, records: Vec<Record>) -> u64 {
    let history = History::open(path).unwrap();
    records.into_iter().for_each(|record| history.send(record));
    history.close(LONG)
}

#[test]
fn what_is_sent_can_be_asked_for() {
    let (_folder, path) = database();
    let records = vec![metric(1), metric(2), alert(), run(0), run(1), learned()];
    assert_eq!(write(&path, records), 0);
    let connection = database::open_to_read(&path).unwrap();
    let metrics = query::metrics(&connection, None, at(2)).unwrap();
    let names: Vec<_> = metrics
        .iter()
        .map(|metric| metric.metric_name.as_str())
        .collect();
    assert_eq!(names, ["rate", "size"]);
    let runs = query::runs(&connection, Some("night"), at(0)).unwrap();
    assert_eq!((runs.len(), runs[0].found), (1, 1));
    let known = query::learned(&connection, "m", "prefix", 2).unwrap();
    assert_eq!(
        (known.len(), known[0].performance, known[0].rate),
        (1, 12.5, 1e8)
    );
    assert!(
        query::learned(&connection, "m", "prefix", 3)
            .unwrap()
            .is_empty()
    );
    let alerts = query::alerts(&connection, None, at(0), true).unwrap();
    assert_eq!(
        alerts[0].metadata,
        serde_json::json!({"worker": 1, "session": "night"})
    );
    assert!(query::resolve(&connection, alerts[0].id, at(9)).unwrap());
    assert!(!query::resolve(&connection, alerts[0].id, at(9)).unwrap());
    assert!(
        query::alerts(&connection, None, at(0), true)
            .unwrap()
            .is_empty()
    );
    let all = query::alerts(&connection, None, at(0), false).unwrap();
    assert_eq!(all[0].resolved_at, Some(at(9)));
}

#[test]
fn an_alert_that_is_over_is_resolved_and_others_stay_open() {
    let (_folder, path) = database();
    let over = |session: &str| {
        let change = Change::resolved("worker-dead", Subject::Search, String::new(), at(9));
        Record::Alert(change, session.to_owned())
    };
    write(&path, vec![alert(), over("day")]);
    let open = || {
        let connection = database::open_to_read(&path).unwrap();
        query::alerts(&connection, None, at(0), true).unwrap().len()
    };
    assert_eq!(open(), 1);
    write(&path, vec![over("night")]);
    assert_eq!(open(), 0);
}

#[test]
fn a_history_that_begins_later_touches_nothing_before_its_first_record() {
    let (folder, path) = database();
    let history = History::later(&path).unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    history.send(metric(1));
    assert_eq!(history.close(LONG), 0);
    let connection = database::open_to_read(&path).unwrap();
    assert_eq!(query::metrics(&connection, None, at(0)).unwrap().len(), 1);
}

#[test]
fn what_was_learned_before_is_told_to_the_next_run() {
    let (_folder, path) = database();
    write(&path, vec![learned()]);
    let (sender, learned) = bounded(1);
    let question = BaselineQuery {
        after: Duration::ZERO,
        machine: "m".to_owned(),
        filter: "prefix".to_owned(),
        workers: 2,
        learned: sender,
    };
    let history = History::later(&path).unwrap();
    history.ask(question);
    let learned = learned.recv_timeout(LONG).unwrap();
    assert_eq!(learned.len(), 1);
    let remembered = learned[0].performance / 12.5;
    assert!((0.9..1.0).contains(&remembered), "{remembered}");
    assert_eq!(history.close(LONG), 0);
}

#[test]
fn what_is_too_old_goes_and_the_rest_can_be_copied() {
    let (folder, path) = database();
    write(&path, vec![metric(0), metric(86_400 * 6), alert(), run(1)]);
    let connection = database::open_to_read(&path).unwrap();
    let pruned = upkeep::prune(&connection, at(86_400 * 8)).unwrap();
    // The second of the two is the size of the database itself.
    assert_eq!((pruned.metrics, pruned.alerts, pruned.runs), (2, 0, 0));
    let pruned = upkeep::prune(&connection, at(86_400 * 400)).unwrap();
    assert_eq!((pruned.metrics, pruned.alerts, pruned.runs), (1, 1, 1));
    upkeep::optimize(&connection).unwrap();
    let copy = folder.path().join("copy.db");
    upkeep::backup(&connection, &copy).unwrap();
    database::open_to_read(&copy).unwrap();
    assert!(upkeep::backup(&connection, &copy).is_err());
}

#[test]
fn a_database_that_another_process_locks_delays_nobody_and_is_said_once() {
    let (_folder, path) = database();
    let history = History::open(&path).unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let start = Instant::now();
    let sent = 2 * WAITING as u64;
    (0..sent).for_each(|_| history.send(metric(1)));
    assert!(start.elapsed() < LONG);
    let said = history.notices.recv_timeout(LONG).unwrap();
    assert!(matches!(said, Notice::Failing(reason) if reason.contains("locked")));
    other.execute_batch("COMMIT").unwrap();
    drop(other);
    let lost = history.close(LONG);
    assert!(lost > 0 && lost < sent, "{lost}");
    let connection = database::open_to_read(&path).unwrap();
    let written = query::metrics(&connection, None, at(0)).unwrap().len() as u64;
    assert_eq!(written + lost, sent);
}

#[test]
fn a_database_that_is_deleted_while_it_is_in_use_is_begun_anew() {
    let (_folder, path) = database();
    let history = History::open(&path).unwrap();
    for suffix in ["", "-wal", "-shm"] {
        let file = PathBuf::from(format!("{}{suffix}", path.display()));
        let _ = fs::remove_file(file);
    }
    history.send(metric(1));
    let said = history.notices.recv_timeout(LONG).unwrap();
    assert!(matches!(said, Notice::Failing(reason) if reason.contains("deleted")));
    assert_eq!(history.close(LONG), 0);
    let connection = database::open_to_read(&path).unwrap();
    assert_eq!(query::metrics(&connection, None, at(0)).unwrap().len(), 1);
}

#[test]
fn a_day_of_samples_stays_small() {
    let (_folder, path) = database();
    // A sample every 30 seconds, a tenth of a day.
    let values = VALUES_A_SAMPLE as i64;
    let samples = (0..288).flat_map(|sample| (0..values).map(move |_| metric(30 * sample)));
    assert_eq!(write_patiently(&path, samples), 0);
    let bytes = fs::metadata(&path).unwrap().len();
    assert!(10 * bytes < 5_000_000, "{bytes}");
}

/// Waits whenever the queue is full, as no search ever would.
fn write_patiently(path: &Path, records: impl Iterator<Item = Record>) -> u64 {
    let history = History::open(path).unwrap();
    for record in records {
        while history.waiting() == WAITING {
            std::thread::yield_now();
        }
        history.send(record);
    }
    history.close(LONG)
}
