//! What happens in memory: a permission check, and moving one role among 250.

use std::hint::black_box;
use std::time::Instant;

use anyhow::{Context, Result};
use guildhall_base::{ChannelId, GuildId};
use serde_json::json;

use crate::figures::{Cpu, Samples, line};
use crate::world::World;

/// Checks per sample.
const CHECKS: u32 = 1_000_000;
/// Moves per sample.
const MOVES: usize = 40;
/// Roles besides `@everyone`.
const ROLES: usize = 249;
/// Samples.
const ROUNDS: usize = 7;

pub(crate) async fn run() -> Result<()> {
    let world = World::start().await?;
    let mut client = world.client().await?;
    let roles = format!("/guilds/{}/roles", world.guild);
    let mut last = String::new();
    for _ in 0..ROLES {
        let role = client.call("POST", &roles, Some(json!({}))).await?;
        last = role["id"].as_str().context("no id")?.to_owned();
    }
    check(&world).await?;
    let (mut wall, mut cost) = (Samples::default(), Samples::default());
    for _ in 0..ROUNDS {
        let (started, cpu) = (Instant::now(), Cpu::start());
        for round in 0..MOVES {
            // From one end to the other and back: every role changes its place.
            let position = if round % 2 == 0 { ROLES } else { 1 };
            client.call("PATCH", &roles, Some(json!([{ "id": last, "position": position }]))).await?;
        }
        wall.push(started.elapsed().as_secs_f64() * 1e3 / MOVES as f64);
        cost.push(cpu.spent().as_secs_f64() * 1e3 / MOVES as f64);
    }
    line("moving one role past 248 others, over HTTP, durable, with 249 events: median (min to max)");
    line(&format!("  {} ms, {} ms of CPU (this client's included)", wall.text(), cost.text()));
    world.server.stop().await
}

async fn check(world: &World) -> Result<()> {
    let guild: GuildId = world.guild.parse()?;
    let channel: ChannelId = world.channel.parse()?;
    let hall = world.server.hall();
    let room = hall.chat.world().guild(guild).await?.context("no guild")?;
    let user = hall.accounts.user_by_name("bench").await?.context("no user")?;
    let now = hall.clock.now();
    let mut cost = Samples::default();
    for _ in 0..ROUNDS {
        let started = Instant::now();
        for _ in 0..CHECKS {
            black_box(room.read().channel_permissions(black_box(user.id), black_box(channel), now));
        }
        cost.push(started.elapsed().as_secs_f64() * 1e9 / f64::from(CHECKS));
    }
    line(&format!("permissions of the owner in a channel, lock included: {} ns", cost.text()));
    Ok(())
}
