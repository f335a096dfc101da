//! The table of all settings: the numbers of the supervisor, and what else a file may hold. Variables, files, errors,
//! `config show` and the manual are made from it; meanings and parsers come from the definitions of the options.

use std::borrow::Cow;

use clap::builder::Resettable;
use clap::error::{ContextKind, ContextValue};
use clap::{Arg, Command, Id};

use super::super::{InvalidValue, value as values};
use crate::alert::delivery as notify;
use crate::config::alerts;
use crate::config::args::{self, Assigned, CommandLine};
use crate::health::Thresholds;
use crate::health::params::PARAMS;
use crate::parts::{DASHBOARD, HISTORY, METRICS, NETWORK, Part};

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
    pub(crate) const fn name(self) -> Option<&'static str> {
        match self {
            Self::Top => None,
            Self::Health => Some("health"),
        }
    }
}

/// The TOML values that a setting takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Takes {
    Number,
    Text,
    NumberOrText,
    Flag,
    /// A text with blanks between its values, or an array of texts.
    List,
}

/// The default of a setting.
#[derive(Clone, Debug)]
pub(crate) enum Usual {
    /// A value that can be written.
    Value(Cow<'static, str>),
    /// A description, where the default can't be written as a value.
    Words(&'static str),
}

const FILE: &str = "Allowed is the name of a file.";
const COMMAND: &str = "Allowed is a command line for the shell.";
const SWITCH: &str = "Allowed are true and false.";

use Takes::{Flag, List, Number, NumberOrText, Text};
use Usual::Words;

/// The settings beside the numbers of the supervisor: their types, their defaults, and what an error about the type calls
/// allowed.
#[rustfmt::skip] // A table: a line each.
const ROWS: &[(&str, Takes, Usual, &str)] = &[
    ("workers", Number, Words("all processors"), "Allowed is a number of threads."),
    ("priority", Text, value("low"), "Allowed are \"low\" and \"normal\"."),
    ("batch-size", NumberOrText, Words("about a quarter of a second's work"), "Allowed is a number, or a text such as \"500K\"."),
    ("backend", Text, value("auto"), "Allowed are \"auto\", \"avx512ifma\", \"avxifma\", \"avx2\", \"neon\", \"portable\" and \"gpu\"."),
    ("device", List, NONE, "Allowed are \"gpu\", \"gpu:N\" and \"all\"."),
    ("gpu-power", Number, NONE, "Allowed is a number of watts from 1 to 10000."),
    ("output", Text, Words("the current one"), "Allowed is the name of a folder."),
    ("format", Text, Words("text, with --json json"), "Allowed are \"text\" and \"json\"."),
    ("history-db", Text, Words("history.db in the state folder"), FILE),
    ("interval", NumberOrText, value("30s"), "Allowed are seconds, or a text such as \"1m\"."),
    ("events", Text, NONE, FILE),
    ("metrics", NumberOrText, NONE, "Allowed are a port of this machine, or a text such as \"HOST:PORT\"."),
    ("metrics-file", Text, NONE, FILE),
    ("dashboard", NumberOrText, NONE, "Allowed are a port of this machine (0: any free one), or a text such as \"HOST:PORT\"."),
    ("dashboard-control", Flag, value("false"), SWITCH),
    ("dashboard-token-file", Text, NONE, FILE),
    ("keep-awake", Flag, value("false"), SWITCH),
    (HEALTH_CHECK, Flag, value("true"), SWITCH),
    ("notify", List, NONE, alerts::ALLOWED_LIST),
    ("notify-file", Text, NONE, FILE),
    ("on-found", Text, NONE, COMMAND),
    ("on-alert", Text, NONE, COMMAND),
    ("alert-cooldown", NumberOrText, value("5m"), "Allowed are seconds, or a text such as \"5m\"."),
    ("heartbeat-url", Text, NONE, "Allowed is a web address: https://HOST/…."),
    ("heartbeat-url-file", Text, NONE, FILE),
];

/// Settings whose values are shown to nobody: addresses, and commands that may hold one.
const SECRET: [&str; 4] = ["notify", "on-found", "on-alert", "heartbeat-url"];

const NONE: Usual = Words("none");

const fn value(text: &'static str) -> Usual {
    Usual::Value(Cow::Borrowed(text))
}

/// The one switch that is on unless it is switched off, by an option of its own.
const HEALTH_CHECK: &str = "health-check";
const NO_HEALTH_CHECK: &str = "no-health-check";

/// A value as anybody may see it: of a secret only the hosts of its addresses, or that it is set.
pub(crate) fn shown(name: &str, text: &str) -> String {
    if SECRET.contains(&name) && !text.is_empty() {
        notify::redact(text)
    } else {
        text.to_owned()
    }
}

/// A setting.
pub(crate) struct Setting {
    /// Its name as an option (without the dashes in front) and in a file.
    pub name: &'static str,
    pub section: Section,
    pub takes: Takes,
    pub usual: Usual,
    /// What it means, without a full stop.
    pub meaning: String,
    /// What is allowed, as a sentence.
    pub allowed: String,
    /// The option that reads its values.
    option: Arg,
}

impl Setting {
    /// The environment variable that sets it.
    pub(crate) fn variable(&self) -> String {
        format!("{PREFIX}{}", self.name.replace('-', "_").to_uppercase())
    }

    /// The default as it is displayed.
    pub(crate) fn default(&self) -> &str {
        match &self.usual {
            Usual::Value(text) => text,
            Words(text) => text,
        }
    }

    /// The default as written in a file, if it can be.
    pub(crate) fn default_in_file(&self) -> Option<String> {
        let Usual::Value(text) = &self.usual else {
            return None;
        };
        let is_bare = self.takes == Flag || text.parse::<f64>().is_ok();
        let quote = if is_bare { "" } else { "\"" };
        Some(format!("{quote}{text}{quote}"))
    }

    /// The value that was typed.
    pub(super) fn typed(&self, line: &CommandLine) -> Option<String> {
        let is_off = self.name == HEALTH_CHECK && line.text_of(NO_HEALTH_CHECK).is_some();
        line.text_of(self.name)
            .or(is_off.then(|| false.to_string()))
    }

    /// The part of the program that it is about, if a build may leave that out.
    pub(super) fn part(&self) -> Option<Part> {
        match self.name {
            "dashboard" | "dashboard-control" | "dashboard-token-file" => Some(DASHBOARD),
            "history-db" => Some(HISTORY),
            "metrics" | "metrics-file" => Some(METRICS),
            "notify" | "notify-file" | "heartbeat-url" | "heartbeat-url-file" => Some(NETWORK),
            _ => None,
        }
    }

    /// The option that replaces it if typed.
    pub(super) fn replaced_by(&self) -> Option<&'static str> {
        match self.name {
            "heartbeat-url" => Some("heartbeat-url-file"),
            "heartbeat-url-file" => Some("heartbeat-url"),
            _ => None,
        }
    }

    /// The option and values that this text stands for; `None`: the same as without an option.
    pub(super) fn assigned(&self, text: &str) -> Option<Assigned> {
        match (self.takes, text) {
            (Flag, "false") if self.name == HEALTH_CHECK => {
                Some((NO_HEALTH_CHECK, vec![true.to_string()]))
            }
            (Flag, "false") => None,
            _ => Some((self.name, self.values(text))),
        }
    }

    fn values(&self, text: &str) -> Vec<String> {
        match self.takes {
            List => text.split_whitespace().map(str::to_owned).collect(),
            _ => vec![text.to_owned()],
        }
    }

    /// Checks a text as its value.
    ///
    /// # Errors
    /// The text is not allowed.
    pub(crate) fn check(&self, text: &str) -> Result<(), InvalidValue> {
        if self.takes == Flag {
            let flag = text.parse::<bool>().map(drop);
            return flag.map_err(|_| InvalidValue::new("neither true nor false", SWITCH));
        }
        let alone = self.option.clone().conflicts_with(Resettable::<Id>::Reset);
        let command = Command::new("setting").no_binary_name(true).arg(alone);
        self.values(text).iter().try_for_each(|value| {
            let words = [format!("--{}={value}", self.name)];
            let read = command.clone().try_get_matches_from(words);
            read.map(drop).map_err(|error| self.invalid(&error))
        })
    }

    /// Why the option refuses a value, without the option's name.
    fn invalid(&self, error: &clap::Error) -> InvalidValue {
        let own = std::error::Error::source(error).and_then(|e| e.downcast_ref::<InvalidValue>());
        match (own, error.get(ContextKind::ValidValue)) {
            (Some(wrong), _) => wrong.clone(),
            (None, Some(ContextValue::Strings(words))) => {
                let allowed = format!("Allowed are {}.", words.join(", "));
                InvalidValue::new("not one of the words", allowed)
            }
            _ => InvalidValue::new("not allowed", self.allowed.as_str()),
        }
    }
}

/// All settings, in the order in which they are shown.
pub(crate) fn settings() -> Vec<Setting> {
    let command = args::command();
    let general = ROWS.iter().filter_map(|row| general(row, &command));
    let defaults = Thresholds::default();
    let numbers = PARAMS.iter().filter_map(|param| {
        Some(Setting {
            name: param.name,
            section: Section::Health,
            takes: values::kind(param.field).takes,
            usual: Usual::Value(values::write(param.field, &defaults).into()),
            meaning: param.meaning.to_owned(),
            allowed: values::kind(param.field).allowed,
            option: option(param.name, &command)?,
        })
    });
    general.chain(numbers).collect()
}

fn general(
    (name, takes, usual, allowed): &(&'static str, Takes, Usual, &str),
    command: &Command,
) -> Option<Setting> {
    let option = option(name, command)?;
    let help = option.get_help().map(ToString::to_string);
    let help = help.unwrap_or_default();
    let meaning = help.split(" [default").next().unwrap_or_default();
    Some(Setting {
        name,
        section: match *name {
            HEALTH_CHECK => Section::Health,
            _ => Section::Top,
        },
        takes: *takes,
        usual: usual.clone(),
        meaning: meaning.to_owned(),
        allowed: (*allowed).to_owned(),
        option,
    })
}

fn option(name: &str, command: &Command) -> Option<Arg> {
    let mut options = command.get_arguments();
    options.find(|arg| arg.get_long() == Some(name)).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_an_option_with_a_meaning_and_the_default_that_its_help_tells() {
        let settings = settings();
        assert_eq!(settings.len(), ROWS.len() + PARAMS.len());
        for setting in settings {
            assert!(!setting.meaning.is_empty(), "{}", setting.name);
            let help = setting.option.get_help().unwrap().to_string();
            if let Some((_, told)) = help.split_once("[default: ") {
                assert_eq!(
                    told.trim_end_matches(']'),
                    setting.default(),
                    "{}",
                    setting.name
                );
            }
        }
    }

    #[test]
    fn a_secret_is_never_shown() {
        assert_eq!(shown("on-alert", "xoxb-1234"), "(set, not shown)");
        assert_eq!(shown("workers", "4"), "4");
    }

    #[test]
    fn a_default_that_is_a_value_can_be_read() {
        for setting in settings() {
            if let Usual::Value(text) = &setting.usual {
                assert_eq!(setting.check(text), Ok(()), "{}", setting.name);
            }
        }
    }
}
