//! What the check of a session costs on the path of a request, how often it asks the database, and how soon a second
//! process knows that one was revoked.

use std::path::Path;
use std::process::Stdio;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use guildhall_accounts::Accounts;
use guildhall_app::serve::Server;
use guildhall_base::Clock;
use guildhall_infra::telemetry::Metrics;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::child::Load;
use crate::figures::{Cpu, Samples, line};
use crate::http::{Ask, Client};
use crate::world::{World, settings};

/// Connections that ask at the same time.
const CLIENTS: usize = 16;
/// Alternations of the two.
const ROUNDS: usize = 7;
/// Sessions that are revoked.
const REVOKED: usize = 50;
/// Open to everybody; whoever brings a session has it checked at the door first.
const ROUTE: &str = "/gateway";

pub(crate) async fn run(requests: usize, database: Option<String>) -> Result<()> {
    let world = World::start_on(database.clone(), 0).await?;
    cost(&world, requests).await?;
    revocation(&world, database).await?;
    world.server.stop().await
}

/// The same route by strangers and by a session, in turns.
async fn cost(world: &World, requests: usize) -> Result<()> {
    let metrics = Metrics::record()?;
    let mut sides = [("a stranger", String::new()), ("a session", world.token.clone())]
        .map(|(name, token)| (name, token, Samples::default(), 0_u64));
    let mut loads = Vec::new();
    for (_, token, ..) in &sides {
        let mut load = Load::start()?;
        load.ask(&format!("target {} {token} {}", world.server.address(), world.channel)).await?;
        load.ask(&format!("clients {CLIENTS}")).await?;
        load.ask(&format!("gets {CLIENTS} {ROUTE}")).await?;
        loads.push(load);
    }
    for round in 0..ROUNDS {
        for side in [round % 2, 1 - round % 2] {
            let (_, _, samples, reads) = &mut sides[side];
            let (before, cpu) = (queries(&metrics), Cpu::start());
            loads[side].ask(&format!("gets {requests} {ROUTE}")).await?;
            samples.push(cpu.spent().as_secs_f64() * 1e6 / requests as f64);
            *reads += queries(&metrics) - before;
        }
    }
    line(&format!("GET {ROUTE} by {CLIENTS} clients, {requests} requests a round: median (min to max)"));
    for (name, _, samples, reads) in &sides {
        let all = requests * ROUNDS;
        line(&format!(
            "  by {name:10} {} µs of CPU; the server made {reads} queries during {all} requests",
            samples.text()
        ));
    }
    let [(.., stranger, _), (.., session, _)] = &sides;
    line(&format!("  a session / a stranger {}", session.over(stranger).text()));
    Ok(())
}

/// Queries of this process so far, those that it makes by itself now and then included.
fn queries(metrics: &Metrics) -> u64 {
    let text = metrics.render();
    let count = text.lines().find_map(|line| line.strip_prefix("db_read_seconds_count "));
    count.and_then(|count| count.parse().ok()).unwrap_or_default()
}

/// Sessions that a second process has seen lately are revoked here; it is asked until it refuses them.
async fn revocation(world: &World, database: Option<String>) -> Result<()> {
    let (second, address) = second(world.folder(), database).await?;
    let accounts = &world.server.hall().accounts;
    let mut took = Samples::default();
    for _ in 0..REVOKED {
        let token = accounts.new_token(world.owner().await?).await?;
        let mut client = Client::connect(address.parse()?, &token).await?;
        client.ask(&Ask::api("GET", "/users/@me", "")).await?;
        let began = Instant::now();
        revoke(accounts, &token).await?;
        let refused = loop {
            if let Err(error) = client.ask(&Ask::api("GET", "/users/@me", "")).await {
                break error.to_string();
            }
        };
        took.push(began.elapsed().as_secs_f64() * 1e3);
        ensure!(refused.contains("401"), "{refused}");
    }
    line(&format!(
        "{REVOKED} sessions revoked here, until a second process on the same database refuses them, the write \
         included: {} ms",
        took.text()
    ));
    drop(second);
    Ok(())
}

async fn revoke(accounts: &Accounts, token: &str) -> Result<()> {
    let actor = accounts.authenticate(token).await?;
    let session = actor.session().context("no session")?;
    Ok(accounts.revoke_session(&actor, session).await?)
}

/// Starts another process over the same folder and database; it ends with what is returned.
async fn second(folder: &Path, database: Option<String>) -> Result<(Child, String)> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("serve-second").arg(folder).args(database);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
    let mut process = command.spawn().context("cannot start a second process")?;
    let mut lines = BufReader::new(process.stdout.take().context("no output")?).lines();
    let address = lines.next_line().await?.context("the second process ended before it was ready")?;
    Ok((process, address))
}

/// The second process: serves until standard input ends.
pub(crate) async fn serve(folder: &Path, database: Option<String>) -> Result<()> {
    let server = Server::start(settings(folder, database, 0)?, Clock::system()).await?;
    line(&server.address().to_string());
    tokio::io::stdin().read_to_end(&mut Vec::new()).await?;
    server.stop().await
}
