//! The map's short binary form: MessagePack with keys of 32 raw bytes.

use rmpv::Value as Packed;
use serde_json::{Map, Number, Value};

use super::{ListError, NodeList, json};
use crate::key::hex;

/// Whether bytes can be a MessagePack list or map: their first byte stands in no text that a list of nodes begins with.
pub(super) fn is_likely(bytes: &[u8]) -> bool {
    let is_container = matches!(bytes.first(), Some(0x80..=0x9f | 0xdc..=0xdf));
    is_container && std::str::from_utf8(bytes).is_err()
}

/// Reads one value that fills all bytes.
pub(super) fn read(bytes: &[u8], source_name: &str) -> Result<NodeList, ListError> {
    let damaged = |problem: String| ListError::Damaged {
        source_name: source_name.to_owned(),
        problem,
    };
    let mut rest = bytes;
    let value = rmpv::decode::read_value(&mut rest)
        .map_err(|error| damaged(format!("that is no whole MessagePack: {error}")))?;
    if !rest.is_empty() {
        return Err(damaged(format!(
            "{} bytes follow the MessagePack",
            rest.len()
        )));
    }
    let mut reader = json::Reader::new(source_name);
    reader.value(&as_json(value), "")?;
    reader.finish()
}

/// The same as JSON; bytes become hex digits.
fn as_json(value: Packed) -> Value {
    match value {
        Packed::Boolean(value) => Value::Bool(value),
        Packed::Integer(number) => number
            .as_i64()
            .map(Number::from)
            .or_else(|| number.as_u64().map(Number::from))
            .map_or(Value::Null, Value::Number),
        Packed::F32(number) => {
            Number::from_f64(f64::from(number)).map_or(Value::Null, Value::Number)
        }
        Packed::F64(number) => Number::from_f64(number).map_or(Value::Null, Value::Number),
        Packed::String(text) => text.into_str().map_or(Value::Null, Value::String),
        Packed::Binary(bytes) => Value::String(hex::encode(&bytes)),
        Packed::Array(items) => Value::Array(items.into_iter().map(as_json).collect()),
        Packed::Map(pairs) => {
            Value::Object(pairs.into_iter().filter_map(pair).collect::<Map<_, _>>())
        }
        Packed::Nil | Packed::Ext(..) => Value::Null,
    }
}

fn pair((name, value): (Packed, Packed)) -> Option<(String, Value)> {
    match as_json(name) {
        Value::String(name) => Some((name, as_json(value))),
        Value::Number(name) => Some((name.to_string(), as_json(value))),
        _ => None,
    }
}
