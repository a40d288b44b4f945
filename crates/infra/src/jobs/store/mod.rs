//! Every SQL statement on the tables of jobs.

pub(super) mod crons;
pub(super) mod files;
pub(super) mod keep;
pub(super) mod limits;
pub(super) mod lines;
pub(super) mod list;
pub(super) mod queue;
pub(super) mod steps;
