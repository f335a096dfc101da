//! `keygen watch`: one small daemon a machine that looks after sessions of other processes and folders.
//!
//! ```text
//! list -> probe (process, answer, checkpoint, folder, database) -> judge -> findings, told and recorded
//!                                                               -> recovery -> act, and look again
//! ```

pub(crate) mod act;
pub(crate) mod command;
pub(crate) mod daemon;
pub(crate) mod judge;
pub(crate) mod list;
pub(crate) mod probe;
pub(crate) mod record;
pub(crate) mod recovery;
pub(crate) mod settings;
