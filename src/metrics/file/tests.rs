//! The metrics file is whole at every moment, and trouble with it is said once.

use super::*;
use crate::status::Totals;

fn snapshot(found: u64) -> Snapshot {
    Snapshot {
        totals: Totals {
            found,
            ..Totals::default()
        },
        session: Some("night".into()),
        ..Snapshot::default()
    }
}

#[test]
fn every_sample_names_its_session_once_and_none_the_process() {
    let text = contents(&snapshot(1));
    let mut samples = text.lines().filter(|line| !line.starts_with('#'));
    assert!(
        samples.all(|line| line.matches("session=\"night\"").count() == 1),
        "{text}"
    );
    assert!(text.contains("keygen_session_found{session=\"night\"} 1\n"));
    assert!(!text.contains("process_"));
    let unnamed = contents(&Snapshot::default());
    assert!(unnamed.contains("keygen_session_found 0\n"), "{unnamed}");
}

#[test]
fn the_last_version_stays_after_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("k.prom");
    let latest = LatestSnapshot::default();
    let file = MetricsFile::open(&path).unwrap();
    assert!(!path.exists(), "a check leaves nothing");
    let mut keeper = Keeper::start(file, latest.clone(), INTERVAL).unwrap();
    latest.put(snapshot(0));
    keeper.write();
    latest.put(snapshot(1));
    keeper.end();
    assert!(keeper.orders.has_ended_within(Duration::from_secs(60)));
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("keygen_session_found{session=\"night\"} 1"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    assert_eq!(keeper.notices().count(), 0);
}

#[cfg(unix)]
#[test]
fn other_users_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("k.prom");
    MetricsFile::open(&path).unwrap().write("a 1\n").unwrap();
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o644
    );
}

#[test]
fn what_a_killed_process_left_is_neither_in_the_way_nor_followed() {
    let folder = tempfile::tempdir().unwrap();
    let (path, victim) = (folder.path().join("k.prom"), folder.path().join("victim"));
    fs::write(&victim, "untouched").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(&victim, folder.path().join(".k.prom.next")).unwrap();
    MetricsFile::open(&path).unwrap().write("a 1\n").unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "a 1\n");
    assert_eq!(fs::read_to_string(&victim).unwrap(), "untouched");
}

#[test]
fn trouble_is_said_once_and_so_is_its_end() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("in");
    fs::create_dir(&folder).unwrap();
    let file = MetricsFile::open(&folder.join("k.prom")).unwrap();
    let (said, notices) = bounded(8);
    let latest = LatestSnapshot::default();
    let mut writer = Writer {
        file,
        latest,
        said,
        outage: Outage::default(),
    };
    writer.write(&snapshot(0));
    fs::remove_dir_all(&folder).unwrap();
    writer.write(&snapshot(0));
    writer.write(&snapshot(0));
    fs::create_dir(&folder).unwrap();
    writer.write(&snapshot(0));
    writer.write(&snapshot(0));
    let said: Vec<_> = notices.try_iter().collect();
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].contains("can't be written") && said[1].contains("is written again"));
}

#[test]
fn what_can_not_be_written_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |path: &Path| MetricsFile::open(path).unwrap_err().to_string();
    let said = refused(&folder.path().join("missing/k.prom"));
    assert!(
        said.contains("it can't be written") && said.contains("Name a file"),
        "{said}"
    );
    assert!(refused(folder.path()).contains("that is a folder"));
    #[cfg(unix)]
    assert!(refused(Path::new("/dev/null")).contains("no ordinary file"));
}
