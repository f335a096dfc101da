//! The settings that are not numbers of the supervisor: where each goes among the options, and what it may be.

use std::path::PathBuf;

use clap::ValueEnum;

use super::super::error::Refused;
use super::super::{number, search};
use super::table::{Section, Types};
use crate::cli::SearchArgs;

pub(super) const NUMBER: Types = Types {
    number: true,
    text: false,
    flag: false,
};
pub(super) const TEXT: Types = Types {
    number: false,
    text: true,
    flag: false,
};
pub(super) const NUMBER_OR_TEXT: Types = Types {
    number: true,
    text: true,
    flag: false,
};
const FLAG: Types = Types {
    number: false,
    text: false,
    flag: true,
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
    pub typed: fn(&SearchArgs) -> Option<String>,
    pub put: fn(&mut SearchArgs, &str) -> Result<(), Refused>,
}

/// All of them.
pub(super) const GENERAL: &[General] = &[
    General {
        name: "workers",
        section: Section::Top,
        types: NUMBER,
        default: "all processors",
        allowed: "Allowed is a number of threads.",
        secret: false,
        typed: |args| args.workers.workers.clone(),
        put: |args, text| {
            search::number_of_workers(text)?;
            args.workers.workers = Some(text.to_owned());
            Ok(())
        },
    },
    General {
        name: "priority",
        section: Section::Top,
        types: TEXT,
        default: "low",
        allowed: "Allowed are \"low\" and \"normal\".",
        secret: false,
        typed: |args| args.workers.priority.map(word),
        put: |args, text| choose(&mut args.workers.priority, text),
    },
    General {
        name: "batch-size",
        section: Section::Top,
        types: NUMBER_OR_TEXT,
        default: "about a quarter of a second's work",
        allowed: "Allowed is a number, or a text such as \"500K\".",
        secret: false,
        typed: |args| args.workers.batch_size.clone(),
        put: |args, text| {
            number::count(text)?;
            args.workers.batch_size = Some(text.to_owned());
            Ok(())
        },
    },
    General {
        name: "backend",
        section: Section::Top,
        types: TEXT,
        default: "auto",
        allowed: "Allowed are \"auto\", \"avx512ifma\", \"avx2\" and \"portable\".",
        secret: false,
        typed: |args| args.workers.backend.map(word),
        put: |args, text| choose(&mut args.workers.backend, text),
    },
    General {
        name: "output",
        section: Section::Top,
        types: TEXT,
        default: "the current one",
        allowed: "Allowed is the name of a folder.",
        secret: false,
        typed: |args| {
            args.output
                .output
                .as_ref()
                .map(|dir| dir.display().to_string())
        },
        put: |args, text| {
            if text.is_empty() {
                return Err(Refused::new(
                    "it is empty",
                    "Allowed is the name of a folder.",
                ));
            }
            args.output.output = Some(PathBuf::from(text));
            Ok(())
        },
    },
    General {
        name: "format",
        section: Section::Top,
        types: TEXT,
        default: "text, with --json json",
        allowed: "Allowed are \"text\" and \"json\".",
        secret: false,
        typed: |args| args.output.format.map(word),
        put: |args, text| choose(&mut args.output.format, text),
    },
    General {
        name: "health-check",
        section: Section::Health,
        types: FLAG,
        default: "true",
        allowed: "Allowed are true and false.",
        secret: false,
        typed: |args| {
            let on = args.workers.health_check.then_some(true);
            on.or(args.workers.no_health_check.then_some(false))
                .map(|on| on.to_string())
        },
        put: |args, text| {
            let on = flag(text)?;
            (args.workers.health_check, args.workers.no_health_check) = (on, !on);
            Ok(())
        },
    },
];

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
