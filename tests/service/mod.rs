//! The program under a service manager.

#[cfg(target_os = "linux")]
mod folder;
#[cfg(unix)]
mod manager;
