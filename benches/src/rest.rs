//! Reads over HTTP.

use anyhow::Result;

use crate::child::Load;
use crate::figures::{Cpu, Samples, line};
use crate::world::World;

/// Connections that read at the same time.
const CLIENTS: usize = 16;
/// Alternations of the routes.
const ROUNDS: usize = 5;

pub(crate) async fn run(requests: usize) -> Result<()> {
    let world = World::start().await?;
    let mut load = Load::start()?;
    load.ask(&format!("target {} {} {}", world.server.address(), world.token, world.channel)).await?;
    load.ask(&format!("clients {CLIENTS}")).await?;
    load.ask("sends 100").await?;
    let routes = [
        // The floor: routing, limits and an answer without any data.
        ("the gateway's address", "/gateway".to_owned()),
        ("50 messages", format!("/channels/{}/messages?limit=50", world.channel)),
        ("the guild", format!("/guilds/{}", world.guild)),
        ("the member list", format!("/guilds/{}/members?limit=100", world.guild)),
    ];
    let mut samples = vec![(Samples::default(), Samples::default()); routes.len()];
    for _ in 0..ROUNDS {
        for ((_, path), (rate, cost)) in routes.iter().zip(&mut samples) {
            let cpu = Cpu::start();
            let seconds: f64 = load.ask(&format!("gets {requests} {path}")).await?.parse()?;
            rate.push(requests as f64 / seconds);
            cost.push(cpu.spent().as_secs_f64() * 1e6 / requests as f64);
        }
    }
    line(&format!("reads by {CLIENTS} clients: median (min to max)"));
    for ((name, _), (rate, cost)) in routes.iter().zip(&samples) {
        line(&format!("  {name:22} {} per second, {} µs of CPU", rate.text(), cost.text()));
    }
    drop(load);
    world.server.stop().await
}
