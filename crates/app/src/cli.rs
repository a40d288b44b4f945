//! The command line: what it looks like, and which command does what.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};
use guildhall_base::Clock;

use crate::config::{self, Overrides, Settings};
use crate::log;
use crate::serve::{Server, asked_to_stop, raise_open_files};

/// A home for communities that one person can run.
#[derive(Debug, Parser)]
#[command(name = "guildhall", version)]
pub struct Cli {
    #[command(flatten)]
    settings: SettingsArgs,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Args)]
struct SettingsArgs {
    /// Configuration file (TOML); `guildhall config` shows its keys
    #[arg(long, global = true, env = "GUILDHALL_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Address and port to serve
    #[arg(long, global = true, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Folder for the embedded database, uploads and keys
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Database: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME
    #[arg(long, global = true, value_name = "URL")]
    database_url: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server (the default)
    Serve,
    /// Print the effective configuration, with a comment on each key
    Config,
}

/// Runs the command that was given. `stdout` is where results go; the log goes to standard error.
pub async fn run(cli: Cli, stdout: &mut impl Write) -> Result<()> {
    let args = cli.settings;
    let settings = config::load(Overrides {
        config: args.config,
        listen: args.listen,
        data: args.data,
        database_url: args.database_url,
    })?;
    match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => serve(settings, stdout).await,
        Command::Config => Ok(write!(stdout, "{}", config::show(&settings)?)?),
    }
}

async fn serve(settings: Settings, stdout: &mut impl Write) -> Result<()> {
    log::begin(&settings.log)?;
    raise_open_files();
    let server = Server::start(settings, Clock::system()).await?;
    writeln!(stdout, "Guildhall is open at {}", server.hall().settings.public_url())?;
    stdout.flush()?;
    let signal = asked_to_stop().await?;
    tracing::info!(signal, "stopping");
    server.stop().await
}
