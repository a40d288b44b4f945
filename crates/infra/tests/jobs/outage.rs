//! A PostgreSQL server that crashes under load and comes back: everything is drained, no effect is repeated or lost.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use guildhall_base::Clock;
use guildhall_infra::db::{Db, params, sql};
use guildhall_infra::events;
use guildhall_infra::jobs::{self, State, Timing};
use guildhall_infra::testing::POSTGRES;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::support::*;

const JOBS: usize = 600;

/// A server of this test's own, which waits for its log as one with people's data does.
struct Server {
    folder: PathBuf,
    port: u16,
    _home: TempDir,
}

impl Server {
    fn new() -> Self {
        let home = TempDir::new().unwrap();
        // It runs as another user where this one is root.
        std::fs::set_permissions(home.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Self { folder: home.path().join("server"), port, _home: home }
    }

    fn script(&self, action: &str) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/postgres");
        let mut command = Command::new(script);
        command.arg(action).arg(&self.folder);
        if action == "start" {
            command.arg(self.port.to_string());
        }
        // The server inherits its output and would hold a pipe open.
        let ended = command
            .env("POSTGRES_OPTIONS", "-c synchronous_commit=on")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        assert!(ended.unwrap().success(), "scripts/postgres {action}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.script("stop");
    }
}

async fn effects(db: &Db) -> Option<(i64, i64)> {
    let text = sql!("SELECT count(*), count(DISTINCT job_id) FROM effects");
    db.one(text, params![]).await.ok()?.read().ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a07_a_server_that_crashes_under_load_is_drained_when_it_is_back() {
    if std::env::var(POSTGRES).is_err() {
        return;
    }
    let server = Server::new();
    server.script("start");
    let url = format!("postgres://postgres@127.0.0.1:{}/postgres", server.port);
    let db = Db::open(&url).await.unwrap();
    db.migrate(&[events::migrations(), jobs::migrations(), vec![EFFECTS]].concat()).await.unwrap();
    let timing = Timing {
        lease: Duration::from_secs(2),
        beat: Duration::from_millis(300),
        poll: Duration::from_millis(100),
        rescues: 10_000,
        ..Timing::default()
    };
    let stop = CancellationToken::new();
    let mut working = Vec::new();
    let mut ids = Vec::new();
    for node in 0..2 {
        let jobs = node_on(&db, Clock::system(), node, timing).await;
        jobs.register(Plain);
        for number in 0..JOBS / 2 {
            ids.push(jobs.enqueue_now(plain(&format!("{node}-{number}"))).await.unwrap());
        }
        working.push(jobs);
    }
    let tasks: Vec<_> = working
        .iter()
        .map(|jobs| {
            let (jobs, stop) = (jobs.clone(), stop.clone());
            tokio::spawn(async move { jobs.work(stop).await })
        })
        .collect();
    for crash_at in [50, 200, 400] {
        while effects(&db).await.is_none_or(|(all, _)| all < crash_at) {
            tokio::task::yield_now().await;
        }
        tokio::task::block_in_place(|| {
            server.script("crash");
            server.script("start");
        });
    }
    for id in &ids {
        loop {
            match working[0].get(*id).await {
                Ok(job) if job.state.is_final() => {
                    assert_eq!(job.state, State::Done, "{job:?}");
                    break;
                }
                _ => tokio::task::yield_now().await,
            }
        }
    }
    stop.cancel();
    futures_util::future::join_all(tasks).await;
    assert_eq!(effects(&db).await, Some((JOBS as i64, JOBS as i64)), "each once");
}
