//! The answer of a web address, read whole within limits of time and size.

use std::io::{self, Read};
use std::time::Duration;

use ureq::Agent;
use ureq::tls::TlsConfig;

use super::fetch::{Failure, Limits};
use crate::alert::delivery::tls;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Says which program asks, and where its makers are found.
const USER_AGENT: &str = concat!(
    "meshcore-keygen/",
    env!("CARGO_PKG_VERSION"),
    " (keygen; list of nodes)"
);

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

/// Asks once, and reads the whole answer.
pub(super) fn attempt(address: &str, limits: Limits) -> Result<Vec<u8>, Failure> {
    let passing = |problem: String| Failure {
        problem,
        passing: true,
    };
    let lasting = |problem: String| Failure {
        problem,
        passing: false,
    };
    let request = agent(limits)
        .get(address)
        .header("accept", "application/json, */*");
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
