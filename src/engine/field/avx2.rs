//! Four lanes with AVX2.
