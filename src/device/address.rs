//! Where a node is: a serial port, or a host that serves its console or frames over TCP.

use std::fmt;

/// The ports that are tried where none is given: the companion's frames, then the console.
const USUAL_PORTS: [u16; 2] = [5000, 23];

/// Where a node is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    /// A serial port by its name, such as `/dev/ttyUSB0` or `COM3`.
    Serial(String),
    /// A host, and the TCP port if one was given.
    Tcp {
        /// Name or IP address.
        host: String,
        /// The port; without it the usual ones are tried.
        port: Option<u16>,
    },
}

impl Address {
    /// `HOST`, `HOST:PORT` or `[IPV6]:PORT`; nothing for what is none of these.
    pub(crate) fn tcp(text: &str) -> Option<Self> {
        let (host, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (host, after) = rest.split_once(']')?;
                (
                    host,
                    after.strip_prefix(':').or(after.is_empty().then_some("")),
                )
            }
            // More than one colon: an IPv6 address without a port.
            None if text.matches(':').count() > 1 => (text, Some("")),
            None => match text.split_once(':') {
                Some((_, "")) => return None,
                Some((host, port)) => (host, Some(port)),
                None => (text, Some("")),
            },
        };
        let port = match port? {
            "" => None,
            port => Some(port.parse().ok().filter(|port| *port > 0)?),
        };
        let is_host = !host.is_empty() && !host.contains(|c: char| c.is_whitespace() || c == '/');
        is_host.then(|| Self::Tcp {
            host: host.to_owned(),
            port,
        })
    }

    /// `tcp:HOST[:PORT]`, or else a serial port; nothing for a TCP address that is none.
    pub(crate) fn read(text: &str) -> Option<Self> {
        match text.strip_prefix("tcp:") {
            Some(host) => Self::tcp(host),
            None => (!text.is_empty()).then(|| Self::Serial(text.to_owned())),
        }
    }

    /// The ports of a host that are tried, in order.
    pub(super) fn tcp_ports(port: Option<u16>) -> Vec<u16> {
        port.map_or_else(|| USUAL_PORTS.to_vec(), |port| vec![port])
    }

    /// Whether the console is the likelier dialect.
    pub(super) fn is_console_likely(&self) -> bool {
        match self {
            Self::Serial(_) => true,
            Self::Tcp { port, .. } => *port == Some(USUAL_PORTS[1]),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Serial(name) => f.write_str(name),
            Self::Tcp { host, port } => {
                let host = if host.contains(':') {
                    format!("[{host}]")
                } else {
                    host.clone()
                };
                match port {
                    Some(port) => write!(f, "{host}:{port}"),
                    None => f.write_str(&host),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_have_a_port_or_none() {
        for (text, shown) in [
            ("node.local", "node.local"),
            ("10.0.0.7:4000", "10.0.0.7:4000"),
            ("fe80::1", "[fe80::1]"),
            ("[fe80::1]", "[fe80::1]"),
            ("[fe80::1]:23", "[fe80::1]:23"),
        ] {
            assert_eq!(Address::tcp(text).unwrap().to_string(), shown, "{text}");
            assert_eq!(Address::read(&format!("tcp:{text}")), Address::tcp(text));
        }
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for text in [
            "",
            ":5000",
            "host:",
            "host:0",
            "host:70000",
            "host:x",
            "a b",
            "[::1",
            "[::1]x",
            "http://a",
        ] {
            assert_eq!(Address::tcp(text), None, "{text}");
        }
        assert_eq!(Address::read(""), None);
        assert_eq!(Address::read("COM3"), Some(Address::Serial("COM3".into())));
    }
}
