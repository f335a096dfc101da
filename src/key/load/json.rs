//! Keys in JSON: the MeshCore app's fields and those that other tools use, at any depth.

use serde_json::Value;
use zeroize::Zeroize;

use super::{
    LoadError, Role,
    fields::{Fields, RawSecret, explain, secret_from_hex, without_0x},
};
use crate::key::{PrivateKey, hex, secret::Secret};

/// Field names that hold a public key, in lower case without punctuation.
const PUBLIC_NAMES: [&str; 7] = [
    "publickey",
    "pubkey",
    "pub",
    "public",
    "publickeyhex",
    "pubkeyhex",
    "publichex",
];

/// Field names that hold a private key. Not "secret": that is what the MeshCore app calls a channel's key.
const PRIVATE_NAMES: [&str; 11] = [
    "privatekey",
    "privkey",
    "prvkey",
    "priv",
    "prv",
    "private",
    "secretkey",
    "seed",
    "privatekeyhex",
    "privkeyhex",
    "privatehex",
];

/// Reads all keys of a JSON text. Where any object holds a private key, objects with only a public key are left out:
/// an app's export lists those of all its contacts.
pub(super) fn parse(text: &str, source_name: &str) -> Result<Vec<Fields>, LoadError> {
    let mut value: Value = serde_json::from_str(text).map_err(|error| LoadError::Json {
        source_name: source_name.to_owned(),
        error: error.to_string(),
    })?;
    let mut reader = Reader::default();
    reader.visit(&value, "");
    wipe(&mut value);
    reader.finish(source_name)
}

#[derive(Default)]
struct Reader {
    found: Vec<Fields>,
    /// The first field that should be a key and is none: its name, what is wrong, whether a private key is concerned.
    fault: Option<(String, String, bool)>,
}

impl Reader {
    fn visit(&mut self, value: &Value, path: &str) {
        match value {
            Value::Object(object) => {
                self.read_object(object, path);
                object
                    .iter()
                    .for_each(|(name, value)| self.visit(value, &join(path, name)));
            }
            Value::Array(values) => {
                values
                    .iter()
                    .enumerate()
                    .for_each(|(index, value)| self.visit(value, &format!("{path}[{index}]")));
            }
            _ => {}
        }
    }

    fn read_object(&mut self, object: &serde_json::Map<String, Value>, path: &str) {
        let secret = self.read_field(object, path, &PRIVATE_NAMES, true, read_secret);
        let public = self.read_field(object, path, &PUBLIC_NAMES, secret.is_some(), read_public);
        if secret.is_some() || public.is_some() {
            self.found.push(Fields { public, secret });
        }
    }

    /// Reads the first field with one of the names that holds a key; keeps what is wrong if none does.
    fn read_field<T>(
        &mut self,
        object: &serde_json::Map<String, Value>,
        path: &str,
        names: &[&str],
        concerns_secret: bool,
        read: fn(&Value) -> Option<Result<T, String>>,
    ) -> Option<T> {
        let mut wrong = None;
        for (name, value) in object
            .iter()
            .filter(|(name, _)| names.contains(&plain(name).as_str()))
        {
            match read(value) {
                Some(Ok(key)) => return Some(key),
                Some(Err(reason)) => {
                    wrong = wrong.or(Some((join(path, name), reason, concerns_secret)))
                }
                None => {}
            }
        }
        if self
            .fault
            .as_ref()
            .is_none_or(|(_, _, concerned)| !concerned && concerns_secret)
        {
            self.fault = wrong.or(self.fault.take());
        }
        None
    }

    fn finish(mut self, source_name: &str) -> Result<Vec<Fields>, LoadError> {
        let has_secret = self.found.iter().any(|fields| fields.secret.is_some());
        match self.fault {
            Some((place, reason, concerns_secret)) if concerns_secret || self.found.is_empty() => {
                return Err(LoadError::Malformed {
                    source_name: source_name.to_owned(),
                    place,
                    reason,
                });
            }
            _ => {}
        }
        self.found
            .retain(|fields| fields.secret.is_some() || !has_secret);
        Ok(self.found)
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

/// A field's name without what its writers' habits differ in.
fn plain(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

/// A private key; nothing where the value is of a kind that holds none, such as `false` or `null`.
fn read_secret(value: &Value) -> Option<Result<RawSecret, String>> {
    match value {
        Value::String(text) => {
            let digits = without_0x(text.trim());
            (!digits.is_empty())
                .then(|| secret_from_hex(digits).map_err(|error| explain(error, Role::Private)))
        }
        Value::Array(values) if values.len() == 32 => {
            let mut seed = Secret::zeroed();
            Some(read_bytes(values, seed.expose_mut()).map(|()| RawSecret::Short(seed)))
        }
        Value::Array(values) if values.len() == 64 => {
            let mut bytes = Secret::zeroed();
            Some(
                read_bytes(values, bytes.expose_mut())
                    .map(|()| RawSecret::Long(PrivateKey::from_secret(bytes))),
            )
        }
        _ => None,
    }
}

fn read_public(value: &Value) -> Option<Result<[u8; 32], String>> {
    match value {
        Value::String(text) => {
            let digits = without_0x(text.trim());
            (!digits.is_empty())
                .then(|| hex::decode(digits).map_err(|error| explain(error, Role::Public)))
        }
        Value::Array(values) if values.len() == 32 => {
            let mut bytes = [0; 32];
            Some(read_bytes(values, &mut bytes).map(|()| bytes))
        }
        _ => None,
    }
}

/// A key as a list of its bytes.
fn read_bytes(values: &[Value], bytes: &mut [u8]) -> Result<(), String> {
    for (byte, value) in bytes.iter_mut().zip(values) {
        let number = value.as_u64().and_then(|number| u8::try_from(number).ok());
        *byte =
            number.ok_or("a list of bytes with something else than numbers from 0 to 255 in it")?;
    }
    Ok(())
}

/// Wipes every text and number of a value that was parsed.
fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(values) => values.iter_mut().for_each(wipe),
        Value::Object(object) => object.values_mut().for_each(wipe),
        Value::Number(_) => *value = Value::Null,
        Value::Null | Value::Bool(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(bool, bool)> {
        let found = parse(text, "test").unwrap();
        found
            .iter()
            .map(|fields| (fields.public.is_some(), fields.secret.is_some()))
            .collect()
    }

    fn reason(text: &str) -> String {
        parse(text, "test").err().unwrap().to_string()
    }

    fn with_names(public: &str, private: &str) -> String {
        format!(
            r#"{{"{public}": "{}", "{private}": "{}"}}"#,
            "aB".repeat(32),
            "c0".repeat(64)
        )
    }

    #[test]
    fn the_usual_names_are_known_however_they_are_written() {
        for (public, private) in [
            ("public_key", "private_key"),
            ("publicKey", "privateKey"),
            ("pub_key", "prv_key"),
            ("Public Key", "Private Key"),
            ("public-key-hex", "seed"),
        ] {
            assert_eq!(
                found(&with_names(public, private)),
                [(true, true)],
                "{public} {private}"
            );
        }
    }

    #[test]
    fn keys_are_found_at_any_depth() {
        let pair = with_names("public", "private");
        assert_eq!(
            found(&format!(r#"{{"n": 1, "keys": [{pair}, {{"x": {pair}}}]}}"#)),
            [(true, true); 2]
        );
    }

    #[test]
    fn contacts_and_channels_of_an_apps_export_are_left_out() {
        let (public, private) = ("ab".repeat(32), "c0".repeat(64));
        let text = format!(
            r#"{{"name": "n", "private_key": "{private}", "public_key": "{public}", "contacts": [{{"public_key": "{public}"}}, {{"public_key": "ab"}}],
                "channels": [{{"secret": "8b3387e9c5cdea6ac9e5edbaa115cd72"}}]}}"#
        );
        assert_eq!(found(&text), [(true, true)]);
        assert_eq!(
            found(&format!(r#"[{{"public_key": "{public}"}}]"#)),
            [(true, false)]
        );
    }

    #[test]
    fn lists_of_bytes_are_keys_too() {
        let bytes = |count| vec!["7"; count].join(",");
        let text = format!(
            r#"{{"public": [{}], "private": [{}]}}"#,
            bytes(32),
            bytes(64)
        );
        assert_eq!(found(&text), [(true, true)]);
        let text = text.replacen('7', "256", 1);
        assert!(reason(&text).contains("public: a list of bytes"));
    }

    #[test]
    fn a_malformed_private_key_is_an_error_with_its_field() {
        let text = format!(r#"{{"keys": [{{"private_key": "{}"}}]}}"#, "c0".repeat(63));
        assert!(
            reason(&text).contains("test, keys[0].private_key: 126 hex digits"),
            "{}",
            reason(&text)
        );
        assert!(reason(r#"{"private_key": "#).contains("begins like JSON"));
    }

    #[test]
    fn a_good_field_counts_more_than_another_with_a_name_like_it() {
        let (public, private) = ("ab".repeat(32), "c0".repeat(64));
        let text = format!(
            r#"{{"priv": "none", "private_key": "{private}", "pub": "?", "public_key": "{public}"}}"#
        );
        assert_eq!(found(&text), [(true, true)]);
    }

    #[test]
    fn fields_that_hold_no_key_are_passed_over() {
        assert!(found(r#"{"private": false, "public": null, "seed": 5, "priv": ""}"#).is_empty());
    }
}
