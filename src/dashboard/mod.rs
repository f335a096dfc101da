//! The live page: one page with its style and script in the program, which shows sessions as they are and, where that is
//! allowed, passes on what its reader asks of them. Whoever sees it has come by a link or knows the token.

pub(crate) mod access;
pub(crate) mod link;
mod remembered;
pub(crate) mod server;
pub(crate) mod settings;
mod site;
pub(crate) mod source;
