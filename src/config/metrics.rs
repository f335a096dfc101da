//! The address at which metrics are served, as people write it.

use super::InvalidValue;
use crate::metrics::listener::Address;

/// What a port alone belongs to.
const LOOPBACK: &str = "127.0.0.1";

/// What an address may be.
const ALLOWED: &str = "Allowed are a port of this machine, such as 9184 (0: any free one), HOST:PORT, and [::]:9184 \
                       for every address that this machine has.";

/// Reads an address; whether this machine has it is seen when it is used.
pub(crate) fn address(text: &str) -> Result<Address, InvalidValue> {
    let refused = |problem: &str| InvalidValue::new(problem, ALLOWED);
    if text.is_empty() {
        return Err(refused("it is empty"));
    }
    let (host, port) = match text.rsplit_once(':') {
        None if text.bytes().all(|byte| byte.is_ascii_digit()) => (LOOPBACK, text),
        None => return Err(refused("it has no port")),
        Some((host, port)) => (host, port),
    };
    let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    let port = port.parse().ok().filter(|_| digits);
    let port = port.ok_or_else(|| refused("a port is a number from 0 to 65535"))?;
    Ok(Address {
        host: host_of(host)?,
        port,
    })
}

fn host_of(text: &str) -> Result<String, InvalidValue> {
    let refused = |problem: &str| Err(InvalidValue::new(problem, ALLOWED));
    if let Some(inner) = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')) {
        return match inner.parse::<std::net::Ipv6Addr>() {
            Ok(_) => Ok(inner.to_owned()),
            Err(_) => refused("not an IPv6 address in brackets"),
        };
    }
    let of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    match text {
        "" => refused("it has no host"),
        text if text.contains(':') => refused("an IPv6 address needs brackets"),
        text if !text.chars().all(of_name) => refused("not the name of a host"),
        text => Ok(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_alone_is_this_machines_only() {
        for (text, shown) in [
            ("9184", "127.0.0.1:9184"),
            ("0", "127.0.0.1:0"),
            ("localhost:1", "localhost:1"),
            ("0.0.0.0:65535", "0.0.0.0:65535"),
            ("[::]:9184", "[::]:9184"),
            ("[fe80::1]:80", "[fe80::1]:80"),
        ] {
            assert_eq!(address(text).unwrap().to_string(), shown);
        }
    }

    #[test]
    fn what_is_no_address_is_refused_with_what_is_allowed() {
        for (text, problem) in [
            ("", "it is empty"),
            ("host", "it has no port"),
            (":9184", "it has no host"),
            ("::1:9184", "needs brackets"),
            ("[::1]", "a port is"),
            ("[x]:1", "not an IPv6 address"),
            ("65536", "a port is"),
            ("-1", "it has no port"),
            ("a:+1", "a port is"),
            ("http://a:1", "needs brackets"),
            ("a b:1", "not the name of a host"),
        ] {
            let refused = address(text).unwrap_err();
            assert!(refused.problem.contains(problem), "{text}: {refused:?}");
            assert!(refused.allowed.contains("[::]:9184"));
        }
    }
}
