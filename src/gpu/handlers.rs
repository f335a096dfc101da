//! Signal handlers, kept from what a driver brings along: compilers inside OpenCL libraries replace those for signals that end a
//! process, and theirs would end a search on the spot.

/// The handlers at some moment, which its end puts back.
#[cfg(unix)]
pub(crate) struct Handlers(Vec<(i32, libc::sigaction)>);

/// All that the program or its runtime reacts to.
#[cfg(unix)]
const SIGNALS: [i32; 9] = [
    libc::SIGHUP,
    libc::SIGINT,
    libc::SIGQUIT,
    libc::SIGTERM,
    libc::SIGUSR1,
    libc::SIGUSR2,
    libc::SIGPIPE,
    libc::SIGSEGV,
    libc::SIGBUS,
];

#[cfg(unix)]
#[allow(unsafe_code)]
impl Handlers {
    pub(crate) fn keep() -> Self {
        let handler = |signal| {
            // SAFETY: all zeros are a valid sigaction, which the call only fills.
            let (status, action) = unsafe {
                let mut action = std::mem::zeroed();
                (
                    libc::sigaction(signal, std::ptr::null(), &raw mut action),
                    action,
                )
            };
            (status == 0).then_some((signal, action))
        };
        Self(SIGNALS.into_iter().filter_map(handler).collect())
    }
}

#[cfg(unix)]
#[allow(unsafe_code)]
impl Drop for Handlers {
    fn drop(&mut self) {
        for (signal, action) in &self.0 {
            // SAFETY: this was the signal's handler before, so that it is a valid one.
            unsafe { libc::sigaction(*signal, action, std::ptr::null_mut()) };
        }
    }
}

/// Nothing: such handlers are those of Unix.
#[cfg(not(unix))]
pub(crate) struct Handlers;

#[cfg(not(unix))]
impl Handlers {
    pub(crate) const fn keep() -> Self {
        Self
    }
}
