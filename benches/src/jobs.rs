//! Durable jobs per second: enqueued beforehand, then worked off by one process with its usual loops.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::Result;
use guildhall_base::{Clock, Ids};
use guildhall_infra::blobs::Blobs;
use guildhall_infra::db::{Batch, Db};
use guildhall_infra::events::{self, EventLog};
use guildhall_infra::jobs::{self, Ctx, Job, Jobs, NewJob, Outcome, Parts, Timing};
use guildhall_infra::seal::Seal;
use guildhall_infra::testing::databases;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::figures::{Cpu, Samples, line};

/// Samples of each.
const ROUNDS: usize = 5;
/// Jobs are enqueued this many at a time.
const TOGETHER: usize = 500;

/// Counts runs down, and tells when none is left.
#[derive(Clone, Default)]
pub(crate) struct Left(Arc<(AtomicUsize, Notify)>);

impl Left {
    pub(crate) fn one_less(&self) {
        if self.0.0.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.1.notify_one();
        }
    }
}

/// Does nothing.
pub(crate) struct Noop(Left);

impl Job for Noop {
    const NAME: &'static str = "noop";
    type Payload = ();
    type Output = ();

    async fn run(&self, _ctx: Ctx, (): ()) -> Outcome {
        self.0.one_less();
        Ok(())
    }
}

/// Does nothing in three journaled steps.
struct Steps(Left);

impl Job for Steps {
    const NAME: &'static str = "steps";
    type Payload = ();
    type Output = ();

    async fn run(&self, ctx: Ctx, (): ()) -> Outcome {
        for step in ["one", "two", "three"] {
            ctx.step(step, async |_| Ok(())).await?;
        }
        self.0.one_less();
        Ok(())
    }
}

pub(crate) async fn run(count: usize) -> Result<()> {
    line(
        "jobs per second, claimed, run and finished durably: median (min to max); CPU of this process per job",
    );
    for test in databases().await {
        let folder = tempfile::tempdir()?;
        let (jobs, left, stop) = engine(&test.db, folder.path()).await?;
        measure::<Noop>(test.name, &test.db, (&jobs, &left), count).await?;
        measure::<Steps>(test.name, &test.db, (&jobs, &left), count / 4).await?;
        stop.cancel();
    }
    Ok(())
}

/// An engine on an empty database that knows the two kinds; the token ends its event log.
pub(crate) async fn engine(db: &Db, folder: &Path) -> Result<(Jobs, Left, CancellationToken)> {
    db.migrate(&[events::migrations(), jobs::migrations()].concat()).await?;
    let (clock, stop) = (Clock::system(), CancellationToken::new());
    let jobs = Jobs::new(Parts {
        db: db.clone(),
        clock: clock.clone(),
        ids: Ids::new(clock.clone(), 1),
        log: EventLog::open(db.clone(), clock, stop.clone()).await?,
        blobs: Blobs::open(&format!("file:{}", folder.display()))?,
        seal: Seal::new(&[0; 32])?,
        timing: Timing::default(),
    });
    let left = Left::default();
    jobs.register(Noop(left.clone()));
    jobs.register(Steps(left.clone()));
    Ok((jobs, left, stop))
}

/// Enqueues so many.
pub(crate) async fn enqueue<J: Job<Payload = ()>>(db: &Db, jobs: &Jobs, count: usize) -> Result<()> {
    for from in (0..count).step_by(TOGETHER) {
        let mut batch = Batch::new();
        for _ in from..count.min(from + TOGETHER) {
            jobs.enqueue(&mut batch, NewJob::of::<J>(&()))?;
        }
        db.write(batch).await?;
    }
    Ok(())
}

/// Works until so many have run and their ends are written.
pub(crate) async fn work_off(jobs: &Jobs, left: &Left, count: usize) -> Result<()> {
    left.0.0.store(count, Ordering::Release);
    let stop = CancellationToken::new();
    let working = tokio::spawn({
        let (jobs, stop) = (jobs.clone(), stop.clone());
        async move { jobs.work(stop).await }
    });
    left.0.1.notified().await;
    // The last ends are written before it has stopped.
    stop.cancel();
    Ok(working.await?)
}

async fn measure<J: Job<Payload = ()>>(
    engine: &str,
    db: &Db,
    (jobs, left): (&Jobs, &Left),
    count: usize,
) -> Result<()> {
    let (mut rate, mut cost) = (Samples::default(), Samples::default());
    for _ in 0..ROUNDS {
        enqueue::<J>(db, jobs, count).await?;
        let (began, cpu) = (Instant::now(), Cpu::start());
        work_off(jobs, left, count).await?;
        rate.push(count as f64 / began.elapsed().as_secs_f64());
        cost.push(cpu.spent().as_secs_f64() * 1e6 / count as f64);
    }
    line(&format!("  {engine}, {}: {} per second, {} us of CPU", J::NAME, rate.text(), cost.text()));
    Ok(())
}
