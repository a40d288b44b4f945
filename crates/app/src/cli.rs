//! The command line: what it looks like, and which command does what.

use std::fmt::Display;
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::{Args, Parser, Subcommand};
use guildhall_base::Clock;
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use crate::config::{self, LogSettings, Overrides, Settings};
use crate::hall::Hall;
use crate::jobs::command::{self, JobsCommand};
use crate::serve::{Server, asked_to_stop, raise_open_files};
use crate::{log, people, seed};

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
    /// Build a described world: users, bots, guilds; see docs/seed.md
    Seed {
        /// The description, a TOML file
        #[arg(required_unless_present = "demo", conflicts_with = "demo")]
        file: Option<PathBuf>,
        /// Build the world that comes with the program
        #[arg(long)]
        demo: bool,
        /// Print {"users", "bots", "guilds"} with ids and tokens instead
        #[arg(long)]
        json: bool,
    },
    /// Add people
    #[command(subcommand)]
    User(UserCommand),
    /// Add bots
    #[command(subcommand)]
    Bot(BotCommand),
    /// Look at durable jobs and run them
    #[command(subcommand)]
    Jobs(JobsCommand),
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// Add a user; prints the password that they sign in with, unless it is given
    Add {
        /// The unique name: a-z, 0-9, _ and .
        name: String,
        /// They run this installation
        #[arg(long)]
        staff: bool,
        /// A hash of their password from another system: bcrypt or argon2id
        #[arg(long, conflicts_with = "password_stdin")]
        password_hash: Option<String>,
        /// Read the password from standard input
        #[arg(long)]
        password_stdin: bool,
        /// Print {"name", "id", "token"} instead
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
enum BotCommand {
    /// Add an application with a bot; prints the bot's token
    Add {
        /// What the bot is called
        name: String,
        /// The user that it belongs to
        #[arg(long)]
        owner: String,
        /// Print {"name", "id", "application_id", "token"} instead
        #[arg(long)]
        json: bool,
    },
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
        Command::Seed { file, demo: _, json } => {
            let text = match file {
                Some(file) => std::fs::read_to_string(&file)
                    .with_context(|| format!("cannot read seed file {}", file.display()))?,
                None => seed::DEMO.to_owned(),
            };
            let report = at_desk(settings, async |hall| seed::build(hall, &text).await).await?;
            print(stdout, json, &report)
        }
        Command::User(UserCommand::Add { name, staff, password_hash, password_stdin, json }) => {
            let password = if password_stdin {
                Some(people::read_password(&mut std::io::stdin().lock())?)
            } else {
                None
            };
            let added = at_desk(settings, async |hall| {
                people::add_user(hall, name, staff, password, password_hash).await
            })
            .await?;
            print(stdout, json, &added)
        }
        Command::Jobs(command) => at_jobs(settings, command, stdout).await,
        Command::Bot(BotCommand::Add { name, owner, json }) => {
            let added = at_desk(settings, async |hall| people::add_bot(hall, &name, &owner).await).await?;
            print(stdout, json, &added)
        }
    }
}

async fn at_jobs(settings: Settings, command: JobsCommand, stdout: &mut impl Write) -> Result<()> {
    match command {
        JobsCommand::List { state, name, limit, json } => {
            let listed =
                at_desk(settings, async |hall| command::list(hall, state, name, limit).await).await?;
            print(stdout, json, &listed)
        }
        JobsCommand::Show { id, json } => {
            print(stdout, json, &at_desk(settings, async |hall| command::show(hall, id).await).await?)
        }
        JobsCommand::Run { name, input, json } => {
            let ran = at_desk(settings, async |hall| command::run(hall, &name, input).await).await?;
            print(stdout, json, &ran)
        }
        JobsCommand::Cancel { id } => {
            print(stdout, false, &at_desk(settings, async |hall| command::cancel(hall, id).await).await?)
        }
        JobsCommand::Retry { id } => {
            print(stdout, false, &at_desk(settings, async |hall| command::retry(hall, id).await).await?)
        }
        JobsCommand::Secret { name } => Ok(writeln!(stdout, "{}", command::secret(&name))?),
    }
}

async fn serve(settings: Settings, stdout: &mut impl Write) -> Result<()> {
    log::begin(&settings.log)?;
    raise_open_files();
    let server = Server::start(settings, Clock::system()).await?;
    // Before it says that it is open: whoever reads that may ask it to stop at once.
    let asked = asked_to_stop()?;
    let address = server.hall().settings.public_url();
    writeln!(stdout, "Guildhall is open at {address}")?;
    if let Some(code) = server.hall().accounts.setup_code().await? {
        writeln!(
            stdout,
            "Nobody runs this installation yet. Whoever opens this link first does; it is good for a day:"
        )?;
        writeln!(stdout, "  {address}/setup?code={code}")?;
    }
    stdout.flush()?;
    let signal = asked.await;
    tracing::info!(signal, "stopping");
    server.stop().await
}

/// Does one thing with the opened features and closes them again.
async fn at_desk<T>(settings: Settings, work: impl AsyncFnOnce(&Hall) -> Result<T>) -> Result<T> {
    let quiet = LogSettings { level: "warn".to_owned(), ..settings.log.clone() };
    log::begin(&quiet)?;
    let stop = CancellationToken::new();
    let hall = Hall::open(settings, Clock::system(), stop.clone()).await?;
    let done = tokio::select! {
        done = work(&hall) => done,
        () = hall.chat.follow_log() => bail!("the event log ended"),
    };
    stop.cancel();
    done
}

/// Prints a result for a program or for a person.
fn print(stdout: &mut impl Write, json: bool, result: &(impl Serialize + Display)) -> Result<()> {
    if json {
        writeln!(stdout, "{}", serde_json::to_string(result)?)?
    } else {
        writeln!(stdout, "{result}")?
    }
    Ok(())
}
