//! The load, in a process of its own. It is told what to do by lines on standard input and answers each with a line.

mod readers;
mod timed;

use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::task::JoinSet;

use self::readers::Readers;
use crate::http::{Ask, Client};

/// The child as its parent sees it.
pub(crate) struct Load {
    _process: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Load {
    pub(crate) fn start() -> Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg("child")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let input = process.stdin.take().context("no input")?;
        let output = BufReader::new(process.stdout.take().context("no output")?).lines();
        Ok(Self { _process: process, input, output })
    }

    /// Says a line without waiting for the answer.
    pub(crate) async fn say(&mut self, line: &str) -> Result<()> {
        self.input.write_all(format!("{line}\n").as_bytes()).await?;
        Ok(())
    }

    pub(crate) async fn answer(&mut self) -> Result<String> {
        let line = self.output.next_line().await?.context("the load has ended")?;
        match line.strip_prefix("error ") {
            Some(error) => bail!("the load failed: {error}"),
            None => Ok(line),
        }
    }

    pub(crate) async fn ask(&mut self, line: &str) -> Result<String> {
        self.say(line).await?;
        self.answer().await
    }
}

/// The child itself.
pub(crate) async fn run() -> Result<()> {
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let mut state = State::default();
    while let Some(line) = lines.next_line().await? {
        let words: Vec<&str> = line.split(' ').collect();
        let answer = match state.obey(&words).await {
            Ok(answer) => answer,
            Err(error) => format!("error {error:#}").replace('\n', " "),
        };
        crate::figures::line(&answer);
    }
    Ok(())
}

#[derive(Default)]
struct State {
    address: Option<SocketAddr>,
    token: String,
    /// Whom gateway connections identify as, in turn.
    bots: Vec<String>,
    next_bot: usize,
    channel: String,
    readers: Readers,
    floor: Readers,
    clients: Vec<Client>,
}

impl State {
    async fn obey(&mut self, words: &[&str]) -> Result<String> {
        match words {
            ["target", address, token, channel] => {
                self.address = Some(address.parse()?);
                (self.token, self.channel) = ((*token).to_owned(), (*channel).to_owned());
            }
            ["clients", count] => {
                self.clients.clear();
                for _ in 0..count.parse()? {
                    self.clients.push(Client::connect(self.address()?, &self.token).await?);
                }
            }
            ["bots", file] => {
                self.bots = std::fs::read_to_string(file)?.lines().map(str::to_owned).collect();
                self.next_bot = 0;
            }
            ["identify", count, compress] => {
                let (address, count): (_, usize) = (self.address()?, count.parse()?);
                let tokens = self.bots.get(self.next_bot..).and_then(|rest| rest.get(..count));
                let tokens = tokens.context("not so many bots")?;
                self.next_bot += count;
                self.readers.identify(address, tokens, compress).await?;
            }
            // Ends all gateway connections; their bots may identify again.
            ["hang-up"] => {
                self.readers = Readers::default();
                self.next_bot = 0;
            }
            // The same conversations with the floor of `identify`.
            ["converse", address, count] => Readers::converse(address.parse()?, count.parse()?).await?,
            // The size of one event on the wire, found by sending one.
            ["size"] => {
                self.readers.reset();
                let before = self.readers.total();
                self.send(1).await?;
                self.readers.wait(before, 1).await?;
                return Ok(self.readers.bytes_each().to_string());
            }
            ["events", count, burst] => {
                let (count, burst): (usize, usize) = (count.parse()?, burst.parse()?);
                for _ in 0..count / burst {
                    let before = self.readers.total();
                    self.send(burst).await?;
                    self.readers.wait(before, burst).await?;
                }
            }
            ["floor", address, count] => self.floor.connect(address.parse()?, count.parse()?).await?,
            ["drain", bytes] => self.floor.wait_bytes(bytes.parse()?).await?,
            ["sends", count] => {
                let started = Instant::now();
                self.send(count.parse()?).await?;
                return Ok(started.elapsed().as_secs_f64().to_string());
            }
            ["gets", count, path] => {
                let started = Instant::now();
                self.spread(count.parse()?, Ask::api("GET", path, "")).await?;
                return Ok(started.elapsed().as_secs_f64().to_string());
            }
            // The same of any server, at any path.
            ["fetches", count, path] => {
                let started = Instant::now();
                self.spread(count.parse()?, Ask::Page((*path).to_owned())).await?;
                return Ok(started.elapsed().as_secs_f64().to_string());
            }
            ["timed", file] => return timed::each(self.client()?, file).await,
            ["walk", pages, path] => return timed::walk(self.client()?, pages.parse()?, path).await,
            _ => bail!("unknown order"),
        }
        Ok("done".into())
    }

    fn address(&self) -> Result<SocketAddr> {
        self.address.context("no target")
    }

    /// Sends messages, at most one in flight per client.
    async fn send(&mut self, count: usize) -> Result<()> {
        let path = format!("/channels/{}/messages", self.channel);
        let content = "The quick brown fox jumps over the lazy dog, again and again, all day long. ";
        self.spread(count, Ask::api("POST", &path, &format!("{{\"content\":\"{content}\"}}"))).await
    }

    fn client(&mut self) -> Result<&mut Client> {
        self.clients.first_mut().context("no clients")
    }

    async fn spread(&mut self, count: usize, ask: Ask) -> Result<()> {
        let width = self.clients.len().min(count).max(1);
        let rest = self.clients.split_off(width.min(self.clients.len()));
        let mut tasks = JoinSet::new();
        for (index, mut client) in self.clients.drain(..).enumerate() {
            let share = count / width + usize::from(index < count % width);
            let ask = ask.clone();
            tasks.spawn(async move {
                for _ in 0..share {
                    client.ask(&ask).await?;
                }
                anyhow::Ok(client)
            });
        }
        self.clients = rest;
        while let Some(client) = tasks.join_next().await {
            self.clients.push(client??);
        }
        Ok(())
    }
}
