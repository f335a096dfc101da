//! The way into a node over a cable or TCP: find out how it talks, ask for its keys, and give it another one.
//!
//! Two dialects: the text [`console`] of repeaters, room servers and sensors, and the [`companion`]'s binary frames. A
//! node is asked one thing at a time and every wait has an end. Nothing that is sent here makes a node transmit. All that
//! comes in may be a private key: it is kept in memory that is wiped, and no message repeats it.

mod address;
mod companion;
mod console;
mod control_lines;
mod error;
mod import;
mod link;
mod node;
mod ports;

use std::time::Duration;

pub(crate) use address::Address;
pub(crate) use error::{DeviceError, OpenError};
pub(crate) use import::{Imported, import};
pub(crate) use link::StopSignal;
pub(crate) use node::{Export, Info, Node};
pub(crate) use ports::ports;

/// How long a node may take; everything follows from the time for one answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timing {
    /// For an answer; also the silence after which a serial port's control lines are set the other way.
    pub answer: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            answer: Duration::from_secs(3),
        }
    }
}

impl Timing {
    /// For one question while the dialect is unknown.
    fn question(self) -> Duration {
        self.answer / 3
    }

    /// For finding out how a node talks, which may have been reset when the port was opened.
    fn discovery(self) -> Duration {
        self.answer * 4
    }

    /// For a restart, with a USB port that goes and comes back.
    fn restart(self) -> Duration {
        self.answer * 10
    }

    /// After so long without a byte nothing more belongs to what was asked before.
    fn quiet(self) -> Duration {
        (self.answer / 20).min(Duration::from_millis(150))
    }
}

/// Hex digits in a row that may be part of a key.
const LONG_HEX: usize = 16;

/// Characters that are shown of what a node said.
const SHOWN_CHARS: usize = 120;

/// What a node said, fit for a terminal and a log: not too long, no control characters, and no run of hex digits that may be
/// a secret.
fn shown(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let words = text.split_inclusive(|c: char| !c.is_ascii_hexdigit());
    let kept = words.map(|word| {
        let digits = word.trim_end_matches(|c: char| !c.is_ascii_hexdigit());
        if digits.len() < LONG_HEX {
            word.to_owned()
        } else {
            format!("…{}", &word[digits.len()..])
        }
    });
    let kept: String = kept.collect();
    let kept = kept.chars().filter(|c| !c.is_control());
    kept.take(SHOWN_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_node_says_is_shown_without_control_characters_and_keys() {
        let key = "AB".repeat(64);
        let said = format!("\x1b[2Junknown config: prv.key {key} at DEADBEEF\r\n");
        assert_eq!(
            shown(said.as_bytes()),
            "[2Junknown config: prv.key … at DEADBEEF"
        );
        assert_eq!(shown(&[0xff, b'o', b'k']), "\u{fffd}ok");
    }
}
