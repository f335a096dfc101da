//! What a person does with the last key found: node ID, files, and how to bring it into a repeater or a companion.

use std::path::PathBuf;

use crate::key::{MAX_NODE_ID_BYTES, PublicKey, node_id};

/// What the guide needs to know of the last key; the files are already on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LastKey {
    /// Its public key.
    pub public: PublicKey,
    /// Its files, the private one first.
    pub files: Vec<PathBuf>,
    /// Whether the files are known to be readable only by their owner.
    pub mode_kept: bool,
    /// Whether it is a claim, of which only its owner can make a key.
    pub is_claim: bool,
}

/// The guide, line by line.
pub(crate) fn lines(key: &LastKey) -> Vec<String> {
    let ids = (1..=MAX_NODE_ID_BYTES).map(|bytes| {
        let plural = if bytes == 1 { "" } else { "s" };
        format!("{} ({bytes} byte{plural})", node_id(&key.public, bytes))
    });
    if key.is_claim {
        return claim(key, ids.collect());
    }
    let private = key.files.first().map(|file| file.display().to_string());
    let private = private.unwrap_or_default();
    let readers = if key.mode_kept {
        "readable only by you"
    } else {
        "others may be able to read them here: this file system does not keep mode 0600"
    };
    let mut lines = vec![
        format!("Node ID: {}", ids.collect::<Vec<_>>().join(", ")),
        format!("Files ({readers}):"),
    ];
    lines.extend(key.files.iter().map(|file| format!("  {}", file.display())));
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

fn claim(key: &LastKey, ids: Vec<String>) -> Vec<String> {
    let file = key.files.first().map(|file| file.display().to_string());
    vec![
        format!("Node ID: {}", ids.join(", ")),
        "This is a claim: it is public, and only the owner of its start can make the key."
            .to_owned(),
        format!(
            "  there: keygen blind finish '{}'",
            file.unwrap_or_default()
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(mode_kept: bool) -> LastKey {
        let mut public = [0x11; 32];
        public[..3].copy_from_slice(&[0xF8, 0xA1, 0x0B]);
        LastKey {
            public,
            files: vec![
                PathBuf::from("/k/m_private.txt"),
                PathBuf::from("/k/m_public.txt"),
            ],
            mode_kept,
            is_claim: false,
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
