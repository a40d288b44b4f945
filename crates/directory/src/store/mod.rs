//! Every statement on the directory's tables, one file for each; private to the crate.

pub(crate) mod appeals;
pub(crate) mod browse;
pub(crate) mod commands;
pub(crate) mod counts;
pub(crate) mod days;
pub(crate) mod deliveries;
pub(crate) mod history;
pub(crate) mod keepers;
pub(crate) mod labels;
pub(crate) mod listings;
pub(crate) mod months;
pub(crate) mod news;
pub(crate) mod own_data;
pub(crate) mod packs;
pub(crate) mod people;
pub(crate) mod queue;
pub(crate) mod reminders;
pub(crate) mod review_votes;
pub(crate) mod reviews;
pub(crate) mod teams;
pub(crate) mod tokens;
pub(crate) mod topgg;
pub(crate) mod vanities;
pub(crate) mod votes;
pub(crate) mod webhooks;
