//! The pattern language: what a search looks for, how likely it is, and a filter that finds it in a sweep's words.

mod cover;
pub(crate) mod digits;
mod each;
pub(crate) mod error;
pub(crate) mod file;
pub(crate) mod filter;
mod group;
mod levels;
mod line;
mod quota;
mod read;
pub(crate) mod request;
mod resolve;
mod set;
mod table;
mod terms;
#[cfg(test)]
mod tests;
pub(crate) mod wanted;
mod watchlist;
mod work;

pub(crate) use digits::Digits;
pub(crate) use error::{HexError, Note, PatternError};
pub(crate) use filter::{Filter, Plausible};
pub(crate) use line::PatternLine;
pub(crate) use quota::{Quota, Shortage, Spread};
pub(crate) use request::DEFAULT_VANITY;
pub(crate) use request::Request;
pub(crate) use wanted::Wanted;
pub(crate) use watchlist::Watchlist;
