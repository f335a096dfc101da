//! Opens the history: private, in WAL mode, with our tables; a damaged one is set aside and a new one created.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};
use thiserror::Error;

use super::schema::{self, SchemaError};
use crate::files::{self, trust};

/// How long a statement waits for another process's lock.
const PATIENCE: Duration = Duration::from_millis(500);

/// Pages (4 KiB) after which the log is written back into the database.
const CHECKPOINT_PAGES: i64 = 256;

/// Bytes that the log keeps between two checkpoints.
const LOG_BYTES: i64 = 2 << 20;

/// Why there is no history.
#[derive(Debug, Error)]
pub(crate) enum DatabaseError {
    /// The folder or the file can't be used.
    #[error(
        "the history database {path} can't be used: {source}; name another one with --history-db PATH"
    )]
    File {
        /// The database.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// SQLite refuses, or the tables are not ours.
    #[error("the history database {path} can't be used: {source}")]
    Tables {
        /// The database.
        path: PathBuf,
        /// What is wrong.
        source: SchemaError,
    },
}

/// An open database, and what happened to a damaged one.
pub(crate) struct Opened {
    /// The connection.
    pub connection: Connection,
    /// Where a damaged one before it was put.
    pub set_aside: Option<PathBuf>,
}

/// Opens the database at `path` for writing; creates it, readable only by its owner, if it is missing. Checks all of
/// it, which takes longer the larger it is.
///
/// # Errors
/// It can't be created or read, it is another program's, or a newer program wrote it.
pub(crate) fn open(path: &Path) -> Result<Opened, DatabaseError> {
    open_by(path, |connection| check(&connection).map(|()| connection))
}

/// Opens it likewise, but checks no more than its beginning: see [`check`].
///
/// # Errors
/// As [`open`].
pub(crate) fn open_quickly(path: &Path) -> Result<Opened, DatabaseError> {
    open_by(path, Ok)
}

fn open_by(
    path: &Path,
    check: impl Fn(Connection) -> rusqlite::Result<Connection>,
) -> Result<Opened, DatabaseError> {
    create(path)?;
    let attempt = || try_open(path).and_then(|connection| Ok(check(connection)?));
    match attempt() {
        Ok(connection) => Ok(Opened {
            connection,
            set_aside: None,
        }),
        Err(SchemaError::Sql(error)) if is_damage(&error) => {
            let aside = set_aside(path).map_err(|source| DatabaseError::File {
                path: path.to_owned(),
                source,
            })?;
            create(path)?;
            let connection = try_open(path).map_err(|source| tables(path, source))?;
            Ok(Opened {
                connection,
                set_aside: Some(aside),
            })
        }
        Err(source) => Err(tables(path, source)),
    }
}

/// Checks the whole database.
///
/// # Errors
/// It is damaged.
pub(crate) fn check(connection: &Connection) -> rusqlite::Result<()> {
    let sound: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if sound == "ok" {
        return Ok(());
    }
    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
    Err(rusqlite::Error::SqliteFailure(code, Some(sound)))
}

/// Opens an existing database for reading.
///
/// # Errors
/// It is not there, damaged, or not ours.
pub(crate) fn open_to_read(path: &Path) -> Result<Connection, DatabaseError> {
    if let Err(source) = fs::metadata(path) {
        let path = path.to_owned();
        return Err(DatabaseError::File { path, source });
    }
    create(path)?;
    // Opened for writing: reading a database in WAL mode needs its shared memory, and migrations may be due.
    try_open(path).map_err(|source| tables(path, source))
}

/// Creates a database that is missing: SQLite would make it readable by others.
fn create(path: &Path) -> Result<(), DatabaseError> {
    // Other trouble shows in what SQLite says next.
    let _ = path.parent().map(files::create_folder);
    match trust::open(files::private_options().append(true), path) {
        Err(source) if trust::is_about_link(&source) => Err(DatabaseError::File {
            path: path.to_owned(),
            source,
        }),
        _ => Ok(()),
    }
}

fn tables(path: &Path, source: SchemaError) -> DatabaseError {
    DatabaseError::Tables {
        path: path.to_owned(),
        source,
    }
}

fn try_open(path: &Path) -> Result<Connection, SchemaError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    schema::migrate(&mut connection)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    connection.pragma_update(None, "journal_size_limit", LOG_BYTES)?;
    Ok(connection)
}

/// Whether the file itself is damaged, so that another attempt is useless.
pub(crate) fn is_damage(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error_code();
    matches!(
        code,
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
    ) || error.to_string().contains("unsupported file format")
}

/// Renames a damaged database and its log, so that a new one can be created and the old one inspected.
fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let free = |number: u32| {
        let candidate = with_suffix(path, &format!(".damaged-{number}"));
        (!candidate.exists()).then_some(candidate)
    };
    let aside = (1..10_000)
        .find_map(free)
        .ok_or_else(|| io::Error::other("there are too many damaged databases beside it"))?;
    for suffix in ["-wal", "-shm"] {
        let log = with_suffix(path, suffix);
        if log.exists() {
            fs::rename(&log, with_suffix(&aside, suffix))?;
        }
    }
    fs::rename(path, &aside)?;
    Ok(aside)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut text = OsString::from(path);
    text.push(suffix);
    PathBuf::from(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(connection: &Connection) -> i64 {
        let count = "SELECT count(*) FROM baselines";
        connection.query_row(count, [], |row| row.get(0)).unwrap()
    }

    fn insert(connection: &Connection) {
        let insert = "INSERT INTO baselines VALUES ('m', 'b', 'f', 2, 1.0, 2.0)";
        connection.execute(insert, []).unwrap();
    }

    #[test]
    fn what_was_written_is_there_when_it_is_opened_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state/history.db");
        insert(&open(&path).unwrap().connection);
        let again = open(&path).unwrap();
        assert_eq!(count(&again.connection), 1);
        assert!(again.set_aside.is_none());
        assert_eq!(count(&open_to_read(&path).unwrap()), 1);
    }

    #[test]
    fn cut_anywhere_or_with_flipped_bits_it_opens_as_it_was_or_is_set_aside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.db");
        insert(&open(&path).unwrap().connection);
        let whole = fs::read(&path).unwrap();
        let cuts = (0..200).chain((200..whole.len()).step_by(997));
        let mut aside = 0;
        for (number, place) in cuts.enumerate() {
            let mut bytes = whole.clone();
            if number % 2 == 0 {
                bytes.truncate(place);
            } else {
                bytes[place] ^= 0x55;
            }
            let other = tempfile::tempdir().unwrap();
            let path = other.path().join("history.db");
            fs::write(&path, &bytes).unwrap();
            match open(&path) {
                Ok(opened) => {
                    aside += usize::from(opened.set_aside.is_some_and(|path| path.exists()));
                }
                // A version or a mark that a flipped bit changed can't be told from a real one.
                Err(DatabaseError::Tables { source, .. }) => {
                    assert!(
                        matches!(source, SchemaError::Newer { .. } | SchemaError::Foreign),
                        "byte {place}: {source}"
                    );
                }
                Err(error) => panic!("byte {place}: {error}"),
            }
        }
        assert!(aside > 20, "{aside}");
    }

    #[test]
    fn rubbish_is_set_aside_each_time_under_another_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.db");
        let mut names = Vec::new();
        for _ in 0..2 {
            fs::write(&path, vec![0xA5; 10_000]).unwrap();
            names.push(open(&path).unwrap().set_aside.unwrap());
        }
        assert_ne!(names[0], names[1]);
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.db");
        let opened = open(&path).unwrap();
        insert(&opened.connection);
        for entry in fs::read_dir(folder.path()).unwrap() {
            let mode = entry.unwrap().metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_another_user_planted_is_not_followed() {
        let Some((_folder, link, target)) = trust::tests::planted_link("history.db") else {
            return;
        };
        assert!(matches!(open(&link), Err(DatabaseError::File { .. })));
        assert!(!target.exists());
    }

    #[test]
    fn a_folder_in_its_place_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(open(folder.path()).is_err());
        assert!(open_to_read(&folder.path().join("none")).is_err());
    }
}
