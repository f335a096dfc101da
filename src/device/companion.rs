//! The companion's frames: `<` to the node, `>` from it, then the length in two bytes, low one first, then the payload.

use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::link::Link;
use super::{DeviceError, Timing, shown};
use crate::key::secret::Secret;
use crate::key::{PrivateKey, PublicKey};

const APP_START: u8 = 0x01;
const DEVICE_QUERY: u8 = 0x16;
const EXPORT_PRIVATE_KEY: u8 = 0x17;
const IMPORT_PRIVATE_KEY: u8 = 0x18;

const OK: u8 = 0;
const ERR: u8 = 1;
const SELF_INFO: u8 = 5;
const DEVICE_INFO: u8 = 13;
const PRIVATE_KEY: u8 = 14;
const DISABLED: u8 = 15;

/// The version of the protocol that is asked for; it decides about fields that are not read here.
const PROTOCOL: u8 = 3;

/// A longer frame is text that was taken for one: the firmware's longest has 176 bytes.
const LONGEST: usize = 300;

/// Ends a frame of which the node got only a part. Outside of a frame it skips them.
const FILLING: [u8; 180] = [0; 180];

/// What a node says to a new key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    /// It uses it.
    Took,
    /// Its firmware was built without import.
    Off,
    /// It did not take it, with this code.
    Refused(u8),
}

/// What the first answer tells.
pub(super) struct SelfInfo {
    pub public: PublicKey,
    pub name: String,
}

/// What a node says of its firmware.
pub(super) struct DeviceInfo {
    pub board: String,
    pub version: String,
}

/// Sends a command and gives the first frame with one of these codes; nothing where none came.
fn ask(
    link: &mut Link,
    payload: &[u8],
    codes: &[u8],
    wait: Duration,
) -> Result<Option<Zeroizing<Vec<u8>>>, DeviceError> {
    let deadline = Instant::now() + wait;
    let mut frame = Zeroizing::new(Vec::with_capacity(payload.len() + 3));
    frame.push(b'<');
    frame.extend_from_slice(&u16::try_from(payload.len()).unwrap_or(0).to_le_bytes());
    frame.extend_from_slice(payload);
    link.send(&frame)?;
    loop {
        while let Some(frame) = take_frame(link) {
            if frame.first().is_some_and(|code| codes.contains(code)) {
                return Ok(Some(frame));
            }
        }
        if Instant::now() >= deadline || !link.receive(deadline)? {
            return Ok(None);
        }
    }
}

/// Takes the first whole frame, and the noise before it.
fn take_frame(link: &mut Link) -> Option<Zeroizing<Vec<u8>>> {
    let (payload, end) = frame(link.received());
    let payload = payload.map(|payload| Zeroizing::new(payload.to_vec()));
    link.discard(end);
    payload
}

/// The first whole frame, if there is one, and how much is done with: the frame, or noise before a frame.
fn frame(received: &[u8]) -> (Option<&[u8]>, usize) {
    let mut start = 0;
    while let Some(at) = received[start..].iter().position(|byte| *byte == b'>') {
        start += at;
        let [low, high] = match received[start + 1..] {
            [low, high, ..] => [low, high],
            _ => return (None, start),
        };
        let length = usize::from(u16::from_le_bytes([low, high]));
        if (1..=LONGEST).contains(&length) {
            let end = start + 3 + length;
            return match received.get(start + 3..end) {
                Some(payload) => (Some(payload), end),
                None => (None, start),
            };
        }
        start += 1;
    }
    (None, received.len())
}

/// Ends what the node got of a frame that was cut on its way.
pub(super) fn resynchronise(link: &mut Link) -> Result<(), DeviceError> {
    link.send(&FILLING)?;
    Ok(link.settle()?)
}

/// Introduces this program, and gives who the node is.
pub(super) fn start(link: &mut Link, wait: Duration) -> Result<Option<SelfInfo>, DeviceError> {
    let payload = *b"\x01\0\0\0\0\0\0\0keygen";
    debug_assert_eq!(payload[0], APP_START);
    let answer = ask(link, &payload, &[SELF_INFO], wait)?;
    Ok(answer.and_then(|frame| {
        let public = *frame.get(4..)?.first_chunk()?;
        let name = shown(frame.get(58..).unwrap_or_default());
        Some(SelfInfo { public, name })
    }))
}

/// Board and firmware; nothing where it does not tell.
pub(super) fn device(link: &mut Link, timing: Timing) -> Result<Option<DeviceInfo>, DeviceError> {
    let codes = [DEVICE_INFO, ERR];
    let answer = ask(link, &[DEVICE_QUERY, PROTOCOL], &codes, timing.answer)?;
    Ok(answer.and_then(|frame| {
        let field = |from: usize, to: usize| {
            let bytes = frame.get(from..to)?;
            Some(shown(bytes.split(|byte| *byte == 0).next()?))
        };
        let (board, version) = (field(20, 60)?, field(60, 80)?);
        Some(DeviceInfo { board, version })
    }))
}

/// The private key; `Err` with the reason where the node gives none, nothing where no answer came.
pub(super) fn private_key(
    link: &mut Link,
    timing: Timing,
) -> Result<Option<Result<PrivateKey, String>>, DeviceError> {
    let codes = [PRIVATE_KEY, DISABLED, ERR];
    let answer = ask(link, &[EXPORT_PRIVATE_KEY], &codes, timing.answer)?;
    Ok(answer.and_then(|frame| match frame.split_first()? {
        (&PRIVATE_KEY, key) => {
            let secret = Secret::copied_from(key.first_chunk::<64>()?);
            Some(Ok(PrivateKey::from_secret(secret)))
        }
        (&DISABLED, _) => Some(Err("its firmware was built without export".to_owned())),
        (_, code) => Some(Err(format!("error {}", code.first().unwrap_or(&0)))),
    }))
}

/// Gives the node another private key, which it uses at once; nothing where no answer came.
pub(super) fn set_private_key(
    link: &mut Link,
    key: &PrivateKey,
    timing: Timing,
) -> Result<Option<Said>, DeviceError> {
    let mut payload = Zeroizing::new(Vec::with_capacity(65));
    payload.push(IMPORT_PRIVATE_KEY);
    payload.extend_from_slice(key.expose());
    let answer = ask(link, &payload, &[OK, ERR, DISABLED], timing.answer)?;
    Ok(answer.and_then(|frame| match *frame.split_first()?.0 {
        OK => Some(Said::Took),
        DISABLED => Some(Said::Off),
        _ => Some(Said::Refused(frame.get(1).copied().unwrap_or(0))),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_found_between_noise() {
        let stream = b"boot -> ok\r\n>\x03\x00\x05ab>\x01\x00\x00";
        let (first, end) = frame(stream);
        assert_eq!(first, Some(&b"\x05ab"[..]));
        assert_eq!(frame(&stream[end..]), (Some(&b"\x00"[..]), 4));
    }

    #[test]
    fn a_frame_that_is_cut_waits_for_its_rest_and_noise_is_dropped() {
        assert_eq!(frame(b"text"), (None, 4));
        for cut in ["x>", "x>\x03", "x>\x03\x00", "x>\x03\x00\x05a"] {
            assert_eq!(frame(cut.as_bytes()), (None, 1), "{cut:?}");
        }
    }

    #[test]
    fn the_longest_frame_is_read_and_a_longer_one_is_noise() {
        let of = |length: u16| {
            let mut bytes = vec![b'>'];
            bytes.extend(length.to_le_bytes());
            bytes.resize(3 + usize::from(length), b'x');
            frame(&bytes).0.map(<[u8]>::len)
        };
        assert_eq!((of(300), of(301)), (Some(300), None));
    }
}
