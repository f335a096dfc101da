//! `keygen key qr` in a build without QR codes.

use crate::config::args::QrArgs;
use crate::config::{Environment, UsageError};
use crate::key::inspect::Outcome;
use crate::parts::QR;
use crate::report::streams::Streams;

/// # Errors
/// Always.
pub(super) fn run(_: &QrArgs, _: &Environment<'_>, _: &mut Streams<'_>) -> anyhow::Result<Outcome> {
    Err(UsageError::refused(format_args!("{QR}.")).into())
}
