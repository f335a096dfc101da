//! The pattern language: what a search looks for, how likely it is, and a filter that finds it in a sweep's words.

pub mod avoid;
mod cover;
mod digits;
mod error;
pub mod file;
mod filter;
mod group;
mod levels;
mod line;
mod read;
mod request;
mod resolve;
mod set;
mod table;
mod terms;
#[cfg(test)]
mod tests;
mod wanted;
mod watchlist;

pub use digits::{Digits, KeyEnds, MAX_DIGITS};
pub use error::{HexError, LineError, Note, PatternError, PatternFileErrors};
pub use filter::{Canary, Filter, Plausible};
pub use line::PatternLine;
pub use request::{DEFAULT_VANITY, Request};
pub use set::DigitSet;
pub use wanted::Wanted;
pub use watchlist::Watchlist;
