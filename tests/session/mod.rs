//! A session: what outlives the process, and what can be done to it from outside.

#[cfg(unix)]
mod control;
#[cfg(unix)]
mod earlier;
#[cfg(unix)]
mod kills;
#[cfg(unix)]
mod newer;
#[cfg(unix)]
mod records;
#[cfg(unix)]
mod trust;
#[cfg(unix)]
mod watch;
