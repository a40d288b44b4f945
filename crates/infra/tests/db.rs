//! The database, the same tests on every engine.
#![allow(clippy::unwrap_used, reason = "a failing test says so by panicking")]

use bytes::Bytes;
use guildhall_base::{Id, Kind, Permissions, Timestamp, UserId};
use guildhall_infra::db::{Batch, Db, Json, Migration, Rows, codes, params, sql};
use guildhall_infra::testing::{TestDb, databases, misunderstood};

const SCHEMA: &[Migration] = &[Migration {
    name: "test/0001",
    sql: "CREATE TABLE things (id BIGINT PRIMARY KEY, name TEXT UNIQUE, position BIGINT NOT NULL DEFAULT 0, \
              flag BOOLEAN, data {bytes}, real DOUBLE PRECISION); \
          CREATE TABLE parts (id {serial}, thing BIGINT NOT NULL REFERENCES things (id) ON DELETE CASCADE, \
              later BIGINT REFERENCES things (id) DEFERRABLE INITIALLY DEFERRED)",
}];

async fn prepared() -> Vec<TestDb> {
    let databases = databases().await;
    for test in &databases {
        test.db.migrate(SCHEMA).await.unwrap();
    }
    databases
}

async fn thing(db: &Db, id: i64, name: &str) {
    db.run(sql!("INSERT INTO things (id, name) VALUES ($1, $2)"), params![id, name]).await.unwrap();
}

async fn count(db: &Db) -> i64 {
    db.one(sql!("SELECT count(*) FROM things"), params![]).await.unwrap().read().unwrap()
}

#[tokio::test]
async fn every_type_comes_back_as_it_went_in() {
    for test in prepared().await {
        let db = &test.db;
        let insert = sql!(
            "INSERT INTO things (id, name, position, flag, data, real) VALUES ($1, $2, $3, $4, $5, $6) \
             RETURNING id, name, position, flag, data, real"
        );
        let at = Timestamp::from_millis(-5);
        let id = UserId::new(i64::MAX);
        let name = "snow\u{2603}'; DROP TABLE things --";
        let outcome = db.run(insert, params![id, name, at, true, vec![0_u8, 255], 1.5]).await.unwrap();
        assert_eq!(outcome.affected, 1, "{}", test.name);
        let row = &outcome.rows[0];
        let read: (UserId, String, Timestamp, bool, Vec<u8>, f64) = row.read().unwrap();
        assert_eq!(read, (id, name.to_owned(), at, true, vec![0, 255], 1.5), "{}", test.name);
        let mut columns = row.columns();
        columns.skip(4);
        assert_eq!(columns.next::<Bytes>().unwrap(), Bytes::from_static(&[0, 255]));

        let none: Option<&str> = None;
        let outcome = db
            .run(insert, params![1, none, Permissions::all(), None::<bool>, None::<Bytes>, None::<f64>])
            .await
            .unwrap();
        type Nullable = (i64, Option<String>, Permissions, Option<bool>, Option<Vec<u8>>, Option<f64>);
        let read: Nullable = outcome.rows[0].read().unwrap();
        assert_eq!(read, (1, None, Permissions::all(), None, None, None), "{}", test.name);

        db.run(sql!("UPDATE things SET name = $1 WHERE id = 1"), params![Json(vec!["a", "b"])])
            .await
            .unwrap();
        let row = db.one(sql!("SELECT name, name FROM things WHERE id = $1"), params![1_u8]).await.unwrap();
        assert_eq!(row.read::<(Json<Vec<String>>, String)>().unwrap().0.0, ["a", "b"]);
        assert!(row.get::<i64>(0).is_err());
        assert!(row.get::<String>(2).is_err());
        assert!(row.read::<String>().is_err(), "a row of another width is refused");
    }
}

#[tokio::test]
async fn numbers_in_placeholders_count_not_their_order() {
    for test in prepared().await {
        thing(&test.db, 7, "before").await;
        let update = sql!("UPDATE things SET name = $2, position = $3 WHERE id = $1 AND $1 = id");
        assert_eq!(test.db.run(update, params![7, "after", 3]).await.unwrap().affected, 1, "{}", test.name);
        let row = test.db.one(sql!("SELECT name, position FROM things"), params![]).await.unwrap();
        assert_eq!(row.read::<(String, i64)>().unwrap(), ("after".to_owned(), 3), "{}", test.name);
    }
}

#[tokio::test]
async fn a_batch_happens_whole_or_not_at_all() {
    for test in prepared().await {
        let db = &test.db;
        thing(db, 1, "one").await;
        let insert = sql!("INSERT INTO things (id, name) VALUES ($1, $2)");
        let mut batch = Batch::new();
        batch.run(insert, params![2, "two"]);
        batch.run(insert, params![3, "one"]);
        assert!(db.write(batch).await.unwrap_err().is(codes::DUPLICATE), "{}", test.name);
        assert_eq!(count(db).await, 1, "{}", test.name);

        let mut batch = Batch::new();
        assert_eq!(batch.run(insert, params![2, "two"]), 0);
        assert_eq!(
            batch.must(sql!("UPDATE things SET position = 9 WHERE id = $1"), params![2], codes::NOT_FOUND),
            1
        );
        assert_eq!(batch.run(sql!("SELECT name FROM things ORDER BY id"), params![]), 2);
        let outcomes = db.write(batch).await.unwrap();
        assert_eq!(outcomes.iter().map(|o| o.affected).collect::<Vec<_>>(), [1, 1, 2], "{}", test.name);
        assert_eq!(outcomes[2].rows[1].read::<String>().unwrap(), "two");
    }
}

#[tokio::test]
async fn must_undoes_the_batch_with_its_error() {
    for test in prepared().await {
        let db = &test.db;
        let mut batch = Batch::new();
        batch.run(sql!("INSERT INTO things (id) VALUES ($1)"), params![2]);
        batch.must(
            sql!("UPDATE things SET position = 1 WHERE id = $1"),
            params![99],
            codes::CONFLICT.because("It was renamed meanwhile."),
        );
        let error = db.write(batch).await.unwrap_err();
        assert_eq!(error.detail, "It was renamed meanwhile.", "{}", test.name);
        assert_eq!(count(db).await, 0, "{}", test.name);
    }
}

#[tokio::test]
async fn failures_have_codes() {
    for test in prepared().await {
        let db = &test.db;
        let dangling = sql!("INSERT INTO parts (thing) VALUES ($1)");
        assert!(db.run(dangling, params![5]).await.unwrap_err().is(codes::REFERENCE), "{}", test.name);
        let null = db.run(sql!("UPDATE things SET position = NULL WHERE id = $1"), params![5]).await;
        assert_eq!(null.unwrap().affected, 0, "{}", test.name);
        assert!(db.one(sql!("SELECT id FROM things"), params![]).await.unwrap_err().is(codes::NOT_FOUND));
        assert_eq!(db.opt(sql!("SELECT id FROM things"), params![]).await.unwrap(), None);

        let written =
            db.all(sql!("DELETE FROM things WHERE id = $1 RETURNING id"), params![5]).await.unwrap_err();
        assert_eq!(written.kind(), Kind::Internal, "reading never writes: {}", test.name);
        for wrong in [params![], params![1, 2], params![u64::MAX]] {
            let error = db.all(sql!("SELECT id FROM things WHERE id = $1"), wrong).await.unwrap_err();
            assert_eq!(error.kind(), Kind::Internal, "{}", test.name);
            assert!(error.to_string().contains("SELECT id"), "the log knows the statement: {error}");
        }
    }
}

#[tokio::test]
async fn concurrent_increments_lose_nothing() {
    for test in prepared().await {
        thing(&test.db, 1, "counter").await;
        let mut tasks = tokio::task::JoinSet::new();
        for task in 0..20 {
            let db = test.db.clone();
            tasks.spawn(async move {
                for turn in 0..20 {
                    let mut batch = Batch::new();
                    batch.run(sql!("UPDATE things SET position = position + 1 WHERE id = 1"), params![]);
                    batch.run(sql!("INSERT INTO things (id) VALUES ($1)"), params![100 + task * 100 + turn]);
                    db.write(batch).await.unwrap();
                }
            });
        }
        tasks.join_all().await;
        let row = test.db.one(sql!("SELECT position FROM things WHERE id = 1"), params![]).await.unwrap();
        assert_eq!(row.read::<i64>().unwrap(), 400, "{}", test.name);
        assert_eq!(count(&test.db).await, 401, "{}", test.name);
    }
}

#[tokio::test]
async fn one_failing_batch_among_many_fails_alone() {
    for test in prepared().await {
        thing(&test.db, 1, "taken").await;
        let writes = (2..200_i64).map(|id| {
            let mut batch = Batch::new();
            batch.run(sql!("INSERT INTO things (id) VALUES ($1)"), params![id]);
            match id % 4 {
                0 => batch.run(sql!("UPDATE things SET name = 'taken' WHERE id = $1"), params![id]),
                1 => batch.run(sql!("INSERT INTO parts (thing, later) VALUES (1, $1)"), params![-id]),
                2 => batch.run(sql!("DELETE FROM nowhere"), params![]),
                _ => batch.run(sql!("UPDATE things SET position = 3 WHERE id = $1"), params![id]),
            };
            let db = test.db.clone();
            tokio::spawn(async move { (id, db.write(batch).await) })
        });
        for write in writes.collect::<Vec<_>>() {
            let (id, result) = write.await.unwrap();
            match id % 4 {
                0 => assert!(result.unwrap_err().is(codes::DUPLICATE), "{}", test.name),
                1 => assert!(result.unwrap_err().is(codes::REFERENCE), "{}", test.name),
                2 => assert_eq!(result.unwrap_err().kind(), Kind::Internal, "{}", test.name),
                _ => assert_eq!(result.unwrap().len(), 2, "{}", test.name),
            }
        }
        let row = test.db.one(sql!("SELECT count(*), sum(position) FROM things"), params![]).await.unwrap();
        assert_eq!(row.read::<(i64, i64)>().unwrap(), (51, 150), "{}", test.name);
    }
}

#[tokio::test]
async fn fragments_mean_the_same_everywhere() {
    for test in prepared().await {
        let db = &test.db;
        let rows: Rows = [(1_i64, "one", Some(true)), (2, "two", Some(false)), (3, "three \"'", None)]
            .into_iter()
            .map(|(id, name, flag)| params![id, name, flag, &[id as u8, 0]])
            .collect();
        let insert = sql!(
            "INSERT INTO things (id, name, flag, data) SELECT m.id, m.name, m.flag, m.data \
             FROM {rows $1: id bigint, name text, flag boolean, data bytes} AS m WHERE true ON CONFLICT DO NOTHING"
        );
        assert_eq!(db.run(insert, params![rows]).await.unwrap().affected, 3, "{}", test.name);
        let move_all = sql!(
            "UPDATE things SET position = m.position FROM {rows $1: id bigint, position bigint} AS m \
             WHERE things.id = m.id"
        );
        let positions = Json([(UserId::new(1), 30_i64), (Id::new(3), 10)]);
        assert_eq!(db.run(move_all, params![positions]).await.unwrap().affected, 2, "{}", test.name);

        let by_id = sql!(
            "SELECT id, name, flag, data FROM things WHERE id {in $1} ORDER BY position, id {skip_locked}"
        );
        let found = db.all(by_id, params![vec![1_i64, 3, 4]]).await.unwrap();
        let found: Vec<(i64, String, Option<bool>, Vec<u8>)> =
            found.iter().map(|row| row.read().unwrap()).collect();
        assert_eq!(
            found,
            [(3, "three \"'".to_owned(), None, vec![3, 0]), (1, "one".to_owned(), Some(true), vec![1, 0])],
            "{}",
            test.name
        );
        let by_name = sql!("SELECT id FROM things WHERE name {in $2} AND position < $1 AND name <> '{}'");
        assert_eq!(
            db.all(by_name, params![9, ["two", "three \"'"]]).await.unwrap().len(),
            1,
            "{}",
            test.name
        );
        assert!(db.all(by_id, params![Vec::<UserId>::new()]).await.unwrap().is_empty(), "{}", test.name);
    }
}

#[tokio::test]
async fn migrations_are_applied_once_and_whole() {
    for test in databases().await {
        let db = &test.db;
        db.migrate(SCHEMA).await.unwrap();
        db.migrate(SCHEMA).await.unwrap();
        let good = Migration { name: "test/0002", sql: "ALTER TABLE things ADD COLUMN more TEXT;" };
        let bad = Migration {
            name: "test/0003",
            sql: "CREATE TABLE half (id BIGINT); INSERT INTO nowhere VALUES (1);",
        };
        assert!(db.migrate(&[SCHEMA[0], good, bad]).await.is_err(), "{}", test.name);
        db.opt(sql!("SELECT more FROM things"), params![]).await.unwrap();
        assert!(db.opt(sql!("SELECT id FROM half"), params![]).await.is_err(), "{}", test.name);
        let repaired = Migration { name: "test/0003", sql: "CREATE TABLE half (id BIGINT)" };
        db.migrate(&[SCHEMA[0], good, repaired]).await.unwrap();

        let edited = Migration { name: "test/0002", sql: "ALTER TABLE things ADD COLUMN other TEXT;" };
        assert!(db.migrate(&[SCHEMA[0], edited]).await.unwrap_err().to_string().contains("test/0002"));
        assert!(db.migrate(&[good, good]).await.is_err());
    }
}

#[tokio::test]
async fn interactive_transactions_commit_or_leave_nothing() {
    for test in prepared().await {
        let db = &test.db;
        let moved = tokio::spawn({
            let db = db.clone();
            async move {
                let id = 1;
                let name = String::from("borrowed by the body");
                db.tx(async |tx| {
                    tx.run(sql!("INSERT INTO things (id, name) VALUES ($1, $2)"), params![&id, &name])
                        .await?;
                    let row = tx.one(sql!("SELECT count(*) FROM things"), params![]).await?;
                    tx.announce().await;
                    row.read::<i64>()
                })
                .await
            }
        });
        let mut news = db.announcements();
        assert_eq!(moved.await.unwrap().unwrap(), 1, "{}", test.name);
        news.changed().await.unwrap();

        let refused: Result<(), _> = db
            .tx(async |tx| {
                tx.run(sql!("INSERT INTO things (id) VALUES ($1)"), params![2]).await?;
                Err(codes::CONFLICT.into())
            })
            .await;
        assert!(refused.unwrap_err().is(codes::CONFLICT), "{}", test.name);
        let swallowed = db
            .tx(async |tx| {
                let again = tx.run(sql!("INSERT INTO things (id) VALUES ($1)"), params![1]).await;
                assert!(again.unwrap_err().is(codes::DUPLICATE));
                Ok(())
            })
            .await;
        assert!(swallowed.unwrap_err().is(codes::DUPLICATE), "a failed statement cannot be committed past");
        assert_eq!(count(db).await, 1, "{}", test.name);
    }
}

#[tokio::test]
async fn announcements_follow_the_commit() {
    for test in prepared().await {
        let mut news = test.db.announcements();
        news.mark_unchanged();
        thing(&test.db, 1, "silent").await;
        assert!(!news.has_changed().unwrap(), "{}", test.name);
        let mut batch = Batch::new();
        batch.run(sql!("INSERT INTO things (id) VALUES ($1)"), params![2]);
        batch.announce();
        test.db.write(batch).await.unwrap();
        assert!(news.has_changed().unwrap(), "{}", test.name);
    }
}

#[tokio::test]
async fn what_was_written_is_read_after_reopening() {
    for test in prepared().await {
        thing(&test.db, 1, "kept").await;
        let second = Db::open(&test.url).await.unwrap();
        assert_eq!(count(&second).await, 1, "{}", test.name);
        thing(&second, 2, "by the second").await;
        assert_eq!(count(&test.db).await, 2, "{}", test.name);
    }
}

#[tokio::test]
async fn addresses_that_cannot_be_opened_are_refused() {
    for url in ["", "sqlite:", "sqlite::memory:", "mysql://x", "sqlite:/nowhere/at/all.db"] {
        assert!(Db::open(url).await.is_err(), "{url}");
    }
}

#[tokio::test]
async fn every_text_is_prepared_on_every_engine() {
    for test in prepared().await {
        let mut complaints = misunderstood(&test.db).await;
        let ours = |text: &String| text.starts_with(file!());
        complaints.retain(|text| {
            ours(text) && !["nowhere", "half", "more"].iter().any(|meant| text.contains(meant))
        });
        assert!(complaints.is_empty(), "{complaints:#?}");
    }
}
