//! `keygen watch`: one small daemon a machine that looks after sessions of other processes and folders.
//!
//! ```text
//! list -> sight (process, answer, checkpoint, folder, database) -> judge -> findings, told and recorded
//!                                                               -> recovery -> act, and look again
//! ```

pub mod act;
pub mod command;
pub mod daemon;
pub mod judge;
pub mod list;
pub mod probe;
pub mod record;
pub mod recovery;
pub mod settings;
