//! The one binary `guildhall`: commands, configuration, wiring.
fn main() {}
