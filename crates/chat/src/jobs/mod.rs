//! Work of the chat that outlives a request: what is done to many at once, and what comes by the calendar.
//!
//! A mass job writes down first whom it is about, and then does one step for each; so it can die anywhere and goes on
//! after the last of them. What a step gives says what really changed: the job that undoes it reads that.

mod bans;
mod interactions;
mod memory;
mod one;
mod prune;
mod roles;
mod sweeps;

use std::time::Duration;

use guildhall_infra::jobs::{Queue, Rules};

use crate::Chat;

pub use bans::{BanMany, UnbanMany};
pub use interactions::ForgetInteractions;
pub use memory::GiveBackJob;
pub use prune::PruneMessages;
pub use roles::{ChangeRoles, ChangeRolesBack};
pub use sweeps::{ForgetEnded, ForgetFiles};

/// One mass job of a guild at a time: two would only stand in each other's way.
const QUEUE: Queue = Queue::new("mass").running_per_key(1);

/// How mass jobs are treated: kept for a month, so long can they be undone.
const MASS: Rules = Rules::new().queue(QUEUE.name).keep(Duration::from_secs(30 * 24 * 3600));

/// Makes them known to the engine that the chat was given.
pub fn register(chat: &Chat) {
    let jobs = &chat.parts.jobs;
    jobs.limit(QUEUE);
    jobs.register(PruneMessages(chat.clone()));
    jobs.register(ChangeRoles(chat.clone()));
    jobs.register(ChangeRolesBack(chat.clone()));
    jobs.register(BanMany(chat.clone()));
    jobs.register(UnbanMany(chat.clone()));
    jobs.register(GiveBackJob(chat.clone()));
    jobs.register(ForgetInteractions(chat.clone()));
    jobs.register(ForgetEnded(chat.clone()));
    jobs.register(ForgetFiles(chat.clone()));
}
