//! Companions: binary frames.

use super::simulated::{Behaviour, private_of};
use super::{fails, import, on_node, works};
use crate::common::key_samples::key;
use crate::common::program::Place;

#[test]
fn a_key_gets_into_a_companion_and_is_verified_at_once() {
    works(&Behaviour::companion());
}

#[test]
fn refusals_are_named() {
    let refuses = Behaviour {
        refuses: true,
        ..Behaviour::companion()
    };
    fails(&refuses, "refuses the key (error 6)");
    let off = Behaviour {
        import_off: true,
        ..Behaviour::companion()
    };
    fails(&off, "built without import");
    let full = Behaviour {
        full: true,
        ..Behaviour::companion()
    };
    fails(
        &full,
        "did not take the key: it could not write its file (error 5)",
    );
}

#[test]
fn another_key_than_was_sent_is_a_loud_error() {
    let other = Behaviour {
        other_key: true,
        ..Behaviour::companion()
    };
    fails(&other, "ANOTHER public key");
    let damaged = Behaviour {
        damages_secret: true,
        ..Behaviour::companion()
    };
    fails(&damaged, "second half of its private key differs");
}

#[test]
fn a_companion_without_export_gets_the_key_and_the_loss_is_said() {
    let (place, new) = (Place::new(), key(1));
    let node = Behaviour {
        export_off: true,
        ..Behaviour::companion()
    }
    .on_tcp();
    let run = import(&place, &node, &new, &[]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert!(run.err.contains("built without export"), "{}", run.err);
    assert_eq!(node.private(), private_of(&new));
    let run = on_node(&place, &node, &["export"]);
    assert_eq!(run.code, Some(1));
    assert!(run.err.contains("built without export"), "{}", run.err);
}

#[test]
fn a_companion_says_who_it_is_as_json_too() {
    let node = Behaviour::companion().on_tcp();
    let run = on_node(&Place::new(), &node, &["info", "--json"]);
    let info: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(info["public_key"], node.public());
    assert_eq!(
        (&info["dialect"], &info["name"]),
        (&"companion".into(), &"Hill Companion".into())
    );
    assert_eq!(
        (&info["firmware"], &info["board"]),
        (&"v1.17.1".into(), &"Heltec V3".into())
    );
}

#[test]
fn only_commands_that_send_nothing_over_the_radio_are_used() {
    let node = Behaviour::companion().on_tcp();
    import(&Place::new(), &node, &key(1), &[]);
    let allowed = ["1", "22", "23", "24"];
    let commands = node.commands();
    assert!(
        commands
            .iter()
            .all(|command| allowed.contains(&command.as_str())),
        "{commands:?}"
    );
}
