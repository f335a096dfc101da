//! Whose state folders are used: those that nobody else may write.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use crate::common::program::Place;

#[test]
fn a_state_folder_that_others_may_write_is_used_only_where_that_is_allowed() {
    let place = Place::new();
    let folder = place.path("open");
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, Permissions::from_mode(0o777)).unwrap();
    let words = ["session", "list", "--state-dir", folder.to_str().unwrap()];
    let refused = place.run(&words);
    assert_eq!(refused.code, Some(2), "{}", refused.err);
    for part in [
        "is not trusted",
        "0777",
        "chmod go-w",
        "--trust-permissions",
    ] {
        assert!(refused.err.contains(part), "{part}: {}", refused.err);
    }
    let allowed = place.run(&[&words[..], &["--trust-permissions"]].concat());
    assert_eq!(allowed.code, Some(0), "{}", allowed.err);
}
