//! The table of all settings: the numbers of the supervisor, and what else a file may hold. Variables, files, errors,
//! `config show` and the manual are made from it; the options' own definitions give names and meanings.

use super::super::error::Refused;
use super::super::value;
use super::alerting::ALERTS;
use super::general::{GENERAL, General, NUMBER, NUMBER_OR_TEXT, TEXT};
use crate::alert::delivery as notify;
use crate::config::args as cli;
use crate::config::args::SearchArgs;
use crate::health::Thresholds;
use crate::health::params::{Field, PARAMS, Param};

/// Variables begin with this.
pub(crate) const PREFIX: &str = "KEYGEN_";

/// Part of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    /// Before the first heading.
    Top,
    /// Below `[health]`.
    Health,
}

impl Section {
    /// All of them, in the order of a file.
    pub(crate) const ALL: [Self; 2] = [Self::Top, Self::Health];

    /// Its heading.
    #[must_use]
    pub(crate) const fn name(self) -> Option<&'static str> {
        match self {
            Self::Top => None,
            Self::Health => Some("health"),
        }
    }

    /// Where a setting of it stands.
    pub(super) fn place(self) -> String {
        self.name().map_or_else(
            || "above the first heading".to_owned(),
            |name| format!("below [{name}]"),
        )
    }
}

/// Types of TOML values that a setting takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Types {
    /// Whole and decimal numbers.
    pub number: bool,
    /// Texts in quotes.
    pub text: bool,
    /// true and false.
    pub flag: bool,
    /// Several texts in brackets.
    pub list: bool,
}

/// How a setting is read and where it goes.
enum Access {
    General(&'static General),
    Param(&'static Param),
}

/// A setting.
pub(crate) struct Setting {
    /// Its name as an option (without the dashes in front) and in a file.
    pub name: &'static str,
    /// In which part of a file it stands.
    pub section: Section,
    /// The types that a file may give it.
    pub types: Types,
    /// What it is if nobody says anything.
    pub default: String,
    /// What it means, without a full stop.
    pub meaning: String,
    access: Access,
}

impl Setting {
    /// The environment variable that sets it.
    #[must_use]
    pub(crate) fn variable(&self) -> String {
        format!("{PREFIX}{}", self.name.replace('-', "_").to_uppercase())
    }

    /// Whether a session keeps what it was begun with.
    #[must_use]
    pub(crate) fn is_kept(&self) -> bool {
        matches!(self.access, Access::General(general) if general.kept)
    }

    /// What was typed for it.
    #[must_use]
    pub(crate) fn typed(&self, args: &SearchArgs) -> Option<String> {
        match self.access {
            Access::General(general) => (general.typed)(args),
            Access::Param(number) => args.how.health.0.get(number.name).cloned(),
        }
    }

    /// Sets it as if it had been typed.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub(crate) fn put(&self, args: &mut SearchArgs, text: &str) -> Result<(), Refused> {
        match self.access {
            Access::General(general) => (general.put)(args, text),
            Access::Param(number) => {
                value::read(number.field, text, &mut Thresholds::default())?;
                args.how.health.0.insert(number.name, text.to_owned());
                Ok(())
            }
        }
    }

    /// Whether a text can be its value.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn check(&self, text: &str) -> Result<(), Refused> {
        self.put(&mut SearchArgs::default(), text)
    }

    /// What is allowed, as a sentence.
    #[must_use]
    pub(crate) fn allowed(&self) -> String {
        match self.access {
            Access::General(general) => general.allowed.to_owned(),
            Access::Param(number) => value::allowed(number.field),
        }
    }

    /// A value as everybody may see it.
    #[must_use]
    pub(crate) fn shown(&self, text: &str) -> String {
        let secret = matches!(self.access, Access::General(general) if general.secret);
        redacted(text, secret)
    }

    /// The default as a file would have it, and whether that is a value at all.
    #[must_use]
    pub(crate) fn default_in_file(&self) -> (String, bool) {
        let takes_any = matches!(self.access, Access::General(g) if g.takes_any_text());
        let is_value = self.check(&self.default).is_ok() && !takes_any;
        let quoted = is_value && !self.types.flag && self.default.parse::<f64>().is_err();
        let text = if quoted {
            format!("\"{}\"", self.default)
        } else {
            self.default.clone()
        };
        (text, is_value)
    }
}

/// A text; of a secret one only the hosts of its addresses, or that there is one.
fn redacted(text: &str, secret: bool) -> String {
    if secret {
        notify::redact(text)
    } else {
        text.to_owned()
    }
}

/// All settings, in the order in which they are shown.
#[must_use]
pub(crate) fn settings() -> Vec<Setting> {
    let command = cli::command();
    let meaning = |name: &str| {
        let option = command
            .get_arguments()
            .find(|arg| arg.get_long() == Some(name));
        let help = option
            .and_then(|option| option.get_help())
            .map(ToString::to_string);
        let help = help.unwrap_or_default();
        help.split(" [default")
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    let general = |general: &'static General| Setting {
        name: general.name,
        section: general.section,
        types: general.types,
        default: general.default.to_owned(),
        meaning: meaning(general.name),
        access: Access::General(general),
    };
    let defaults = Thresholds::default();
    let number = |number: &'static Param| Setting {
        name: number.name,
        section: Section::Health,
        types: types_of(number.field),
        default: value::write(number.field, &defaults),
        meaning: number.meaning.to_owned(),
        access: Access::Param(number),
    };
    GENERAL
        .iter()
        .chain(ALERTS)
        .map(general)
        .chain(PARAMS.iter().map(number))
        .collect()
}

fn types_of(place: Field) -> Types {
    match place {
        Field::Figure(_) | Field::Count(..) | Field::Points(_) | Field::Degrees(_) => NUMBER,
        Field::Time(_)
        | Field::Share(_)
        | Field::Bytes(_)
        | Field::Bits(_)
        | Field::DegreesOrOff(_)
        | Field::ShareOrOff(_) => NUMBER_OR_TEXT,
        Field::Policy(_) | Field::Band(_) => TEXT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_an_option_with_a_meaning_and_the_default_that_its_help_tells() {
        let command = cli::command();
        for setting in settings() {
            let option = command
                .get_arguments()
                .find(|arg| arg.get_long() == Some(setting.name))
                .unwrap_or_else(|| panic!("no option --{}", setting.name));
            assert!(!setting.meaning.is_empty(), "{}", setting.name);
            let help = option.get_help().unwrap().to_string();
            if let Some((_, told)) = help.split_once("[default: ") {
                assert_eq!(
                    told.trim_end_matches(']'),
                    setting.default,
                    "{}",
                    setting.name
                );
            }
        }
    }

    #[test]
    fn a_secret_is_never_shown() {
        assert_eq!(redacted("xoxb-1234", true), "(set, not shown)");
        assert_eq!(redacted("4", false), "4");
    }

    #[test]
    fn what_is_put_is_what_was_typed() {
        let mut args = SearchArgs::default();
        for setting in settings() {
            assert_eq!(setting.typed(&args), None, "{}", setting.name);
            let value = if setting.types == super::super::general::FLAG {
                "true"
            } else if setting.check(&setting.default).is_ok() {
                &setting.default
            } else {
                "3"
            };
            if setting.put(&mut args, value).is_ok() {
                assert_eq!(
                    setting.typed(&args).as_deref(),
                    Some(value),
                    "{}",
                    setting.name
                );
            }
        }
    }
}
