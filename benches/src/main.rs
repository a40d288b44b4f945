//! Measures Guildhall against floors in one interleaved run, CPU time of the whole server process included.
//!
//! The server runs in this process. Everything that loads it (REST clients, gateway connections, the readers of the
//! floors' sockets) runs in a child process of the same program, so that its CPU time does not count.

#![allow(clippy::indexing_slicing, reason = "a benchmark that cannot go on should stop")]

mod backup;
mod child;
mod directory;
mod fanout;
mod figures;
mod http;
mod identify;
mod jobs;
mod lists;
mod local;
mod oauth;
mod peer;
mod process;
mod rest;
mod send;
mod session;
mod world;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// See README.md beside this program.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// CPU per delivered event, singly and in bursts, against plain loops of write(2); CPU and memory per connection.
    Fanout {
        /// Identified gateway connections.
        #[arg(long, default_value_t = 1000)]
        connections: usize,
        /// Alternations of server and floors.
        #[arg(long, default_value_t = 7)]
        rounds: usize,
    },
    /// CPU and memory per connection that connects, upgrades and identifies, against a plain conversation.
    Identify {
        /// Connections per measurement, each of a bot of its own.
        #[arg(long, default_value_t = 1000)]
        connections: usize,
        /// Alternations of server and floor.
        #[arg(long, default_value_t = 3)]
        rounds: usize,
    },
    /// Durable message sends per second against one fsync per message.
    Send {
        /// Messages per measurement.
        #[arg(long, default_value_t = 3000)]
        messages: usize,
        /// An empty PostgreSQL database instead of SQLite.
        #[arg(long)]
        database: Option<String>,
        /// As on a disk whose syncs take so many milliseconds more, for SQLite and for the floor.
        #[arg(long, default_value_t = 0)]
        slow: u64,
    },
    /// Reads over HTTP: 50 messages, a guild, the member list.
    Rest {
        /// Requests per measurement; the other server's memory forgets beyond a thousand tokens.
        #[arg(long, default_value_t = 5000)]
        requests: usize,
    },
    /// Durable jobs per second that do nothing, and that have three steps.
    Jobs {
        /// Jobs per measurement.
        #[arg(long, default_value_t = 10_000)]
        jobs: usize,
    },
    /// Lists of jobs by owner, state and kind where there are many.
    JobLists {
        /// Jobs in the table.
        #[arg(long, default_value_t = 200_000)]
        rows: usize,
    },
    /// One round of the comparison with other job systems; started by `benches/peers/run`.
    #[command(hide = true)]
    Peer {
        /// An empty PostgreSQL database.
        database: String,
        /// Jobs that do nothing.
        jobs: usize,
        /// How many run at the same time.
        width: usize,
    },
    /// A backup of a guild with many messages: time, and memory beyond that of the idle server.
    Backup {
        /// Messages in the guild.
        #[arg(long, default_value_t = 100_000)]
        messages: usize,
    },
    /// Fills the guild of `backup`.
    #[command(hide = true)]
    FillBackup {
        /// Where its data goes.
        folder: std::path::PathBuf,
        /// Messages in the guild.
        messages: usize,
    },
    /// A permission check, and moving one role among 250.
    Local,
    /// Tokens per CPU second beside npm's oidc-provider, which is installed into a folder of its own.
    Oauth {
        /// Requests per measurement; the other server's memory forgets beyond a thousand tokens.
        #[arg(long, default_value_t = 160)]
        requests: usize,
        /// Alternations of the two servers.
        #[arg(long, default_value_t = 5)]
        rounds: usize,
        /// Where npm installs it; by default below ~/.cache/guildhall-test.
        #[arg(long)]
        cache: Option<std::path::PathBuf>,
    },
    /// The check of a session: CPU and queries of a request with and without one, and how soon a revocation holds elsewhere.
    Session {
        /// Requests per measurement.
        #[arg(long, default_value_t = 5000)]
        requests: usize,
        /// An empty PostgreSQL database instead of SQLite.
        #[arg(long)]
        database: Option<String>,
    },
    /// The second process of `session`.
    #[command(hide = true)]
    ServeSecond {
        /// The first one's.
        folder: std::path::PathBuf,
        /// The first one's, unless it is in the folder.
        database: Option<String>,
    },
    /// One of the two servers of `oauth`.
    #[command(hide = true)]
    ServeOauth {
        /// What ID tokens are signed with: EdDSA or RS256.
        algorithm: String,
    },
    /// The directory: search over many listings, and kept pages beside nginx and beside FastAPI.
    Directory(directory::Options),
    /// The load; started by the others.
    #[command(hide = true)]
    Child,
}

fn main() -> Result<()> {
    let what = Arguments::parse().what;
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    runtime.enable_all().build()?.block_on(async {
        match what {
            What::Fanout { connections, rounds } => fanout::run(connections, rounds).await,
            What::Identify { connections, rounds } => identify::run(connections, rounds).await,
            What::Send { messages, database, slow } => send::run(messages, database, slow).await,
            What::Rest { requests } => rest::run(requests).await,
            What::Jobs { jobs } => jobs::run(jobs).await,
            What::JobLists { rows } => lists::run(rows).await,
            What::Peer { database, jobs, width } => peer::run(&database, jobs, width).await,
            What::Backup { messages } => backup::run(messages).await,
            What::FillBackup { folder, messages } => backup::fill(&folder, messages).await,
            What::Local => local::run().await,
            What::Oauth { requests, rounds, cache } => oauth::run(requests, rounds, cache).await,
            What::Session { requests, database } => session::run(requests, database).await,
            What::ServeSecond { folder, database } => session::serve(&folder, database).await,
            What::ServeOauth { algorithm } => oauth::serve(&algorithm).await,
            What::Directory(options) => directory::run(&options).await,
            What::Child => child::run().await,
        }
    })
}
