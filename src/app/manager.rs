//! The service manager's socket, as sd_notify(3) describes it: without `NOTIFY_SOCKET` there is none.
//!
//! The crate sd-notify waits where the manager does not read, which must not happen to the loop, and knows no abstract
//! names; what is left is little.

use std::time::Duration;

/// How to reach the service manager.
#[derive(Debug)]
pub(crate) struct Manager {
    #[cfg(unix)]
    socket: std::os::unix::net::UnixDatagram,
    /// The manager takes the process for hung when it hears nothing for so long.
    watchdog: Option<Duration>,
}

impl Manager {
    /// The manager of this process, where there is one that can be reached.
    pub(crate) fn of_process() -> Option<Self> {
        let name = std::env::var_os("NOTIFY_SOCKET")?;
        let variable = |name| std::env::var(name).ok();
        let watchdog = watchdog(variable("WATCHDOG_USEC"), variable("WATCHDOG_PID"));
        Self::at(&name, watchdog)
    }

    /// The time after which silence is a hang.
    pub(crate) const fn watchdog(&self) -> Option<Duration> {
        self.watchdog
    }

    #[cfg(unix)]
    fn at(name: &std::ffi::OsStr, watchdog: Option<Duration>) -> Option<Self> {
        use std::os::unix::net::UnixDatagram;
        let socket = UnixDatagram::unbound().ok()?;
        socket.set_nonblocking(true).ok()?;
        connect(&socket, name).ok()?;
        Some(Self { socket, watchdog })
    }

    #[cfg(not(unix))]
    fn at(_: &std::ffi::OsStr, _: Option<Duration>) -> Option<Self> {
        None
    }

    /// Sends assignments, one a line; whether they were taken. Never waits.
    #[cfg(unix)]
    pub(crate) fn send(&self, assignments: &str) -> bool {
        self.socket.send(assignments.as_bytes()).is_ok()
    }

    /// Nobody is there to take them.
    #[cfg(not(unix))]
    pub(crate) fn send(&self, _: &str) -> bool {
        false
    }
}

/// A name that begins with @ is an abstract one of Linux.
#[cfg(target_os = "linux")]
fn connect(
    socket: &std::os::unix::net::UnixDatagram,
    name: &std::ffi::OsStr,
) -> std::io::Result<()> {
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::net::SocketAddr;
    match name.as_bytes().strip_prefix(b"@") {
        Some(name) => socket.connect_addr(&SocketAddr::from_abstract_name(name)?),
        None => socket.connect(name),
    }
}

#[cfg(all(unix, not(target_os = "linux")))]
fn connect(
    socket: &std::os::unix::net::UnixDatagram,
    name: &std::ffi::OsStr,
) -> std::io::Result<()> {
    socket.connect(name)
}

/// The watchdog's time from `WATCHDOG_USEC`, unless `WATCHDOG_PID` says that it is another process's.
fn watchdog(microseconds: Option<String>, process: Option<String>) -> Option<Duration> {
    let others = process.is_some_and(|process| process != std::process::id().to_string());
    let time = microseconds?.parse().ok().map(Duration::from_micros);
    time.filter(|time| !others && !time.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_watchdog_is_this_processs_or_none() {
        let text = |text: &str| Some(text.to_owned());
        let own = std::process::id().to_string();
        let minute = Some(Duration::from_secs(60));
        assert_eq!(watchdog(text("60000000"), None), minute);
        assert_eq!(watchdog(text("60000000"), text(&own)), minute);
        assert_eq!(watchdog(text("60000000"), text("1")), None);
        assert_eq!(watchdog(text("0"), None), None);
        assert_eq!(watchdog(text("soon"), None), None);
        assert_eq!(watchdog(None, text(&own)), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_manager_that_does_not_read_makes_nobody_wait() {
        use std::os::linux::net::SocketAddrExt;
        use std::os::unix::net::{SocketAddr, UnixDatagram};
        let name = format!("keygen-test-{}", std::process::id());
        let address = SocketAddr::from_abstract_name(&name).unwrap();
        let theirs = UnixDatagram::bind_addr(&address).unwrap();
        let manager = Manager::at(format!("@{name}").as_ref(), None).unwrap();
        let sent = (0..100_000)
            .take_while(|_| manager.send("STATUS=x\n"))
            .count();
        assert!((1..100_000).contains(&sent), "{sent}");
        let mut buffer = [0; 64];
        let length = theirs.recv(&mut buffer).unwrap();
        assert_eq!(&buffer[..length], b"STATUS=x\n");
        assert!(manager.send("READY=1\n"));
    }

    #[cfg(unix)]
    #[test]
    fn a_socket_that_is_not_there_is_no_manager() {
        assert!(Manager::at("/nonexistent/socket".as_ref(), None).is_none());
    }
}
