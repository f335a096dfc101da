//! Where a search listens: a socket of mode 0600 in its session's folder, or, where that is not possible, a loopback port
//! with a token in a file of mode 0600.

use std::fs;
use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use socket2::Socket;

use crate::files as disk;
use crate::key::hex;

/// Name of the socket in the session's folder.
#[cfg(unix)]
const SOCKET: &str = "control.sock";

/// The socket before it has its mode.
#[cfg(unix)]
const DRAFT: &str = "control.new";

/// Name of the file with port and token.
const PORT: &str = "control.json";

/// A socket in the file system, or a port of this machine for those who know the token.
pub(super) struct Listener {
    socket: Socket,
    /// The token that requests must have.
    pub(super) token: Option<String>,
    /// The file by which clients find it.
    pub(super) file: PathBuf,
}

/// The file that names port and token.
#[derive(Serialize, Deserialize)]
struct PortFile {
    port: u16,
    token: String,
}

impl Listener {
    /// Listens in a folder that no other process uses, in place of what an earlier process left there.
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        let _ = fs::remove_file(folder.join(PORT));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let (draft, file) = (folder.join(DRAFT), folder.join(SOCKET));
            let _ = fs::remove_file(&file);
            let bound = disk::put_in_place(&file, &draft, |draft| {
                let listener = std::os::unix::net::UnixListener::bind(draft)?;
                fs::set_permissions(draft, fs::Permissions::from_mode(0o600))?;
                Ok(listener.into())
            });
            // A folder's name may be too long for a socket's address, and not every file system has sockets.
            if let Ok(socket) = bound {
                let token = None;
                return Ok(Self {
                    socket,
                    token,
                    file,
                });
            }
        }
        Self::open_port(folder)
    }

    /// Listens at a free port of the loopback address.
    pub(super) fn open_port(folder: &Path) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let mut token = [0u8; 32];
        getrandom::fill(&mut token).map_err(io::Error::other)?;
        let token = hex::encode(&token);
        let port = listener.local_addr()?.port();
        let file = folder.join(PORT);
        let contents = PortFile {
            port,
            token: token.clone(),
        };
        disk::replace(&file, &serde_json::to_vec(&contents)?)?;
        Ok(Self {
            socket: listener.into(),
            token: Some(token),
            file,
        })
    }

    /// Waits for a client.
    pub(super) fn accept(&self) -> io::Result<Socket> {
        Ok(self.socket.accept()?.0)
    }
}

/// Connects to the search of a session; returns the token that its requests must have.
pub(super) fn connect(folder: &Path) -> io::Result<(Socket, Option<String>)> {
    #[cfg(unix)]
    match std::os::unix::net::UnixStream::connect(folder.join(SOCKET)) {
        Ok(stream) => return Ok((stream.into(), None)),
        Err(error) if !folder.join(PORT).exists() => return Err(error),
        Err(_) => {}
    }
    let file: PortFile = serde_json::from_slice(&fs::read(folder.join(PORT))?)?;
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, file.port))?;
    Ok((stream.into(), Some(file.token)))
}

/// Limits how long reading and writing may wait.
pub(super) fn set_timeouts(stream: &Socket, read: Duration, write: Duration) -> io::Result<()> {
    // Zero would mean no limit.
    let shortest = Duration::from_millis(1);
    stream.set_read_timeout(Some(read.max(shortest)))?;
    stream.set_write_timeout(Some(write.max(shortest)))
}
