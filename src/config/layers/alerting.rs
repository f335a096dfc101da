//! The settings about alerts: where each goes among the options, and what it may be.

use super::super::{alerts, duration};
use super::general::{FILE, General, LIST, NUMBER_OR_TEXT, OPTIONAL, path, put_path, put_text};

/// What nobody is shown: an address, or a command that may hold one.
const SECRET: General = General {
    secret: true,
    ..OPTIONAL
};

/// A command.
const COMMAND: General = General {
    allowed: "Allowed is a command line for the shell.",
    ..SECRET
};

/// All of them.
pub(super) const ALERTS: &[General] = &[
    General {
        name: "notify",
        types: LIST,
        allowed: alerts::ALLOWED_LIST,
        typed: |args| {
            let all = &args.tell.alerts.notify;
            (!all.is_empty()).then(|| all.join(" "))
        },
        put: |args, text| {
            args.tell.alerts.notify = alerts::list(text)?;
            Ok(())
        },
        ..SECRET
    },
    General {
        name: "notify-file",
        typed: |args| path(&args.tell.alerts.notify_file),
        put: |args, text| put_path(&mut args.tell.alerts.notify_file, text),
        ..FILE
    },
    General {
        name: "on-found",
        typed: |args| args.tell.alerts.on_found.clone(),
        put: |args, text| {
            args.tell.alerts.on_found = Some(alerts::command_line(text)?);
            Ok(())
        },
        ..COMMAND
    },
    General {
        name: "on-alert",
        typed: |args| args.tell.alerts.on_alert.clone(),
        put: |args, text| {
            args.tell.alerts.on_alert = Some(alerts::command_line(text)?);
            Ok(())
        },
        ..COMMAND
    },
    General {
        name: "alert-cooldown",
        types: NUMBER_OR_TEXT,
        default: "5m",
        allowed: "Allowed are seconds, or a text such as \"5m\".",
        typed: |args| args.tell.alerts.alert_cooldown.clone(),
        put: |args, text| {
            put_text(
                &mut args.tell.alerts.alert_cooldown,
                text,
                duration::seconds,
            )
        },
        ..OPTIONAL
    },
    General {
        name: "heartbeat-url",
        allowed: "Allowed is a web address: https://HOST/….",
        typed: |args| args.tell.alerts.heartbeat_url.clone(),
        put: |args, text| {
            put_text(
                &mut args.tell.alerts.heartbeat_url,
                text,
                alerts::heartbeat_url,
            )
        },
        ..SECRET
    },
    General {
        name: "heartbeat-url-file",
        typed: |args| path(&args.tell.alerts.heartbeat_url_file),
        put: |args, text| put_path(&mut args.tell.alerts.heartbeat_url_file, text),
        ..FILE
    },
];
