//! Batches whose end all queue for: written together where they meet, and nobody pays for another's failure.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failing test says so by panicking")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use guildhall_base::Result;
use guildhall_infra::db::{Batch, Db, Dialect, Migration, Outcome, codes, params, sql};
use guildhall_infra::testing::{TestDb, databases};
use tokio::task::JoinSet;

const SCHEMA: &[Migration] = &[Migration {
    name: "test/0001",
    sql: "CREATE TABLE head (position BIGINT NOT NULL); INSERT INTO head (position) VALUES (0); \
          CREATE TABLE log (position BIGINT PRIMARY KEY, thing BIGINT NOT NULL); \
          CREATE TABLE rooms (id BIGINT PRIMARY KEY, newest BIGINT NOT NULL); \
          CREATE TABLE things (id BIGINT PRIMARY KEY, room BIGINT NOT NULL REFERENCES rooms (id) \
                               DEFERRABLE INITIALLY DEFERRED); \
          INSERT INTO rooms (id, newest) VALUES (1, 0), (2, 0), (3, 0)",
}];

async fn prepared() -> Vec<TestDb> {
    let databases = databases().await;
    for test in &databases {
        test.db.migrate(SCHEMA).await.unwrap();
    }
    databases
}

/// A thing in a room, told in the log.
fn thing(id: i64, room: i64) -> Batch {
    let mut batch = Batch::new();
    batch.must(sql!("UPDATE rooms SET newest = $2 WHERE id = $1"), params![room, id], codes::NOT_FOUND);
    batch.run(sql!("INSERT INTO things (id, room) VALUES ($1, $2)"), params![id, room]);
    tell(&mut batch, id);
    batch
}

fn tell(batch: &mut Batch, id: i64) {
    let mut last = Batch::new();
    last.run(sql!("UPDATE head SET position = position + 1 RETURNING position"), params![]);
    last.run(sql!("INSERT INTO log (position, thing) VALUES ((SELECT position FROM head), $1)"), params![id]);
    batch.queue(last);
}

/// Its log's position.
fn position(outcomes: &[Outcome]) -> i64 {
    outcomes[outcomes.len() - 2].rows[0].read().unwrap()
}

/// How many things there are; each has its line in the log and each line its thing, without gaps.
async fn consistent(db: &Db) -> i64 {
    let counts = sql!(
        "SELECT (SELECT count(*) FROM things), (SELECT count(*) FROM log), (SELECT position FROM head), \
                (SELECT count(*) FROM things AS t JOIN log AS l ON l.thing = t.id)"
    );
    let (things, lines, head, both): (i64, i64, i64, i64) =
        db.one(counts, params![]).await.unwrap().read().unwrap();
    assert_eq!((things, things, things), (lines, head, both), "{:?}", db.dialect());
    things
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_who_write_to_one_room_at_once_all_end() {
    for test in prepared().await {
        let last = Arc::new(AtomicI64::new(0));
        let mut tasks: JoinSet<Result<Vec<i64>>> = JoinSet::new();
        for task in 0..256 {
            let (db, last) = (test.db.clone(), last.clone());
            tasks.spawn(async move {
                let mut positions = Vec::new();
                for turn in 0..4 {
                    let mut batch = thing(task * 100 + turn, 1);
                    let last = last.clone();
                    batch.tell(move |outcomes| {
                        last.fetch_max(position(outcomes), Ordering::AcqRel);
                    });
                    positions.push(position(&db.write(batch).await?));
                }
                Ok(positions)
            });
        }
        let mut positions = Vec::new();
        for of_one in tasks.join_all().await {
            let of_one = of_one.unwrap();
            assert!(of_one.is_sorted(), "{}", test.name);
            positions.extend(of_one);
        }
        positions.sort_unstable();
        assert_eq!(positions, (1..=1024).collect::<Vec<i64>>(), "{}", test.name);
        assert_eq!(last.load(Ordering::Acquire), 1024);
        assert_eq!(consistent(&test.db).await, 1024);
    }
}

#[tokio::test]
async fn each_member_of_a_group_is_refused_for_itself() {
    for test in prepared().await {
        let db = &test.db;
        db.write(thing(7, 1)).await.unwrap();
        let batches = (0..120).map(|number: i64| match number % 6 {
            // No such room: the condition refuses.
            0 => thing(1000 + number, 9),
            // One like it is there.
            1 => thing(7, 2),
            // Nobody notices before the commit that the room is missing.
            2 if number % 4 == 0 => {
                let mut batch = Batch::new();
                batch.run(sql!("INSERT INTO things (id, room) VALUES ($1, 9)"), params![1000 + number]);
                tell(&mut batch, 1000 + number);
                batch
            }
            // What cannot be sent at all.
            3 => {
                let mut batch = thing(1000 + number, 2);
                let mut bad = Batch::new();
                bad.run(sql!("UPDATE rooms SET newest = $1 WHERE id = 1"), params![1, 2]);
                bad.append(batch);
                batch = bad;
                batch
            }
            _ => thing(1000 + number, 3),
        });
        let results = futures_util::future::join_all(batches.map(|batch| db.write(batch))).await;
        let mut written = 1;
        for (number, result) in results.into_iter().enumerate() {
            let code = match number % 6 {
                0 => codes::NOT_FOUND,
                1 => codes::DUPLICATE,
                2 if number % 4 == 0 => codes::REFERENCE,
                3 => codes::INTERNAL,
                _ => {
                    assert!(result.is_ok(), "{}: {number} {result:?}", test.name);
                    written += 1;
                    continue;
                }
            };
            assert!(result.unwrap_err().is(code), "{}: {number}", test.name);
        }
        assert_eq!(consistent(db).await, written, "{}", test.name);
    }
}

#[tokio::test]
async fn who_waits_for_a_locked_row_does_not_hold_up_the_others() {
    for test in prepared().await {
        if test.db.dialect() != Dialect::Postgres {
            continue;
        }
        let (db, operator) = (&test.db, Db::open(&test.url).await.unwrap());
        let stuck = operator
            .tx(async |tx| {
                tx.run(sql!("UPDATE rooms SET newest = -1 WHERE id = 2"), params![]).await?;
                let mut stuck = Box::pin(futures_util::future::join_all(
                    (0..20).map(|number| db.write(thing(100 + number, 2))),
                ));
                for turn in 0..10 {
                    tokio::select! {
                        _ = &mut stuck => panic!("the row is locked"),
                        written = db.write(thing(turn, 1)) => drop(written?),
                    }
                }
                Ok(stuck)
            })
            .await
            .unwrap();
        assert!(stuck.await.iter().all(Result::is_ok));
        assert_eq!(consistent(db).await, 30);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn groups_whose_connection_is_lost_happen_whole_or_not_at_all() {
    for test in prepared().await {
        if test.db.dialect() != Dialect::Postgres {
            continue;
        }
        let operator = Db::open(&test.url).await.unwrap();
        let mut tasks: JoinSet<(i64, i64)> = JoinSet::new();
        for task in 0..32 {
            let db = test.db.clone();
            tasks.spawn(async move {
                let (mut written, mut unknown) = (0, 0);
                for turn in 0..40 {
                    match db.write(thing(task * 100 + turn, 1 + turn % 3)).await {
                        Ok(_) => written += 1,
                        Err(error) if error.is(codes::UNAVAILABLE) => unknown += 1,
                        Err(error) => panic!("{error:?}"),
                    }
                }
                (written, unknown)
            });
        }
        let hang_up = sql!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid()"
        );
        for _ in 0..5 {
            operator.all(hang_up, params![]).await.unwrap();
        }
        let (mut written, mut unknown) = (0, 0);
        for (well, badly) in tasks.join_all().await {
            written += well;
            unknown += badly;
        }
        let found = consistent(&operator).await;
        assert!(written <= found && found <= written + unknown, "{written} {unknown} {found}");
        test.db.write(thing(-1, 1)).await.unwrap();
    }
}

#[tokio::test]
async fn a_batch_with_more_after_its_end_is_written_all_the_same() {
    for test in prepared().await {
        let mut mixed = thing(1, 1);
        mixed.must(sql!("UPDATE rooms SET newest = 5 WHERE id = $1"), params![9], codes::NOT_FOUND);
        assert!(test.db.write(mixed).await.unwrap_err().is(codes::NOT_FOUND));
        let mut twice = thing(1, 1);
        twice.append(thing(2, 2));
        test.db.write(twice).await.unwrap();
        let mut only = Batch::new();
        tell(&mut only, 3);
        let mut nothing_else = Batch::new();
        nothing_else.run(sql!("INSERT INTO things (id, room) VALUES (3, 1)"), params![]);
        nothing_else.append(only);
        test.db.write(nothing_else).await.unwrap();
        assert_eq!(consistent(&test.db).await, 3, "{}", test.name);
    }
}
