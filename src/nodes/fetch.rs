//! Lists of nodes from web addresses: one answer, read whole within limits of time and size, one try again.

use std::io::{self, Read};
use std::time::Duration;

use ureq::Agent;
use ureq::tls::TlsConfig;

use crate::alert::delivery::tls;

/// How much an answer may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For an attempt, from the name's resolution to the last byte.
    pub time: Duration,
    /// Of the answer.
    pub bytes: u64,
}

/// The whole map has some 60,000 nodes in about 30 MB.
const LIMITS: Limits = Limits {
    time: Duration::from_secs(60),
    bytes: 64 << 20,
};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Says which program asks, and where its makers are found.
const USER_AGENT: &str = concat!(
    "meshcore-keygen/",
    env!("CARGO_PKG_VERSION"),
    " (keygen; list of nodes)"
);

/// Why nothing came from an address.
#[derive(Debug, thiserror::Error)]
#[error(
    "{address}: {problem}. Nothing was taken from it; try again, or save the list to a file and name that."
)]
pub struct FetchError {
    address: String,
    problem: String,
}

/// What an attempt failed by, and whether another one may succeed.
struct Failure {
    problem: String,
    passing: bool,
}

/// Whether a name is an address of any kind, also of one that is not fetched: no file is called so.
pub(crate) fn is_address(name: &str) -> bool {
    let scheme = name.split_once("://").map(|(scheme, _)| scheme);
    scheme
        .is_some_and(|scheme| scheme.len() > 1 && scheme.bytes().all(|b| b.is_ascii_alphanumeric()))
}

fn is_web_address(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with("http://") || name.starts_with("https://")
}

/// Fetches a list of at most 64 MiB, within 60 s for each of two attempts.
///
/// # Errors
/// As [`fetch_within`].
pub(crate) fn fetch(address: &str) -> Result<Vec<u8>, FetchError> {
    fetch_within(address, LIMITS)
}

/// Fetches a list, at the second attempt if the first fails by what may pass.
///
/// # Errors
/// The server can't be reached, answers with an error, or does not answer whole within the limits.
pub fn fetch_within(address: &str, limits: Limits) -> Result<Vec<u8>, FetchError> {
    if !is_web_address(address) {
        return Err(FetchError {
            address: address.to_owned(),
            problem: "only http:// and https:// addresses are fetched".to_owned(),
        });
    }
    let agent = agent(limits);
    let answer = attempt(&agent, address, limits).or_else(|failure| match failure.passing {
        true => attempt(&agent, address, limits),
        false => Err(failure),
    });
    answer.map_err(|failure| FetchError {
        address: address.to_owned(),
        problem: failure.problem,
    })
}

fn agent(limits: Limits) -> Agent {
    let tls = TlsConfig::builder().root_certs(tls::for_web()).build();
    Agent::config_builder()
        .tls_config(tls)
        .timeout_global(Some(limits.time))
        .timeout_connect(Some(CONNECT_TIMEOUT))
        .max_redirects(5)
        .http_status_as_error(false)
        .user_agent(USER_AGENT)
        .build()
        .new_agent()
}

fn attempt(agent: &Agent, address: &str, limits: Limits) -> Result<Vec<u8>, Failure> {
    let passing = |problem: String| Failure {
        problem,
        passing: true,
    };
    let lasting = |problem: String| Failure {
        problem,
        passing: false,
    };
    let request = agent.get(address).header("accept", "application/json, */*");
    let late = || format!("no whole answer within {} s", limits.time.as_secs_f64());
    let mut response = request.call().map_err(|error| match error {
        ureq::Error::Timeout(_) => passing(late()),
        error => passing(error.to_string()),
    })?;
    let status = response.status();
    if !status.is_success() {
        let problem = format!("the server answered {status}");
        let may_pass = status.is_server_error() || matches!(status.as_u16(), 408 | 429);
        return Err(if may_pass {
            passing(problem)
        } else {
            lasting(problem)
        });
    }
    let mut bytes = Vec::new();
    let mut body = response.body_mut().as_reader().take(limits.bytes + 1);
    let read = body.read_to_end(&mut bytes);
    read.map_err(|error| match error.kind() {
        io::ErrorKind::TimedOut => passing(late()),
        _ => passing(format!(
            "the answer broke off after {} bytes: {error}",
            bytes.len()
        )),
    })?;
    if bytes.len() as u64 > limits.bytes {
        let most = limits.bytes >> 20;
        return Err(lasting(format!("the answer has more than {most} MiB")));
    }
    if bytes.is_empty() {
        return Err(lasting("the answer is empty".to_owned()));
    }
    Ok(bytes)
}
