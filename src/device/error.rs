//! Why a node could not be reached or asked.

use std::io;
use std::time::Duration;

use thiserror::Error;

use super::{Address, ports};

/// Why there is no connection. Nothing was sent.
#[derive(Debug, Error)]
#[error("{address}: {problem}. {advice}")]
pub(crate) struct OpenError {
    address: Address,
    problem: String,
    advice: String,
}

impl OpenError {
    /// The error for a serial port that can't be opened; names the ports there are.
    pub(super) fn serial(address: &Address, error: &serialport::Error) -> Self {
        use serialport::ErrorKind::{Io, NoDevice};
        let denied = error.kind() == Io(io::ErrorKind::PermissionDenied);
        let (problem, advice) = match error.kind() {
            // Windows says NoDevice of a port that does not exist, too.
            kind if kind == NoDevice && exists(address) || denied && cfg!(windows) => (
                "another program uses the port".to_owned(),
                "Close that program, or name another port. ".to_owned() + &ports::sentence(),
            ),
            NoDevice | Io(io::ErrorKind::NotFound) => {
                ("there is no such port".to_owned(), ports::sentence())
            }
            _ if denied => (
                "this user may not open the port".to_owned(),
                "On Linux: sudo usermod -aG dialout $USER (Arch: uucp), then log in again."
                    .to_owned(),
            ),
            _ => (
                format!("it can't be used as a serial port: {}", error.description),
                ports::sentence(),
            ),
        };
        Self {
            address: address.clone(),
            problem,
            advice,
        }
    }

    /// The error for a host that can't be reached.
    pub(super) fn tcp(address: &Address, error: &io::Error) -> Self {
        let advice = "Check host and port: companions listen on 5000, consoles on 23.";
        Self {
            address: address.clone(),
            problem: format!("no connection: {error}"),
            advice: advice.to_owned(),
        }
    }
}

/// Whether there is anything by the name of a serial port.
fn exists(address: &Address) -> bool {
    match address {
        Address::Serial(name) => {
            std::path::Path::new(name).exists() || ports().iter().any(|port| port.name == *name)
        }
        Address::Tcp { .. } => false,
    }
}

/// What went wrong between this program and a node.
#[derive(Debug, Error)]
pub(crate) enum DeviceError {
    /// There is no connection.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The connection broke.
    #[error("the connection to the node broke: {0}")]
    Link(io::Error),
    /// A signal ended all waiting.
    #[error("interrupted")]
    Interrupted,
    /// Nothing that was said is an answer.
    #[error("{}", silence(.after, *.heard))]
    Silent {
        /// How long it was asked.
        after: Duration,
        /// Bytes that came and were no answer.
        heard: usize,
    },
    /// Answers came, none of them whole.
    #[error("the node's answers were damaged on the way, several times in a row")]
    Damaged,
}

impl From<io::Error> for DeviceError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::Interrupted => Self::Interrupted,
            _ => Self::Link(error),
        }
    }
}

fn silence(after: &Duration, heard: usize) -> String {
    let heard = match heard {
        0 => "nothing was heard".to_owned(),
        heard => format!("{heard} bytes came that are no answer"),
    };
    format!(
        "no MeshCore node answered within {:.1} s: {heard}. Check that its firmware is running and talks over this \
         connection (a companion with Bluetooth firmware does not)",
        after.as_secs_f64()
    )
}
