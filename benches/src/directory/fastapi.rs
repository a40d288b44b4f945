//! The index as the old stack had it: FastAPI, uvicorn and asyncpg over the same tables.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::process;

/// What is installed.
const PACKAGES: [&str; 5] =
    ["fastapi==0.165.0", "uvicorn==0.54.0", "uvloop==0.23.0", "httptools==0.9.0", "asyncpg==0.32.0"];

/// The server; it ends with this value.
pub(super) struct FastApi {
    process: Child,
    pub(super) address: SocketAddr,
}

impl FastApi {
    pub(super) async fn start(cache: Option<PathBuf>, database: &str) -> Result<Self> {
        let folder = process::cache(cache, "fastapi")?;
        install(&folder).await?;
        let mut command = Command::new(folder.join("bin/python"));
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/fastapi_directory.py")).arg(database);
        command.stdout(Stdio::piped()).kill_on_drop(true);
        let mut process = command.spawn().context("cannot start Python")?;
        let mut lines = BufReader::new(process.stdout.take().context("no output")?).lines();
        let said = lines.next_line().await?.context("FastAPI ended before it was ready")?;
        Ok(Self { process, address: said.parse()? })
    }

    /// CPU time so far, without what PostgreSQL does for it.
    pub(super) fn cpu(&self) -> Result<Duration> {
        process::cpu(self.process.id().context("FastAPI has ended")?)
    }
}

/// Installs it, once.
async fn install(folder: &Path) -> Result<()> {
    if !folder.join("bin/python").exists() {
        let made = Command::new("python3").args(["-m", "venv"]).arg(folder).status().await?;
        ensure!(made.success(), "python3 cannot make a folder for packages");
    }
    let mut pip = Command::new(folder.join("bin/pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check"]).args(PACKAGES).stdout(Stdio::null());
    ensure!(pip.status().await?.success(), "pip could not install {PACKAGES:?}");
    Ok(())
}
