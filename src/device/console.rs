//! The text console of repeaters, room servers and sensors: a line ended by CR, echoed, and answered by a line that
//! begins with `  -> `.

use std::time::{Duration, Instant};

use super::link::Link;
use super::{DeviceError, Timing, shown};
use crate::key::secret::SecretText;
use crate::key::{PrivateKey, PublicKey, hex};

/// What a reply begins with, at the beginning of a line.
const REPLY: &[u8] = b"  -> ";

/// What the values that `get` gives begin with.
const VALUE: &str = "> ";

/// What a node says to a new key.
pub(super) enum Said {
    /// It took it, and this is its public key, as firmware since 1.12 says.
    Took(PublicKey),
    /// It took something, as firmware before 1.12 says.
    Ok,
    /// It did not take it, in these words.
    Refused(String),
    /// The reply is no reply.
    Damaged,
}

/// Wakes the console: ends a line that was begun, and waits until it is quiet.
pub(super) fn wake(link: &mut Link) -> Result<(), DeviceError> {
    link.send(b"\r")?;
    Ok(link.settle()?)
}

/// Sends a command and gives the text of its reply; nothing where none came whole. Of a node that echoes, what comes before
/// the echo is a late reply to another command.
pub(super) fn ask(
    link: &mut Link,
    command: &str,
    wait: Duration,
) -> Result<Option<SecretText>, DeviceError> {
    let deadline = Instant::now() + wait;
    let mut line = SecretText::with_capacity(command.len() + 1);
    line.push_str(command);
    line.push_str("\r");
    link.send(line.expose().as_bytes())?;
    let mut echoed = false;
    loop {
        if !echoed && let Some(end) = echo(link.received(), command) {
            link.discard(end);
            (echoed, link.echoes) = (true, true);
        }
        if let Some((text, end)) = reply(link.received()).filter(|_| echoed || !link.echoes) {
            link.discard(end);
            return Ok(Some(text));
        }
        if Instant::now() >= deadline || !link.receive(deadline)? {
            return Ok(None);
        }
    }
}

/// Where the echo of a command ends.
fn echo(received: &[u8], command: &str) -> Option<usize> {
    let mut windows = received.windows(command.len());
    let at = windows.position(|window| window == command.as_bytes())?;
    Some(at + command.len())
}

/// The first whole reply, and where it ends.
fn reply(received: &[u8]) -> Option<(SecretText, usize)> {
    let ends_line = |byte: &u8| matches!(byte, b'\r' | b'\n');
    let begins = |at: &usize| *at == 0 || ends_line(&received[at - 1]);
    let mut places = (0..received.len()).filter(|&at| received[at..].starts_with(REPLY));
    let start = places.find(begins)? + REPLY.len();
    let length = received[start..].iter().position(ends_line)?;
    let mut text = SecretText::with_capacity(length);
    // What is not UTF-8 can't be a key; whoever reads the rest sees that something is missing.
    if let Ok(reply) = std::str::from_utf8(&received[start..start + length]) {
        text.push_str(reply);
    }
    Some((text, start + length))
}

/// The public key that the node uses now; nothing where the reply is no key.
pub(super) fn public_key(
    link: &mut Link,
    timing: Timing,
) -> Result<Option<PublicKey>, DeviceError> {
    let reply = ask(link, "get public.key", timing.answer)?;
    Ok(reply.and_then(|text| hex::decode(value(text.expose())?).ok()))
}

/// The private key that the node uses now; `Err` with its words where it gives none, nothing where the reply was damaged.
pub(super) fn private_key(
    link: &mut Link,
    timing: Timing,
) -> Result<Option<Result<PrivateKey, String>>, DeviceError> {
    let Some(reply) = ask(link, "get prv.key", timing.answer)? else {
        return Ok(None);
    };
    Ok(match value(reply.expose()) {
        Some(value) => PrivateKey::from_hex(value).ok().map(Ok),
        None => Some(Err(shown(reply.expose().as_bytes()))),
    })
}

/// Gives the node another private key, which it uses after a restart.
pub(super) fn set_private_key(
    link: &mut Link,
    key: &PrivateKey,
    timing: Timing,
) -> Result<Said, DeviceError> {
    let digits = key.hex();
    let mut command = SecretText::with_capacity(150);
    command.push_str("set prv.key ");
    command.push_str(digits.expose());
    let reply = ask(link, command.expose(), timing.answer)?;
    Ok(reply.map_or(Said::Damaged, |reply| said(reply.expose())))
}

fn said(reply: &str) -> Said {
    let key = reply.rsplit(' ').next().map(hex::decode);
    match (reply.trim(), key) {
        ("OK", _) => Said::Ok,
        (reply, Some(Ok(key))) if reply.starts_with("OK") => Said::Took(key),
        (reply, _) if reply.starts_with("OK") || reply.is_empty() => Said::Damaged,
        (reply, _) => Said::Refused(shown(reply.as_bytes())),
    }
}

/// The value in the reply to a `get`.
fn value(reply: &str) -> Option<&str> {
    reply.strip_prefix(VALUE).map(str::trim)
}

/// What these commands tell, for people; nothing where the node does not know it.
pub(super) fn facts<const N: usize>(
    link: &mut Link,
    commands: [&str; N],
    timing: Timing,
) -> Result<[Option<String>; N], DeviceError> {
    let mut facts = [const { None }; N];
    for (fact, command) in facts.iter_mut().zip(commands) {
        // An answer that comes late would be taken for that to the next question.
        let Some(reply) = ask(link, command, timing.answer)? else {
            break;
        };
        *fact = fact_in(command, reply.expose());
    }
    Ok(facts)
}

fn fact_in(command: &str, reply: &str) -> Option<String> {
    let text = match command.starts_with("get ") {
        true => value(reply)?,
        false => reply,
    };
    let text = shown(text.as_bytes());
    let unknown = text.is_empty() || text.starts_with("Unknown") || text.starts_with("??");
    (!unknown).then_some(text)
}

/// Restarts the node; it does not reply.
pub(super) fn reboot(link: &mut Link) -> Result<(), DeviceError> {
    Ok(link.send(b"reboot\r")?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(received: &str) -> Option<String> {
        reply(received.as_bytes()).map(|(text, _)| text.expose().to_owned())
    }

    #[test]
    fn a_reply_is_a_whole_line_with_an_arrow_at_its_beginning() {
        assert_eq!(text("get name\r\n  -> > Hill\r\n").unwrap(), "> Hill");
        assert_eq!(text("DEBUG a   -> b\n  -> OK\r\n").unwrap(), "OK");
        for none in ["", "get name\r\n", "  -> > Hil", "x   -> y\n"] {
            assert_eq!(text(none), None, "{none}");
        }
    }

    #[test]
    fn the_words_for_a_new_key_are_told_apart() {
        let key = "AB".repeat(32);
        let new = format!("OK, reboot to apply! New pubkey: {key}");
        assert!(matches!(said(&new), Said::Took(key) if key == [0xab; 32]));
        assert!(matches!(said("OK"), Said::Ok));
        assert!(matches!(said(&new[..80]), Said::Damaged));
        assert!(
            matches!(said("Error, bad key"), Said::Refused(words) if words == "Error, bad key")
        );
    }
}
