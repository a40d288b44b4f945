//! Durable jobs: work that survives restarts, on the same database as everything else.
//!
//! A job is a type that implements [`Job`]; it is registered once ([`Jobs::register`]) and enqueued in the caller's own
//! transaction, so that it exists exactly if the change does that asked for it:
//!
//! ```
//! use guildhall_infra::db::{Batch, Db};
//! use guildhall_infra::jobs::{Ctx, Job, Jobs, NewJob, Outcome};
//!
//! struct Greet;
//!
//! impl Job for Greet {
//!     const NAME: &'static str = "greet";
//!     type Payload = String;
//!     type Output = ();
//!
//!     async fn run(&self, ctx: Ctx, name: String) -> Outcome {
//!         ctx.step("greet", async |_effects| Ok(tracing::info!(name, "hello"))).await
//!     }
//! }
//!
//! # async fn example(db: Db, jobs: Jobs) -> guildhall_base::Result<()> {
//! jobs.register(Greet);
//! let mut batch = Batch::new();
//! jobs.enqueue(&mut batch, NewJob::of::<Greet>(&"Ada".to_owned()))?;
//! db.write(batch).await?;
//! # Ok(())
//! # }
//! ```
//!
//! What is promised:
//! - **At least once.** A run holds a lease that its process renews; where the process dies, another takes the job over
//!   within seconds. Every claim counts the job's *fence* up, and whatever a run writes is conditional on its own fence
//!   and an unexpired lease: a run that lost its lease can write nothing.
//! - **Steps once.** What a [step](Ctx::step) adds to its [`Effects`] commits together with the entry that says that the
//!   step is done; a later run skips it and gets its stored result. What a step does outside the database it may do
//!   twice: give it an idempotency key.
//! - **Failures are tried again** with growing pauses until [`Rules::attempts`] without progress; then the job is *dead*
//!   and waits for somebody to [retry](Jobs::retry) it.
//! - **Cancelling** reaches a running job: in this process at once, in another with its next heartbeat. A late result is
//!   discarded.
//! - **Order** is strict by priority, then by due time.

mod cron;
mod ctx;
mod engine;
mod enqueue;
mod files;
mod job;
mod keeper;
mod manage;
mod model;
mod offline;
mod phrase;
mod queues;
mod registry;
mod run;
mod settle;
mod show;
mod store;
mod worker;

pub use cron::Cron;
pub use ctx::{Ctx, Effects};
pub use engine::{Jobs, Parts, Timing, migrations};
pub use enqueue::NewJob;
pub use files::{FILES_LIVE, Signed};
pub use job::{Job, Outcome, Rules, Stop, Undo};
pub use model::{Failure, Owner, Progress, Record, State, codes};
pub use phrase::Phrase;
pub use queues::{Queue, Rate};
pub use registry::About;
pub use show::Told;
pub use store::files::File;
pub use store::limits::QueueState;
pub use store::lines::Said;
pub use store::list::Filter;
