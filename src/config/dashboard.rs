//! The live page: its address, and the token that lets in whoever knows it.

use std::path::Path;

use super::Environment;
use super::error::{UsageError, refuse};
use super::inputs::is_stdin;
use crate::config::args::PageArgs;
use crate::dashboard::access::Secret;
use crate::dashboard::settings::Settings;
use crate::http::listener::Address;

/// The option that names the file.
const TOKEN_FILE: &str = "--dashboard-token-file";

/// Characters of a token at least, so that nobody can try them all.
const SHORTEST: usize = 16;

/// Characters of it at most.
const LONGEST: usize = 1024;

/// Checks the options of a page at an address that `option` names.
///
/// # Errors
/// The file of the token can't be read, others can read it, or its token is too short.
pub(crate) fn resolve(
    option: &'static str,
    address: Address,
    args: &PageArgs,
    environment: &Environment<'_>,
) -> Result<Settings, UsageError> {
    let token = args.dashboard_token_file.as_deref();
    let token = token.map(|path| token_in(path, environment)).transpose()?;
    Ok(Settings {
        option,
        address,
        open: args.open,
        control: args.dashboard_control,
        token: token.zip(args.dashboard_token_file.clone()),
    })
}

fn token_in(path: &Path, environment: &Environment<'_>) -> Result<Secret, UsageError> {
    let shown = path.display();
    if is_stdin(path) {
        refuse!(
            "{TOKEN_FILE}: a token is not read from standard input. Name a file: it is read again when the program restarts itself."
        );
    }
    let path = environment.folder.join(path);
    check_private(&path)?;
    let bytes = environment.inputs.read(TOKEN_FILE, &path)?.bytes;
    let text = zeroize::Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned());
    let token = Secret::new(text.trim().to_owned());
    let is_line = token.bytes().all(|byte| byte.is_ascii_graphic());
    if !is_line || !(SHORTEST..=LONGEST).contains(&token.len()) {
        refuse!(
            "{TOKEN_FILE} {shown}: it must hold one line of {SHORTEST} to {LONGEST} letters, digits and signs, without blanks. For example: openssl rand -hex 32 > {shown}"
        );
    }
    Ok(token)
}

/// Refuses a file that others can read: they would have the token.
fn check_private(path: &Path) -> Result<(), UsageError> {
    // One that can't be opened is an error of the reader's.
    let mode = std::fs::File::open(path).map_or(0, |file| crate::files::open_mode(&file));
    if mode != 0 {
        let shown = path.display();
        refuse!(
            "{TOKEN_FILE} {shown}: other users can read it (mode {mode:04o}). Run chmod 600 {shown}, and put a new token into it."
        );
    }
    Ok(())
}
