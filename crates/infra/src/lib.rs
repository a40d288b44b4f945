//! Machines without product nouns: database, event log, jobs, blobs, HTTP, limits, pages, telemetry, testing.

pub mod blobs;
pub mod cache;
pub mod db;
pub mod events;
pub mod fetch;
pub mod http;
pub mod i18n;
pub mod jobs;
pub mod limits;
pub mod listen;
pub mod mail;
pub mod pages;
pub mod pictures;
pub mod seal;
pub mod telemetry;
pub mod testing;
