//! `keygen mcp`: tools for assistants, by the Model Context Protocol on standard input and output.
//!
//! ```text
//! client -> lines (JSON-RPC) -> server -> tools, each on a thread of its own -> overview, control socket, other commands
//! ```
//!
//! No tool takes or returns a private key: what they return is made from what `keygen status` shows.

mod arguments;
mod change;
mod lines;
mod output;
mod read;
mod server;
mod tools;

use std::path::{Path, PathBuf};

use self::server::Server;
use crate::config::args::McpArgs;
use crate::config::error::{UsageError, refuse};
use crate::config::session::place;
use crate::exit::Ending;
use crate::report::streams::Streams;
use crate::session::place::StateFolder;

/// What all tools need to know: the options, with the real path of the folder for keys.
#[derive(Debug)]
struct Context(McpArgs);

impl Context {
    /// The state folder, checked anew at each call.
    fn own(&self) -> Result<StateFolder, String> {
        place(&self.0.place).map_err(|error| error.to_string())
    }
}

/// Serves one client until it closes standard input.
///
/// # Errors
/// Options that can't be used, before anything is read.
pub(crate) fn run(args: &McpArgs, streams: &mut Streams<'_>) -> anyhow::Result<Ending> {
    let own = place(&args.place)?;
    check_nodes(&args.nodes)?;
    let root = args.root.as_deref().map(existing_folder).transpose()?;
    let stdin_is_terminal = std::io::IsTerminal::is_terminal(&std::io::stdin());
    if stdin_is_terminal {
        streams.say(
            "keygen mcp is started by an MCP client, which writes requests to its standard input; press Ctrl-D to end it.",
        );
    }
    let mut args = McpArgs {
        root,
        ..args.clone()
    };
    args.place.state_dir = Some(own.path().to_owned()).filter(|_| !own.is_usual());
    let ended = server::serve(&Server::new(Context(args)))?;
    Ok(ended.map_or(Ending::Found, Ending::Interrupted))
}

/// Refuses the client's requests as a list of nodes.
fn check_nodes(nodes: &[PathBuf]) -> Result<(), UsageError> {
    if nodes.iter().any(|path| path == Path::new("-")) {
        refuse!("--nodes -: standard input is where the client's requests come from. Name a file.");
    }
    Ok(())
}

/// The real path of a folder, so that what is below it can be told from what only seems to be.
fn existing_folder(path: &Path) -> Result<PathBuf, UsageError> {
    let real = path.canonicalize();
    let real = real.map_err(|error| UsageError::file("--root", path, &error))?;
    if !real.is_dir() {
        refuse!(
            "--root {}: not a folder. Name an existing folder.",
            path.display()
        );
    }
    Ok(real)
}
