//! The one binary `guildhall`: commands, configuration and the wiring of the features. It is a library so that
//! end-to-end tests start the whole server in their own process.

pub mod cli;
pub mod config;
mod explain;
pub mod hall;
mod inside;
mod jobs;
pub mod log;
mod people;
pub mod seed;
pub mod serve;

pub use explain::explain;
