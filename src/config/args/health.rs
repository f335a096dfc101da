//! The options of the supervisor, made from the table of its numbers.

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};

use crate::config::value::{self, Assignment};
use crate::health::Thresholds;
use crate::health::params::{Field, PARAMS, Param};

/// The heading above these options.
pub(crate) const HEADING: &str = "Health";

/// The supervisor's numbers: the defaults, with what was typed.
#[derive(Clone, Debug, Default)]
pub(crate) struct HealthArgs(pub Thresholds);

impl FromArgMatches for HealthArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut args = Self::default();
        args.update_from_arg_matches(matches)?;
        Ok(args)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        for param in PARAMS {
            if let Some(assignment) = matches.get_one::<Assignment>(param.name) {
                assignment.carry_out(&mut self.0);
            }
        }
        Ok(())
    }
}

impl Args for HealthArgs {
    fn augment_args(command: Command) -> Command {
        let defaults = Thresholds::default();
        command.args(PARAMS.iter().map(|param| option(param, &defaults)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

fn option(param: &'static Param, defaults: &Thresholds) -> Arg {
    let default = value::write(param.field, defaults);
    let help = format!("{} [default: {default}]", param.meaning);
    Arg::new(param.name)
        .long(param.name)
        .value_name(value_name(param.field))
        .value_parser(move |text: &str| value::read(param.field, text))
        .help(help)
        .help_heading(HEADING)
        .allow_hyphen_values(true)
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
