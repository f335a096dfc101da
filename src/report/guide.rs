//! What a person does with the last key found: node ID, files, and how to bring it into a repeater or a companion.

use crate::event::Found;
use crate::key::{MAX_NODE_ID_BYTES, node_id};
use crate::text::number::counted;

/// The guide, line by line.
pub(crate) fn lines(key: &Found) -> Vec<String> {
    let ids = (1..=MAX_NODE_ID_BYTES).map(|bytes| {
        let digits = node_id(&key.public, bytes);
        format!("{digits} ({})", counted(bytes as u64, "byte"))
    });
    let ids = format!("Node ID: {}", ids.collect::<Vec<_>>().join(", "));
    let private = key.file();
    if key.claim.is_some() {
        let what =
            "This is a claim: it is public, and only the owner of its start can make the key.";
        let there = format!("  there: keygen blind finish '{private}'");
        return vec![ids, what.to_owned(), there];
    }
    let readers = if key.mode_kept {
        "readable only by you"
    } else {
        "others may be able to read them here: this file system does not keep mode 0600"
    };
    let mut lines = vec![ids, format!("Files ({readers}):")];
    lines.extend(key.file_names().iter().map(|file| format!("  {file}")));
    lines.extend([
        "Into a node by USB: keygen node list shows its port, then".to_owned(),
        format!("  keygen node import '{private}' --port PORT"),
        "By hand into a repeater: connect it by USB, open its serial console and send the two lines".to_owned(),
        "  set prv.key <the private key>".to_owned(),
        "  reboot".to_owned(),
        format!("  (keygen key export --format serial '{private}' prints the first one whole)"),
        "By hand into a companion: in the MeshCore app, connect, open Settings, Manage Identity Key, and import the private key"
            .to_owned(),
        format!("  (keygen key export --format json '{private}' writes it as the app imports it)"),
    ]);
    lines
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use super::*;
    use crate::event::FoundKind;

    fn key(mode_kept: bool) -> Found {
        let mut public = [0x11; 32];
        public[..3].copy_from_slice(&[0xF8, 0xA1, 0x0B]);
        Found {
            kind: FoundKind::Wanted,
            pattern: "prefix F8".to_owned(),
            public,
            files: vec![
                PathBuf::from("/k/m_private.txt"),
                PathBuf::from("/k/m_public.txt"),
            ],
            mode_kept,
            candidates: 10,
            at: Duration::from_secs(1),
            ..Found::default()
        }
    }

    #[test]
    fn the_guide_names_the_node_the_files_and_both_ways_into_a_device() {
        let text = lines(&key(true)).join("\n");
        let parts = [
            "F8 (1 byte), F8A1 (2 bytes), F8A10B (3 bytes)",
            "readable only by you",
            "/k/m_private.txt",
            "/k/m_public.txt",
            "set prv.key",
            "reboot",
            "companion",
        ];
        for part in parts {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
    }

    #[test]
    fn the_guide_does_not_claim_what_the_file_system_did_not_keep() {
        assert!(!lines(&key(false)).join("\n").contains("only by you"));
    }
}
