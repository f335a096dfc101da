//! Hints for common slips on the command line, where it is clear what was meant.

use std::error::Error;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::command;
use crate::config::layers::table;
use crate::config::{InvalidValue, UsageError};

/// The longest beginning or end that can be searched for, in hex digits.
const MOST_DIGITS: usize = 16;

/// The hex digits of a public key; a word of hex digits this long may be a key.
const KEY_DIGITS: usize = 64;

/// Our own error for an invalid value, or else clap's error, with a hint if there is one.
pub(super) fn improve(error: clap::Error) -> anyhow::Error {
    match invalid_value(&error) {
        Some(wrong) => wrong.into(),
        None => hinted(error).into(),
    }
}

/// The error for a value that one of our own parsers refused; a secret is not repeated.
fn invalid_value(error: &clap::Error) -> Option<UsageError> {
    let wrong = error.source()?.downcast_ref::<InvalidValue>()?;
    let argument = text(error, ContextKind::InvalidArg)?;
    let option = argument.split(' ').next()?;
    let value = text(error, ContextKind::InvalidValue).unwrap_or_default();
    let shown = table::shown(option.trim_start_matches('-'), &value);
    Some(wrong.at(option, &shown))
}

fn text(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        _ => None,
    }
}

/// `error` with a hint where a word stands alone that looks like a pattern or a key; else as it is.
fn hinted(error: clap::Error) -> clap::Error {
    let kinds = [
        ErrorKind::UnknownArgument,
        ErrorKind::InvalidSubcommand,
        ErrorKind::ArgumentConflict,
    ];
    let word = text(&error, ContextKind::InvalidSubcommand)
        .or_else(|| text(&error, ContextKind::InvalidArg));
    let Some(word) = word.filter(|_| kinds.contains(&error.kind())) else {
        return error;
    };
    let suggested = error.get(ContextKind::SuggestedSubcommand).is_some();
    let unknown = error.kind() == ErrorKind::UnknownArgument;
    let option = unknown
        .then(|| vanity(&word).or_else(|| other_name(&word)))
        .flatten();
    match option.or_else(|| hint(&word, suggested)) {
        Some(message) => command().error(error.kind(), message),
        None => error,
    }
}

/// The hint for a word that stands alone, if any; `suggested`: clap has a suggestion of its own.
fn hint(word: &str, suggested: bool) -> Option<String> {
    let hex = word.bytes().all(|b| b.is_ascii_hexdigit());
    if hex && word.len() >= KEY_DIGITS {
        return Some(
            "a word as long as a key is on the command line, where other users can see it (it is not repeated here): \
             keep keys in files, or pipe them in and give - as the file"
                .into(),
        );
    }
    let option = match hex && word.len() <= MOST_DIGITS {
        true => Some(format!("--prefix {word}")),
        false => {
            let has_dots = word.contains("...") || word.contains('…');
            (has_dots && !word.starts_with('-')).then(|| format!("--match '{word}'"))
        }
    };
    if let Some(option) = option {
        return Some(format!("'{word}' stands alone: did you mean `{option}`?"));
    }
    if word == "help" {
        return Some(
            "there is no command 'help': keygen --help shows all, keygen COMMAND --help one".into(),
        );
    }
    if command().find_subcommand(word).is_some() {
        return Some(format!(
            "the command '{word}' comes first, and its own options after it: keygen {word} --help"
        ));
    }
    if suggested {
        return None;
    }
    misspelt(word).or_else(|| {
        (!word.starts_with('-')).then(|| {
            format!("'{word}' stands alone and is not a command; give a pattern after an option, such as --prefix")
        })
    })
}

/// The hint for `--vanity-5`: only a few lengths have options of their own.
fn vanity(word: &str) -> Option<String> {
    let digits = word
        .strip_prefix("--vanity-")
        .or_else(|| word.strip_prefix("--pattern-"))?;
    let advice = match digits.parse::<u64>().ok()? {
        2..=16 => format!("did you mean `--vanity {digits}`?"),
        _ => "--vanity takes 2 to 16 digits, such as `--vanity 8`".to_owned(),
    };
    Some(format!("there is no {word}: {advice}"))
}

/// Options as other programs call them, with their names here.
const OTHER_NAMES: [(&[&str], &str); 6] = [
    (&["--threads", "--jobs", "-t", "-j", "-w"], "--workers"),
    (&["--max-keys", "--target-keys", "--num"], "--count"),
    (&["--max-time", "--timeout", "--duration"], "--time"),
    (&["--starts-with", "--begins-with", "--start"], "--prefix"),
    (&["--ends-with", "--end"], "--suffix"),
    (&["-o", "--out", "--output-folder", "--dir"], "--output"),
];

/// The hint for an option that other programs have under another name.
fn other_name(word: &str) -> Option<String> {
    let (_, here) = OTHER_NAMES
        .iter()
        .find(|(names, _)| names.contains(&word))?;
    Some(format!("there is no {word}: did you mean `{here}`?"))
}

/// The hint for a word that would be hex but for a few letters that look like digits.
fn misspelt(word: &str) -> Option<String> {
    let wrong = word.chars().position(|c| !c.is_ascii_hexdigit())?;
    let likeness: String = word.chars().map(like_a_digit).collect();
    let right = word.chars().filter(char::is_ascii_hexdigit).count();
    let count = word.chars().count();
    if count > MOST_DIGITS || right * 2 < count || !likeness.chars().all(|c| c.is_ascii_hexdigit())
    {
        return None;
    }
    let letter = word.chars().nth(wrong)?;
    Some(format!(
        "'{word}' stands alone, and {letter} is not hex (position {}; allowed are 0-9, A-F): did you mean `--prefix {likeness}`?",
        wrong + 1
    ))
}

/// The digit that a letter looks like, or the letter itself.
fn like_a_digit(letter: char) -> char {
    match letter {
        'O' | 'o' => '0',
        'I' | 'i' | 'L' | 'l' => '1',
        'Z' | 'z' => '2',
        'S' | 's' => '5',
        'G' | 'g' => '6',
        'T' | 't' => '7',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::super::CommandLine;

    fn said(line: &str) -> String {
        let words = line.split(' ');
        CommandLine::parse(words).unwrap_err().to_string()
    }

    #[test]
    fn a_lone_hex_word_is_taken_for_a_prefix() {
        assert!(said("keygen F8A1").contains("did you mean `--prefix F8A1`?"));
        assert!(said("keygen -n 2 f8").contains("did you mean `--prefix f8`?"));
        assert!(said("keygen odds F8A1").contains("did you mean `--prefix F8A1`?"));
    }

    #[test]
    fn letters_that_look_like_digits_are_named() {
        let text = said("keygen COFFEE");
        assert!(
            text.contains("O is not hex (position 2") && text.contains("--prefix C0FFEE"),
            "{text}"
        );
    }

    #[test]
    fn two_ends_are_taken_for_a_match() {
        assert!(said("keygen ABCD...EF").contains("`--match 'ABCD...EF'`"));
    }

    #[test]
    fn a_misspelt_command_or_option_gets_claps_suggestion() {
        assert!(said("keygen bnch").contains("bench"));
        assert!(said("keygen --prefx F8").contains("--prefix"));
    }

    #[test]
    fn a_vanity_without_an_option_of_its_own_gets_the_one_with_a_value() {
        assert!(said("keygen --vanity-5").contains("did you mean `--vanity 5`?"));
        assert!(said("keygen --pattern-3").contains("did you mean `--vanity 3`?"));
        assert!(said("keygen --vanity-20").contains("2 to 16 digits"));
        assert!(said("keygen --vanity-8 --vanity-8").contains("multiple times"));
    }

    #[test]
    fn a_word_astray_is_named() {
        for line in ["keygen --prefix F8 extra", "keygen gibberish"] {
            assert!(said(line).contains("stands alone"), "{}", said(line));
        }
    }

    #[test]
    fn options_of_other_programs_are_told_in_our_words() {
        assert!(said("keygen --threads 4").contains("did you mean `--workers`?"));
        assert!(said("keygen -o /tmp").contains("did you mean `--output`?"));
        for (_, here) in super::OTHER_NAMES {
            let option = here.trim_start_matches('-');
            let known = super::command();
            assert!(
                known.get_arguments().any(|a| a.get_long() == Some(option)),
                "{here}"
            );
        }
    }

    #[test]
    fn a_command_after_options_is_told_to_come_first() {
        assert!(said("keygen --prefix F8 odds").contains("'odds' comes first"));
        assert!(said("keygen help").contains("keygen --help"));
    }

    #[test]
    fn options_that_conflict_keep_claps_words() {
        let text = said("keygen --keys 1 --candidates 1M");
        assert!(
            text.contains("--keys") && text.contains("cannot be used with"),
            "{text}"
        );
    }

    #[test]
    fn a_key_on_the_command_line_is_not_repeated() {
        let key = "5".repeat(128);
        let text = said(&format!("keygen {key}"));
        assert!(
            text.contains("other users can see it") && !text.contains(&key),
            "{text}"
        );
    }
}
