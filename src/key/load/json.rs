//! Keys in JSON: the MeshCore app's fields and those that other tools use, at any depth.

use serde_json::{Map, Value};
use zeroize::{Zeroize, Zeroizing};

use super::{
    LoadError, Role,
    fields::{Fields, from_hex, without_0x},
};

/// Field names that hold a key, in lower case without punctuation. "secret" is not one: that is what the MeshCore app calls
/// a channel's key.
const NAMES: [(Role, &str); 3] = [
    (
        Role::Private,
        "privatekey privkey prvkey priv prv private secretkey privatekeyhex privkeyhex privatehex",
    ),
    (
        Role::Seed,
        "seed seedhex keyseed prvseed privateseed ed25519seed identityseed identitykey",
    ),
    (
        Role::Public,
        "publickey pubkey pub public publickeyhex pubkeyhex publichex",
    ),
];

/// Reads all keys of a JSON text, which may have several values, such as one a line. Where any object holds a private
/// key, objects with only a public key are left out: an app's export lists those of all its contacts.
pub(super) fn parse(text: &str, source_name: &str) -> Result<Vec<Fields>, LoadError> {
    let mut reader = Reader::default();
    for value in serde_json::Deserializer::from_str(text).into_iter() {
        let mut value = value.map_err(|error| {
            LoadError(format!(
                "{source_name} begins like JSON but is not valid: {error}"
            ))
        })?;
        reader.visit(&value, "");
        wipe(&mut value);
    }
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
                for (name, value) in object {
                    self.visit(value, &join(path, name));
                }
            }
            Value::Array(values) => {
                for (index, value) in values.iter().enumerate() {
                    self.visit(value, &format!("{path}[{index}]"));
                }
            }
            _ => {}
        }
    }

    fn read_object(&mut self, object: &Map<String, Value>, path: &str) {
        let mut fields = Fields::default();
        for (role, names) in NAMES {
            let has_secret = fields.secret.is_some();
            if role == Role::Public || !has_secret {
                let concerns_secret = role != Role::Public || has_secret;
                let read = self.read_field(object, path, (role, names), concerns_secret);
                fields.complete_with(read.unwrap_or_default());
            }
        }
        if fields.secret.is_some() || fields.public.is_some() {
            fields.name = object
                .get("name")
                .and_then(Value::as_str)
                .map(str::to_owned);
            self.found.push(fields);
        }
    }

    /// Reads the first field with one of the names that holds a key; keeps what is wrong if none does.
    fn read_field(
        &mut self,
        object: &Map<String, Value>,
        path: &str,
        (role, names): (Role, &str),
        concerns_secret: bool,
    ) -> Option<Fields> {
        let mut wrong = None;
        for (name, value) in object {
            if !names.split(' ').any(|known| known == plain(name)) {
                continue;
            }
            match read(value, role) {
                Some(Ok(fields)) => return Some(fields),
                Some(Err(reason)) => {
                    wrong = wrong.or(Some((join(path, name), reason, concerns_secret)))
                }
                None => {}
            }
        }
        let earlier = self.fault.as_ref();
        if earlier.is_none_or(|(_, _, concerned)| !concerned && concerns_secret) {
            self.fault = wrong.or(self.fault.take());
        }
        None
    }

    fn finish(mut self, source_name: &str) -> Result<Vec<Fields>, LoadError> {
        let has_secret = self.found.iter().any(|fields| fields.secret.is_some());
        match self.fault {
            Some((place, reason, concerns_secret)) if concerns_secret || self.found.is_empty() => {
                return Err(LoadError::malformed(source_name, &place, &reason));
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

/// A key; nothing where the value is of a kind that holds none, such as `false` or `null`.
fn read(value: &Value, role: Role) -> Option<Result<Fields, String>> {
    match value {
        Value::String(text) => {
            let digits = without_0x(text.trim());
            (!digits.is_empty()).then(|| from_hex(digits, Some(role)))
        }
        Value::Array(values)
            if values.len() == 32 || values.len() == 64 && role != Role::Public =>
        {
            let read = bytes(values).and_then(|bytes| Fields::of_bytes(&bytes, Some(role)));
            Some(read.ok_or_else(|| NOT_BYTES.to_owned()))
        }
        _ => None,
    }
}

const NOT_BYTES: &str = "a list of bytes with something else than numbers from 0 to 255 in it";

/// A key as a list of its bytes.
fn bytes(values: &[Value]) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(values.len()));
    for value in values {
        bytes.push(u8::try_from(value.as_u64()?).ok()?);
    }
    Some(bytes)
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
