//! Keys in plain text: bare hex, hex with a label before it, or a command such as `set prv.key …`.

use super::{
    LoadError, Role,
    fields::{Fields, explain, secret_from_hex, without_0x},
};
use crate::key::hex;

/// A word with this many letters and digits is meant to be a key, right or wrong.
const KEY_LIKE: usize = 40;

/// Reads all keys of a text. A public and a private key in a row, in either order, belong together. `default` says what
/// 64 digits without a label are; without it they are a public key.
pub(super) fn parse(
    text: &str,
    source_name: &str,
    default: Option<Role>,
) -> Result<Vec<Fields>, LoadError> {
    let mut found = Vec::new();
    let mut label = None;
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with(['#', ';']) {
            continue;
        }
        for word in words(line) {
            if word.len() < KEY_LIKE {
                label = role_of(word).or(label);
                continue;
            }
            take(&mut found, word, label.take().or(default)).map_err(|reason| {
                LoadError::Malformed {
                    source_name: source_name.to_owned(),
                    place: format!("line {}", index + 1),
                    reason,
                }
            })?;
        }
    }
    Ok(found)
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
}

/// What a label such as `prv`, `PrivateKey` or `pub_key` announces.
fn role_of(word: &str) -> Option<Role> {
    let word = word.to_lowercase();
    if word.contains("pub") {
        Some(Role::Public)
    } else if ["priv", "prv", "secret", "seed"]
        .iter()
        .any(|part| word.contains(part))
    {
        Some(Role::Private)
    } else {
        None
    }
}

/// Adds a word that looks like a key to the key that lacks it, or to a new one.
fn take(found: &mut Vec<Fields>, word: &str, role: Option<Role>) -> Result<(), String> {
    let digits = without_0x(word);
    let role = role_by_length(digits, role);
    if role == Role::Private {
        let secret = secret_from_hex(digits).map_err(|error| explain(error, role))?;
        open_entry(found, |fields| fields.secret.is_none()).secret = Some(secret);
    } else {
        let public = hex::decode(digits).map_err(|error| explain(error, role))?;
        open_entry(found, |fields| fields.public.is_none()).public = Some(public);
    }
    Ok(())
}

/// 128 digits are a private key whatever stands beside them; less than 64 without a label can only be a public key that
/// was cut, more only a private one.
fn role_by_length(digits: &str, role: Option<Role>) -> Role {
    match role {
        _ if digits.len() == 128 => Role::Private,
        Some(role) => role,
        None if digits.len() <= 96 => Role::Public,
        None => Role::Private,
    }
}

/// The last key, if it still lacks what comes now, or a new one.
fn open_entry(found: &mut Vec<Fields>, lacks: impl Fn(&Fields) -> bool) -> &mut Fields {
    if !found.last().is_some_and(lacks) {
        found.push(Fields::default());
    }
    let last = found.len() - 1;
    &mut found[last]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::load::fields::RawSecret;

    fn shape(text: &str, default: Option<Role>) -> Vec<(bool, Option<usize>)> {
        let secret_bytes = |secret: &RawSecret| match secret {
            RawSecret::Long(_) => 64,
            RawSecret::Short(_) => 32,
        };
        let found = parse(text, "test", default).unwrap();
        found
            .iter()
            .map(|fields| {
                (
                    fields.public.is_some(),
                    fields.secret.as_ref().map(secret_bytes),
                )
            })
            .collect()
    }

    fn reason(text: &str, default: Option<Role>) -> String {
        parse(text, "test", default).err().unwrap().to_string()
    }

    fn short() -> String {
        "ab".repeat(32)
    }

    fn long() -> String {
        "C0".repeat(64)
    }

    #[test]
    fn bare_digits_are_told_apart_by_their_number() {
        assert_eq!(shape(&long(), None), [(false, Some(64))]);
        assert_eq!(shape(&short(), None), [(true, None)]);
        assert_eq!(shape(&short(), Some(Role::Private)), [(false, Some(32))]);
        assert_eq!(
            shape(&format!("\r\n  0x{}\r\n", long()), None),
            [(false, Some(64))]
        );
    }

    #[test]
    fn labels_on_the_same_line_or_the_line_before_count() {
        let text = format!(
            "Public Key (hex):\n{}\n\nPrivate Key (hex):\n{}\n",
            short(),
            long()
        );
        assert_eq!(shape(&text, None), [(true, Some(64))]);
        let text = format!("pub_key: {}\nseed = {}\n", short(), short());
        assert_eq!(shape(&text, None), [(true, Some(32))]);
        assert_eq!(
            shape(&format!("set prv.key {}", long()), None),
            [(false, Some(64))]
        );
    }

    #[test]
    fn pairs_in_either_order_belong_together() {
        let both = [(true, Some(64)), (true, Some(64))];
        let (public, private) = (short(), long());
        assert_eq!(
            shape(&format!("{public}\n{private}\n{public}\n{private}"), None),
            both
        );
        assert_eq!(
            shape(&format!("{private} {public}\n{private} {public}"), None),
            both
        );
        assert_eq!(
            shape(&format!("{private}\n{private}"), None),
            [(false, Some(64)); 2]
        );
    }

    #[test]
    fn a_key_that_was_cut_or_mistyped_is_an_error_with_its_line() {
        assert!(
            reason(&format!("# one\n{}", &long()[1..]), None).contains("line 2: 127 hex digits")
        );
        assert!(reason(&short()[1..], None).contains("63 hex digits; a public key has 64"));
        assert!(reason(&short().replace("ab", "aO"), None).contains("character 2, 'O'"));
    }

    #[test]
    fn ordinary_text_and_comments_hold_no_key() {
        assert!(shape(&format!("hello world\n# {}\n", long()), None).is_empty());
    }
}
