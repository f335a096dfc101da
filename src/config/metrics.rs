//! Where others see the search: the settings of metrics.

use std::path::{Path, PathBuf};

use super::at;
use super::error::{Refused, UsageError};
use crate::config::args::MetricsArgs;
use crate::metrics::listener::Address;

/// What a port alone belongs to.
const LOOPBACK: &str = "127.0.0.1";

/// What an address may be.
const ALLOWED: &str = "Allowed are a port of this machine, such as 9184 (0: any free one), HOST:PORT, and [::]:9184 \
                       for every address that this machine has.";

/// Where others see the search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct MetricsSettings {
    /// The address at which metrics are served.
    pub address: Option<Address>,
    /// The file in which they are kept, a full path.
    pub file: Option<PathBuf>,
}

/// Reads the options about metrics; paths count from `folder`.
///
/// # Errors
/// An address that can't be one.
pub(crate) fn resolve(args: &MetricsArgs, folder: &Path) -> Result<MetricsSettings, UsageError> {
    Ok(MetricsSettings {
        address: at("--metrics", &args.metrics, address)?,
        file: args.metrics_file.as_ref().map(|path| folder.join(path)),
    })
}

/// Reads an address.
///
/// # Errors
/// A text that can't be one.
pub(crate) fn address(text: &str) -> Result<Address, Refused> {
    let refused = |problem: &str| Refused::new(problem, ALLOWED);
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

/// Reads the part before the port.
fn host_of(text: &str) -> Result<String, Refused> {
    let refused = |problem: &str| Err(Refused::new(problem, ALLOWED));
    if let Some(inner) = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')) {
        return match inner.parse::<std::net::Ipv6Addr>() {
            Ok(_) => Ok(inner.to_owned()),
            Err(_) => refused("what stands in brackets is no IPv6 address"),
        };
    }
    let of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    match text {
        "" => refused("it has no host"),
        text if text.contains(':') => refused("an IPv6 address stands in brackets"),
        text if !text.chars().all(of_name) => refused("that is no name of a host"),
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
            ("::1:9184", "in brackets"),
            ("[::1]", "a port is"),
            ("[x]:1", "no IPv6 address"),
            ("65536", "a port is"),
            ("-1", "it has no port"),
            ("a:+1", "a port is"),
            ("http://a:1", "in brackets"),
            ("a b:1", "no name of a host"),
        ] {
            let refused = address(text).unwrap_err();
            assert!(refused.problem.contains(problem), "{text}: {refused:?}");
            assert!(refused.allowed.contains("[::]:9184"));
        }
    }

    #[test]
    fn the_file_has_a_full_path() {
        let args = MetricsArgs {
            metrics_file: Some("k.prom".into()),
            ..MetricsArgs::default()
        };
        let settings = resolve(&args, Path::new("/home")).unwrap();
        assert_eq!(settings.file, Some("/home/k.prom".into()));
    }
}
