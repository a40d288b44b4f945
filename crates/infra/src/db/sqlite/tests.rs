//! What the writer does when things go wrong in the middle of a group; the threads are left out, so that it is
//! known who shares a commit.

use std::time::Duration;

use guildhall_base::{Kind, Result};
use rusqlite::Connection;
use tempfile::TempDir;
use tokio::sync::{oneshot, watch};

use super::super::batch::{Batch, Outcome};
use super::super::queue::Queue;
use super::super::value::Params;
use super::super::{codes, params, sql};
use super::writer::{self, Job};
use super::{Command, Statement, connection};

struct Bench {
    _folder: TempDir,
    connection: Connection,
    jobs: Queue<Job>,
    announced: watch::Sender<u64>,
}

type Answer<T> = oneshot::Receiver<Result<T>>;

impl Bench {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let connection = connection::writer(&folder.path().join("test.db")).unwrap();
        let schema = "CREATE TABLE things (id INTEGER PRIMARY KEY, later BIGINT REFERENCES things (id)
                      DEFERRABLE INITIALLY DEFERRED, data BLOB)";
        connection.execute_batch(schema).unwrap();
        Self { _folder: folder, connection, jobs: Queue::new(), announced: watch::Sender::new(0) }
    }

    fn write(&self, statements: &[Params], announce: bool) -> Answer<Vec<Outcome>> {
        let mut batch = Batch::new();
        for params in statements {
            batch.run(
                sql!("INSERT INTO things (id, later, data) VALUES ($1, $2, zeroblob($3))"),
                params.clone(),
            );
        }
        if announce {
            batch.announce();
        }
        self.push(batch)
    }

    fn push(&self, batch: Batch) -> Answer<Vec<Outcome>> {
        let (answer, answered) = oneshot::channel();
        self.jobs.push(Job::Batch { batch, answer }).unwrap();
        answered
    }

    /// Lets the writer do all that waits.
    fn work(&self, limit: Duration) {
        self.jobs.close();
        let times = writer::Times { interactive: limit, pause: Duration::ZERO };
        writer::serve(&self.connection, &self.jobs, &self.announced, times);
    }

    fn ids(&self) -> Vec<i64> {
        let mut statement = self.connection.prepare("SELECT id FROM things ORDER BY id").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }
}

const NONE: Option<i64> = None;
const LIMIT: Duration = Duration::from_secs(5);

#[test]
fn in_a_group_each_fails_alone() {
    let bench = Bench::new();
    let good = bench.write(&[params![1, NONE, 0]], true);
    let duplicate = bench.write(&[params![2, NONE, 0], params![1, NONE, 0]], true);
    let single = bench.write(&[params![1, NONE, 0]], true);
    let mut broken = Batch::new();
    broken.run(sql!("INSERT INTO things (id) VALUES (7)"), params![]);
    broken.run(sql!("INSERT INTO things (id) SELECT 8 FROM nowhere"), params![]);
    let broken = bench.push(broken);
    let last = bench.write(&[params![3, NONE, 0], params![4, NONE, 0]], false);
    bench.work(LIMIT);
    assert_eq!(good.blocking_recv().unwrap().unwrap().len(), 1);
    assert!(duplicate.blocking_recv().unwrap().unwrap_err().is(codes::DUPLICATE));
    assert!(single.blocking_recv().unwrap().unwrap_err().is(codes::DUPLICATE));
    assert_eq!(broken.blocking_recv().unwrap().unwrap_err().kind(), Kind::Internal);
    assert_eq!(last.blocking_recv().unwrap().unwrap().len(), 2);
    assert_eq!(bench.ids(), [1, 3, 4]);
    assert_eq!(*bench.announced.borrow(), 1, "one group, one announcement");
}

#[test]
fn a_commit_that_one_member_breaks_is_repeated_for_each_alone() {
    let bench = Bench::new();
    let before = bench.write(&[params![1, NONE, 0]], false);
    let dangling = bench.write(&[params![2, 99, 0]], true);
    let forward = bench.write(&[params![3, 4, 0], params![4, NONE, 0]], true);
    bench.work(LIMIT);
    assert!(before.blocking_recv().unwrap().is_ok());
    assert!(dangling.blocking_recv().unwrap().unwrap_err().is(codes::REFERENCE));
    assert!(forward.blocking_recv().unwrap().is_ok(), "what is deferred may be mended before the commit");
    assert_eq!(bench.ids(), [1, 3, 4]);
    assert_eq!(*bench.announced.borrow(), 1);
}

#[test]
fn a_full_disk_acknowledges_nothing_that_is_not_there() {
    let bench = Bench::new();
    bench.connection.pragma_update(None, "max_page_count", 20).unwrap();
    let answers: Vec<_> = (1..6).map(|id| bench.write(&[params![id, NONE, 30_000]], true)).collect();
    bench.work(LIMIT);
    let acknowledged: Vec<i64> = (1..)
        .zip(answers)
        .filter_map(|(id, answer)| match answer.blocking_recv().unwrap() {
            Ok(_) => Some(id),
            Err(error) => {
                assert_eq!(error.kind(), Kind::Internal, "{error}");
                None
            }
        })
        .collect();
    assert!(acknowledged.len() < 5);
    assert_eq!(bench.ids(), acknowledged);
    assert!(bench.connection.is_autocommit());
}

#[test]
fn an_interactive_transaction_that_takes_too_long_is_undone() {
    let bench = Bench::new();
    let (commands, received) = std::sync::mpsc::channel();
    let (begun, has_begun) = oneshot::channel();
    bench.jobs.push(Job::Interactive { commands: received, begun }).unwrap();
    let (answer, answered) = oneshot::channel();
    let insert = sql!("INSERT INTO things (id) VALUES (1)");
    let statement = Statement { sql: insert, params: params![], must: None };
    commands.send(Command::Run { statement, answer }).unwrap();
    let after = bench.write(&[params![2, NONE, 0]], false);
    bench.work(Duration::ZERO);
    assert!(has_begun.blocking_recv().unwrap().is_ok());
    assert_eq!(answered.blocking_recv().unwrap().unwrap().affected, 1);
    let (answer, _answered) = oneshot::channel();
    assert!(commands.send(Command::Commit { announce: true, answer }).is_err(), "too late");
    assert!(after.blocking_recv().unwrap().is_ok());
    assert_eq!(bench.ids(), [2]);
    assert_eq!(*bench.announced.borrow(), 0);
}

#[test]
fn nobody_waits_for_a_writer_that_is_gone() {
    let bench = Bench::new();
    bench.work(LIMIT);
    let (answer, answered) = oneshot::channel();
    assert!(bench.jobs.push(Job::Batch { batch: Batch::new(), answer }).is_err());
    assert!(answered.blocking_recv().is_err());
}
