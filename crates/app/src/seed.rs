//! `guildhall seed`: builds a described world, as often as one likes with the same result.

mod file;
mod tokens;

/// The world that comes with the program.
const DEMO: &str = include_str!("seed/demo.toml");
