//! What goes over the socket: one JSON object a line, each with the version of the protocol.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Version of requests and replies.
pub(crate) const VERSION: u32 = 1;

/// Bytes of a line that is read; a request takes less than a tenth.
pub(crate) const LONGEST: usize = 4096;

/// A request to a search.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, strum::IntoStaticStr)]
#[serde(tag = "command", rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub(crate) enum Request {
    /// Its status.
    Status,
    /// Pause until resumed.
    Pause,
    /// Resume.
    Unpause,
    /// End cleanly.
    Stop,
    /// Check each worker.
    Check {
        /// Whether to wait for known answers and calibration samples.
        #[serde(default)]
        full: bool,
    },
    /// Replace workers.
    RestartWorkers {
        /// Which, from 1; `None`: all.
        #[serde(default)]
        worker: Option<usize>,
    },
    /// Drop and rebuild buffers, and release freed memory.
    Reclaim,
}

impl Request {
    /// The name of the command.
    pub(crate) fn name(&self) -> &'static str {
        self.into()
    }

    /// The line that asks for it.
    pub(crate) fn line(&self, token: Option<&str>) -> String {
        let mut object = json!(self);
        object["v"] = VERSION.into();
        if let Some(token) = token {
            object["token"] = token.into();
        }
        object.to_string() + "\n"
    }
}

/// Why a line is not a valid request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Malformed {
    /// It is not a JSON object.
    #[error("not a JSON object on one line")]
    NoObject,
    /// It is of another version.
    #[error("unknown version {0}; this process speaks version {VERSION}")]
    Version(String),
    /// The token is missing or wrong.
    #[error("the token is missing or wrong")]
    Token,
    /// There is no such command.
    #[error("{0}; allowed are status, pause, unpause, stop, check, restart-workers and reclaim")]
    Command(String),
}

/// Reads a line; where there is a `token`, the line must have it.
///
/// # Errors
/// It is malformed, of another version, or without the token.
pub(crate) fn read(line: &[u8], token: Option<&str>) -> Result<Request, Malformed> {
    let object: Option<Map<String, Value>> = serde_json::from_slice(line).ok();
    let mut object = object.ok_or(Malformed::NoObject)?;
    let version = object.remove("v").unwrap_or(Value::Null);
    if version != json!(VERSION) {
        let mut version = version.to_string();
        version.truncate(version.floor_char_boundary(20));
        return Err(Malformed::Version(version));
    }
    let offered = object.remove("token");
    if token.is_some_and(|token| offered.as_ref().and_then(Value::as_str) != Some(token)) {
        return Err(Malformed::Token);
    }
    serde_json::from_value(Value::Object(object)).map_err(|error| {
        let mut why = error.to_string();
        why.truncate(why.floor_char_boundary(200));
        Malformed::Command(why)
    })
}

/// The line of a reply that went well, with these fields.
pub(crate) fn done(fields: Value) -> String {
    let mut object = json!({"v": VERSION, "ok": true});
    if let (Some(object), Value::Object(fields)) = (object.as_object_mut(), fields) {
        object.extend(fields);
    }
    object.to_string() + "\n"
}

/// The line of a reply that the search is only busy: another attempt is worthwhile.
pub(crate) fn busy(why: &str) -> String {
    json!({"v": VERSION, "ok": false, "error": why, "busy": true}).to_string() + "\n"
}

/// The line of a reply why something was not done.
pub(crate) fn refused(why: &str) -> String {
    json!({"v": VERSION, "ok": false, "error": why}).to_string() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_request_reads_back_as_it_was_written() {
        let requests = [
            Request::Status,
            Request::Pause,
            Request::Unpause,
            Request::Stop,
            Request::Check { full: true },
            Request::RestartWorkers { worker: Some(2) },
            Request::RestartWorkers { worker: None },
            Request::Reclaim,
        ];
        for request in requests {
            let line = request.line(None);
            assert!(line.len() * 10 < LONGEST && line.ends_with('\n'));
            assert!(line.contains(request.name()), "{line}");
            assert_eq!(read(line.as_bytes(), None), Ok(request.clone()));
            let line = request.line(Some("secret"));
            assert_eq!(read(line.as_bytes(), Some("secret")), Ok(request));
            assert_eq!(read(line.as_bytes(), Some("other")), Err(Malformed::Token));
        }
    }

    #[test]
    fn rubbish_is_refused_with_what_is_allowed() {
        let read = |line: &str| read(line.as_bytes(), None).unwrap_err();
        assert_eq!(read("rubbish"), Malformed::NoObject);
        assert_eq!(read("[1]"), Malformed::NoObject);
        assert_eq!(read("{}"), Malformed::Version("null".to_owned()));
        let newer = read("{\"v\":2,\"command\":\"pause\"}");
        assert!(newer.to_string().contains("speaks version 1"), "{newer}");
        for line in [
            "{\"v\":1}",
            "{\"v\":1,\"command\":\"explode\"}",
            "{\"v\":1,\"command\":\"restart-workers\",\"worker\":-1}",
        ] {
            assert!(matches!(read(line), Malformed::Command(_)), "{line}");
        }
    }
}
