//! The settings that are not numbers of the supervisor: where each goes among the options, and what it may be.

use std::path::PathBuf;

use clap::ValueEnum;

use super::super::error::Refused;
use super::super::{crew, metrics, number, record};
use super::table::{Section, Types};
use crate::config::args::SearchArgs;

pub(super) const NUMBER: Types = Types {
    number: true,
    text: false,
    flag: false,
    list: false,
};
pub(super) const TEXT: Types = Types {
    number: false,
    text: true,
    flag: false,
    list: false,
};
pub(super) const NUMBER_OR_TEXT: Types = Types {
    number: true,
    text: true,
    flag: false,
    list: false,
};
pub(super) const FLAG: Types = Types {
    number: false,
    text: false,
    flag: true,
    list: false,
};

pub(super) const LIST: Types = Types {
    number: false,
    text: true,
    flag: false,
    list: true,
};

/// A setting that is not a number of the supervisor.
pub(super) struct General {
    pub name: &'static str,
    pub section: Section,
    pub types: Types,
    pub default: &'static str,
    /// What an error about its type says is allowed.
    pub allowed: &'static str,
    /// Whether its value is shown to nobody: an address or a token.
    pub secret: bool,
    /// Whether a session keeps what it was begun with.
    pub kept: bool,
    pub typed: fn(&SearchArgs) -> Option<String>,
    pub put: fn(&mut SearchArgs, &str) -> Result<(), Refused>,
}

impl General {
    /// Whether any text would do as its value: a path, or a command.
    pub(super) fn takes_any_text(&self) -> bool {
        ["the name of a", "is a command"]
            .iter()
            .any(|words| self.allowed.contains(words))
    }
}

/// A text of the top section that is not set unless somebody says so: what most settings are.
pub(super) const OPTIONAL: General = General {
    name: "",
    section: Section::Top,
    types: TEXT,
    default: "none",
    allowed: "Allowed is a text.",
    secret: false,
    kept: false,
    typed: |_| None,
    put: |_, _| Ok(()),
};

/// A file.
pub(super) const FILE: General = General {
    allowed: "Allowed is the name of a file.",
    ..OPTIONAL
};

/// True or false.
const SWITCH: General = General {
    types: FLAG,
    allowed: "Allowed are true and false.",
    ..OPTIONAL
};

/// What a session keeps.
const KEPT: General = General {
    kept: true,
    ..OPTIONAL
};

/// All of them.
pub(super) const GENERAL: &[General] = &[
    General {
        name: "workers",
        types: NUMBER,
        default: "all processors",
        allowed: "Allowed is a number of threads.",
        typed: |args| args.how.workers.workers.clone(),
        put: |args, text| put_text(&mut args.how.workers.workers, text, crew::number_of_workers),
        ..KEPT
    },
    General {
        name: "priority",
        default: "low",
        allowed: "Allowed are \"low\" and \"normal\".",
        typed: |args| args.how.workers.priority.map(word),
        put: |args, text| choose(&mut args.how.workers.priority, text),
        ..KEPT
    },
    General {
        name: "batch-size",
        types: NUMBER_OR_TEXT,
        default: "about a quarter of a second's work",
        allowed: "Allowed is a number, or a text such as \"500K\".",
        typed: |args| args.how.workers.batch_size.clone(),
        put: |args, text| put_text(&mut args.how.workers.batch_size, text, number::count),
        ..KEPT
    },
    General {
        name: "backend",
        default: "auto",
        allowed: "Allowed are \"auto\", \"avx512ifma\", \"avx2\" and \"portable\".",
        typed: |args| args.how.workers.backend.map(word),
        put: |args, text| choose(&mut args.how.workers.backend, text),
        ..KEPT
    },
    General {
        name: "output",
        default: "the current one",
        allowed: "Allowed is the name of a folder.",
        typed: |args| path(&args.how.output.output),
        put: |args, text| put_path(&mut args.how.output.output, text),
        ..KEPT
    },
    General {
        name: "format",
        default: "text, with --json json",
        allowed: "Allowed are \"text\" and \"json\".",
        typed: |args| args.how.output.format.map(word),
        put: |args, text| choose(&mut args.how.output.format, text),
        ..KEPT
    },
    General {
        name: "history-db",
        default: "history.db in the state folder",
        typed: |args| path(&args.tell.record.history_db),
        put: |args, text| put_path(&mut args.tell.record.history_db, text),
        ..FILE
    },
    General {
        name: "interval",
        types: NUMBER_OR_TEXT,
        default: "30s",
        allowed: "Allowed are seconds, or a text such as \"1m\".",
        typed: |args| args.tell.record.interval.clone(),
        put: |args, text| put_text(&mut args.tell.record.interval, text, record::interval),
        ..OPTIONAL
    },
    General {
        name: "events",
        typed: |args| path(&args.tell.record.events),
        put: |args, text| put_path(&mut args.tell.record.events, text),
        ..FILE
    },
    General {
        name: "metrics",
        types: NUMBER_OR_TEXT,
        allowed: "Allowed are a port of this machine, or a text such as \"HOST:PORT\".",
        typed: |args| args.tell.metrics.metrics.clone(),
        put: |args, text| put_text(&mut args.tell.metrics.metrics, text, metrics::address),
        ..OPTIONAL
    },
    General {
        name: "metrics-file",
        typed: |args| path(&args.tell.metrics.metrics_file),
        put: |args, text| put_path(&mut args.tell.metrics.metrics_file, text),
        ..FILE
    },
    General {
        name: "keep-awake",
        default: "false",
        typed: |args| args.tell.record.keep_awake.then(|| true.to_string()),
        put: |args, text| {
            args.tell.record.keep_awake = flag(text)?;
            Ok(())
        },
        ..SWITCH
    },
    General {
        name: "health-check",
        section: Section::Health,
        default: "true",
        kept: true,
        typed: |args| {
            let on = args.how.workers.health_check.then_some(true);
            on.or(args.how.workers.no_health_check.then_some(false))
                .map(|on| on.to_string())
        },
        put: |args, text| {
            let on = flag(text)?;
            (
                args.how.workers.health_check,
                args.how.workers.no_health_check,
            ) = (on, !on);
            Ok(())
        },
        ..SWITCH
    },
];

/// Sets a text that `read` can read.
pub(super) fn put_text<T>(
    place: &mut Option<String>,
    text: &str,
    read: fn(&str) -> Result<T, Refused>,
) -> Result<(), Refused> {
    read(text)?;
    *place = Some(text.to_owned());
    Ok(())
}

/// A path that was typed.
pub(super) fn path(typed: &Option<PathBuf>) -> Option<String> {
    typed.as_ref().map(|path| path.display().to_string())
}

pub(super) fn put_path(place: &mut Option<PathBuf>, text: &str) -> Result<(), Refused> {
    if text.is_empty() {
        return Err(Refused::new("it is empty", "Allowed is a name."));
    }
    *place = Some(PathBuf::from(text));
    Ok(())
}

/// The name of a choice.
fn word<T: ValueEnum>(choice: T) -> String {
    let value = choice.to_possible_value();
    value.map_or_else(String::new, |value| value.get_name().to_owned())
}

/// Sets the choice with this name.
fn choose<T: ValueEnum>(place: &mut Option<T>, text: &str) -> Result<(), Refused> {
    let choice = T::from_str(text, true).map_err(|_| {
        let names: Vec<_> = T::value_variants()
            .iter()
            .filter_map(T::to_possible_value)
            .collect();
        let names: Vec<_> = names
            .iter()
            .map(clap::builder::PossibleValue::get_name)
            .collect();
        Refused::new(
            "that is not one of the words",
            format!("Allowed are {}.", names.join(", ")),
        )
    })?;
    *place = Some(choice);
    Ok(())
}

fn flag(text: &str) -> Result<bool, Refused> {
    text.parse().map_err(|_| {
        Refused::new(
            "that is neither true nor false",
            "Allowed are true and false.",
        )
    })
}
