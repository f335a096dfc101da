//! Sessions of the system's service, which has a state folder of its own: used where the user's own has none of that name.

use std::io;
use std::path::Path;

use super::name::SessionName;
use super::place::StateFolder;

/// The state folder of the service in contrib/, as `StateDirectory=` makes it.
pub const SERVICE: &str = "/var/lib/meshcore-keygen";

/// Where a session was found, and what to say about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The state folder to use.
    pub place: StateFolder,
    /// Which one it is, where that is not the user's own; or how to ask as the service's user.
    pub note: Option<String>,
}

/// The state folder that has the session `name`, or, without a name, any session: the user's own goes before the service's.
#[must_use]
pub fn find(own: StateFolder, name: Option<&str>) -> Found {
    find_in(own, Path::new(SERVICE), name)
}

fn find_in(own: StateFolder, service: &Path, name: Option<&str>) -> Found {
    // Whoever names a folder means that one.
    let has = |place: &StateFolder| match name.map(SessionName::parse) {
        Some(Ok(name)) => place.session(&name).exists(),
        Some(Err(_)) => true,
        None => place.sessions().is_ok_and(|names| !names.is_empty()),
    };
    let stay = |note| Found {
        place: own.clone(),
        note,
    };
    if !own.is_usual() || has(&own) || own.path() == service {
        return stay(None);
    }
    let there = StateFolder::of_service(service.to_owned());
    match std::fs::read_dir(service.join("sessions")) {
        Ok(_) if has(&there) => Found {
            note: Some(format!(
                "In the system service's folder {}:",
                service.display()
            )),
            place: there,
        },
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            stay(Some(denied(service)))
        }
        _ => stay(None),
    }
}

/// How to ask as the user who may read the folder.
fn denied(service: &Path) -> String {
    format!(
        "The system service keeps sessions in {}, which this user can't read: sudo -u {} keygen … asks as the one who \
         can.",
        service.display(),
        owner(service)
    )
}

/// The owner as `sudo -u` takes it.
#[cfg(unix)]
fn owner(folder: &Path) -> String {
    use std::os::unix::fs::MetadataExt;
    let uid = std::fs::metadata(folder).map(|metadata| metadata.uid());
    uid.map_or_else(|_| "USER".to_owned(), |uid| format!("'#{uid}'"))
}

#[cfg(not(unix))]
fn owner(_: &Path) -> String {
    "USER".to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::look::tests::place_with;
    use super::*;

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
    fn whoever_names_a_folder_means_it() {
        let (service, _) = place_with("night");
        let own = tempfile::tempdir().unwrap();
        let named = StateFolder::choose(Some(own.path()), None, None).unwrap();
        let found = find_in(named, service.path(), Some("night"));
        assert_eq!((found.place.path(), found.note), (own.path(), None));
    }
}
