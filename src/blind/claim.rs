//! A claim: where beyond a start a wanted public key lies. It is public, and opens no key.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::PublicStart;
use crate::key::verify::CheckError;
use crate::key::{Offset, PublicKey, hex};
use crate::pattern::{Request, Wanted};

/// What stands in front of the fields in their checksum, so that it is that of nothing else.
const KIND: &str = "meshcore-keygen claim 1";

/// Bytes of the checksum.
const CHECKSUM: usize = 8;

/// The place of a key: a start, and how far the key is beyond it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClaimedAt {
    /// The public start.
    pub start: PublicKey,
    /// The offset `o` in `A + 8o·B`.
    pub offset: Offset,
}

impl ClaimedAt {
    /// The public key there.
    ///
    /// # Errors
    /// The start is none.
    pub(crate) fn public(&self) -> Result<PublicKey, CheckError> {
        let start = PublicStart::from_bytes(self.start);
        let start = start.map_err(|_| CheckError::NotAKey)?;
        Ok(start.public_at(self.offset))
    }
}

/// What a searcher tells the owner of a start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    /// The public key that was found.
    pub public: PublicKey,
    /// Where it is.
    pub at: ClaimedAt,
    /// The pattern that it fits, as the searcher calls it.
    pub pattern: String,
    /// Candidates that the searcher had tested.
    pub candidates: u64,
}

/// The fields of a claim in JSON; both forms of the offset are there for people and other programs.
#[derive(Serialize, Deserialize)]
struct Fields {
    public_key: String,
    start: String,
    offset: String,
    offset_hex: String,
    pattern: String,
    candidates: u64,
    check: String,
}

/// Why a text is no claim.
#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum NoClaim {
    /// It has a private key.
    #[error(
        "it holds a private key, not a claim, or bare digits that may be one. A private key needs no finishing, and nobody else should have it"
    )]
    PrivateKey,
    /// It is not JSON, or lacks a field.
    #[error("it is no claim: {0}")]
    Malformed(String),
    /// There is nothing in it.
    #[error("there is no claim in it")]
    Nothing,
    /// It was changed on its way.
    #[error("the claim was changed or cut: its checksum does not fit its contents")]
    Damaged,
    /// It is about another point than it says.
    #[error("the claim is wrong: {start} at its offset is {derived}, not {public_key}")]
    Wrong {
        /// Its start.
        start: String,
        /// What is there.
        derived: String,
        /// What it claims.
        public_key: String,
    },
    /// It names a pattern that its key does not fit.
    #[error("the claim is wrong: its public key does not fit its pattern, {0}")]
    NotThePattern(String),
    /// What it calls its pattern says nothing about the key.
    #[error(
        "what it calls its pattern, {0:?}, can't be compared with its key: give the pattern that you asked for (--prefix, --pattern-file and the like), and try again"
    )]
    UnknownPattern(String),
}

impl Claim {
    /// The claim as its file holds it.
    #[must_use]
    pub(crate) fn text(&self) -> String {
        let text = serde_json::to_string_pretty(&self.fields());
        text.unwrap_or_default() + "\n"
    }

    /// The fields that a key does not have, for objects that have the others.
    #[must_use]
    pub(crate) fn place(&self) -> Value {
        let fields = self.fields();
        json!({
            "start": fields.start,
            "offset": fields.offset,
            "offset_hex": fields.offset_hex,
            "check": fields.check,
        })
    }

    fn fields(&self) -> Fields {
        Fields {
            public_key: hex::encode(&self.public),
            start: hex::encode(&self.at.start),
            offset: self.at.offset.to_string(),
            offset_hex: self.at.offset.hex(),
            pattern: self.pattern.clone(),
            candidates: self.candidates,
            check: self.checksum(),
        }
    }

    /// The first bytes of SHA-256 over all fields: against accidents. What a liar writes is found by arithmetic.
    pub(crate) fn checksum(&self) -> String {
        let (public, start) = (hex::encode(&self.public), hex::encode(&self.at.start));
        let (offset, candidates) = (self.at.offset, self.candidates);
        let text = format!(
            "{KIND}\n{public}\n{start}\n{offset}\n{candidates}\n{}",
            self.pattern
        );
        hex::encode(&Sha256::digest(text)[..CHECKSUM])
    }

    /// Whether the key lies where the claim says.
    ///
    /// # Errors
    /// It does not, or the start is none.
    pub(crate) fn check(&self) -> Result<(), NoClaim> {
        let derived = self.at.public();
        let derived = derived.map_err(|_| malformed("its start is no point of the curve"))?;
        if derived != self.public {
            return Err(NoClaim::Wrong {
                start: hex::encode(&self.at.start),
                derived: hex::encode(&derived),
                public_key: hex::encode(&self.public),
            });
        }
        match fits(&self.pattern, &self.public) {
            Some(false) => Err(NoClaim::NotThePattern(self.pattern.clone())),
            _ => Ok(()),
        }
    }

    /// Whether its pattern is one that keys can be compared with, and not the description of a line of a list.
    pub(crate) fn names_a_pattern(&self) -> bool {
        fits(&self.pattern, &self.public).is_some()
    }

    fn read(value: &Value) -> Result<Self, NoClaim> {
        let fields = Fields::deserialize(value).map_err(malformed)?;
        let key = |name: &str, text: &str| {
            hex::decode(text).map_err(|error| malformed(format_args!("{name}: {error}")))
        };
        let claim = Self {
            public: key("public_key", &fields.public_key)?,
            at: ClaimedAt {
                start: key("start", &fields.start)?,
                offset: fields.offset.parse().map_err(malformed)?,
            },
            pattern: fields.pattern,
            candidates: fields.candidates,
        };
        let is_whole =
            claim.checksum() == fields.check && claim.at.offset.hex() == fields.offset_hex;
        is_whole.then_some(claim).ok_or(NoClaim::Damaged)
    }
}

fn malformed(why: impl ToString) -> NoClaim {
    NoClaim::Malformed(why.to_string())
}

/// The claims in a text: a claim's file, or what a search with `--json` printed.
///
/// # Errors
/// Something in it is neither a claim nor another line of such a search, or a private key.
pub(crate) fn read_all(text: &str) -> Result<Vec<Claim>, NoClaim> {
    if is_key(text) {
        return Err(NoClaim::PrivateKey);
    }
    let mut claims = Vec::new();
    for value in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
        let value = value.map_err(malformed)?;
        if has_private_key(&value) {
            return Err(NoClaim::PrivateKey);
        }
        if value["kind"] != "summary" {
            claims.push(Claim::read(&value)?);
        }
    }
    match claims.is_empty() {
        true => Err(NoClaim::Nothing),
        false => Ok(claims),
    }
}

/// Whether a text is the digits of a key, or nearly.
fn is_key(text: &str) -> bool {
    let bare = text.trim().trim_start_matches("0x");
    bare.len() >= 60 && bare.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether an object has a field for a private key.
fn has_private_key(value: &Value) -> bool {
    let secret = |name: &String| {
        let name = name.to_ascii_lowercase();
        (["private", "prv", "priv", "secret", "seed"].iter()).any(|word| name.contains(word))
    };
    value
        .as_object()
        .is_some_and(|fields| fields.keys().any(secret))
}

/// Whether a public key fits what a searcher calls a pattern; `None` where that is a name and not the pattern itself.
fn fits(label: &str, public: &PublicKey) -> Option<bool> {
    let mut request = Request::default();
    for part in label.split(", ") {
        match part.split_once(' ')? {
            ("prefix", digits) => request.prefixes.push(digits.to_owned()),
            ("suffix", digits) => request.suffixes.push(digits.to_owned()),
            ("vanity", digits) => request.vanities.push(digits.parse().ok()?),
            ("match", ends) => request.matches.push(ends.to_owned()),
            _ => return None,
        }
    }
    let (wanted, _) = Wanted::new(request).ok()?;
    Some(wanted.is_match(public))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::key::Start;

    /// A claim beyond a start that tests know.
    pub(crate) fn claim() -> Claim {
        let start = PublicStart::from_bytes(Start::from_bytes(&[0x42; 32]).public()).unwrap();
        let offset: Offset = "1234567890123456789012345678901234567".parse().unwrap();
        let public = start.public_at(offset);
        Claim {
            public,
            at: ClaimedAt {
                start: *start.bytes(),
                offset,
            },
            pattern: format!("prefix {}", hex::encode_upper(&public[..2])),
            candidates: 123_456,
        }
    }

    #[test]
    fn a_claim_is_read_as_it_was_written_alone_and_among_the_lines_of_a_search() {
        let claim = claim();
        assert_eq!(read_all(&claim.text()).as_deref(), Ok(&[claim.clone()][..]));
        let line = serde_json::to_value(claim.fields()).unwrap();
        let lines = format!("{line}\n{line}\n{{\"kind\":\"summary\",\"found\":2}}\n");
        assert_eq!(read_all(&lines).map(|claims| claims.len()), Ok(2));
        assert_eq!(claim.check(), Ok(()));
    }

    /// Every change of one character of the file that leaves other contents.
    #[test]
    fn a_claim_with_any_character_changed_is_refused() {
        let text = claim().text();
        for (index, old) in text.char_indices() {
            for new in ['0', 'f', '"', 'x', ' '] {
                let mut changed = text.clone();
                changed.replace_range(index..=index, &new.to_string());
                let same = old == new || old.is_whitespace() && new == ' ';
                let read = read_all(&changed).and_then(|claims| claims[0].check());
                assert!(same || read.is_err(), "{changed}");
            }
        }
    }

    #[test]
    fn a_liar_who_computes_the_checksum_is_refused_by_arithmetic() {
        let good = claim();
        let changes: [fn(&mut Claim); 5] = [
            |claim| claim.public[5] ^= 1,
            |claim| claim.at.start = Start::from_bytes(&[7; 32]).public(),
            |claim| claim.at.start = [2; 32],
            |claim| claim.at.offset = claim.at.offset.plus(1).unwrap(),
            |claim| claim.pattern = "prefix 1234".to_owned(),
        ];
        for change in changes {
            let mut lie = good.clone();
            change(&mut lie);
            let read = read_all(&lie.text()).unwrap();
            assert!(read[0].check().is_err(), "{lie:?}");
        }
    }

    #[test]
    fn what_holds_a_private_key_is_no_claim() {
        let key = format!(
            "{{\"public_key\": \"{0}\", \"private_key\": \"{0}{0}\"}}",
            "ab".repeat(32)
        );
        for text in [key, "AB".repeat(64) + "\n", "ab".repeat(32)] {
            assert_eq!(read_all(&text), Err(NoClaim::PrivateKey));
        }
        assert_eq!(read_all(""), Err(NoClaim::Nothing));
        for text in ["{}", "[]", "null", "x", "{\"public_key\": 1}"] {
            assert!(
                matches!(read_all(text), Err(NoClaim::Malformed(_))),
                "{text}"
            );
        }
    }

    #[test]
    fn patterns_that_a_search_names_can_be_checked_and_names_of_lines_can_not() {
        let public = claim().public;
        let digits = hex::encode_upper(&public);
        let (head, tail) = (&digits[..4], &digits[60..]);
        for good in [
            format!("prefix {head}"),
            format!("prefix {head}, suffix {tail}"),
            format!("match {head}...{tail}"),
        ] {
            assert_eq!(fits(&good, &public), Some(true), "{good}");
        }
        assert_eq!(fits("vanity 8", &public), Some(false));
        for name in ["my node", "free beginning", "", "prefix", "vanity x"] {
            assert_eq!(fits(name, &public), None, "{name}");
        }
    }
}
