//! Shell completions from the one definition of the command line.

use clap_complete::Shell;

/// The script that teaches `shell` the options of `keygen`.
#[must_use]
pub(crate) fn script(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut super::command(), "keygen", &mut script);
    script
}
