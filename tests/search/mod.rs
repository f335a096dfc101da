//! A search: what it looks for, how far it goes, and how it ends.

#[cfg(all(target_os = "linux", feature = "metrics"))]
mod card_readings;
#[cfg(target_os = "linux")]
mod cards;
#[cfg(unix)]
mod counts;
#[cfg(unix)]
mod files;
#[cfg(unix)]
mod interrupt;
#[cfg(unix)]
mod limits;
#[cfg(unix)]
mod patterns;
#[cfg(unix)]
mod spread;
#[cfg(unix)]
mod watchlist;
#[cfg(target_os = "linux")]
mod workers;
