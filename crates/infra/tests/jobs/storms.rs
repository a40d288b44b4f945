//! The database fails, or is held up by others.

use std::time::{Duration, Instant};

use guildhall_base::Clock;
use guildhall_infra::db::{Batch, Db};
use guildhall_infra::jobs::{Ctx, Job, Jobs, NewJob, Outcome, Rules, State, Timing};
use tokio_postgres::{Client, NoTls};
use tokio_util::sync::CancellationToken;

use crate::support::*;

/// Nothing at all.
struct Noop;

impl Job for Noop {
    const NAME: &'static str = "noop";
    const RULES: Rules = Rules::new().attempts(1000, Duration::from_millis(10), Duration::from_millis(50));
    type Payload = ();
    type Output = ();

    async fn run(&self, _ctx: Ctx, (): ()) -> Outcome {
        Ok(())
    }
}

/// Two effects; tried until they succeed.
struct Pair;

impl Job for Pair {
    const NAME: &'static str = "pair";
    const RULES: Rules = Noop::RULES;
    type Payload = ();
    type Output = ();

    async fn run(&self, ctx: Ctx, (): ()) -> Outcome {
        ctx.step("one", async |effects| effect(&ctx, &effects, "one")).await?;
        ctx.step("two", async |effects| effect(&ctx, &effects, "two")).await
    }
}

async fn admin(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn node(bench: &Bench) -> Jobs {
    let timing = Timing {
        lease: Duration::from_secs(2),
        beat: Duration::from_millis(100),
        poll: Duration::from_millis(50),
        rescues: 10_000,
        ..Timing::default()
    };
    let jobs = node_on(&bench.test.db, Clock::system(), 1, timing).await;
    jobs.register(Noop);
    jobs.register(Pair);
    jobs
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a07_a_storm_of_terminated_connections_drains_fully() {
    for bench in benches().await.into_iter().filter(|bench| bench.test.name == "postgres") {
        let jobs = node(&bench).await;
        let mut ids = Vec::new();
        for _ in 0..200 {
            ids.push(jobs.enqueue_now(NewJob::of::<Pair>(&())).await.unwrap());
        }
        let stop = CancellationToken::new();
        let working = tokio::spawn({
            let (jobs, stop) = (jobs.clone(), stop.clone());
            async move { jobs.work(stop).await }
        });
        let admin = admin(&bench.test.url).await;
        for _ in 0..50 {
            let storm = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                         WHERE datname = current_database() AND pid <> pg_backend_pid()";
            admin.execute(storm, &[]).await.unwrap();
            admin.execute("SELECT pg_sleep(0.01)", &[]).await.unwrap();
        }
        for id in &ids {
            let state = loop {
                match jobs.get(*id).await {
                    Ok(record) if record.state.is_final() => break record.state,
                    _ => tokio::task::yield_now().await,
                }
            };
            assert_eq!(state, State::Done);
        }
        stop.cancel();
        working.await.unwrap();
        for id in ids {
            assert_eq!(bench.effects(id).await, ["one", "two"]);
        }
    }
}

/// Seconds that so many jobs take.
async fn drain(db: &Db, jobs: &Jobs, count: usize) -> f64 {
    for _ in 0..count / 100 {
        let mut batch = Batch::new();
        for _ in 0..100 {
            jobs.enqueue(&mut batch, NewJob::of::<Noop>(&())).unwrap();
        }
        db.write(batch).await.unwrap();
    }
    let began = Instant::now();
    assert_eq!(jobs.run_due().await.unwrap(), count);
    began.elapsed().as_secs_f64()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a11_a_transaction_left_open_does_not_collapse_throughput() {
    for bench in benches().await {
        let jobs = node(&bench).await;
        drain(&bench.test.db, &jobs, 500).await;
        let before = drain(&bench.test.db, &jobs, 3000).await;
        let holder = match bench.test.name {
            "postgres" => {
                let holder = admin(&bench.test.url).await;
                let open = "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM jobs";
                holder.batch_execute(open).await.unwrap();
                Some(holder)
            }
            _ => None,
        };
        let after = drain(&bench.test.db, &jobs, 3000).await;
        eprintln!(
            "{}: {:.0} jobs/s, {:.0} with a transaction left open",
            bench.test.name,
            3000.0 / before,
            3000.0 / after
        );
        // Machines under load vary; a collapse is another thing.
        assert!(after < before * 5.0 + 1.0, "{}: {before} s, then {after} s", bench.test.name);
        drop(holder);
    }
}
