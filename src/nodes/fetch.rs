//! Lists of nodes from web addresses: one answer, read whole within limits of time and size, one try again.

use std::io::Read;
use std::time::Duration;

use ureq::Agent;
use ureq::tls::TlsConfig;

use crate::alert::delivery::tls;

/// The largest answer: the whole map has some 60,000 nodes in about 30 MB.
const MAX_BYTES: u64 = 64 << 20;

/// For the whole answer.
const TIMEOUT: Duration = Duration::from_secs(60);

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
pub(crate) struct FetchError {
    address: String,
    problem: String,
}

/// What an attempt failed by, and whether another one may succeed.
struct Failure {
    problem: String,
    passing: bool,
}

/// Whether a name is a web address.
pub(crate) fn is_address(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with("http://") || name.starts_with("https://")
}

/// Fetches a list.
///
/// # Errors
/// The server can't be reached, does not answer in time or with a list, or sends more than 64 MiB.
pub(crate) fn fetch(address: &str) -> Result<Vec<u8>, FetchError> {
    let agent = agent();
    let answer = attempt(&agent, address).or_else(|failure| match failure.passing {
        true => attempt(&agent, address),
        false => Err(failure),
    });
    answer.map_err(|failure| FetchError {
        address: address.to_owned(),
        problem: failure.problem,
    })
}

fn agent() -> Agent {
    let tls = TlsConfig::builder().root_certs(tls::for_web()).build();
    Agent::config_builder()
        .tls_config(tls)
        .timeout_global(Some(TIMEOUT))
        .timeout_connect(Some(CONNECT_TIMEOUT))
        .max_redirects(5)
        .http_status_as_error(false)
        .user_agent(USER_AGENT)
        .build()
        .new_agent()
}

fn attempt(agent: &Agent, address: &str) -> Result<Vec<u8>, Failure> {
    let passing = |problem: String| Failure {
        problem,
        passing: true,
    };
    let final_one = |problem: String| Failure {
        problem,
        passing: false,
    };
    let request = agent.get(address).header("accept", "application/json, */*");
    let mut response = request.call().map_err(|error| passing(error.to_string()))?;
    let status = response.status();
    if !status.is_success() {
        let problem = format!("the server answered {status}");
        let may_pass = status.is_server_error() || matches!(status.as_u16(), 408 | 429);
        return Err(if may_pass {
            passing(problem)
        } else {
            final_one(problem)
        });
    }
    let mut bytes = Vec::new();
    let mut body = response.body_mut().as_reader().take(MAX_BYTES + 1);
    body.read_to_end(&mut bytes).map_err(|error| {
        passing(format!(
            "the answer broke off after {} bytes: {error}",
            bytes.len()
        ))
    })?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(final_one("the answer has more than 64 MiB".to_owned()));
    }
    Ok(bytes)
}
