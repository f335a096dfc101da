//! Blind search: machines that nobody has to trust search from a public start, without any secret, and what they find is a
//! claim. Only the owner of the start's scalar can make a key of it.
//!
//! The owner draws a scalar `s` and publishes `A = s·B`. A searcher looks for an offset `o` for which `A + 8o·B` fits the
//! pattern; the key is then `s + 8o`. [`PublicStart`] and [`Claim`] are public, the [`Book`] keeps the owner's scalars.

pub(crate) mod book;
pub(crate) mod claim;
pub(crate) mod finish;
pub(crate) mod origin;
pub(crate) mod public_start;
pub(crate) mod starts;

pub(crate) use book::Book;
pub(crate) use claim::{Claim, ClaimedAt};
pub(crate) use origin::{Checked, Origin, Unchecked};
pub(crate) use public_start::PublicStart;
pub(crate) use starts::Starts;
