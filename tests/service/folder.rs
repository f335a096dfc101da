//! Sessions of the system's service, found by commands of a user who has none of that name, as a black box.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::common::program::{DEADLINE, Place, Run, has};
use crate::common::searches::SEARCH;
use crate::common::wait::wait_until;

/// Puts the folder `$0` where the service keeps its own, for this process only, and executes the rest.
const MOUNTED: &str = "mount -t tmpfs none /var/lib && mkdir /var/lib/meshcore-keygen && \
                       mount --bind \"$0\" /var/lib/meshcore-keygen && exec \"$@\"";

/// What is said of where it was found.
const HEADING: &str = "In the system service's folder /var/lib/meshcore-keygen:\n";

/// Runs the program where the folder `service` is the service's.
fn beside(place: &Place, words: &[&str]) -> Run {
    let service = place.path("service");
    let folder = service.to_str().unwrap();
    let wrapper = ["unshare", "-rm", "sh", "-c", MOUNTED, folder];
    place.finish(place.wrapped(&wrapper, words))
}

#[test]
fn commands_find_a_session_of_the_service_and_say_so() {
    let test = "commands_find_a_session_of_the_service_and_say_so";
    let mount = "mount -t tmpfs none /var/lib";
    if !has(test, "unshare", &["-rm", "sh", "-c", mount]) {
        return;
    }
    let place = Place::new();
    let folder = place.path("service");
    let state = ["--state-dir", folder.to_str().unwrap()];
    let named = ["--session", "night"];
    let searching = place.start(place.command(&[&SEARCH[..], &named, &state].concat()));
    let session = folder.join("sessions/night");
    wait_until("the socket", || session.join("control.sock").exists());
    let says = |words: &[&str], said: &str| {
        let run = beside(&place, words);
        assert_eq!(run.code, Some(0), "{words:?}: {}", run.err);
        let text = run.out + &run.err;
        assert!(
            text.contains(HEADING) && text.contains(said),
            "{words:?}: {text}"
        );
    };
    says(&["session", "list"], "night: running");
    says(&["resume", "night"], "night is running already");
    says(&["pause"], "night is paused");
    says(&["resume"], "night continues");
    says(&["watch", "add", "night"], "added to the list");
    let held = beside(&place, &["session", "rm", "night"]);
    assert_eq!(held.code, Some(2), "{}", held.err);
    says(&["stop", "night"], "is stopped");
    assert_eq!(searching.end(DEADLINE).code, Some(4));
    refused_to_others(&place, &session);
    let resumed = beside(&place, &["resume", "--candidates", "1"]);
    assert_eq!(resumed.code, Some(3), "{}", resumed.err);
    assert!(resumed.err.contains(HEADING), "{}", resumed.err);
    says(&["session", "rm", "night"], "night is removed");
    assert!(!session.exists());
}

/// A session that another user has is not gone on with: the service could not read what was written then.
fn refused_to_others(place: &Place, session: &std::path::Path) {
    let readable = fs::Permissions::from_mode(0o755);
    fs::set_permissions(session, readable).unwrap();
    // Only root can give a folder away.
    if std::os::unix::fs::chown(session, Some(4711), None).is_err() {
        return;
    }
    let refused = beside(place, &["resume", "night"]);
    assert_eq!(refused.code, Some(2), "{}", refused.err);
    let advice = "systemctl start keygen@night continues it, or sudo -u '#";
    assert!(refused.err.contains(advice), "{}", refused.err);
    let me = rustix::process::geteuid().as_raw();
    std::os::unix::fs::chown(session, Some(me), None).unwrap();
}
