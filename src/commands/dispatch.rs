//! From a command to what does it, and how the program ends.

use super::command::{Command, resolve};
use super::steer::Steered;
use super::watch::command as watch;
use super::{
    alert_test, bench, config, health_test, history, key, odds, self_test, sessions, steer, trials,
};
use crate::app::start::{self, Outcome};
use crate::config::args::{self, completions, man};
use crate::config::{SearchSettings, Surroundings};
use crate::exit::Ending;
use crate::fault::compete;
use crate::report::streams::Streams;

/// Does what a command line asks for.
///
/// # Errors
/// What is wrong with it, or what went wrong on the way.
pub(crate) fn run(
    arguments: impl IntoIterator<Item = std::ffi::OsString>,
    streams: &mut Streams<'_>,
) -> anyhow::Result<Ending> {
    let typed = args::parse(arguments)?;
    let mut stdin = std::io::stdin();
    let command = Surroundings::of_process(&mut stdin, &|_| Ok(()))
        .and_then(|around| resolve(typed, &around))?;
    match command {
        Command::Search(settings) => search(*settings, streams),
        Command::Odds(settings) => odds::run(&settings, streams),
        Command::Bench(settings) => bench::run(&settings, streams),
        Command::Key(command) => key::run(&command, streams),
        Command::Config(command) => config::run(&command, streams),
        Command::HealthTest(settings) => health_test::run(&settings, streams),
        Command::History(command) => history::run(&command, streams),
        Command::AlertTest(test) => alert_test::run(&test, streams),
        Command::Compete { core, rhythm } => {
            compete::compete(core, rhythm)?;
            Ok(Ending::Found)
        }
        Command::SelfTest => self_test::run(streams),
        Command::PythonTests(tests) => trials::run(&tests, streams),
        Command::Completions(shell) => print(&completions::script(shell), streams),
        Command::Man => print(&man::page()?, streams),
        Command::Steer(request, args) => steered(steer::steer(&request, &args)?, streams),
        Command::Watch(args) => watch::run(&args, streams),
        Command::Status(args) => sessions::show(&args, streams),
        Command::Check(args) => steered(steer::check(&args)?, streams),
        Command::Shelf(tool) => print(sessions::tool(&tool)?.as_bytes(), streams),
    }
}

fn print(text: &[u8], streams: &mut Streams<'_>) -> anyhow::Result<Ending> {
    streams.out.write_all(text)?;
    Ok(Ending::Found)
}

/// Searches for keys.
fn search(settings: SearchSettings, streams: &mut Streams<'_>) -> anyhow::Result<Ending> {
    let Outcome { out, err, ending } = start::search(settings)?;
    streams.out.write_all(out.as_bytes())?;
    streams.out.flush()?;
    // There is nowhere to report that standard error is gone.
    let _ = streams.err.write_all(err.as_bytes());
    Ok(ending)
}

/// Prints what sessions answered, and what went wrong with others of them.
fn steered(Steered { text, failed }: Steered, streams: &mut Streams<'_>) -> anyhow::Result<Ending> {
    let printed = print(text.as_bytes(), streams)?;
    if failed.is_empty() {
        Ok(printed)
    } else {
        streams.out.flush()?;
        Err(anyhow::Error::msg(failed.join("\n")))
    }
}
