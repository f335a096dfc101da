//! The options of the supervisor, made from the table of its numbers.

use std::collections::BTreeMap;

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};

use crate::config::value;
use crate::health::Thresholds;
use crate::health::params::{Field, PARAMS};

/// The heading above these options.
pub(crate) const HEADING: &str = "Health";

/// The numbers that were typed, by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct HealthArgs(pub BTreeMap<&'static str, String>);

impl FromArgMatches for HealthArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let typed = |name| Some((name, matches.get_one::<String>(name)?.clone()));
        Ok(Self(PARAMS.iter().filter_map(|n| typed(n.name)).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.0.append(&mut Self::from_arg_matches(matches)?.0);
        Ok(())
    }
}

impl Args for HealthArgs {
    fn augment_args(command: Command) -> Command {
        let defaults = Thresholds::default();
        let option = |number: &crate::health::params::Param| {
            let default = value::write(number.field, &defaults);
            let help = format!("{} [default: {default}]", number.meaning);
            Arg::new(number.name)
                .long(number.name)
                .value_name(value_name(number.field))
                .help(help.clone())
                .long_help(help)
                .help_heading(HEADING)
                .hide_short_help(true)
                .allow_hyphen_values(true)
        };
        command.args(PARAMS.iter().map(option))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

fn value_name(place: Field) -> &'static str {
    match place {
        Field::Time(_) => "TIME",
        Field::Share(_) => "SHARE",
        Field::Figure(_) | Field::Count(..) | Field::Points(_) => "N",
        Field::Bytes(_) => "BYTES",
        Field::Degrees(_) => "DEGREES",
        Field::DegreesOrOff(_) => "TEMP|off",
        Field::ShareOrOff(_) => "SHARE|off",
        Field::Bits(_) => "N|auto",
        Field::Policy(_) => "auto|always",
        Field::Band(_) => "MIN..MAX|off",
    }
}
