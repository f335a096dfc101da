//! The state folder, which holds sessions and history: by option, by environment, or by the platform's convention.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use etcetera::BaseStrategy;
use thiserror::Error;

use super::name::SessionName;
use super::service_dir::SERVICE;
use crate::files::{create_folder, trust};

/// The folder of this program below the user's state folder.
const PROGRAM: &str = "meshcore-keygen";

/// The folder of the sessions in the state folder.
const SESSIONS: &str = "sessions";

/// The database in the state folder, unless another one is named.
const DATABASE: &str = "history.db";

/// Why the state folder can't be used.
#[derive(Debug, Error)]
pub(crate) enum PlaceError {
    /// There is none.
    #[error(
        "there is no state folder, because the home folder is unknown; name one with --state-dir DIR or $STATE_DIRECTORY"
    )]
    Unknown,
    /// Others could have written what is in it.
    #[error(
        "the state folder {folder} ({from}) is not trusted: {reason}. Name another one with --state-dir DIR; where a file system has no permissions, give --trust-permissions"
    )]
    Untrusted {
        /// The folder.
        folder: PathBuf,
        /// Why it is this one.
        from: Origin,
        /// Why not.
        reason: String,
    },
    /// It can't be created, read or written.
    #[error(
        "the state folder {folder} can't be used ({from}): {source}; name another one with --state-dir DIR"
    )]
    Unusable {
        /// The folder.
        folder: PathBuf,
        /// Why it is this one.
        from: Origin,
        /// What the system said.
        source: io::Error,
    },
}

/// Why the state folder is the one that it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::Display)]
pub(crate) enum Origin {
    #[strum(serialize = "from --state-dir")]
    Option,
    /// As systemd sets it.
    #[strum(serialize = "from $STATE_DIRECTORY")]
    Environment,
    #[strum(serialize = "the usual one on this system")]
    Convention,
    #[strum(serialize = "that of the system service")]
    Service,
}

/// The folder that keeps sessions and history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StateFolder {
    path: PathBuf,
    pub(crate) origin: Origin,
}

impl StateFolder {
    /// The state folder of this process; `typed` is what `--state-dir` says. Touches nothing.
    ///
    /// # Errors
    /// Nothing says where it is.
    pub(crate) fn of_process(typed: Option<&Path>) -> Result<Self, PlaceError> {
        Self::choose(typed, env::var_os("STATE_DIRECTORY"), convention())
    }

    /// The first of the three that is there, as an absolute path.
    ///
    /// # Errors
    /// None is.
    pub(crate) fn choose(
        typed: Option<&Path>,
        environment: Option<OsString>,
        convention: Option<PathBuf>,
    ) -> Result<Self, PlaceError> {
        let environment = environment.and_then(|value| first_of(&value));
        let (path, origin) = typed
            .map(|path| (path.to_owned(), Origin::Option))
            .or(environment.map(|path| (path, Origin::Environment)))
            .or(convention.map(|path| (path, Origin::Convention)))
            .ok_or(PlaceError::Unknown)?;
        let path = std::path::absolute(&path).map_err(|source| PlaceError::Unusable {
            folder: path,
            from: origin,
            source,
        })?;
        Ok(Self { path, origin })
    }

    /// The one of the system's service, at this absolute path.
    pub(crate) fn of_service(path: PathBuf) -> Self {
        Self {
            path,
            origin: Origin::Service,
        }
    }

    /// Refuses a folder that another user owns or may write to: sessions in it could be anybody's.
    ///
    /// # Errors
    /// Why it is not trusted.
    pub(crate) fn check_trust(&self) -> Result<(), PlaceError> {
        // The service manager gives this one to the service's user.
        if self.path == Path::new(SERVICE) {
            return Ok(());
        }
        match trust::distrust(&self.path) {
            None => Ok(()),
            Some(reason) => Err(PlaceError::Untrusted {
                folder: self.path.clone(),
                from: self.origin,
                reason,
            }),
        }
    }

    /// Whether it is the default one.
    pub(crate) fn is_usual(&self) -> bool {
        self.origin == Origin::Convention
    }

    /// Its absolute path.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The folder that has a folder for each session.
    pub(crate) fn sessions_dir(&self) -> PathBuf {
        self.path.join(SESSIONS)
    }

    /// The folder of a session.
    pub(crate) fn session(&self, name: &SessionName) -> PathBuf {
        self.sessions_dir().join(name)
    }

    /// The database, unless another one is named.
    pub(crate) fn database(&self) -> PathBuf {
        self.path.join(DATABASE)
    }

    /// Creates the folder of a session, mode 0700.
    ///
    /// # Errors
    /// What the system said, with the folder and where it comes from.
    pub(crate) fn create_session(&self, name: &SessionName) -> Result<PathBuf, PlaceError> {
        let folder = self.session(name);
        create_folder(&folder).map_err(|source| self.unusable(source))?;
        Ok(folder)
    }

    /// The names of all sessions, sorted; none where there is no folder yet. Other names are ignored.
    ///
    /// # Errors
    /// The folder can't be read.
    pub(crate) fn sessions(&self) -> Result<Vec<SessionName>, PlaceError> {
        let entries = match fs::read_dir(self.sessions_dir()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(|source| self.unusable(source))?,
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|source| self.unusable(source))?;
            let name = entry.file_name();
            names.extend(name.to_str().and_then(|name| SessionName::parse(name).ok()));
        }
        names.sort();
        Ok(names)
    }

    /// The error for what the system said about this folder.
    pub(crate) fn unusable(&self, source: io::Error) -> PlaceError {
        PlaceError::Unusable {
            folder: self.path.clone(),
            from: self.origin,
            source,
        }
    }
}

/// systemd lists several folders with colons between; ours is the first.
fn first_of(value: &OsString) -> Option<PathBuf> {
    let first = env::split_paths(value).next()?;
    (!first.as_os_str().is_empty()).then_some(first)
}

/// `$XDG_STATE_HOME` or `~/.local/state` on Unix, the user's application data on Windows.
fn convention() -> Option<PathBuf> {
    let strategy = etcetera::choose_base_strategy().ok()?;
    let state = strategy.state_dir().unwrap_or_else(|| strategy.data_dir());
    Some(state.join(PROGRAM))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(typed: Option<&str>, environment: &str, convention: &str) -> (String, Origin) {
        let path = |text: &str| (!text.is_empty()).then(|| PathBuf::from(text));
        let chosen = StateFolder::choose(
            typed.map(Path::new),
            Some(environment.into()),
            path(convention),
        )
        .unwrap();
        (chosen.path.display().to_string(), chosen.origin)
    }

    #[test]
    fn the_option_comes_before_the_environment_before_the_convention() {
        assert_eq!(
            choose(Some("/o"), "/e", "/c"),
            ("/o".to_owned(), Origin::Option)
        );
        assert_eq!(
            choose(None, "/e:/f", "/c"),
            ("/e".to_owned(), Origin::Environment)
        );
        assert_eq!(
            choose(None, "", "/c"),
            ("/c".to_owned(), Origin::Convention)
        );
        let none = StateFolder::choose(None, None, None);
        assert!(matches!(none, Err(PlaceError::Unknown)));
    }

    #[test]
    fn sessions_are_listed_by_name_and_other_things_passed_over() {
        let top = tempfile::tempdir().unwrap();
        let place = StateFolder::choose(Some(top.path()), None, None).unwrap();
        assert!(place.sessions().unwrap().is_empty());
        for name in ["b", "a"] {
            place
                .create_session(&SessionName::parse(name).unwrap())
                .unwrap();
        }
        fs::create_dir(top.path().join("sessions/.hidden")).unwrap();
        let names: Vec<_> = place
            .sessions()
            .unwrap()
            .iter()
            .map(SessionName::to_string)
            .collect();
        assert_eq!(names, ["a", "b"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_others_may_write_or_own_is_not_trusted() {
        use std::os::unix::fs::{PermissionsExt, chown};
        let top = tempfile::tempdir().unwrap();
        let trusted = |path: &Path| {
            let place = StateFolder::choose(Some(path), None, None).unwrap();
            place.check_trust().map_err(|error| error.to_string())
        };
        assert_eq!(trusted(top.path()), Ok(()));
        assert_eq!(trusted(&top.path().join("missing")), Ok(()));
        fs::set_permissions(top.path(), fs::Permissions::from_mode(0o777)).unwrap();
        let error = trusted(top.path()).unwrap_err();
        for part in ["from --state-dir", "0777", "--trust-permissions"] {
            assert!(error.contains(part), "{error}");
        }
        fs::set_permissions(top.path(), fs::Permissions::from_mode(0o700)).unwrap();
        if chown(top.path(), Some(65534), None).is_ok() {
            assert!(trusted(top.path()).unwrap_err().contains("another user"));
        }
    }

    #[test]
    fn a_folder_that_cannot_be_made_says_where_it_comes_from() {
        let top = tempfile::tempdir().unwrap();
        let file = top.path().join("file");
        fs::write(&file, "").unwrap();
        let place = StateFolder::choose(Some(&file), None, None).unwrap();
        let error = place.create_session(&SessionName::parse("a").unwrap());
        let text = error.unwrap_err().to_string();
        assert!(text.contains("from --state-dir"), "{text}");
    }
}
