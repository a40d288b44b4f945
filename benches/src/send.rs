//! Durable sends against one fsync per message.

use std::io::Write as _;
use std::time::Instant;

use anyhow::Result;

use crate::child::Load;
use crate::figures::{Cpu, Samples, line};
use crate::world::World;

/// How many synced appends the floor makes per round.
const SYNCS: usize = 300;
/// Alternations of the floor and each width.
const ROUNDS: usize = 5;

pub(crate) async fn run(messages: usize) -> Result<()> {
    let world = World::start().await?;
    let mut load = Load::start()?;
    load.ask(&format!("target {} {} {}", world.server.address(), world.token, world.channel)).await?;
    line("durable sends per second on SQLite: median (min to max)");
    for clients in [1, 16, 256] {
        load.ask(&format!("clients {clients}")).await?;
        let count = if clients == 1 { messages / 6 } else { messages };
        let (mut floor, mut rate, mut cost) = (Samples::default(), Samples::default(), Samples::default());
        load.ask(&format!("sends {clients}")).await?;
        for _ in 0..ROUNDS {
            floor.push(synced_appends()?);
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

/// Appends of a message's size with fdatasync, per second, in the folder of the database.
fn synced_appends() -> Result<f64> {
    let mut file = tempfile::tempfile_in(".")?;
    let bytes = vec![b'x'; 1024];
    let started = Instant::now();
    for _ in 0..SYNCS {
        file.write_all(&bytes)?;
        file.sync_data()?;
    }
    Ok(SYNCS as f64 / started.elapsed().as_secs_f64())
}
