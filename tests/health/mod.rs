//! Health checks: a real fault is seen, and noise is not taken for one.

mod answers;
mod trace;
