//! Pure decisions: plain data in, plain data out.

pub(crate) mod appeal;
pub(crate) mod browse;
pub(crate) mod command;
pub(crate) mod draft;
pub(crate) mod pack;
pub(crate) mod review;
pub(crate) mod staff;
pub(crate) mod stats;
pub(crate) mod token;
pub(crate) mod topgg;
pub(crate) mod webhook;
