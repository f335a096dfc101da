//! `keygen alert test`: sends a test message to every channel and prints the answers.

use jiff::Timestamp;

use super::{Call, say_notes};
use crate::alert::delivery::AlertSettings;
use crate::alert::delivery::http::Http;
use crate::alert::delivery::transport::Failure;
use crate::alert::delivery::{Channel, command};
use crate::alert::judge;
use crate::alert::message::{Message, Sender};
use crate::alert::throttle::Notice;
use crate::config::alerts;
use crate::config::error::refuse;
use crate::exit::Ending;

/// Tries every channel once, in order.
///
/// # Errors
/// Invalid settings, no channel, or standard output can't be written.
pub(crate) fn run(call: &mut Call<'_>) -> anyhow::Result<Ending> {
    let line = call.line;
    let (environment, streams) = call.parts();
    let settings = alerts::of_command(line, environment)?;
    if settings.is_empty() {
        refuse!("There is no channel to test. Give --notify URL, or set it in the settings file.");
    }
    say_notes(environment, streams);
    let notice = Notice::first(judge::of_test(Timestamp::now()));
    let message = Message::new(&notice, &Sender::here(None));
    let mut ending = Ending::Found;
    for (label, outcome) in outcomes(&settings, &message) {
        match outcome {
            Ok(answer) => writeln!(streams.out, "{label}: delivered: {answer}")?,
            Err(failure) => {
                ending = Ending::Failed;
                writeln!(streams.out, "{label}: FAILED: {}", failure.reason)?;
            }
        }
        streams.out.flush()?;
    }
    if settings.on_found.is_some() {
        streams.say("--on-found is not run: others may stop for it.");
    }
    Ok(ending)
}

/// Each channel with its answer; it is called when the iterator reaches it.
fn outcomes<'a>(
    settings: &'a AlertSettings,
    message: &'a Message,
) -> impl Iterator<Item = (&'a str, Result<String, Failure>)> {
    let http = Http::default();
    let channels = settings.channels.iter().chain(&settings.heartbeat);
    let send = move |channel: &'a Channel| {
        (
            channel.label.as_str(),
            channel.transport.send(message, &http),
        )
    };
    let run = |line: &String| ("--on-alert", command::run(line, message, command::TIMEOUT));
    channels.map(send).chain(settings.on_alert.iter().map(run))
}
