//! nginx with one worker, on files in a folder of its own.

use std::fmt::Write as _;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::process;

/// How often it is asked whether it listens, 20 ms apart.
const PATIENCE: usize = 250;

/// A running nginx, which ends with this value.
pub(super) struct Nginx {
    program: PathBuf,
    process: Child,
    folder: TempDir,
    pub(super) address: SocketAddr,
}

/// A file that it serves.
pub(super) struct File {
    pub(super) name: &'static str,
    pub(super) content_type: &'static str,
    pub(super) bytes: Vec<u8>,
}

impl File {
    pub(super) fn none() -> Self {
        Self { name: "", content_type: "", bytes: Vec::new() }
    }
}

/// Whether there is such a program.
pub(super) fn is_there(program: &PathBuf) -> bool {
    let asked = Command::new(program).arg("-v").stdout(Stdio::null()).stderr(Stdio::null()).status();
    asked.is_ok_and(|status| status.success())
}

impl Nginx {
    /// Serves these files at `/plain/NAME`, and at `/open/NAME` with descriptors that are kept open.
    pub(super) async fn start(program: &PathBuf, files: &[File]) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        std::fs::write(folder.path().join("nginx.conf"), configuration(&folder, address, files)?)?;
        for file in files {
            std::fs::write(folder.path().join(file.name), &file.bytes)?;
        }
        let process = command(program, &folder).spawn().context("nginx does not start")?;
        let nginx = Self { program: program.clone(), process, folder, address };
        for _ in 0..PATIENCE {
            if tokio::net::TcpStream::connect(address).await.is_ok() {
                return Ok(nginx);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        anyhow::bail!("nginx does not listen")
    }

    /// CPU time of its worker so far.
    pub(super) fn cpu(&self) -> Result<Duration> {
        let workers = process::children(self.process.id())?;
        ensure!(!workers.is_empty(), "nginx has ended");
        workers.into_iter().map(process::cpu).sum()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = command(&self.program, &self.folder).args(["-s", "stop"]).status();
        let _ = self.process.wait();
    }
}

fn command(program: &PathBuf, folder: &TempDir) -> Command {
    let mut command = Command::new(program);
    command.arg("-p").arg(folder.path()).arg("-c").arg(folder.path().join("nginx.conf"));
    command.arg("-e").arg(folder.path().join("error.log")).stdin(Stdio::null()).stdout(Stdio::null());
    command
}

fn configuration(folder: &TempDir, address: SocketAddr, files: &[File]) -> Result<String> {
    let path = folder.path().display();
    // A worker of another user could not read the folder.
    let user = if std::fs::metadata(folder.path())?.uid() == 0 { "user root;\n" } else { "" };
    let mut text = format!(
        "{user}daemon off;\nworker_processes 1;\npid {path}/pid;\nevents {{ worker_connections 1024; }}\nhttp {{\n\
         access_log off;\nsendfile on;\ntcp_nopush on;\ntcp_nodelay on;\nkeepalive_timeout 75;\n\
         keepalive_requests 1000000000;\ncharset utf-8;\n"
    );
    for name in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"] {
        writeln!(text, "{name}_temp_path {path}/{name};")?;
    }
    writeln!(text, "server {{ listen {address};")?;
    for File { name, content_type, .. } in files {
        let common = format!("alias {path}/{name}; types {{ }} default_type {content_type};");
        writeln!(text, "location = /plain/{name} {{ {common} }}")?;
        let kept = "open_file_cache max=100 inactive=600s; open_file_cache_valid 60s;";
        writeln!(text, "location = /open/{name} {{ {common} {kept} }}")?;
    }
    text.push_str("}\n}\n");
    Ok(text)
}
