//! The socket of a server: opened before any work, so that an address that can't be had is refused.

use std::fmt;
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};

use thiserror::Error;

/// An address at which something is served; whether this machine has it is not known yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    /// A name or an address, an IPv6 one without brackets.
    pub host: String,
    /// The port; 0 is any free one.
    pub port: u16,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// Why an address can't be listened at.
#[derive(Debug, Error)]
#[error("{option} {address}: {problem}. {advice}")]
pub(crate) struct ListenError {
    /// The option that named it.
    option: &'static str,
    /// The address.
    address: Address,
    /// What is wrong, without a full stop.
    problem: String,
    /// What to do, a sentence.
    advice: &'static str,
}

/// Listens at the address that an option names.
///
/// # Errors
/// It is in use, not this machine's, or not for this user; or the name can't be found.
pub(crate) fn listen(option: &'static str, address: &Address) -> Result<TcpListener, ListenError> {
    let refused = |problem: String, advice| ListenError {
        option,
        address: address.clone(),
        problem,
        advice,
    };
    let found: Vec<SocketAddr> = (address.host.as_str(), address.port)
        .to_socket_addrs()
        .map_err(|error| {
            let problem = format!("the host can't be found: {error}");
            refused(problem, "Check the name, or give its address.")
        })?
        .collect();
    let listener = TcpListener::bind(&found[..]).and_then(|listener| {
        listener.set_nonblocking(true)?;
        Ok(listener)
    });
    listener.map_err(|error| {
        let (problem, advice) = meaning(&error);
        refused(problem, advice)
    })
}

/// What an error of the system means here, and what to do.
fn meaning(error: &io::Error) -> (String, &'static str) {
    match error.kind() {
        ErrorKind::AddrInUse => (
            "another program listens there".to_owned(),
            "Choose another port, or 0 for any free one.",
        ),
        ErrorKind::AddrNotAvailable => (
            "that is not an address of this machine".to_owned(),
            "Allowed are this machine's own ones: a port alone is 127.0.0.1, [::]:PORT is all of them.",
        ),
        ErrorKind::PermissionDenied => (
            "this user may not listen there".to_owned(),
            "Choose a port above 1023.",
        ),
        _ => (
            format!("the system refuses it: {error}"),
            "Choose another address; a port alone is 127.0.0.1.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::args::address;

    fn refusal(text: &str) -> String {
        listen("--metrics", &address(text).unwrap())
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn a_free_port_is_found() {
        let listener = listen("--metrics", &address("0").unwrap()).unwrap();
        let local = listener.local_addr().unwrap();
        assert!(local.ip().is_loopback() && local.port() > 0);
    }

    #[test]
    fn an_address_in_use_is_refused() {
        let first = listen("--metrics", &address("0").unwrap()).unwrap();
        let port = first.local_addr().unwrap().port();
        assert_eq!(
            refusal(&port.to_string()),
            format!(
                "--metrics 127.0.0.1:{port}: another program listens there. Choose another port, or 0 for any free one."
            )
        );
    }

    /// 192.0.2.0/24 belongs to no machine (RFC 5737).
    #[test]
    fn an_address_of_another_machine_is_refused() {
        let said = refusal("192.0.2.1:0");
        assert!(said.contains("not an address of this machine"), "{said}");
    }
}
