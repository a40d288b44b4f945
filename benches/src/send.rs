//! Durable sends against one fsync per message.

use std::io::Write as _;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::child::Load;
use crate::figures::{Cpu, Samples, line};
use crate::world::World;

/// How many synced appends the floor makes per round.
const SYNCS: usize = 300;
/// Alternations of the floor and each width.
const ROUNDS: usize = 5;

pub(crate) async fn run(messages: usize, database: Option<String>, slow: u64) -> Result<()> {
    let world = World::start_on(database.clone(), slow).await?;
    let mut load = Load::start()?;
    load.ask(&format!("target {} {} {}", world.server.address(), world.token, world.channel)).await?;
    let engine = if database.is_some() { "PostgreSQL" } else { "SQLite" };
    line(&format!("durable sends per second on {engine}, every sync {slow} ms slower: median (min to max)"));
    for clients in [1, 16, 256] {
        load.ask(&format!("clients {clients}")).await?;
        let count = if clients == 1 { messages / 6 } else { messages };
        let (mut floor, mut rate, mut cost) = (Samples::default(), Samples::default(), Samples::default());
        load.ask(&format!("sends {clients}")).await?;
        for _ in 0..ROUNDS {
            floor.push(synced_appends(slow)?);
            let cpu = Cpu::start();
            let seconds: f64 = load.ask(&format!("sends {count}")).await?.parse()?;
            rate.push(count as f64 / seconds);
            cost.push(cpu.spent().as_secs_f64() * 1e6 / count as f64);
        }
        line(&format!("  {clients:3} clients                {}", rate.text()));
        line(&format!("      one fsync per message  {}", floor.text()));
        line(&format!("      ratio                  {}", rate.over(&floor).text()));
        line(&format!("      µs of CPU per send     {}", cost.text()));
    }
    drop(load);
    world.server.stop().await
}

/// Appends of a message's size with fdatasync, per second, in the folder of the database; each sync takes so many
/// milliseconds more than the disk does.
fn synced_appends(slow: u64) -> Result<f64> {
    let mut file = tempfile::tempfile_in(".")?;
    let bytes = vec![b'x'; 1024];
    let syncs = if slow == 0 { SYNCS } else { SYNCS / 10 };
    let started = Instant::now();
    for _ in 0..syncs {
        file.write_all(&bytes)?;
        file.sync_data()?;
        std::thread::sleep(Duration::from_millis(slow));
    }
    Ok(syncs as f64 / started.elapsed().as_secs_f64())
}
