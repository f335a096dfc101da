//! A node that answers: it was found out how it talks, and it can be asked for its keys.

use std::thread;
use std::time::Instant;

use super::link::{Link, StopSignal};
use super::{Address, DeviceError, Timing, companion, console};
use crate::key::{PrivateKey, PublicKey};

/// How often a question is asked again whose answer was damaged.
pub(super) const ATTEMPTS: usize = 4;

/// How a node talks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Text lines: a repeater, room server or sensor.
    Console,
    /// Binary frames: a companion.
    Companion,
}

impl Dialect {
    fn other(self) -> Self {
        match self {
            Self::Console => Self::Companion,
            Self::Companion => Self::Console,
        }
    }

    /// Its name, for people and JSON.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Console => "console",
            Self::Companion => "companion",
        }
    }
}

/// What a node tells of itself. Its texts are fit for a terminal.
#[derive(Clone, Debug)]
pub(crate) struct Info {
    pub public: PublicKey,
    pub dialect: Dialect,
    pub name: Option<String>,
    pub role: Option<String>,
    pub firmware: Option<String>,
    pub board: Option<String>,
}

/// What came of asking for the private key.
pub(crate) enum Export {
    /// It belongs to the public key that the node uses.
    Key(PrivateKey),
    /// The node gives none, for this reason.
    Refused(String),
}

/// A node that answers.
pub(crate) struct Node {
    pub(super) link: Link,
    pub(super) dialect: Dialect,
    pub(super) timing: Timing,
}

impl Node {
    /// Connects, and finds out how the node talks; `stop` ends all waiting for it, and `say` is told what may interest
    /// people.
    ///
    /// # Errors
    /// There is no connection, or nothing that talks like a node.
    pub(crate) fn connect(
        address: &Address,
        timing: Timing,
        stop: StopSignal,
        say: &mut dyn FnMut(&str),
    ) -> Result<Self, DeviceError> {
        let mut link = Link::open(address, timing, stop)?;
        let dialect = discover(&mut link, timing, say)?;
        Ok(Self {
            link,
            dialect,
            timing,
        })
    }

    /// Where it is.
    pub(crate) fn address(&self) -> &Address {
        self.link.address()
    }

    /// The public key that it uses now. There is no checksum on the way, so two answers have to agree.
    ///
    /// # Errors
    /// It does not answer, or never twice the same.
    pub(crate) fn public_key(&mut self) -> Result<PublicKey, DeviceError> {
        let mut before = None;
        for _ in 0..ATTEMPTS {
            let key = self.ask_public_key()?;
            if key.is_some() && key == before {
                return key.ok_or(DeviceError::Damaged);
            }
            before = key.or(before);
        }
        Err(match before {
            Some(_) => DeviceError::Damaged,
            None => self.silent(ATTEMPTS),
        })
    }

    fn ask_public_key(&mut self) -> Result<Option<PublicKey>, DeviceError> {
        self.link.settle()?;
        let key = match self.dialect {
            Dialect::Console => console::public_key(&mut self.link, self.timing)?,
            Dialect::Companion => {
                let info = companion::start(&mut self.link, self.timing.answer)?;
                info.map(|info| info.public)
            }
        };
        if key.is_none() {
            self.recover()?;
        }
        Ok(key)
    }

    /// The private key that it uses now.
    ///
    /// # Errors
    /// It does not answer, or what it gives never belongs to its public key.
    pub(crate) fn private_key(&mut self, public: &PublicKey) -> Result<Export, DeviceError> {
        let (mut damaged, mut refused) = (false, None);
        for _ in 0..ATTEMPTS {
            self.link.settle()?;
            let answer = match self.dialect {
                Dialect::Console => console::private_key(&mut self.link, self.timing)?,
                Dialect::Companion => companion::private_key(&mut self.link, self.timing)?,
            };
            match answer {
                Some(Ok(key)) if key.public() == *public => return Ok(Export::Key(key)),
                Some(Ok(_)) => damaged = true,
                // Once may be a late answer to something else.
                Some(Err(why)) if refused.as_ref() == Some(&why) => {
                    return Ok(Export::Refused(why));
                }
                Some(Err(why)) => refused = Some(why),
                None => self.recover()?,
            }
        }
        Err(if damaged || refused.is_some() {
            DeviceError::Damaged
        } else {
            self.silent(ATTEMPTS)
        })
    }

    /// All that it tells of itself but the private key.
    ///
    /// # Errors
    /// It does not answer.
    pub(crate) fn info(&mut self) -> Result<Info, DeviceError> {
        let public = self.public_key()?;
        let (link, timing) = (&mut self.link, self.timing);
        let (name, role, firmware, board);
        match self.dialect {
            Dialect::Console => {
                let commands = ["get name", "get role", "ver", "board"];
                [name, role, firmware, board] = console::facts(link, commands, timing)?;
            }
            Dialect::Companion => {
                let info = companion::start(link, timing.answer)?;
                let device = companion::device(link, timing)?;
                name = info.map(|info| info.name);
                role = Some("companion".to_owned());
                (firmware, board) = device.map(|is| (is.version, is.board)).unzip();
            }
        }
        Ok(Info {
            public,
            dialect: self.dialect,
            name,
            role,
            firmware,
            board,
        })
    }

    /// Gets a node that may hold half a command back to where it takes a whole one.
    pub(super) fn recover(&mut self) -> Result<(), DeviceError> {
        match self.dialect {
            Dialect::Console => console::wake(&mut self.link),
            Dialect::Companion => companion::resynchronise(&mut self.link),
        }
    }

    pub(super) fn silent(&self, answers: usize) -> DeviceError {
        DeviceError::Silent {
            after: self.timing.answer * u32::try_from(answers).unwrap_or(1),
            heard: self.link.heard(),
        }
    }

    /// Waits until the node uses this public key after its restart; gives the key that it used last.
    ///
    /// # Errors
    /// It has not come back.
    pub(super) fn after_restart(&mut self, expected: &PublicKey) -> Result<PublicKey, DeviceError> {
        let end = Instant::now() + self.timing.restart();
        let mut connected = true;
        loop {
            let seen = match connected {
                true => self.public_key(),
                false => self
                    .link
                    .reopen()
                    .map_err(DeviceError::from)
                    .and_then(|()| self.public_key()),
            };
            let over = Instant::now() >= end || self.link.is_stopped();
            match seen {
                Ok(key) if over || key == *expected => return Ok(key),
                Err(error) if over => return Err(error),
                // It was asked before it went down, or its port has not come back.
                Ok(_) => thread::sleep(self.timing.quiet()),
                Err(DeviceError::Silent { .. }) => connected = self.is_serial(),
                Err(_) => {
                    connected = false;
                    thread::sleep(self.timing.quiet());
                }
            }
        }
    }

    /// Whether the connection outlives a restart of the node, unless it breaks.
    fn is_serial(&self) -> bool {
        matches!(self.link.address(), Address::Serial(_))
    }
}

impl From<serialport::Error> for DeviceError {
    fn from(error: serialport::Error) -> Self {
        Self::Link(error.into())
    }
}

/// Asks in both dialects by turns until one is answered.
fn discover(
    link: &mut Link,
    timing: Timing,
    say: &mut dyn FnMut(&str),
) -> Result<Dialect, DeviceError> {
    let start = Instant::now();
    let mut dialect = if link.address().is_console_likely() {
        Dialect::Console
    } else {
        Dialect::Companion
    };
    let mut flipped = false;
    loop {
        if is_answered(link, dialect, timing)? {
            return Ok(dialect);
        }
        let passed = start.elapsed();
        if passed >= timing.discovery() {
            let heard = link.heard();
            return Err(DeviceError::Silent {
                after: passed,
                heard,
            });
        }
        if !flipped && link.heard() == 0 && passed >= timing.answer {
            flipped = true;
            let seconds = passed.as_secs_f64();
            if let Some(lines) = link.flip_lines() {
                say(&format!(
                    "{}: nothing was heard for {seconds:.1} s; trying with {lines}.",
                    link.address()
                ));
            }
        }
        dialect = dialect.other();
    }
}

fn is_answered(link: &mut Link, dialect: Dialect, timing: Timing) -> Result<bool, DeviceError> {
    match dialect {
        Dialect::Console => {
            console::wake(link)?;
            Ok(console::ask(link, "get public.key", timing.question())?.is_some())
        }
        Dialect::Companion => Ok(companion::start(link, timing.question())?.is_some()),
    }
}
