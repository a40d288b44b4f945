//! The crates apalis and awa as peers: enqueue, say "ready", wait for a line, work, say how much CPU time that took.

use std::io::{BufRead, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Jobs that were not run yet.
#[derive(Clone)]
struct Left(Arc<(AtomicUsize, Notify)>);

impl Left {
    fn one_less(&self) {
        if self.0.0.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.1.notify_one();
        }
    }
}

struct Ask {
    url: String,
    jobs: usize,
    width: usize,
    connections: u32,
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [peer, url, jobs, width, connections] = arguments.as_slice() else {
        return Err("PEER URL JOBS WIDTH CONNECTIONS".into());
    };
    let ask = Ask {
        url: url.clone(),
        jobs: jobs.parse()?,
        width: width.parse()?,
        connections: connections.parse()?,
    };
    match peer.as_str() {
        "apalis" => with_apalis(ask).await,
        "awa" => with_awa(ask).await,
        other => Err(format!("no peer {other}").into()),
    }
}

/// Says that all is enqueued and waits to be told to begin; gives the CPU seconds so far.
async fn ready() -> Result<f64, Failure> {
    tokio::task::spawn_blocking(|| {
        println!("ready");
        std::io::stdout().flush()?;
        std::io::stdin().lock().read_line(&mut String::new())?;
        cpu()
    })
    .await?
}

fn done(before: f64) -> Result<(), Failure> {
    println!("done {}", cpu()? - before);
    std::process::exit(0)
}

/// CPU seconds of this process, in ticks of a hundredth.
fn cpu() -> Result<f64, Failure> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    Ok((fields[11].parse::<f64>()? + fields[12].parse::<f64>()?) / 100.0)
}

/// With its batches as large as the width; completion is acknowledged job by job, there is no other way.
async fn with_apalis(ask: Ask) -> Result<(), Failure> {
    use apalis::prelude::*;
    use apalis_postgres::{Config, PgPool, PostgresStorage};
    use futures::stream;

    let pool = PgPool::connect(&ask.url).await?;
    PostgresStorage::setup(&pool).await?;
    let config = Config::default().queue("noop").batch_size(ask.width);
    let mut backend = PostgresStorage::new(&pool).with_config(config).with_pubsub();
    let mut tasks = stream::iter(0..ask.jobs).map(|number| TaskBuilder::new(number).build());
    backend.push_all(&mut tasks).await?;
    let before = ready().await?;

    let left = Left(Arc::new((AtomicUsize::new(ask.jobs), Notify::new())));
    async fn noop(_number: usize, left: Data<Left>, worker: WorkerContext) -> Result<(), BoxDynError> {
        left.one_less();
        if left.0.0.0.load(Ordering::Acquire) == 0 {
            worker.stop()?;
        }
        Ok(())
    }
    use futures::StreamExt;
    WorkerBuilder::new("worker")
        .backend(backend)
        .data(left)
        .concurrency(ask.width)
        .parallelize(tokio::spawn)
        .build(noop)
        .run()
        .await?;
    let _ = ask.connections;
    done(before)
}

#[derive(Debug, serde::Serialize, serde::Deserialize, awa::JobArgs)]
struct Noop {
    number: usize,
}

async fn with_awa(ask: Ask) -> Result<(), Failure> {
    let pool =
        sqlx::postgres::PgPoolOptions::new().max_connections(ask.connections).connect(&ask.url).await?;
    awa::migrations::run(&pool).await?;
    let options = awa::InsertOpts { queue: "noop".into(), ..Default::default() };
    for from in (0..ask.jobs).step_by(1000) {
        let mut jobs = Vec::new();
        for number in from..(from + 1000).min(ask.jobs) {
            jobs.push(awa::model::insert::params_with(&Noop { number }, options.clone())?);
        }
        awa::insert_many_copy_from_pool(&pool, &jobs).await?;
    }
    let before = ready().await?;

    let left = Left(Arc::new((AtomicUsize::new(ask.jobs), Notify::new())));
    let counted = left.clone();
    let queue = awa::QueueConfig { max_workers: u32::try_from(ask.width)?, ..Default::default() };
    let client = awa::Client::builder(pool)
        .queue("noop", queue)
        .register::<Noop, _, _>(move |_noop, _ctx| {
            let left = counted.clone();
            async move {
                left.one_less();
                Ok(awa::JobResult::Completed)
            }
        })
        .build()?;
    client.start().await?;
    left.0.1.notified().await;
    client.shutdown(Duration::from_secs(10)).await;
    done(before)
}
