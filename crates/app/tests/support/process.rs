//! The real program in a process of its own, to be killed.

#![allow(dead_code, reason = "every test program uses a part of this")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use guildhall_infra::testing::TestDb;
use tokio::net::TcpStream;

/// A server in a process of its own.
pub(crate) struct Process {
    child: Child,
    pub(crate) address: SocketAddr,
}

/// An address of this machine that nobody listens at.
pub(crate) fn free_address() -> SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

impl Process {
    /// Starts it without limits, and waits until it listens.
    pub(crate) async fn start(folder: &Path, database: &TestDb, address: SocketAddr) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_guildhall"));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("GUILDHALL_") {
                command.env_remove(name);
            }
        }
        let child = command
            .args(["serve", "--listen", &address.to_string(), "--database-url", &database.url, "--data"])
            .arg(folder)
            .env("GUILDHALL_LIMITS_REQUESTS_PER_BUCKET", "0")
            .env("GUILDHALL_LIMITS_REQUESTS_PER_SECOND", "0")
            .env("GUILDHALL_LIMITS_INVALID_PER_TEN_MINUTES", "0")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let process = Self { child, address };
        let up = async {
            while TcpStream::connect(address).await.is_err() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), up).await.unwrap();
        process
    }

    /// SIGKILL.
    pub(crate) fn kill(self) {
        drop(self);
    }
}

impl Drop for Process {
    /// Also when a test fails.
    fn drop(&mut self) {
        let _already_gone = self.child.kill();
        let _status = self.child.wait();
    }
}
