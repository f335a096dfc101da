//! Giving a node another key, and finding out whether it has it.

use std::fmt;
use std::time::Duration;

use thiserror::Error;

use super::node::{ATTEMPTS, Dialect, Export, Node};
use super::{DeviceError, companion, console};
use crate::key::{PublicKey, VerifiedKey, hex};

/// A key that a node has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Imported {
    /// It uses the key; `whole`: its private key was read back and is the same.
    InUse {
        /// Whether all 64 bytes were compared, and not the public key alone.
        whole: bool,
    },
    /// It named the key's public key, and uses it after its next restart.
    AfterRestart,
}

/// Why a node does not have the key, and what it has now.
#[derive(Debug, Error)]
#[error("{problem}. {now}")]
pub(crate) struct ImportError {
    problem: Problem,
    now: Now,
}

/// What went wrong.
#[derive(Debug, Error)]
enum Problem {
    #[error(
        "the node refuses the key ({0}): firmware refuses public keys that begin with 00 or FF and keys that are not valid"
    )]
    Refused(String),
    /// With what the node says instead of an OK.
    #[error("the node did not take the key: {0}")]
    NotTaken(String),
    #[error(
        "the node did not answer within {:.1} s after the key was sent to it",
        .0.as_secs_f64()
    )]
    Unanswered(Duration),
    #[error(
        "the node's firmware was built without import of private keys; it has to be flashed with a build that has it"
    )]
    Off,
    #[error(
        "the node answers with ANOTHER public key, {}, than the key that was sent, {}",
        hex::encode_upper(found),
        hex::encode_upper(expected)
    )]
    OtherKey {
        found: PublicKey,
        expected: PublicKey,
    },
    #[error(
        "the node has the right public key, but the second half of its private key differs from the one that was sent"
    )]
    OtherSecret,
    #[error(
        "the node says OK without a public key, as firmware before 1.12 does, and can't be checked before it restarts; \
         restart it, then see keygen node info"
    )]
    Unchecked,
    #[error("{0}")]
    Device(DeviceError),
}

/// What the node has after that.
#[derive(Debug)]
enum Now {
    Uses(PublicKey),
    /// It uses the first, and the second after its next restart.
    Stored(PublicKey, Option<PublicKey>),
    /// It uses this, and may have stored the key that was sent to it.
    Perhaps(PublicKey),
    Unknown,
    /// A signal ended all waiting.
    Unasked,
}

impl fmt::Display for Now {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uses(key) => write!(f, "The node has {} now", hex::encode_upper(key)),
            Self::Stored(key, stored) => {
                let key = hex::encode_upper(key);
                let stored = stored.map_or("another key".to_owned(), |key| hex::encode_upper(&key));
                write!(f, "The node uses {key} until it is restarted, then {stored}")
            }
            Self::Perhaps(key) => write!(
                f,
                "The node uses {} now, but may have stored the key that was sent, and use that from its next restart on: \
                 restart it, then see keygen node info",
                hex::encode_upper(key)
            ),
            Self::Unknown => f.write_str(
                "Which key the node has now is not known, because it does not answer: restart it, then see keygen node \
                 info",
            ),
            Self::Unasked => f.write_str(
                "Which key the node has now is not known, because it was not asked any more: see keygen node info",
            ),
        }
    }
}

/// Why an attempt is over, or the key that is stored.
type Attempt<T> = Result<T, (Problem, Option<PublicKey>)>;

/// Gives `node` this key and compares what it has then. A console is restarted for that if `reboot` is set.
///
/// # Errors
/// The node does not have the key, or nobody can tell.
pub(crate) fn import(
    node: &mut Node,
    key: &VerifiedKey,
    reboot: bool,
) -> Result<Imported, Box<ImportError>> {
    let done = match node.dialect {
        Dialect::Console => by_console(node, key, reboot),
        Dialect::Companion => by_frames(node, key),
    };
    done.map_err(|(problem, stored)| {
        let now = match (now(node, stored), &problem, node.dialect) {
            (Now::Uses(key), Problem::Unanswered(_), Dialect::Console) => Now::Perhaps(key),
            (now, ..) => now,
        };
        Box::new(ImportError { problem, now })
    })
}

fn now(node: &mut Node, stored: Option<PublicKey>) -> Now {
    let mut public = node.public_key();
    if matches!(public, Err(DeviceError::Link(_))) && node.link.reopen().is_ok() {
        public = node.public_key();
    }
    match (public, stored) {
        (Ok(key), Some(stored)) if stored != key => Now::Stored(key, Some(stored)),
        (Ok(key), _) => Now::Uses(key),
        (Err(DeviceError::Interrupted), _) => Now::Unasked,
        (Err(_), _) => Now::Unknown,
    }
}

fn device(error: impl Into<DeviceError>) -> (Problem, Option<PublicKey>) {
    (Problem::Device(error.into()), None)
}

fn by_frames(node: &mut Node, key: &VerifiedKey) -> Attempt<Imported> {
    let mut before = None;
    for _ in 0..ATTEMPTS {
        node.link.settle().map_err(device)?;
        match companion::set_private_key(&mut node.link, key.private(), node.timing)
            .map_err(device)?
        {
            Some(companion::Said::Took) => return in_use(node, key),
            // Once may be a late answer to something else.
            Some(said) if before != Some(said) => before = Some(said),
            Some(companion::Said::Refused(code)) => {
                return Err((refused_by_companion(code), None));
            }
            Some(companion::Said::Off) => return Err((Problem::Off, None)),
            // It may hold a part of the command: that is ended, and the whole one sent again.
            None => node.recover().map_err(device)?,
        }
    }
    Err(unanswered(node))
}

fn by_console(node: &mut Node, key: &VerifiedKey, reboot: bool) -> Attempt<Imported> {
    let named = store(node, key)?;
    match named {
        Some(named) if named != *key.public() => return Err(other(key, named, Some(named))),
        Some(_) if !reboot => return Ok(Imported::AfterRestart),
        None if !reboot => return unchecked(node, key),
        _ => {}
    }
    console::reboot(&mut node.link).map_err(device)?;
    let found = node.after_restart(key.public()).map_err(device)?;
    if found != *key.public() {
        return Err(other(key, found, None));
    }
    in_use(node, key)
}

/// Has a console store the key; gives the public key that it named, if it did.
fn store(node: &mut Node, key: &VerifiedKey) -> Attempt<Option<PublicKey>> {
    let mut refused = None;
    for _ in 0..ATTEMPTS {
        node.link.settle().map_err(device)?;
        match console::set_private_key(&mut node.link, key.private(), node.timing)
            .map_err(device)?
        {
            console::Said::Took(named) => return Ok(Some(named)),
            console::Said::Ok => return Ok(None),
            // A digit that was lost on the way is refused, too: only the second time it is meant.
            console::Said::Refused(words) if refused.as_ref() == Some(&words) => {
                return Err((refused_by_console(words), None));
            }
            console::Said::Refused(words) => refused = Some(words),
            console::Said::Damaged => node.recover().map_err(device)?,
        }
    }
    Err(match refused {
        Some(words) => (refused_by_console(words), None),
        None => unanswered(node),
    })
}

/// The firmware's error codes: 5 is ERR_CODE_FILE_IO_ERROR, 6 ERR_CODE_ILLEGAL_ARG.
fn refused_by_companion(code: u8) -> Problem {
    match code {
        5 => Problem::NotTaken("it could not write its file (error 5)".to_owned()),
        6 => Problem::Refused("error 6".to_owned()),
        code => Problem::NotTaken(format!("it answers with error {code}")),
    }
}

/// A key that is not valid is "Error, bad key" or, in older firmware, "Error, invalid key".
fn refused_by_console(words: String) -> Problem {
    match words.starts_with("Error") && words.contains("key") {
        true => Problem::Refused(words),
        false => Problem::NotTaken(format!("it answers \"{words}\"")),
    }
}

fn unanswered(node: &Node) -> (Problem, Option<PublicKey>) {
    let attempts = u32::try_from(ATTEMPTS).unwrap_or(1);
    (Problem::Unanswered(node.timing.answer * attempts), None)
}

fn other(
    key: &VerifiedKey,
    found: PublicKey,
    stored: Option<PublicKey>,
) -> (Problem, Option<PublicKey>) {
    let expected = *key.public();
    (Problem::OtherKey { found, expected }, stored)
}

/// Old firmware that is not to be restarted: some builds use the key at once, others can't be checked.
fn unchecked(node: &mut Node, key: &VerifiedKey) -> Attempt<Imported> {
    match node.public_key() {
        Ok(public) if public == *key.public() => in_use(node, key),
        _ => Err((Problem::Unchecked, None)),
    }
}

/// Compares what the node uses with what was sent: the public key, and the private one where the node gives it. Damage
/// in the second half of a private key does not show in the public key.
fn in_use(node: &mut Node, key: &VerifiedKey) -> Attempt<Imported> {
    let public = node.public_key().map_err(device)?;
    if public != *key.public() {
        return Err(other(key, public, None));
    }
    match node.private_key(&public).map_err(device)? {
        Export::Key(private) if private.expose() == key.private().expose() => {
            Ok(Imported::InUse { whole: true })
        }
        Export::Key(_) => Err((Problem::OtherSecret, None)),
        Export::Refused(_) => Ok(Imported::InUse { whole: false }),
    }
}
