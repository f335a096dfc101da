//! What the tools take. Names and descriptions become the schemas that clients read.

use rmcp::schemars::{self, JsonSchema};
use serde::Deserialize;
use serde_json::Value;

/// No arguments.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// One session.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Session {
    /// The session's name, as list_sessions shows it
    pub session: String,
}

/// One session or all.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AnySession {
    /// The session's name; without it, all sessions
    pub session: Option<String>,
}

/// A session, and how long to wait for it.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Patience {
    /// The session's name, as list_sessions shows it
    pub session: String,
    /// How long to wait for the answer, 0.1 to 30 seconds; 5 if it is not given
    #[schemars(range(min = 0.1, max = 30.0))]
    pub timeout_seconds: Option<f64>,
}

/// A session, and which of its workers.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Workers {
    /// The session's name, as list_sessions shows it
    pub session: String,
    /// Only this worker, counted from 1; without it, all
    #[schemars(range(min = 1))]
    pub worker: Option<usize>,
}

/// A pattern: a key matches if it satisfies one of each kind that is given.
#[derive(Default, Deserialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Pattern {
    /// The public key begins with any of these, 1 to 16 hex digits each
    pub prefix: Vec<String>,
    /// The public key ends with any of these, 1 to 16 hex digits each
    pub suffix: Vec<String>,
    /// The first N digits equal the last N, or these reversed; 2 to 16
    pub vanity: Vec<u8>,
    /// Both ends, as ABCD...EF12
    pub r#match: Vec<String>,
    /// Never a key that begins with any of these hex digits
    pub avoid: Vec<String>,
}

impl Pattern {
    /// The same as options of the command line. Option and value are one word, so that no value is taken for an option.
    pub(super) fn words(&self) -> Vec<String> {
        let vanity: Vec<_> = self.vanity.iter().map(u8::to_string).collect();
        let option = |name: &'static str, values: &[String]| -> Vec<String> {
            let word = |value: &String| format!("--{name}={value}");
            values.iter().map(word).collect()
        };
        [
            option("prefix", &self.prefix),
            option("suffix", &self.suffix),
            option("vanity", &vanity),
            option("match", &self.r#match),
            option("avoid", &self.avoid),
        ]
        .concat()
    }
}

/// What the odds are asked for.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Odds {
    /// The pattern
    pub pattern: Pattern,
    /// Candidates a second; without it, all processors are measured for a moment
    pub rate: Option<u64>,
    /// Also the chance within this time: hours (8, 0.5), 2:30, 90m, 1h 30m
    pub time: Option<String>,
}

/// A new search.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Start {
    /// The name of the new session: letters, digits, '-', '_', '.' and inner spaces
    pub session: String,
    /// The pattern; something of it must be given
    pub pattern: Pattern,
    /// Keys to find; 1 if it is not given
    #[schemars(range(min = 1))]
    pub count: Option<u64>,
    /// Stop after this time of searching: hours (8, 0.5), 2:30, 90m, 1h 30m
    pub time: Option<String>,
    /// Stop after so many candidates
    #[schemars(range(min = 1))]
    pub candidates: Option<u64>,
    /// Worker threads; without it, one a processor
    #[schemars(range(min = 1))]
    pub workers: Option<usize>,
    /// Folder for keys, relative to the root that the command line allows; without it, the root itself
    pub output: Option<String>,
}

/// Which IDs.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Ids {
    /// Bytes of a node ID, 1 to 3; 1 if it is not given
    #[schemars(range(min = 1, max = 3))]
    pub id_bytes: Option<u8>,
    /// Only nodes near a place: LAT,LON or LAT,LON,KM
    pub near: Option<String>,
    /// Only nodes that were seen within this time: 30d, 12h
    pub seen: Option<String>,
}

/// Hex digits that may be half of a private key, or all of it; nothing that a tool takes is as long.
const KEY_DIGITS: usize = 64;

/// Whether any text in it could be a key.
pub(super) fn holds_key(value: &Value) -> bool {
    match value {
        Value::String(text) => {
            let mut runs = text.split(|c: char| !c.is_ascii_hexdigit());
            runs.any(|digits| digits.len() >= KEY_DIGITS)
        }
        Value::Array(values) => values.iter().any(holds_key),
        Value::Object(fields) => fields
            .iter()
            .any(|(name, value)| holds_key(&Value::from(name.as_str())) || holds_key(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_that_looks_like_an_option_stays_a_value() {
        let pattern = Pattern {
            prefix: vec!["--output=/etc".to_owned()],
            vanity: vec![8],
            ..Pattern::default()
        };
        assert_eq!(pattern.words(), ["--prefix=--output=/etc", "--vanity=8"]);
    }

    #[test]
    fn a_key_is_seen_wherever_it_is() {
        let key = "ab".repeat(32);
        for value in [
            json!(key),
            json!({"a": [{"b": format!("0x{key}")}]}),
            json!({key.clone(): 1}),
            json!(format!("{key}{key}")),
        ] {
            assert!(holds_key(&value), "{value}");
        }
        assert!(!holds_key(
            &json!({"prefix": ["ab".repeat(8)], "n": 1e300, "x": null})
        ));
    }
}
