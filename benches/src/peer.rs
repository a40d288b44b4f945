//! The job engine as one of the programs that `benches/peers/run` compares: enqueues, says "ready", waits for a line,
//! works, says how much CPU time that took.

use std::io::{BufRead as _, stdin};

use anyhow::{Result, ensure};
use guildhall_infra::db::Db;
use guildhall_infra::jobs::Queue;

use crate::figures::{Cpu, line};
use crate::jobs::{Noop, engine, enqueue, work_off};

pub(crate) async fn run(database: &str, count: usize, width: usize) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let db = Db::open(database).await?;
    let (jobs, left, stop) = engine(&db, folder.path()).await?;
    jobs.limit(Queue::new("default").slots(width));
    enqueue::<Noop>(&db, &jobs, count).await?;
    line("ready");
    let read = tokio::task::spawn_blocking(|| stdin().lock().read_line(&mut String::new())).await??;
    ensure!(read > 0, "nobody said when to begin");
    let cpu = Cpu::start();
    work_off(&jobs, &left, count).await?;
    line(&format!("done {}", cpu.spent().as_secs_f64()));
    stop.cancel();
    Ok(())
}
