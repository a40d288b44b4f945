//! The directory: searches over many listings, kept pages beside nginx with the same bytes, and the index beside FastAPI.

mod fastapi;
mod nginx;
mod search;
mod seed;
mod words;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::Args;

use self::fastapi::FastApi;
use self::nginx::{File, Nginx};
use crate::child::Load;
use crate::figures::{Cpu, Samples, line};
use crate::world::World;

/// Connections that read at the same time.
const CLIENTS: usize = 16;
/// Requests of the index to FastAPI in a round.
const TO_FASTAPI: usize = 64;

/// What is measured.
#[derive(Args)]
pub(crate) struct Options {
    /// Approved listings.
    #[arg(long, default_value_t = 100_000)]
    listings: usize,
    /// Different searches.
    #[arg(long, default_value_t = 500)]
    searches: usize,
    /// Requests per measurement of what is kept.
    #[arg(long, default_value_t = 20_000)]
    requests: usize,
    /// Alternations of the servers.
    #[arg(long, default_value_t = 7)]
    rounds: usize,
    /// An empty PostgreSQL database instead of SQLite; the index beside FastAPI is measured only there.
    #[arg(long)]
    database: Option<String>,
    /// The program of nginx.
    #[arg(long, default_value = "nginx")]
    nginx: PathBuf,
    /// Where pip installs FastAPI; by default below ~/.cache/guildhall-test.
    #[arg(long)]
    cache: Option<PathBuf>,
}

pub(crate) async fn run(options: &Options) -> Result<()> {
    let world = World::start_on(options.database.clone(), 0).await?;
    let hall = world.server.hall();
    let began = Instant::now();
    seed::fill(&hall.db, world.owner().await?, options.listings, hall.clock.now()).await?;
    let engine = if options.database.is_some() { "PostgreSQL" } else { "SQLite" };
    line(&format!(
        "{} listings on {engine}, added in {:.0} s",
        options.listings,
        began.elapsed().as_secs_f64()
    ));
    let mut load = connect(world.server.address()).await?;
    let folder = tempfile::tempdir()?;
    search::measure(&mut load, folder.path(), options.searches).await?;
    let mut pages = pages(&world).await?;
    beside_nginx(options, &mut load, &mut pages).await?;
    if let Some(database) = &options.database {
        beside_fastapi(options, &mut load, database).await?;
    }
    drop(load);
    world.server.stop().await
}

async fn connect(address: SocketAddr) -> Result<Load> {
    let mut load = Load::start()?;
    load.ask(&format!("target {address} - -")).await?;
    load.ask(&format!("clients {CLIENTS}")).await?;
    Ok(load)
}

/// An address of ours, and what is there.
struct Page {
    what: &'static str,
    path: String,
    file: File,
}

/// What is kept, as it is now; says how long it took to make.
async fn pages(world: &World) -> Result<Vec<Page>> {
    let first = seed::FIRST;
    let (json, html) = ("application/json", "text/html");
    let mut client = world.client().await?;
    let mut pages = Vec::new();
    line("made for the first time, ms");
    for (what, path, name, content_type) in [
        ("the index, JSON", "/v2/directory/bots".to_owned(), "index.json", json),
        ("the index, page", "/bots".to_owned(), "index.html", html),
        ("a listing, JSON", format!("/v2/listings/bots/{first}"), "listing.json", json),
        ("a listing, page", format!("/bots/{first}"), "listing.html", html),
    ] {
        let began = Instant::now();
        let bytes = client.page(&path).await?.to_vec();
        line(&format!("  {what:18} {:7.2}, {} bytes", began.elapsed().as_secs_f64() * 1e3, bytes.len()));
        pages.push(Page { what, path, file: File { name, content_type, bytes } });
    }
    Ok(pages)
}

/// Requests per CPU second of ours and of nginx.
async fn beside_nginx(options: &Options, ours: &mut Load, pages: &mut [Page]) -> Result<()> {
    if !nginx::is_there(&options.nginx) {
        line(&format!("there is no {}: nothing to compare with", options.nginx.display()));
        return Ok(());
    }
    let files: Vec<File> =
        pages.iter_mut().map(|page| std::mem::replace(&mut page.file, File::none())).collect();
    let nginx = Nginx::start(&options.nginx, &files).await?;
    let mut theirs = connect(nginx.address).await?;
    line(&format!(
        "requests per CPU second, {CLIENTS} clients, {} a round, {} rounds: median (min to max)",
        options.requests, options.rounds
    ));
    for (page, file) in pages.iter().zip(&files) {
        let [mut own, mut plain, mut open] = <[Samples; 3]>::default();
        for round in 0..=options.rounds {
            let cpu = Cpu::start();
            fetch(ours, options.requests, &page.path).await?;
            let spent = cpu.spent();
            let mut all = vec![(&mut own, spent)];
            for (samples, place) in [(&mut plain, "plain"), (&mut open, "open")] {
                let before = nginx.cpu()?;
                fetch(&mut theirs, options.requests, &format!("/{place}/{}", file.name)).await?;
                all.push((samples, nginx.cpu()? - before));
            }
            // The first round warms up.
            for (samples, spent) in all.into_iter().filter(|_| round > 0) {
                samples.push(options.requests as f64 / spent.as_secs_f64());
            }
        }
        line(&format!("  {}, {} bytes", page.what, file.bytes.len()));
        line(&format!("    ours                {}", own.text()));
        line(&format!("    nginx               {}, ours {}", plain.text(), own.over(&plain).text()));
        line(&format!("    nginx, files open   {}, ours {}", open.text(), own.over(&open).text()));
    }
    Ok(())
}

async fn fetch(load: &mut Load, count: usize, path: &str) -> Result<()> {
    load.ask(&format!("fetches {count} {path}")).await?;
    Ok(())
}

/// The index of ours, kept, and as FastAPI makes it from the same tables.
async fn beside_fastapi(options: &Options, ours: &mut Load, database: &str) -> Result<()> {
    let fastapi = FastApi::start(options.cache.clone(), database).await?;
    let mut theirs = connect(fastapi.address).await?;
    line("the index, requests per CPU second (of FastAPI without what PostgreSQL does for it)");
    let [mut own, mut asking, mut kept] = <[Samples; 3]>::default();
    for round in 0..=options.rounds {
        let cpu = Cpu::start();
        fetch(ours, options.requests, "/v2/directory/bots").await?;
        let mut all = vec![(&mut own, options.requests, cpu.spent())];
        for (samples, path, count) in
            [(&mut asking, "/index", TO_FASTAPI), (&mut kept, "/index/cached", options.requests / 10)]
        {
            let before: Duration = fastapi.cpu()?;
            fetch(&mut theirs, count, path).await?;
            all.push((samples, count, fastapi.cpu()? - before));
        }
        for (samples, count, spent) in all.into_iter().filter(|_| round > 0) {
            samples.push(count as f64 / spent.as_secs_f64());
        }
    }
    line(&format!("  ours, kept            {}", own.text()));
    line(&format!("  FastAPI, asking       {}, ours {} times", asking.text(), own.over(&asking).text()));
    line(&format!("  FastAPI, kept 120 s   {}, ours {} times", kept.text(), own.over(&kept).text()));
    Ok(())
}
