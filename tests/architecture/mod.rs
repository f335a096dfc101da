//! The source itself: which part may know of which.

mod imports;
mod layers;
