//! The two servers as processes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// The release that is compared with.
const PACKAGE: &str = "oidc-provider@9.13.3";

/// How to speak to a server; both print this when they are ready.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct About {
    pub(crate) address: String,
    pub(crate) authorize: String,
    pub(crate) token: String,
    pub(crate) introspect: String,
    pub(crate) userinfo: String,
    /// Whose access tokens are JWTs, and whose the server itself reads.
    pub(crate) clients: [String; 2],
    pub(crate) secret: String,
    /// Of a browser that is signed in and has consented.
    pub(crate) cookie: String,
    /// µs of CPU for one signature.
    pub(crate) signing: BTreeMap<String, f64>,
}

/// A server; it ends with this value.
pub(crate) struct Running {
    process: Child,
    pub(crate) about: About,
}

impl Running {
    pub(crate) async fn ours(algorithm: &str) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["serve-oauth", algorithm]);
        Self::start(command).await
    }

    pub(crate) async fn theirs(folder: &Path, algorithm: &str) -> Result<Self> {
        let mut command = Command::new("node");
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/oauth-provider.mjs")).arg(folder).arg(algorithm);
        command.env("NODE_ENV", "production");
        Self::start(command).await
    }

    async fn start(mut command: Command) -> Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut process = command.spawn().context("cannot start a server")?;
        let mut lines = BufReader::new(process.stdout.take().context("no output")?).lines();
        let line = lines.next_line().await?.context("a server ended before it was ready")?;
        Ok(Self { process, about: serde_json::from_str(&line).context("a server said something else")? })
    }

    /// CPU time of all its threads so far.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        let id = self.process.id().context("a server has ended")?;
        crate::process::cpu(id)
    }
}

/// Installs what is compared with, once.
pub(crate) async fn install(cache: Option<PathBuf>) -> Result<PathBuf> {
    let folder = crate::process::cache(cache, "oidc-provider")?;
    if !folder.join("node_modules/oidc-provider").exists() {
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-audit", "--no-fund", PACKAGE, "--prefix"]).arg(&folder);
        ensure!(npm.stdout(Stdio::null()).status().await?.success(), "npm could not install {PACKAGE}");
    }
    Ok(folder)
}
