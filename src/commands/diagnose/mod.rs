//! `keygen diagnose`: what is known of a session, running or ended, and a bundle of it for a bug report.

mod bundle;
mod facts;
mod threads;

use std::io;
use std::path::Path;

use anyhow::Context;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use strum::VariantArray as _;

use self::facts::Fact;
use super::{Call, write_json};
use crate::config::args::{DiagnoseArgs, version};
use crate::config::error::{UsageError, refuse};
use crate::config::session::place;
use crate::exit::Ending;
use crate::files::folder_of;
use crate::overview::{self, Overview, Past};

/// How far back the history is read, unless the user says so.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What can be reported.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr, strum::VariantArray,
)]
#[strum(serialize_all = "kebab-case")]
enum Topic {
    Health,
    Performance,
    Memory,
    Threads,
    History,
}

/// A session, and everything that is known of it.
pub(super) struct Subject {
    overview: Overview,
    /// What the history has, or why it has nothing.
    past: Result<Past, String>,
    at: Timestamp,
}

/// Reports on a session, and writes the bundle if one was asked for.
///
/// # Errors
/// There is no such session, or the bundle can't be written.
pub(crate) fn run(args: &DiagnoseArgs, call: &mut Call<'_>) -> anyhow::Result<Ending> {
    let line = call.line;
    let (environment, streams) = call.parts();
    let (topic, name) = words(&args.words)?;
    if let Some(file) = &args.bundle {
        check_bundle(file)?;
    }
    let since = args
        .since
        .and_then(|since| SignedDuration::try_from(since).ok());
    let subject = subject(args, name, since.unwrap_or(DAY))?;
    let topics = topic.map_or(Topic::VARIANTS.to_vec(), |topic| vec![topic]);
    if args.json {
        write_json(&object(&subject, &topics), streams)?;
    } else {
        write!(streams.out, "{}", text(&subject, &topics))?;
    }
    if let Some(file) = &args.bundle {
        bundle::write(file, &subject, line, environment)
            .with_context(|| format!("--bundle {}: it can't be written", file.display()))?;
        let file = file.display();
        streams.say(format!(
            "{file} is for a bug report. It has settings, paths, node names and public keys, but no private key and no address \
             of a channel: look into it before you send it."
        ));
    }
    Ok(Ending::Found)
}

/// A bundle is a new file in a folder that exists.
fn check_bundle(path: &Path) -> Result<(), UsageError> {
    let file = path.display();
    if path.symlink_metadata().is_ok() {
        refuse!("--bundle {file}: it exists already, and is not overwritten. Name another file.");
    }
    if !folder_of(path).is_dir() {
        refuse!("--bundle {file}: its folder does not exist. Make it first, or name another file.");
    }
    Ok(())
}

/// The topic and the session that the words name; a word that is no topic is a session.
fn words(words: &[String]) -> Result<(Option<Topic>, Option<&str>), UsageError> {
    match words {
        [] => Ok((None, None)),
        [one] => match one.parse() {
            Ok(topic) => Ok((Some(topic), None)),
            Err(_) => Ok((None, Some(one))),
        },
        [topic, name, ..] if topic == "all" => Ok((None, Some(name))),
        [topic, name, ..] => match topic.parse() {
            Ok(topic) => Ok((Some(topic), Some(name))),
            Err(_) => refuse!(
                "diagnose {topic}: there is no such topic. Allowed are health, performance, memory, threads, history and all, \
                 before the name of a session."
            ),
        },
    }
}

/// The named session, or the one that was written last.
fn subject(
    args: &DiagnoseArgs,
    name: Option<&str>,
    back: SignedDuration,
) -> Result<Subject, UsageError> {
    let sessions = overview::sessions(place(&args.place)?, name);
    let (all, _) = sessions.map_err(UsageError::refused)?;
    let latest = (all.into_iter()).max_by_key(|of| (of.snapshot.is_some(), of.status.updated));
    let Some(overview) = latest else {
        refuse!(
            "there is no session to diagnose. keygen --session NAME begins one; keygen doctor examines program and machine."
        );
    };
    let at = Timestamp::now();
    let since = at.checked_sub(back).unwrap_or(Timestamp::MIN);
    let past = Past::read(&overview.database, &overview.status.session, since);
    let past = past.map_err(|error| format!("{error:#}"));
    Ok(Subject { overview, past, at })
}

fn facts_of(topic: Topic, subject: &Subject) -> Vec<Fact> {
    match topic {
        Topic::Health => facts::health(subject),
        Topic::Performance => facts::performance(subject),
        Topic::Memory => facts::memory(subject),
        Topic::Threads => facts::threads(subject),
        Topic::History => facts::history(subject),
    }
}

fn object(subject: &Subject, topics: &[Topic]) -> Value {
    let mut object = json!({
        "session": subject.overview.status.session,
        "at": subject.at,
        "version": version::VERSION,
        "commit": version::COMMIT,
        "target": version::target(),
    });
    for topic in topics {
        let facts = facts_of(*topic, subject).into_iter();
        let fields: Map<_, _> = facts
            .map(|fact| (fact.name.to_owned(), fact.value))
            .collect();
        let name: &str = topic.into();
        object[name] = fields.into();
    }
    object
}

fn text(subject: &Subject, topics: &[Topic]) -> String {
    let mut text = subject.overview.status.headline() + "\n";
    for topic in topics {
        let name: &str = topic.into();
        text += &format!("\n{}{}\n", name[..1].to_uppercase(), &name[1..]);
        facts_of(*topic, subject)
            .iter()
            .for_each(|fact| text += &fact.lines());
    }
    text
}

/// Everything as text and as JSON, for the bundle.
fn whole(subject: &Subject) -> io::Result<(String, String)> {
    let object = object(subject, Topic::VARIANTS);
    Ok((
        text(subject, Topic::VARIANTS),
        serde_json::to_string_pretty(&object)?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_is_no_topic_is_a_session() {
        let read = |text: &str| {
            let typed: Vec<_> = text.split_whitespace().map(str::to_owned).collect();
            words(&typed).map(|(topic, name)| (topic, name.map(str::to_owned)))
        };
        let name = |name: &str| Some(name.to_owned());
        assert_eq!(read("").unwrap(), (None, None));
        assert_eq!(read("memory").unwrap(), (Some(Topic::Memory), None));
        assert_eq!(read("night").unwrap(), (None, name("night")));
        assert_eq!(
            read("threads night").unwrap(),
            (Some(Topic::Threads), name("night"))
        );
        assert_eq!(read("all health").unwrap(), (None, name("health")));
        assert!(
            read("speed night")
                .unwrap_err()
                .to_string()
                .contains("Allowed are health")
        );
    }
}
