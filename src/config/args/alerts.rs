//! The options about alerts: who is notified, how, and how often.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use super::health::{AlertListArgs, ResolveArgs};
use super::session::TrustArgs;
use super::tools::ConfigArgs;
use crate::alert::delivery::address::Channel;
use crate::config::{alerts, duration};

/// The subcommands of `keygen alert`.
#[derive(Subcommand, Debug)]
pub(crate) enum AlertTool {
    /// List alerts that are open
    List(AlertListArgs),
    /// Mark an alert as resolved
    Resolve(ResolveArgs),
    /// Send a test to every channel, and show what it answered
    ///
    /// The channels are those that a search would have, from options, environment and settings file. The --on-alert
    /// command is run; the --on-found command is not, because it may act on a found key. The exit code is 1 if any of
    /// them failed.
    Test(Box<AlertTestArgs>),
}

/// Options of `keygen alert test`.
#[derive(Args, Debug, Default)]
pub(crate) struct AlertTestArgs {
    /// The file of settings.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Who is notified.
    #[command(flatten)]
    pub alerts: AlertArgs,
    /// Whose files are trusted.
    #[command(flatten)]
    pub trust: TrustArgs,
}

/// Alerts, as typed.
///
/// Its debugging output shows nothing: addresses and commands may hold tokens.
#[derive(Args, Default, Clone)]
#[command(next_help_heading = "Alerts")]
pub(crate) struct AlertArgs {
    /// Send alerts and found keys to URL; may be repeated
    ///
    /// https://… (JSON by POST), slack://… (a Slack-compatible webhook), ntfy://HOST/TOPIC,
    /// smtps://USER:PASSWORD@HOST/?from=…&to=… (email). Append #info, #warning or #critical to send only alerts of that
    /// severity or above; found keys are always sent. docs/alerts.md has all forms. Other users of the machine can see
    /// what is typed: put secrets into --notify-file or the settings file.
    #[arg(long, value_name = "URL", value_parser = alerts::channel)]
    pub notify: Vec<Channel>,

    /// Further URLs from FILE, one a line
    ///
    /// Empty lines and lines that start with # are skipped.
    #[arg(long, value_name = "FILE")]
    pub notify_file: Option<PathBuf>,

    /// Command for the shell to run for each found key
    ///
    /// Its environment has FOUND_PUBLIC_KEY, FOUND_FILE, FOUND_PATTERN, SESSION and HOST. It is killed after 60 seconds;
    /// its output is discarded. Keys of a watchlist are alerts.
    #[arg(long, value_name = "CMD", value_parser = alerts::command_line)]
    pub on_found: Option<String>,

    /// Command for the shell to run for each alert
    ///
    /// Its environment has ALERT_NAME, ALERT_STATE (raised, noted, over), ALERT_SEVERITY (info, warning, critical),
    /// ALERT_MESSAGE, SESSION and HOST. It is killed after 60 seconds; its output is discarded.
    #[arg(long, value_name = "CMD", value_parser = alerts::command_line)]
    pub on_alert: Option<String>,

    /// Send the same alert again after T at the earliest [default: 5m]
    ///
    /// A bare number is seconds. A channel gets at most 10 messages an hour, with the number of those that were
    /// suppressed; critical alerts and found keys are always sent.
    #[arg(long, value_name = "T", value_parser = duration::seconds)]
    pub alert_cooldown: Option<Duration>,

    /// Call URL every 5 minutes while progress is confirmed
    ///
    /// For a monitoring service that raises an alarm when the calls stop.
    #[arg(long, value_name = "URL", value_parser = alerts::heartbeat_url)]
    pub heartbeat_url: Option<Channel>,

    /// The same from FILE
    #[arg(
        long,
        value_name = "FILE",
        long_help = "The same, its URL from the first line of FILE",
        conflicts_with = "heartbeat_url"
    )]
    pub heartbeat_url_file: Option<PathBuf>,
}

impl fmt::Debug for AlertArgs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AlertArgs(…)")
    }
}
