//! Lists of jobs where there are many: by owner, by state, as staff see them, and later pages.

use std::time::{Duration, Instant};

use anyhow::Result;
use guildhall_base::codes::UNAVAILABLE;
use guildhall_base::{GuildId, JobId, UserId};
use guildhall_infra::db::{Batch, Db};
use guildhall_infra::jobs::{Ctx, Filter, Job, Jobs, NewJob, Outcome, State, Stop};
use guildhall_infra::testing::databases;

use crate::figures::{Samples, line};
use crate::jobs::{Left, Noop, engine, work_off};

/// How often each list is asked for.
const ASKED: usize = 50;
/// Jobs are enqueued this many at a time.
const TOGETHER: usize = 500;
/// How many people and guilds there are; the first of each has a tenth of all jobs.
const OWNERS: usize = 1000;
/// Rows of a page.
const PAGE: u16 = 50;

/// Fails for good.
struct Fails(Left);

impl Job for Fails {
    const NAME: &'static str = "fails";
    type Payload = ();
    type Output = ();

    async fn run(&self, _ctx: Ctx, (): ()) -> Outcome {
        self.0.one_less();
        Err(Stop::fail(UNAVAILABLE))
    }
}

/// Comes once in the whole table, first.
struct Rare;

impl Job for Rare {
    const NAME: &'static str = "rare";
    type Payload = ();
    type Output = ();

    async fn run(&self, _ctx: Ctx, (): ()) -> Outcome {
        Ok(())
    }
}

pub(crate) async fn run(rows: usize) -> Result<()> {
    line(&format!("ms for a page of {PAGE} among {rows} jobs: median (min to max) of {ASKED}"));
    for test in databases().await {
        let folder = tempfile::tempdir()?;
        let (jobs, left, stop) = engine(&test.db, folder.path()).await?;
        jobs.register(Fails(left.clone()));
        jobs.register(Rare);
        fill(&test.db, &jobs, &left, rows).await?;
        measure(test.name, &jobs).await?;
        stop.cancel();
    }
    Ok(())
}

/// Eight of ten are done, one of twenty each is dead, cancelled, due and planned.
async fn fill(db: &Db, jobs: &Jobs, left: &Left, rows: usize) -> Result<()> {
    let part = rows / 20;
    jobs.enqueue_now(
        NewJob::of::<Rare>(&())
            .guild(GuildId::new(1))
            .user(UserId::new(1))
            .after(Duration::from_secs(86_400)),
    )
    .await?;
    enqueue(db, jobs, NewJob::of::<Noop>(&()), rows - 4 * part).await?;
    work_off(jobs, left, rows - 4 * part).await?;
    enqueue(db, jobs, NewJob::of::<Fails>(&()), part).await?;
    work_off(jobs, left, part).await?;
    let later = NewJob::of::<Noop>(&()).after(Duration::from_secs(86_400));
    for id in enqueue(db, jobs, later.clone(), part).await? {
        jobs.cancel(id).await?;
    }
    enqueue(db, jobs, later, part).await?;
    enqueue(db, jobs, NewJob::of::<Noop>(&()), part).await?;
    Ok(())
}

async fn enqueue(db: &Db, jobs: &Jobs, job: NewJob, count: usize) -> Result<Vec<JobId>> {
    let mut ids = Vec::with_capacity(count);
    for from in (0..count).step_by(TOGETHER) {
        let mut batch = Batch::new();
        for number in from..count.min(from + TOGETHER) {
            let owner = if number % 10 == 0 { 1 } else { 2 + (number % OWNERS) as i64 };
            let job = job.clone().user(UserId::new(owner)).guild(GuildId::new(owner));
            ids.push(jobs.enqueue(&mut batch, job)?);
        }
        db.write(batch).await?;
    }
    Ok(ids)
}

async fn measure(engine: &str, jobs: &Jobs) -> Result<()> {
    let (busy, other) = (Some(UserId::new(1)), Some(UserId::new(7)));
    let guild = Some(GuildId::new(1));
    let name = |name: &str| Some(name.to_owned());
    let all = jobs.list(&Filter { user: busy, ..Filter::default() }, u16::MAX).await?;
    let before = all.get(all.len() / 2).map(|record| record.id);
    let lists = [
        ("all", Filter::default()),
        ("a person's", Filter { user: other, ..Filter::default() }),
        ("a busy person's", Filter { user: busy, ..Filter::default() }),
        ("a busy person's, half way down", Filter { user: busy, before, ..Filter::default() }),
        ("a busy person's dead ones", Filter { user: busy, state: Some(State::Dead), ..Filter::default() }),
        ("a busy guild's of a rare kind", Filter { guild, name: name(Rare::NAME), ..Filter::default() }),
        ("of a rare kind", Filter { name: name(Rare::NAME), ..Filter::default() }),
        ("half way down", Filter { before, ..Filter::default() }),
    ];
    let states = [State::Ready, State::Scheduled, State::Running, State::Done, State::Dead, State::Cancelled];
    let states = states.map(|state| (state.as_str(), Filter { state: Some(state), ..Filter::default() }));
    for (what, filter) in lists.into_iter().chain(states) {
        let mut took = Samples::default();
        let mut found = 0;
        for _ in 0..ASKED {
            let began = Instant::now();
            found = jobs.list(&filter, PAGE).await?.len();
            took.push(began.elapsed().as_secs_f64() * 1e3);
        }
        line(&format!("  {engine}, {what}: {} ms, {found} rows", took.text()));
    }
    let mut took = Samples::default();
    for _ in 0..ASKED {
        let began = Instant::now();
        jobs.queues().await?;
        took.push(began.elapsed().as_secs_f64() * 1e3);
    }
    line(&format!("  {engine}, the queues: {} ms", took.text()));
    Ok(())
}
