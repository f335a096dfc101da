//! Where a search listens: a socket of mode 0600 in its session's folder, or, where that can't be, a loopback port with
//! a token in a file of mode 0600.

use std::fs;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
#[cfg(unix)]
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

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

/// What a search listens at.
pub(super) enum Listener {
    /// A socket in the file system.
    #[cfg(unix)]
    Socket(UnixListener, PathBuf),
    /// A port of this machine for those who know the token.
    Port(TcpListener, String, PathBuf),
}

/// The file that names port and token.
#[derive(Serialize, Deserialize)]
struct PortFile {
    port: u16,
    token: String,
}

impl Listener {
    /// Listens in a folder that nobody else uses, in place of what an earlier process left there.
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        let _ = fs::remove_file(folder.join(PORT));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let (draft, path) = (folder.join(DRAFT), folder.join(SOCKET));
            let _ = fs::remove_file(&path);
            let bound = disk::put_in_place(&path, &draft, |draft| {
                let listener = UnixListener::bind(draft)?;
                fs::set_permissions(draft, fs::Permissions::from_mode(0o600))?;
                Ok(listener)
            });
            // A folder's name may be too long for a socket's address, and not every file system has sockets.
            if let Ok(listener) = bound {
                return Ok(Self::Socket(listener, path));
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
        let file = PortFile {
            port: listener.local_addr()?.port(),
            token: token.clone(),
        };
        let path = folder.join(PORT);
        disk::replace(&path, &serde_json::to_vec(&file)?)?;
        Ok(Self::Port(listener, token, path))
    }

    /// Waits for somebody.
    pub(super) fn accept(&self) -> io::Result<Stream> {
        match self {
            #[cfg(unix)]
            Self::Socket(listener, _) => Ok(Stream::Socket(listener.accept()?.0)),
            Self::Port(listener, ..) => Ok(Stream::Port(listener.accept()?.0)),
        }
    }

    /// The token that requests must have.
    pub(super) fn token(&self) -> Option<String> {
        match self {
            #[cfg(unix)]
            Self::Socket(..) => None,
            Self::Port(_, token, _) => Some(token.clone()),
        }
    }

    /// The file by which others find it.
    pub(super) fn file(&self) -> &Path {
        match self {
            #[cfg(unix)]
            Self::Socket(_, path) => path,
            Self::Port(_, _, path) => path,
        }
    }
}

/// A connection, of either kind.
#[derive(Debug)]
pub(super) enum Stream {
    #[cfg(unix)]
    Socket(UnixStream),
    Port(TcpStream),
}

impl Stream {
    /// Connects to the search of a session; gives the token that its requests must have.
    pub(super) fn connect(folder: &Path) -> io::Result<(Self, Option<String>)> {
        #[cfg(unix)]
        match UnixStream::connect(folder.join(SOCKET)) {
            Ok(stream) => return Ok((Self::Socket(stream), None)),
            Err(error) if !folder.join(PORT).exists() => return Err(error),
            Err(_) => {}
        }
        let file: PortFile = serde_json::from_slice(&fs::read(folder.join(PORT))?)?;
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, file.port))?;
        Ok((Self::Port(stream), Some(file.token)))
    }

    /// How long reading and writing may wait.
    pub(super) fn set_patience(&self, read: Duration, write: Duration) -> io::Result<()> {
        // Zero would mean for ever.
        let (read, write) = (read.max(SHORTEST), write.max(SHORTEST));
        match self {
            #[cfg(unix)]
            Self::Socket(stream) => {
                stream.set_read_timeout(Some(read))?;
                stream.set_write_timeout(Some(write))
            }
            Self::Port(stream) => {
                stream.set_read_timeout(Some(read))?;
                stream.set_write_timeout(Some(write))
            }
        }
    }
}

const SHORTEST: Duration = Duration::from_millis(1);

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            #[cfg(unix)]
            Self::Socket(stream) => stream.read(buffer),
            Self::Port(stream) => stream.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        match self {
            #[cfg(unix)]
            Self::Socket(stream) => stream.write(buffer),
            Self::Port(stream) => stream.write(buffer),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
