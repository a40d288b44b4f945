//! What happens in memory: a permission check, and moving one role among 250.

use std::hint::black_box;
use std::time::Instant;

use anyhow::{Context, Result};
use guildhall_accounts::NewUser;
use guildhall_base::{ChannelId, GuildId, RoleId, UserId};
use serde_json::json;

use crate::figures::{Cpu, Samples, line};
use crate::http::Client;
use crate::world::World;

/// Checks per sample.
const CHECKS: u32 = 300_000;
/// Moves per sample.
const MOVES: usize = 40;
/// Roles besides `@everyone`.
const ROLES: usize = 249;
/// Roles that an ordinary member holds.
const HELD: usize = 20;
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
    check(&world, "the owner", &world.owner().await?)?;
    let member = ordinary(&world, &mut client).await?;
    check(&world, &format!("a member with {HELD} roles and {HELD} overwrites"), &member)?;
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

/// A member who holds many roles; the channel has an overwrite for each of them.
async fn ordinary(world: &World, client: &mut Client) -> Result<UserId> {
    let hall = world.server.hall();
    let guild: GuildId = world.guild.parse()?;
    let member = NewUser { username: "member".into(), ..NewUser::default() };
    let member = hall.accounts.create_user(member).await?.id;
    let room = hall.chat.world().guild(guild).await?.context("no guild")?;
    let roles: Vec<RoleId> =
        room.read().ordered_roles().iter().skip(1).map(|role| role.id).take(HELD).collect();
    hall.chat.enroll(guild, member, roles.clone()).await?;
    for role in roles {
        let path = format!("/channels/{}/permissions/{role}", world.channel);
        client.call("PUT", &path, Some(json!({ "type": 0, "allow": "64", "deny": "0" }))).await?;
    }
    Ok(member)
}

/// From the warm world, without a database.
fn check(world: &World, who: &str, user: &UserId) -> Result<()> {
    let guild: GuildId = world.guild.parse()?;
    let channel: ChannelId = world.channel.parse()?;
    let hall = world.server.hall();
    let room = hall.chat.world().loaded(guild).context("the guild is not in memory")?;
    let now = hall.clock.now();
    let mut cost = Samples::default();
    for _ in 0..ROUNDS {
        let started = Instant::now();
        for _ in 0..CHECKS {
            black_box(room.read().channel_permissions(black_box(*user), black_box(channel), now));
        }
        cost.push(started.elapsed().as_secs_f64() * 1e9 / f64::from(CHECKS));
    }
    line(&format!("permissions of {who} in a channel, lock included: {} ns", cost.text()));
    Ok(())
}
