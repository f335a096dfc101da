//! The link to the page, and the browser that opens it.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::thread;

use tempfile::NamedTempFile;

/// The link to the page at an address.
pub(super) fn to(local: SocketAddr, token: Option<&str>) -> String {
    let token = token.map_or_else(String::new, |token| format!("?token={token}"));
    if local.ip().is_unspecified() {
        return format!("http://localhost:{}/{token}", local.port());
    }
    format!("http://{local}/{token}")
}

/// A file that leads a browser to the link: an argument could be read by other users. It lasts as long as this.
pub(super) struct Opener(NamedTempFile);

impl Opener {
    /// Writes the file, which only its owner can read.
    pub(super) fn new(link: &str) -> io::Result<Self> {
        let mut file = tempfile::Builder::new()
            .prefix("keygen-")
            .suffix(".html")
            .tempfile()?;
        let text = format!(
            "<!DOCTYPE html><meta http-equiv=\"refresh\" content=\"0;url={link}\"><a href=\"{link}\">keygen</a>\n"
        );
        file.write_all(text.as_bytes())?;
        Ok(Self(file))
    }

    /// Opens it with the system's browser.
    pub(super) fn open(self) -> io::Result<Self> {
        let mut command = browser();
        command.arg(self.0.path());
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut child = command.spawn()?;
        // It may last as long as the browser, and must not stay behind as a zombie.
        let wait = move || drop(child.wait());
        thread::Builder::new()
            .name("browser".to_owned())
            .spawn(wait)?;
        Ok(self)
    }
}

fn browser() -> Command {
    if cfg!(windows) {
        Command::new("explorer")
    } else if cfg!(target_os = "macos") {
        Command::new("open")
    } else {
        Command::new("xdg-open")
    }
}
