//! Found keys: right, private, independent of one another, and never lost.

#[cfg(unix)]
mod cases;
mod checks;
#[cfg(target_os = "linux")]
mod disk;
#[cfg(unix)]
mod export;
mod files;
#[cfg(target_os = "linux")]
mod folder;
#[cfg(unix)]
mod independence;
#[cfg(unix)]
mod leftovers;
#[cfg(unix)]
#[cfg(feature = "qr")]
mod qr;
mod tools;
