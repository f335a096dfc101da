//! The map's short binary form: MessagePack with keys of 32 raw bytes.

use rmpv::Value as Packed;
use serde_json::{Map, Number, Value};

use super::{ListError, NodeList, decode, json};
use crate::key::hex;

/// Reads a list or map that fills all bytes; `None`: the bytes are text, whose first letter may look like one (Latin-1 Ü).
pub(super) fn read(bytes: &[u8], source_name: &str) -> Result<Option<NodeList>, ListError> {
    let is_container = matches!(bytes.first(), Some(0x80..=0x9f | 0xdc..=0xdf));
    if !is_container || std::str::from_utf8(bytes).is_ok() {
        return Ok(None);
    }
    let mut rest = bytes;
    let problem = match rmpv::decode::read_value(&mut rest) {
        Ok(value) if rest.is_empty() => {
            let mut reader = json::Reader::new(source_name);
            reader.value(&as_json(value), "")?;
            return reader.finish().map(Some);
        }
        Ok(_) => format!("{} bytes follow the MessagePack", rest.len()),
        Err(error) => format!("that is no whole MessagePack: {error}"),
    };
    if decode::text(bytes, source_name).is_ok() {
        return Ok(None);
    }
    Err(ListError::damaged(source_name, &problem))
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
