//! Keys in plain text: bare hex, hex with a label before it, or a command such as `set prv.key …`.

use super::{
    LoadError, Role,
    fields::{Fields, from_hex, letters, without_0x},
};

/// A word with this many letters and digits is meant to be a key, right or wrong.
const KEY_LIKE: usize = 40;

/// Letters that a time stamp such as `2026-08-14T12:00:00Z` has.
const STAMP_LETTERS: usize = 2;

/// Reads all keys of a text. A public and a private key in a row, in either order, belong together. `default` says what
/// 64 digits without a label are.
pub(super) fn parse(
    text: &str,
    source_name: &str,
    default: Option<Role>,
) -> Result<Vec<Fields>, LoadError> {
    let mut found = Vec::new();
    let mut before = None;
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with(['#', ';']) {
            continue;
        }
        let mut rest = line;
        while let Some((label, word, after)) = next_key(rest) {
            let role = Role::of_label(label).or(heading(before.take(), label));
            let fields = from_hex(without_0x(word), role.unwrap_or(default));
            let place = format!("line {}", index + 1);
            let malformed = |reason: String| LoadError::malformed(source_name, &place, &reason);
            add(&mut found, fields.map_err(malformed)?);
            rest = after;
        }
        before = Role::of_label(rest).or(before);
    }
    Ok(found)
}

/// The next word that is meant to be a key, with what stands before it and after it.
fn next_key(line: &str) -> Option<(&str, &str, &str)> {
    let word = line
        .split(|c: char| !c.is_alphanumeric())
        .find(|word| word.len() >= KEY_LIKE)?;
    let (label, rest) = line.split_at(line.find(word)?);
    Some((label, word, &rest[word.len()..]))
}

/// What a label in an earlier line says about a key. That it is public, it says only of a key without any other label.
fn heading(before: Option<Option<Role>>, label: &str) -> Option<Option<Role>> {
    before.filter(|role| *role != Some(Role::Public) || letters(label).len() <= STAMP_LETTERS)
}

/// Adds what was read to the last key if that lacks it, or as a new one.
fn add(found: &mut Vec<Fields>, fields: Fields) {
    let Some(last) = found.last_mut() else {
        return found.push(fields);
    };
    let has_public = last.public.is_some() || last.unlabelled.is_some();
    if fields.secret.is_some() && last.secret.is_none() {
        last.secret = fields.secret;
    } else if fields.secret.is_none() && last.secret.is_some() && !has_public {
        last.public = fields.public;
        last.unlabelled = fields.unlabelled;
    } else if !last.join_as_seed(&fields) {
        found.push(fields);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::load::fields::RawSecret;

    /// What each key has: 64 digits that are public ('p'), unlabelled ('?') or missing, and so many secret bytes.
    fn shape(text: &str, default: Option<Role>) -> Vec<(char, Option<usize>)> {
        let secret_bytes = |secret: &RawSecret| match secret {
            RawSecret::Long(_) => 64,
            RawSecret::Short(..) => 32,
        };
        let short = |fields: &Fields| match (fields.public, &fields.unlabelled) {
            (Some(_), _) => 'p',
            (None, Some(_)) => '?',
            (None, None) => '-',
        };
        let found = parse(text, "test", default).unwrap();
        found
            .iter()
            .map(|fields| (short(fields), fields.secret.as_ref().map(secret_bytes)))
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
        assert_eq!(shape(&long(), None), [('-', Some(64))]);
        assert_eq!(shape(&short(), None), [('?', None)]);
        assert_eq!(shape(&short(), Some(Role::Private)), [('-', Some(32))]);
        assert_eq!(
            shape(&format!("\r\n  0x{}\r\n", long()), None),
            [('-', Some(64))]
        );
    }

    #[test]
    fn labels_on_the_same_line_or_the_line_before_count() {
        let text = format!(
            "Public Key (hex):\n{}\n\nPrivate Key (hex):\n{}\n",
            short(),
            long()
        );
        assert_eq!(shape(&text, None), [('p', Some(64))]);
        let text = format!("pub_key: {}\nseed = {}\n", short(), short());
        assert_eq!(shape(&text, None), [('p', Some(32))]);
        assert_eq!(
            shape(&format!("set prv.key {}", long()), None),
            [('-', Some(64))]
        );
    }

    #[test]
    fn pairs_in_either_order_belong_together() {
        let both = [('?', Some(64)), ('?', Some(64))];
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
            [('-', Some(64)); 2]
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
    fn a_label_in_an_earlier_line_does_not_make_another_field_public() {
        let seed = format!("name: Public\nkey: {}", short());
        assert_eq!(shape(&seed, None), [('?', None)]);
        let seed = format!("public key: see below\nkey: {}", short());
        assert_eq!(shape(&seed, None), [('?', None)]);
        let log = format!("[12:00:01] get public.key\n[12:00:02]   -> > {}", short());
        assert_eq!(shape(&log, None), [('p', None)]);
    }

    #[test]
    fn a_seed_and_its_public_key_in_either_order_are_told_apart() {
        let seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
        let public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
        for text in [format!("{seed}\n{public}"), format!("{public} {seed}")] {
            assert_eq!(shape(&text, None), [('p', Some(32))]);
        }
        let stranger = format!("{seed}\n{}", short());
        assert_eq!(shape(&stranger, None), [('?', None); 2]);
    }

    #[test]
    fn ordinary_text_and_comments_hold_no_key() {
        assert!(shape(&format!("hello world\n# {}\n", long()), None).is_empty());
    }
}
