//! Rate limits of the REST API, as Discord documents them
//! (<https://discord.com/developers/docs/topics/rate-limits>): a fixed window per bucket, one per credential over
//! all buckets, and one per address over refused requests. Every answer says honestly what is left.

mod bucket;
mod config;
mod layer;
mod window;

pub use bucket::without_prefix;
pub use config::LimitsConfig;
pub use layer::{Limits, enforce};
pub use window::{Count, Windows};
