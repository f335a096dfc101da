//! The names of key files, and the number that tells keys with the same first digits apart.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::{Contents, KeyFormat, Label, contents::Kind};
use crate::key::{PublicKey, hex};

/// Bytes of the public key that stand in a file's name.
const NAME_BYTES: usize = 4;

/// All names that a key's files can have.
pub(super) struct Names {
    stem: String,
    kinds: &'static [Kind],
}

impl Names {
    /// The names of these contents' files.
    pub(super) fn of(contents: &Contents<'_>, label: &Label, format: KeyFormat) -> Self {
        match contents {
            Contents::Key(key) => Self::new(key.public(), label, format),
            Contents::Claim(public, _) => Self::of_claim(public, label),
        }
    }

    /// The names of a claim's file: like those of a key, with another beginning.
    pub(super) fn of_claim(public: &PublicKey, label: &Label) -> Self {
        let Self { stem, .. } = Self::new(public, label, KeyFormat::Json);
        let stem = stem.strip_prefix("meshcore_").unwrap_or(&stem);
        Self {
            stem: format!("{CLAIM}_{stem}"),
            kinds: &[Kind::Claim],
        }
    }

    pub(super) fn new(public: &PublicKey, label: &Label, format: KeyFormat) -> Self {
        let digits = hex::encode_upper(&public[..NAME_BYTES]);
        let stem = match label {
            Label::Found => format!("meshcore_{digits}"),
            Label::Watchlist { head, tail } => {
                format!("watchlist_{}_{}_{digits}", side(head), side(tail))
            }
        };
        let kinds = match format {
            KeyFormat::Text => &[Kind::Private, Kind::Public][..],
            KeyFormat::Json => &[Kind::Json],
        };
        Self { stem, kinds }
    }

    /// The kinds of file that are written, the one with the private key first.
    pub(super) fn kinds(&self) -> &'static [Kind] {
        self.kinds
    }

    /// A file's name. The first key has no number in its names, the second has a 2.
    pub(super) fn name(&self, kind: Kind, number: u32) -> String {
        let number = if number == 1 {
            String::new()
        } else {
            format!("-{number}")
        };
        let end = match kind {
            Kind::Private => "_private.txt",
            Kind::Public => "_public.txt",
            Kind::Json | Kind::Claim => ".json",
        };
        format!("{}{number}{end}", self.stem)
    }

    /// The paths of the files that are written.
    pub(super) fn paths(&self, folder: &Path, number: u32) -> Vec<PathBuf> {
        self.kinds
            .iter()
            .map(|&kind| folder.join(self.name(kind, number)))
            .collect()
    }

    /// Whether any name with this number exists, also one that is not written here: a number stands for one key.
    pub(super) fn is_taken(&self, folder: &Path, number: u32) -> io::Result<bool> {
        for kind in [Kind::Private, Kind::Public, Kind::Json] {
            match folder.join(self.name(kind, number)).symlink_metadata() {
                Ok(_) => return Ok(true),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(false)
    }
}

/// Why a key is kept and what its file holds, by the name of a first file; nothing for names that are not ours.
pub(super) fn read(name: &str) -> Option<(Label, Kind)> {
    let ends = [
        ("_private.txt", Kind::Private),
        ("_public.txt", Kind::Public),
        (".json", Kind::Json),
    ];
    let (stem, kind) = ends
        .into_iter()
        .find_map(|(end, kind)| Some((name.strip_suffix(end)?, kind)))?;
    let (stem, kind) = match stem
        .strip_prefix(CLAIM)
        .and_then(|rest| rest.strip_prefix('_'))
    {
        Some(rest) if kind == Kind::Json && rest.contains('_') => (rest.to_owned(), Kind::Claim),
        Some(rest) if kind == Kind::Json => (format!("meshcore_{rest}"), Kind::Claim),
        _ => (stem.to_owned(), kind),
    };
    let (label, digits) = match stem.split('_').collect::<Vec<_>>()[..] {
        ["meshcore", digits] => (Label::Found, digits),
        ["watchlist", head, tail, digits] => {
            let [head, tail] = [head, tail].map(|side| side.replace(ANY, ""));
            (Label::Watchlist { head, tail }, digits)
        }
        _ => return None,
    };
    let is_ours =
        digits.len() == 2 * NAME_BYTES && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_ours.then_some((label, kind))
}

/// What names of claims begin with.
const CLAIM: &str = "claim";

/// Stands for a side of a watchlist line that is empty.
const ANY: &str = "any";

/// One side of a watchlist line in a file's name. Hex digits only, whatever the caller says: names must stay in the
/// folder.
fn side(digits: &str) -> String {
    let digits: String = digits.chars().filter(char::is_ascii_hexdigit).collect();
    if digits.is_empty() {
        ANY.to_owned()
    } else {
        digits.to_ascii_uppercase()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public() -> PublicKey {
        let mut public = [0; 32];
        public[..4].copy_from_slice(&[0xf8, 0xa1, 0xb2, 0xc3]);
        public
    }

    fn names(label: &Label, format: KeyFormat, number: u32) -> Vec<String> {
        let names = Names::new(&public(), label, format);
        names
            .kinds()
            .iter()
            .map(|&kind| names.name(kind, number))
            .collect()
    }

    #[test]
    fn found_keys_are_named_by_their_first_eight_digits() {
        let text = [
            "meshcore_F8A1B2C3_private.txt",
            "meshcore_F8A1B2C3_public.txt",
        ];
        assert_eq!(names(&Label::Found, KeyFormat::Text, 1), text);
        assert_eq!(
            names(&Label::Found, KeyFormat::Json, 1),
            ["meshcore_F8A1B2C3.json"]
        );
    }

    #[test]
    fn later_keys_have_the_same_number_in_all_their_names() {
        let text = [
            "meshcore_F8A1B2C3-2_private.txt",
            "meshcore_F8A1B2C3-2_public.txt",
        ];
        assert_eq!(names(&Label::Found, KeyFormat::Text, 2), text);
        assert_eq!(
            names(&Label::Found, KeyFormat::Json, 10),
            ["meshcore_F8A1B2C3-10.json"]
        );
    }

    #[test]
    fn watchlist_keys_carry_both_sides_of_their_line() {
        let label = |head: &str, tail: &str| Label::Watchlist {
            head: head.into(),
            tail: tail.into(),
        };
        let name = |label| names(&label, KeyFormat::Json, 1).remove(0);
        assert_eq!(
            name(label("abcd", "EF01")),
            "watchlist_ABCD_EF01_F8A1B2C3.json"
        );
        assert_eq!(name(label("f8a1", "")), "watchlist_F8A1_any_F8A1B2C3.json");
        assert_eq!(name(label("", "c0de")), "watchlist_any_C0DE_F8A1B2C3.json");
    }

    #[test]
    fn names_can_be_read_again() {
        let labels = [
            Label::Found,
            Label::Watchlist {
                head: "ABCD".into(),
                tail: String::new(),
            },
        ];
        for label in &labels {
            for format in [KeyFormat::Text, KeyFormat::Json] {
                let names = Names::new(&public(), label, format);
                for &kind in names.kinds() {
                    assert_eq!(read(&names.name(kind, 1)), Some((label.clone(), kind)));
                }
            }
        }
        let claim = Names::of_claim(&public(), &Label::Found).name(Kind::Claim, 2);
        assert_eq!(claim, "claim_F8A1B2C3-2.json");
        for label in &labels {
            let name = Names::of_claim(&public(), label).name(Kind::Claim, 1);
            assert_eq!(read(&name), Some((label.clone(), Kind::Claim)), "{name}");
        }
        for other in ["meshcore_F8_private.txt", "notes_F8A1B2C3.json", "a.txt"] {
            assert_eq!(read(other), None, "{other}");
        }
    }

    #[test]
    fn no_label_leads_out_of_the_folder() {
        let label = Label::Watchlist {
            head: "../../AB".into(),
            tail: "/".into(),
        };
        assert_eq!(
            names(&label, KeyFormat::Json, 1),
            ["watchlist_AB_any_F8A1B2C3.json"]
        );
    }
}
