//! Sessions of the system's service, which has a state folder of its own: used where the user's own has none of that name.

use std::io;
use std::path::Path;

use super::name::SessionName;
use super::place::{Origin, StateFolder};

/// The state folder of the service in contrib/, as `StateDirectory=` makes it.
pub(crate) const SERVICE: &str = "/var/lib/meshcore-keygen";

/// Where a session was found, and what to say about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// The state folder to use.
    pub place: StateFolder,
    /// Which one it is, where that is not the user's own; or how to ask as the service's user.
    pub note: Option<String>,
}

impl Found {
    /// The user's own, whatever is in it.
    pub(crate) fn own(place: StateFolder) -> Self {
        Self { place, note: None }
    }

    /// A text about the sessions there, with what there is to say of the place before it.
    pub(crate) fn headed(&self, text: &str) -> String {
        match &self.note {
            Some(note) => format!("{note}\n{text}"),
            None => text.to_owned(),
        }
    }

    /// What went wrong with a session there; also how to ask, where the service may be the one that has it.
    pub(crate) fn wrong(&self, error: impl std::fmt::Display) -> String {
        match &self.note {
            Some(note) if self.place.origin != Origin::Service => format!("{error}. {note}"),
            _ => error.to_string(),
        }
    }
}

/// The state folder that has the session `name`, or, without a name, any session: the user's own goes before the service's.
pub(crate) fn find(own: StateFolder, name: Option<&str>) -> Found {
    find_in(own, Path::new(SERVICE), name)
}

/// As [`find`], where the service's folder is `service`.
pub(crate) fn find_in(own: StateFolder, service: &Path, name: Option<&str>) -> Found {
    let has = |place: &StateFolder| match name.map(SessionName::parse) {
        Some(Ok(name)) => place.session(&name).exists(),
        Some(Err(_)) => true,
        None => has_any(place),
    };
    if has(&own) {
        return Found::own(own);
    }
    beside(&own, service, has).unwrap_or_else(|| Found::own(own))
}

/// All state folders that have sessions, for lists: the user's own first, then the service's. Where none has any, it is
/// the user's own.
pub(crate) fn all(own: StateFolder) -> Vec<Found> {
    all_in(own, Path::new(SERVICE))
}

/// As [`all`], where the service's folder is `service`.
pub(crate) fn all_in(own: StateFolder, service: &Path) -> Vec<Found> {
    // What is wrong with the own folder must be said.
    let has_own = own.sessions().map_or(true, |names| !names.is_empty());
    match beside(&own, service, has_any) {
        Some(there) if there.place != own && has_own => vec![Found::own(own), there],
        Some(there) => vec![there],
        None => vec![Found::own(own)],
    }
}

fn has_any(place: &StateFolder) -> bool {
    place.sessions().is_ok_and(|names| !names.is_empty())
}

/// The service's folder, if it has what is asked for; or the user's own, with how to ask as the service's user. Nothing
/// where a folder was named: whoever does means that one.
fn beside(own: &StateFolder, service: &Path, has: impl Fn(&StateFolder) -> bool) -> Option<Found> {
    if !own.is_usual() || own.path() == service {
        return None;
    }
    let there = StateFolder::of_service(service.to_owned());
    match std::fs::read_dir(there.sessions_dir()) {
        Ok(_) if has(&there) => Some(Found {
            note: Some(format!(
                "In the system service's folder {}:",
                service.display()
            )),
            place: there,
        }),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Some(Found {
            place: own.clone(),
            note: Some(denied(service)),
        }),
        _ => None,
    }
}

/// How to ask as the user who may read the folder.
fn denied(service: &Path) -> String {
    format!(
        "The system service keeps sessions in {}, which this user can't read; to use them, run {} keygen …",
        service.display(),
        sudo(owner(service))
    )
}

/// How to do a thing as the owner of a session of the service, where that is another user: files that this user wrote
/// there the service could not read or replace.
pub(crate) fn as_owner(place: &StateFolder, session: &Path) -> Option<String> {
    let of_service = place.origin == Origin::Service || place.path() == Path::new(SERVICE);
    let owner = owner(session).filter(|owner| of_service && Some(*owner) != me());
    owner.map(|owner| sudo(Some(owner)))
}

/// What is typed before a command to give it as this user.
fn sudo(user: Option<u32>) -> String {
    let user = user.map_or_else(|| "USER".to_owned(), |id| format!("'#{id}'"));
    format!("sudo -u {user}")
}

#[cfg(unix)]
fn owner(folder: &Path) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    let metadata = std::fs::metadata(folder).ok()?;
    Some(metadata.uid())
}

#[cfg(not(unix))]
fn owner(_: &Path) -> Option<u32> {
    None
}

#[cfg(unix)]
fn me() -> Option<u32> {
    Some(rustix::process::geteuid().as_raw())
}

#[cfg(not(unix))]
fn me() -> Option<u32> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::inspect::tests::place_with;

    fn usual(path: &Path) -> StateFolder {
        StateFolder::choose(None, None, Some(path.to_owned())).unwrap()
    }

    #[test]
    fn the_services_folder_is_used_only_for_what_the_own_one_does_not_have() {
        let (service, _) = place_with("night");
        let (own, _) = place_with("day");
        let find = |name| find_in(usual(own.path()), service.path(), name);
        assert_eq!(find(Some("day")).place.path(), own.path());
        let night = find(Some("night"));
        assert_eq!(night.place.path(), service.path());
        assert!(night.note.unwrap().contains("system service"));
        assert_eq!(find(Some("other")).place.path(), own.path());
        assert_eq!(find(None).place.path(), own.path());
        let empty = tempfile::tempdir().unwrap();
        let found = find_in(usual(empty.path()), service.path(), None);
        assert_eq!(found.place.path(), service.path());
    }

    #[test]
    fn lists_have_the_sessions_of_both_folders() {
        let (service, _) = place_with("night");
        let (own, _) = place_with("day");
        let listed = |own: &Path, service: &Path| -> Vec<_> {
            let found = all_in(usual(own), service).into_iter();
            found
                .map(|f| (f.place.path().to_owned(), f.note.is_some()))
                .collect()
        };
        let empty = tempfile::tempdir().unwrap();
        let (own, service, empty) = (own.path(), service.path(), empty.path());
        let both = [(own.to_owned(), false), (service.to_owned(), true)];
        assert_eq!(listed(own, service), both);
        assert_eq!(listed(own, empty), both[..1]);
        assert_eq!(listed(empty, service), both[1..]);
        assert_eq!(listed(empty, empty), [(empty.to_owned(), false)]);
    }

    #[test]
    fn whoever_names_a_folder_means_it() {
        let (service, _) = place_with("night");
        let own = tempfile::tempdir().unwrap();
        let named = StateFolder::choose(Some(own.path()), None, None).unwrap();
        let found = find_in(named, service.path(), Some("night"));
        assert_eq!((found.place.path(), found.note), (own.path(), None));
    }

    #[test]
    fn what_goes_wrong_beside_a_closed_folder_says_how_to_ask() {
        let own = tempfile::tempdir().unwrap();
        let closed = Found {
            place: usual(own.path()),
            note: Some(denied(own.path())),
        };
        let said = closed.wrong("there is no session \"night\"");
        assert!(
            said.starts_with("there is no session \"night\". The system service keeps"),
            "{said}"
        );
        assert!(said.contains("sudo -u '#"), "{said}");
        let (service, _) = place_with("night");
        let found = find_in(usual(own.path()), service.path(), Some("night"));
        assert_eq!(found.wrong("it is damaged"), "it is damaged");
        assert!(found.headed("night").ends_with(":\nnight"));
    }

    #[test]
    fn only_the_service_minds_whose_files_are_in_a_session() {
        let (service, _) = place_with("night");
        let there = StateFolder::of_service(service.path().to_owned());
        let session = service.path().join("sessions/night");
        assert_eq!(as_owner(&there, &session), None);
        #[cfg(unix)]
        if std::os::unix::fs::chown(&session, Some(4711), None).is_ok() {
            let said = as_owner(&there, &session);
            assert_eq!(said.as_deref(), Some("sudo -u '#4711'"));
            assert_eq!(as_owner(&usual(service.path()), &session), None);
        }
    }
}
