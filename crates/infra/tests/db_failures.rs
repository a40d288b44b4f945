//! The database when processes are killed, callers go away and servers hang up.
#![allow(clippy::unwrap_used, reason = "a failing test says so by panicking")]

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::task::{Context, Poll, Waker};

use guildhall_infra::db::{Batch, Db, Dialect, Migration, codes, params, sql};
use guildhall_infra::testing::{TestDb, databases};

const SCHEMA: &[Migration] = &[Migration {
    name: "test/0001",
    sql: "CREATE TABLE counters (id BIGINT PRIMARY KEY, value BIGINT NOT NULL); \
          CREATE TABLE written (id BIGINT PRIMARY KEY); CREATE TABLE shadows (id BIGINT PRIMARY KEY); \
          INSERT INTO counters (id, value) VALUES (1, 0)",
}];
const CHILD: &str = "GUILDHALL_TEST_WRITES_UNTIL_KILLED";

async fn prepared() -> Vec<TestDb> {
    let databases = databases().await;
    for test in &databases {
        test.db.migrate(SCHEMA).await.unwrap();
    }
    databases
}

async fn value(db: &Db) -> i64 {
    let row = db.one(sql!("SELECT value FROM counters WHERE id = 1"), params![]).await.unwrap();
    row.read().unwrap()
}

fn both(id: i64) -> Batch {
    let mut batch = Batch::new();
    batch.run(sql!("INSERT INTO written (id) VALUES ($1)"), params![id]);
    batch.run(sql!("INSERT INTO shadows (id) VALUES ($1)"), params![id]);
    batch
}

/// The same among those that wait for one row and are written together.
fn both_counted(id: i64) -> Batch {
    let (mut batch, mut last) = (both(id), Batch::new());
    last.run(sql!("UPDATE counters SET value = value + 1 WHERE id = 1"), params![]);
    batch.queue(last);
    batch
}

/// Not a test of its own: the process that the next test kills.
#[tokio::test]
async fn writes_until_killed() {
    let Ok(url) = std::env::var(CHILD) else { return };
    let db = Db::open(&url).await.unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..8 {
        let db = db.clone();
        tasks.spawn(async move {
            for turn in 0.. {
                let id = task * 1_000_000 + turn;
                let batch = if task % 2 == 0 { both(id) } else { both_counted(id) };
                db.write(batch).await.unwrap();
                println!("\nacknowledged {id}");
            }
        });
    }
    tasks.join_all().await;
}

#[tokio::test]
async fn what_a_killed_process_acknowledged_is_there() {
    for test in prepared().await {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["writes_until_killed", "--exact", "--nocapture"])
            .env(CHILD, &test.url)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut acknowledged: Vec<i64> = Vec::new();
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            if let Some(id) = line.unwrap().strip_prefix("acknowledged ") {
                // The last line may be cut short by the end of the process.
                acknowledged.extend(id.parse::<i64>().ok());
            }
            if acknowledged.len() == 300 {
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
        assert!(acknowledged.len() >= 300, "{}: the child ended early", test.name);
        acknowledged.pop();

        let db = Db::open(&test.url).await.unwrap();
        let found = sql!("SELECT w.id FROM written AS w JOIN shadows AS s ON s.id = w.id WHERE w.id {in $1}");
        assert_eq!(
            db.all(found, params![&acknowledged]).await.unwrap().len(),
            acknowledged.len(),
            "{}",
            test.name
        );
        let halves = sql!(
            "SELECT count(*) FROM written AS w LEFT JOIN shadows AS s ON s.id = w.id WHERE s.id IS NULL"
        );
        assert_eq!(db.one(halves, params![]).await.unwrap().read::<i64>().unwrap(), 0, "{}", test.name);
        let odd = sql!("SELECT count(*) FROM written WHERE (id / 1000000) % 2 = 1");
        let counted: i64 = db.one(odd, params![]).await.unwrap().read().unwrap();
        assert_eq!(value(&db).await, counted, "{}", test.name);
        db.write(both(-1)).await.unwrap();
    }
}

#[tokio::test]
async fn reading_then_writing_in_a_transaction_loses_nothing() {
    for test in prepared().await {
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..3 {
            let db = test.db.clone();
            tasks.spawn(async move {
                for _ in 0..10 {
                    db.tx(async |tx| {
                        let row =
                            tx.one(sql!("SELECT value FROM counters WHERE id = $1"), params![1]).await?;
                        let next = row.read::<i64>()? + 1;
                        tx.run(sql!("UPDATE counters SET value = $1 WHERE id = 1"), params![next]).await
                    })
                    .await
                    .unwrap();
                }
            });
        }
        tasks.join_all().await;
        assert_eq!(value(&test.db).await, 30, "{}", test.name);
    }
}

/// Lets a future get as far as `polls` answers of the server, then goes away.
async fn abandon<T>(future: impl Future<Output = T>, polls: usize) -> Option<T> {
    let mut future = Box::pin(future);
    for _ in 0..polls {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return Some(value);
        }
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
    }
    None
}

#[tokio::test]
async fn a_caller_that_goes_away_leaves_no_lock_behind() {
    for test in prepared().await {
        let db = &test.db;
        let increment = sql!("UPDATE counters SET value = value + 1 WHERE id = 1");
        for polls in 0..60 {
            let mut batch = Batch::new();
            batch.run(increment, params![]);
            batch.must(increment, params![], codes::NOT_FOUND);
            abandon(db.write(batch), polls).await;
            let (mut batch, mut last) = (Batch::new(), Batch::new());
            batch.must(increment, params![], codes::NOT_FOUND);
            last.run(increment, params![]);
            batch.queue(last);
            abandon(db.write(batch), polls).await;
            let transaction = db.tx(async |tx| {
                tx.run(increment, params![]).await?;
                tx.run(increment, params![]).await
            });
            abandon(transaction, polls).await;
            // With a lock left behind this would never come back.
            db.run(increment, params![]).await.unwrap();
        }
        assert_eq!((value(db).await - 60) % 2, 0, "{}: each happened whole or not at all", test.name);
    }
}

#[tokio::test]
async fn a_lost_connection_is_told_and_replaced() {
    for test in prepared().await {
        if test.db.dialect() != Dialect::Postgres {
            continue;
        }
        let operator = Db::open(&test.url).await.unwrap();
        let hang_up = sql!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid()"
        );
        for turn in 0..5 {
            assert_eq!(value(&test.db).await, 0);
            operator.all(hang_up, params![]).await.unwrap();
            assert_eq!(value(&test.db).await, 0, "a query is tried again");
            operator.all(hang_up, params![]).await.unwrap();
            if let Err(error) = test.db.write(both(turn)).await {
                assert!(error.is(codes::UNAVAILABLE), "{error}");
                test.db.write(both(100 + turn)).await.unwrap();
            }
            let cut = test
                .db
                .tx(async |tx| {
                    tx.run(sql!("UPDATE counters SET value = 7"), params![]).await?;
                    operator.all(hang_up, params![]).await?;
                    tx.run(sql!("UPDATE counters SET value = 8"), params![]).await
                })
                .await;
            assert!(cut.unwrap_err().is(codes::UNAVAILABLE));
        }
    }
}

#[tokio::test]
async fn plans_made_before_a_migration_are_made_anew() {
    for test in prepared().await {
        let second = Db::open(&test.url).await.unwrap();
        let everything = sql!("SELECT * FROM counters");
        assert_eq!(second.one(everything, params![]).await.unwrap().width(), 2);
        let wider = Migration { name: "test/0002", sql: "ALTER TABLE counters ADD COLUMN note TEXT" };
        test.db.migrate(&[SCHEMA[0], wider]).await.unwrap();
        assert_eq!(second.one(everything, params![]).await.unwrap().width(), 3, "{}", test.name);
    }
}

#[tokio::test]
async fn two_processes_may_migrate_at_once() {
    for test in databases().await {
        let second = Db::open(&test.url).await.unwrap();
        let (one, two) = tokio::join!(test.db.migrate(SCHEMA), second.migrate(SCHEMA));
        one.unwrap();
        two.unwrap();
        assert_eq!(value(&second).await, 0, "{}", test.name);
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = Db::open(&format!("postgres://nobody@{address}/nothing")).await.unwrap_err();
    assert!(error.is(codes::UNAVAILABLE), "{error}");
}

#[tokio::test]
async fn text_with_a_zero_is_refused_everywhere() {
    for test in prepared().await {
        let length = sql!("SELECT value FROM counters WHERE 'x' = $1 OR 'x' {in $2}");
        for bad in [params!["a\0", [""]], params!["a", ["", "\0"]]] {
            assert!(test.db.all(length, bad).await.unwrap_err().is(codes::ZERO_IN_TEXT), "{}", test.name);
        }
    }
}
