//! Processes that share a database and a clock, and jobs that do little.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use guildhall_base::{Clock, Error, Hand, Ids, JobId, Timestamp};
use guildhall_infra::blobs::Blobs;
use guildhall_infra::db::{Db, Migration, params, sql};
use guildhall_infra::events::{self, EventLog};
use guildhall_infra::jobs::{self, Ctx, Job, Jobs, NewJob, Outcome, Parts, Record, Rules, State, Timing};
use guildhall_infra::seal::Seal;
use guildhall_infra::testing::{TestDb, databases};
use tempfile::TempDir;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

pub(crate) const EFFECTS: Migration = Migration {
    name: "test/effects",
    sql: "CREATE TABLE effects (id {serial}, job_id BIGINT NOT NULL, name TEXT NOT NULL)",
};

/// A database and a clock, on which processes may be started.
pub(crate) struct Bench {
    pub(crate) test: TestDb,
    pub(crate) clock: Clock,
    pub(crate) hand: Hand,
    pub(crate) log: EventLog,
    folder: TempDir,
    stop: CancellationToken,
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// One on each engine at hand.
pub(crate) async fn benches() -> Vec<Bench> {
    let mut benches = Vec::new();
    for test in databases().await {
        let schema = [events::migrations(), jobs::migrations(), vec![EFFECTS]].concat();
        test.db.migrate(&schema).await.unwrap();
        let (clock, hand) = Clock::manual("2026-11-20T12:00:00Z".parse().unwrap());
        let stop = CancellationToken::new();
        let log = EventLog::open(test.db.clone(), clock.clone(), stop.clone()).await.unwrap();
        benches.push(Bench { test, clock, hand, log, folder: TempDir::new().unwrap(), stop });
    }
    benches
}

/// Nothing is looked at without being told, so that only the test's own steps count.
pub(crate) fn patient() -> Timing {
    let never = Duration::from_secs(3600);
    Timing { beat: never, poll: never, drain: Duration::ZERO, ..Timing::default() }
}

impl Bench {
    /// Another process, with the usual jobs.
    pub(crate) fn node(&self) -> Jobs {
        let jobs = Jobs::new(Parts {
            db: self.test.db.clone(),
            clock: self.clock.clone(),
            ids: Ids::new(self.clock.clone(), next_node()),
            log: self.log.clone(),
            blobs: Blobs::open(&format!("file:{}", self.folder.path().display())).unwrap(),
            seal: Seal::new(&[7; 32]).unwrap(),
            timing: patient(),
        });
        jobs.register(Plain);
        jobs.register(Fails);
        jobs
    }

    /// The effects that were committed, oldest first.
    pub(crate) async fn effects(&self, job: JobId) -> Vec<String> {
        let rows = sql!("SELECT name FROM effects WHERE job_id = $1 ORDER BY id");
        let rows = self.test.db.all(rows, params![job]).await.unwrap();
        rows.iter().map(|row| row.read().unwrap()).collect()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

/// A process of its own making, with its own log and clock, and no jobs.
pub(crate) async fn node_on(db: &Db, clock: Clock, node: u16, timing: Timing) -> Jobs {
    let log = EventLog::open(db.clone(), clock.clone(), CancellationToken::new()).await.unwrap();
    let folder = format!("file:{}", std::env::temp_dir().join("guildhall-test-blobs").display());
    let (ids, blobs) = (Ids::new(clock.clone(), node), Blobs::open(&folder).unwrap());
    let seal = Seal::new(&[7; 32]).unwrap();
    Jobs::new(Parts { db: db.clone(), clock, ids, log, blobs, seal, timing })
}

fn next_node() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// An effect in the database that a step may have.
pub(crate) fn effect(ctx: &Ctx, effects: &jobs::Effects, name: &str) -> Outcome {
    effects.run(sql!("INSERT INTO effects (job_id, name) VALUES ($1, $2)"), params![ctx.id(), name]);
    Ok(())
}

/// Has one effect and answers with what it was told.
pub(crate) struct Plain;

impl Job for Plain {
    const NAME: &'static str = "plain";
    type Payload = String;
    type Output = String;

    async fn run(&self, ctx: Ctx, payload: String) -> Outcome<String> {
        ctx.step("only", async |effects| effect(&ctx, &effects, &payload)).await?;
        Ok(payload)
    }
}

/// Fails as often as it is told.
pub(crate) struct Fails;

impl Job for Fails {
    const NAME: &'static str = "fails";
    const RULES: Rules = Rules::new().attempts(4, Duration::from_secs(10), Duration::from_secs(60));
    type Payload = u32;
    type Output = u32;

    async fn run(&self, ctx: Ctx, times: u32) -> Outcome<u32> {
        if ctx.failures() < times { Err(Error::internal("not yet").into()) } else { Ok(ctx.failures()) }
    }
}

/// Does its first step, then waits until it is let go, then does its second.
pub(crate) struct Waits {
    pub(crate) reached: Arc<Notify>,
    pub(crate) go: Arc<Notify>,
}

impl Job for Waits {
    const NAME: &'static str = "waits";
    type Payload = ();
    type Output = ();

    async fn run(&self, ctx: Ctx, (): ()) -> Outcome {
        ctx.step("first", async |effects| effect(&ctx, &effects, "first")).await?;
        self.reached.notify_one();
        self.go.notified().await;
        ctx.step("second", async |effects| effect(&ctx, &effects, "second")).await
    }
}

impl Waits {
    pub(crate) fn new() -> (Self, Arc<Notify>, Arc<Notify>) {
        let (reached, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        (Self { reached: reached.clone(), go: go.clone() }, reached, go)
    }
}

pub(crate) fn plain(words: &str) -> NewJob {
    NewJob::of::<Plain>(&words.to_owned())
}

/// The job's record, which must be in this state.
pub(crate) async fn expect(jobs: &Jobs, id: JobId, state: State) -> Record {
    let record = jobs.get(id).await.unwrap();
    assert_eq!(record.state, state, "{record:?}");
    record
}

/// Waits until the job is in a final state: looked at whenever a run has ended.
pub(crate) async fn finished(jobs: &Jobs, id: JobId) -> Record {
    loop {
        let record = jobs.get(id).await.unwrap();
        if record.state.is_final() {
            return record;
        }
        tokio::task::yield_now().await;
    }
}
