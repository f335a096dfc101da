//! Repeaters, room servers and sensors: the text console.

use super::simulated::{Behaviour, private_of};
use super::{backups, fails, import, on_node, works};
use crate::common::key_samples::key;
use crate::common::program::Place;

#[test]
fn a_key_gets_into_a_repeater_and_is_verified_after_its_restart() {
    works(&Behaviour::default());
}

#[test]
fn old_firmware_that_answers_a_bare_ok_is_asked_for_its_public_key_after_its_restart() {
    works(&Behaviour {
        old: true,
        ..Behaviour::default()
    });
}

#[test]
fn old_firmware_that_is_not_restarted_is_not_believed() {
    let node = Behaviour {
        old: true,
        ..Behaviour::default()
    }
    .on_tcp();
    let run = import(&Place::new(), &node, &key(1), &["--no-reboot"]);
    assert_eq!((run.code, run.out.as_str()), (Some(1), ""));
    assert!(run.err.contains("before 1.12"), "{}", run.err);
}

#[test]
fn without_a_restart_the_answer_verifies_the_key_and_the_node_keeps_running() {
    let (place, node, new) = (Place::new(), Behaviour::default().on_tcp(), key(1));
    let run = import(&place, &node, &new, &["--no-reboot"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert!(run.out.contains("has stored") && run.out.contains("next restart"));
    assert_eq!(node.stored(), private_of(&new));
    assert!(!node.commands().contains(&"reboot".to_owned()));
}

#[test]
fn another_public_key_in_the_answer_is_a_loud_error_and_the_node_is_not_restarted() {
    let node = Behaviour {
        other_key: true,
        ..Behaviour::default()
    }
    .on_tcp();
    let before = node.public();
    let run = import(&Place::new(), &node, &key(1), &[]);
    assert_eq!((run.code, run.out.as_str()), (Some(1), ""));
    let said = run.err.to_lowercase();
    assert!(said.contains("another public key"), "{said}");
    assert!(
        said.contains(&format!("uses {before} until it is restarted, then")),
        "{said}"
    );
    assert!(!node.commands().contains(&"reboot".to_owned()));
}

#[test]
fn damage_in_the_second_half_of_the_private_key_is_found_though_the_public_key_is_right() {
    let node = Behaviour {
        damages_secret: true,
        ..Behaviour::default()
    }
    .on_tcp();
    let run = import(&Place::new(), &node, &key(1), &[]);
    assert_eq!(run.code, Some(1));
    assert!(
        run.err.contains("second half of its private key differs"),
        "{}",
        run.err
    );
}

#[test]
fn a_node_that_refuses_is_named_so_and_keeps_its_key() {
    let node = Behaviour {
        refuses: true,
        ..Behaviour::default()
    }
    .on_tcp();
    let before = node.public().to_uppercase();
    let run = import(&Place::new(), &node, &key(1), &[]);
    assert_eq!(run.code, Some(1));
    assert!(
        run.err.contains("refuses the key (Error, bad key)"),
        "{}",
        run.err
    );
    assert!(
        run.err.contains(&format!("The node has {before} now")),
        "{}",
        run.err
    );
}

#[test]
fn a_console_that_does_not_know_the_command_is_named_so() {
    let node = Behaviour {
        import_off: true,
        ..Behaviour::default()
    };
    fails(
        &node,
        "did not take the key: it answers \"unknown config: prv.key\"",
    );
}

#[test]
fn a_console_that_says_nothing_to_a_key_may_have_stored_it() {
    let node = Behaviour {
        mute_about_keys: true,
        ..Behaviour::default()
    };
    fails(
        &node,
        "but may have stored the key that was sent, and use that from its next restart on",
    );
}

#[test]
fn a_node_that_does_not_give_its_key_gets_the_new_one_and_the_loss_is_said() {
    let (place, new) = (Place::new(), key(1));
    let node = Behaviour {
        export_off: true,
        ..Behaviour::default()
    }
    .on_tcp();
    let run = import(&place, &node, &new, &[]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert!(
        run.err.contains("WARNING: the present key can't be saved"),
        "{}",
        run.err
    );
    assert!(
        run.out.contains("verified by its public key"),
        "{}",
        run.out
    );
    assert_eq!(node.private(), private_of(&new));
    assert!(backups(&place).is_empty());
}

#[test]
fn a_node_that_falls_silent_is_told_as_unknown() {
    let node = Behaviour {
        dies: true,
        ..Behaviour::default()
    }
    .on_tcp();
    let run = import(&Place::new(), &node, &key(1), &[]);
    assert_eq!(run.code, Some(1));
    assert!(
        run.err.contains("is not known, because it does not answer"),
        "{}",
        run.err
    );
}

#[test]
fn a_silent_port_is_tried_with_the_other_control_lines_and_then_given_up() {
    let node = Behaviour {
        silent: true,
        ..Behaviour::default()
    }
    .on_terminal();
    let run = on_node(&Place::new(), &node, &["info"]);
    assert_eq!((run.code, run.out.as_str()), (Some(1), ""));
    assert!(run.err.contains("nothing was heard for"), "{}", run.err);
    assert!(
        run.err.contains("trying with DTR and RTS low"),
        "{}",
        run.err
    );
    assert!(
        run.err.contains("no MeshCore node answered within"),
        "{}",
        run.err
    );
}

#[test]
fn a_key_that_the_node_has_already_is_not_sent_again() {
    let (place, node) = (Place::new(), Behaviour::default().on_tcp());
    let file = place.keys().join("saved.json");
    let file = file.to_str().unwrap();
    on_node(&place, &node, &["export", "--output", file]);
    let run = on_node(&place, &node, &["import", file, "--yes"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert!(run.out.contains("already"), "{}", run.out);
    assert!(!node.has_got_a_key());
}

#[test]
fn a_node_says_who_it_is_without_control_characters() {
    let node = Behaviour::default().on_tcp();
    let run = on_node(&Place::new(), &node, &["info"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    for fact in [
        "Hill [31mTop",
        "repeater",
        "v1.17.1",
        "RAK 4631",
        &node.public(),
        "(console)",
    ] {
        assert!(run.out.contains(fact), "{fact}: {}", run.out);
    }
    assert!(!run.out.contains('\x1b'));
}

#[test]
fn an_export_goes_to_a_new_private_file_and_never_over_another() {
    let (place, node) = (Place::new(), Behaviour::default().on_tcp());
    let file = place.keys().join("saved.json");
    let file = file.to_str().unwrap();
    let run = on_node(&place, &node, &["export", "--output", file]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert_eq!(run.out, format!("{}\t{file}\n", node.public()));
    assert_eq!(place.pairs()[0].private, node.private());
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let run = on_node(&place, &node, &["export", "--output", file]);
    assert_eq!(run.code, Some(2));
    assert!(run.err.contains("never overwritten"), "{}", run.err);
    for _ in 0..2 {
        assert_eq!(on_node(&place, &node, &["export"]).code, Some(0));
    }
    assert_eq!(backups(&place), [node.private(); 2]);
}
