//! The settings about alerts: where each goes among the options, and what it may be.

use super::super::{alerts, duration};
use super::general::{General, LIST, NUMBER_OR_TEXT, TEXT, path, put_path};
use super::table::Section;

/// All of them.
pub(super) const ALERTS: &[General] = &[
    General {
        name: "notify",
        section: Section::Top,
        types: LIST,
        default: "none",
        allowed: alerts::ALLOWED_LIST,
        secret: true,
        kept: false,
        typed: |args| {
            let all = &args.alerts.notify;
            (!all.is_empty()).then(|| all.join(" "))
        },
        put: |args, text| {
            args.alerts.notify = alerts::list(text)?;
            Ok(())
        },
    },
    General {
        name: "notify-file",
        section: Section::Top,
        types: TEXT,
        default: "none",
        allowed: "Allowed is the name of a file.",
        secret: false,
        kept: false,
        typed: |args| path(&args.alerts.notify_file),
        put: |args, text| put_path(&mut args.alerts.notify_file, text),
    },
    General {
        name: "on-found",
        section: Section::Top,
        types: TEXT,
        default: "none",
        allowed: "Allowed is a command line for the shell.",
        secret: true,
        kept: false,
        typed: |args| args.alerts.on_found.clone(),
        put: |args, text| {
            args.alerts.on_found = Some(alerts::command_line(text)?);
            Ok(())
        },
    },
    General {
        name: "on-alert",
        section: Section::Top,
        types: TEXT,
        default: "none",
        allowed: "Allowed is a command line for the shell.",
        secret: true,
        kept: false,
        typed: |args| args.alerts.on_alert.clone(),
        put: |args, text| {
            args.alerts.on_alert = Some(alerts::command_line(text)?);
            Ok(())
        },
    },
    General {
        name: "alert-cooldown",
        section: Section::Top,
        types: NUMBER_OR_TEXT,
        default: "5m",
        allowed: "Allowed are seconds, or a text such as \"5m\".",
        secret: false,
        kept: false,
        typed: |args| args.alerts.alert_cooldown.clone(),
        put: |args, text| {
            duration::seconds(text)?;
            args.alerts.alert_cooldown = Some(text.to_owned());
            Ok(())
        },
    },
    General {
        name: "heartbeat-url",
        section: Section::Top,
        types: TEXT,
        default: "none",
        allowed: "Allowed is a web address: https://HOST/….",
        secret: true,
        kept: false,
        typed: |args| args.alerts.heartbeat_url.clone(),
        put: |args, text| {
            alerts::heartbeat_url(text)?;
            args.alerts.heartbeat_url = Some(text.to_owned());
            Ok(())
        },
    },
    General {
        name: "heartbeat-url-file",
        section: Section::Top,
        types: TEXT,
        default: "none",
        allowed: "Allowed is the name of a file.",
        secret: false,
        kept: false,
        typed: |args| path(&args.alerts.heartbeat_url_file),
        put: |args, text| put_path(&mut args.alerts.heartbeat_url_file, text),
    },
];
