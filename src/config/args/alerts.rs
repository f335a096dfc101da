//! The options about alerts: who is told, by what, and how often.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use super::config::ConfigArgs;
use super::history::{AlertListArgs, ResolveArgs};
use super::session::TrustArgs;
use crate::alert::delivery::address::Channel;
use crate::config::{alerts, duration};

/// What can be done with alerts.
#[derive(Subcommand, Debug)]
pub(crate) enum AlertTool {
    /// List alerts that are open
    List(AlertListArgs),
    /// Mark an alert as over
    Resolve(ResolveArgs),
    /// Send a test to every channel, and say what it answered
    ///
    /// The channels are those that a search would have: of the options, the environment and the file of settings. The
    /// --on-alert command is run; the --on-found command is not, because others may stop for it. The exit code is 1 if
    /// any of them failed.
    Test(Box<AlertTestArgs>),
}

/// Options of `keygen alert test`.
#[derive(Args, Debug, Default)]
pub(crate) struct AlertTestArgs {
    /// The file of settings.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Who is told.
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
    /// Tell alerts and found keys to URL; may be repeated
    ///
    /// https://… (JSON by POST), slack://… (a webhook that takes Slack's form), ntfy://HOST/TOPIC,
    /// smtps://USER:PASSWORD@HOST/?from=…&to=… (email). #info, #warning or #critical behind it is the least severity
    /// that is sent there; found keys always are. docs/alerts.md has all forms. What is typed can be seen by other users of
    /// the machine: secrets belong into --notify-file or the file of settings.
    #[arg(long, value_name = "URL", hide_short_help = true, value_parser = alerts::channel)]
    pub notify: Vec<Channel>,

    /// Further URLs from FILE, one a line
    ///
    /// Empty lines and lines that begin with # are skipped.
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub notify_file: Option<PathBuf>,

    /// Command for the shell to run for each found key
    ///
    /// The facts are in its environment: FOUND_PUBLIC_KEY, FOUND_FILE, FOUND_PATTERN, SESSION, HOST. It is ended after
    /// 60 seconds; its output is thrown away. Keys of a watchlist are alerts.
    #[arg(long, value_name = "CMD", hide_short_help = true, value_parser = alerts::command_line)]
    pub on_found: Option<String>,

    /// Command for the shell to run for each alert
    ///
    /// The facts are in its environment: ALERT_NAME, ALERT_STATE (raised, noted, over), ALERT_SEVERITY (info, warning,
    /// critical), ALERT_MESSAGE, SESSION, HOST. It is ended after 60 seconds; its output is thrown away.
    #[arg(long, value_name = "CMD", hide_short_help = true, value_parser = alerts::command_line)]
    pub on_alert: Option<String>,

    /// The same alert is told again after T at the earliest [default: 5m]
    ///
    /// A bare number is seconds. A channel gets at most 10 messages an hour and says how many were held back; critical
    /// alerts and found keys always pass.
    #[arg(
        long,
        value_name = "T",
        hide_short_help = true,
        allow_hyphen_values = true,
        value_parser = duration::seconds
    )]
    pub alert_cooldown: Option<Duration>,

    /// Call URL every 5 minutes while progress is confirmed
    ///
    /// A service that expects the call notices a dead machine from outside.
    #[arg(long, value_name = "URL", hide_short_help = true, value_parser = alerts::heartbeat_url)]
    pub heartbeat_url: Option<Channel>,

    /// The same from FILE
    #[arg(
        long,
        value_name = "FILE",
        hide_short_help = true,
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
