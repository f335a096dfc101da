//! Bytes to and from a node, over a serial port or TCP. Every read has an end.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serialport::SerialPort;
use zeroize::Zeroizing;

use super::control_lines::ControlLines;
use super::{Address, OpenError, Timing, ports};

/// What all MeshCore firmware uses.
const BAUD: u32 = 115_200;

/// Bytes that are kept: far more than the longest answer, so that the memory never moves.
const KEPT: usize = 4096;

/// An open connection.
pub(super) struct Link {
    stream: Stream,
    address: Address,
    lines: ControlLines,
    timing: Timing,
    stop: StopSignal,
    /// What came and was not taken yet; wiped, because it may hold a key.
    received: Zeroizing<Vec<u8>>,
    heard: usize,
    /// Whether the node repeats what it is sent, as consoles do.
    pub(super) echoes: bool,
}

/// The number of the signal that ends all waiting, 0 before one comes.
pub(crate) type StopSignal = Arc<AtomicUsize>;

enum Stream {
    Serial(Box<dyn SerialPort>),
    Tcp(TcpStream),
}

impl Link {
    /// Connects to `address`.
    ///
    /// # Errors
    /// It is not there, or not to be had.
    pub(super) fn open(
        address: &Address,
        timing: Timing,
        stop: StopSignal,
    ) -> Result<Self, OpenError> {
        let lines = match address {
            Address::Serial(name) => ControlLines::of_vendor(ports::vendor_of(name)),
            Address::Tcp { .. } => ControlLines::DtrHigh,
        };
        Self::open_with(address, lines, timing, stop)
    }

    fn open_with(
        address: &Address,
        lines: ControlLines,
        timing: Timing,
        stop: StopSignal,
    ) -> Result<Self, OpenError> {
        let (stream, address) = match address {
            Address::Serial(name) => (serial(name, address, lines, timing)?, address.clone()),
            Address::Tcp { host, port } => tcp(host, *port, address, timing)?,
        };
        Ok(Self {
            stream,
            address,
            lines,
            timing,
            stop,
            received: Zeroizing::new(Vec::with_capacity(KEPT)),
            heard: 0,
            echoes: false,
        })
    }

    /// Closes the connection and opens it again, with the same control lines.
    ///
    /// # Errors
    /// As [`Link::open`]; the old connection is as it was.
    pub(super) fn reopen(&mut self) -> Result<(), OpenError> {
        let (stop, echoes) = (Arc::clone(&self.stop), self.echoes);
        *self = Self::open_with(&self.address, self.lines, self.timing, stop)?;
        self.echoes = echoes;
        Ok(())
    }

    /// Where it leads; a TCP address has its port.
    pub(super) fn address(&self) -> &Address {
        &self.address
    }

    /// Whether a signal ended all waiting.
    pub(super) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed) != 0
    }

    /// Bytes that came in all.
    pub(super) fn heard(&self) -> usize {
        self.heard
    }

    /// Sets the control lines of a serial port the other way; gives the words for it.
    pub(super) fn flip_lines(&mut self) -> Option<&'static str> {
        let Stream::Serial(port) = &mut self.stream else {
            return None;
        };
        self.lines = self.lines.other();
        self.lines.apply(&mut **port);
        Some(self.lines.words())
    }

    /// Sends all of `bytes`.
    ///
    /// # Errors
    /// The connection broke, or the node takes nothing for the time of an answer.
    pub(super) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.stream {
            Stream::Serial(port) => {
                port.set_timeout(self.timing.answer)?;
                port.write_all(bytes)
            }
            Stream::Tcp(stream) => stream.write_all(bytes),
        }
    }

    /// What was received and not taken yet.
    pub(super) fn received(&self) -> &[u8] {
        &self.received
    }

    /// Forgets the first `count` bytes that were received.
    pub(super) fn discard(&mut self, count: usize) {
        self.received.drain(..count);
    }

    /// Waits for more until `deadline`; `false` when nothing came.
    ///
    /// # Errors
    /// The connection broke; or a signal ended all waiting, which is [`io::ErrorKind::Interrupted`].
    pub(super) fn receive(&mut self, deadline: Instant) -> io::Result<bool> {
        let mut bytes = Zeroizing::new([0; 256]);
        let read = self.read(&mut *bytes, deadline);
        if self.is_stopped() {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let count = match read {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => count,
            Err(error) if is_timeout(&error) => return Ok(false),
            Err(error) => return Err(error),
        };
        let excess = (self.received.len() + count).saturating_sub(KEPT);
        self.received.drain(..excess);
        self.received.extend_from_slice(&bytes[..count]);
        self.heard += count;
        Ok(true)
    }

    fn read(&mut self, bytes: &mut [u8], deadline: Instant) -> io::Result<usize> {
        // Zero would mean "for ever".
        let left = deadline.saturating_duration_since(Instant::now());
        let left = left.max(Duration::from_millis(1));
        match &mut self.stream {
            Stream::Serial(port) => {
                port.set_timeout(left)?;
                port.read(bytes)
            }
            Stream::Tcp(stream) => {
                stream.set_read_timeout(Some(left))?;
                stream.read(bytes)
            }
        }
    }

    /// Reads and forgets what is still on its way, until it is quiet or the time of an answer is over.
    ///
    /// # Errors
    /// The connection broke.
    pub(super) fn settle(&mut self) -> io::Result<()> {
        let end = Instant::now() + self.timing.answer;
        while Instant::now() < end && self.receive(Instant::now() + self.timing.quiet())? {}
        self.received.clear();
        Ok(())
    }
}

fn is_timeout(error: &io::Error) -> bool {
    use io::ErrorKind::{Interrupted, TimedOut, WouldBlock};
    matches!(error.kind(), Interrupted | TimedOut | WouldBlock)
}

fn serial(
    name: &str,
    address: &Address,
    lines: ControlLines,
    timing: Timing,
) -> Result<Stream, OpenError> {
    let port = serialport::new(name, BAUD).timeout(timing.answer).open();
    let mut port = port.map_err(|error| OpenError::serial(address, &error))?;
    lines.apply(&mut *port);
    Ok(Stream::Serial(port))
}

/// The connection, and the address with the port that answered.
fn tcp(
    host: &str,
    port: Option<u16>,
    address: &Address,
    timing: Timing,
) -> Result<(Stream, Address), OpenError> {
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for port in Address::tcp_ports(port) {
        match connect(host, port, timing) {
            Ok(stream) => {
                let (host, port) = (host.to_owned(), Some(port));
                return Ok((Stream::Tcp(stream), Address::Tcp { host, port }));
            }
            Err(error) => last = error,
        }
    }
    Err(OpenError::tcp(address, &last))
}

fn connect(host: &str, port: u16, timing: Timing) -> io::Result<TcpStream> {
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in (host, port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, timing.answer) {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                stream.set_write_timeout(Some(timing.answer))?;
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}
