//! Random batches against a model in a dozen lines: every engine must answer what the model answers and keep what it
//! keeps.
#![allow(clippy::unwrap_used, reason = "a failing test says so by panicking")]

use std::collections::BTreeMap;

use guildhall_base::{Code, codes::NOT_FOUND};
use guildhall_infra::db::{Batch, Migration, codes, params, sql};
use guildhall_infra::testing::databases;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

const SCHEMA: &[Migration] = &[Migration {
    name: "test/0001",
    sql: "CREATE TABLE things (id BIGINT PRIMARY KEY, name TEXT NOT NULL UNIQUE); \
          CREATE TABLE parts (id {serial}, thing BIGINT NOT NULL REFERENCES things (id) ON DELETE CASCADE)",
}];

#[derive(Debug, Clone)]
enum Step {
    Insert(i64, u8),
    Upsert(i64, u8),
    Rename(i64, u8),
    Delete(i64),
    Attach(i64),
    Require(i64),
}

/// Names by id, with the number of parts.
type Model = BTreeMap<i64, (u8, i64)>;

/// What a batch does to the model: how many rows each step touched, or why nothing happened.
fn expected(model: &mut Model, steps: &[Step]) -> Result<Vec<u64>, Code> {
    let mut next = model.clone();
    let mut affected = Vec::new();
    for step in steps {
        let taken = |next: &Model, id, name| next.iter().any(|(other, (n, _))| *other != id && *n == name);
        affected.push(match *step {
            Step::Insert(id, name) => {
                if next.contains_key(&id) || taken(&next, id, name) {
                    return Err(codes::DUPLICATE);
                }
                next.insert(id, (name, 0));
                1
            }
            Step::Upsert(id, name) if taken(&next, id, name) => return Err(codes::DUPLICATE),
            Step::Upsert(id, name) => {
                next.entry(id).or_insert((name, 0)).0 = name;
                1
            }
            Step::Rename(id, name) if next.contains_key(&id) && taken(&next, id, name) => {
                return Err(codes::DUPLICATE);
            }
            Step::Rename(id, name) => next.get_mut(&id).map_or(0, |thing| {
                thing.0 = name;
                1
            }),
            Step::Delete(id) => next.remove(&id).map_or(0, |_| 1),
            Step::Attach(id) => {
                next.get_mut(&id).ok_or(codes::REFERENCE)?.1 += 1;
                1
            }
            Step::Require(id) => {
                next.get(&id).ok_or(NOT_FOUND)?;
                1
            }
        });
    }
    *model = next;
    Ok(affected)
}

fn batch(steps: &[Step]) -> Batch {
    let mut batch = Batch::new();
    for step in steps {
        match *step {
            Step::Insert(id, name) => {
                batch.run(sql!("INSERT INTO things (name, id) VALUES ($2, $1)"), params![id, name.to_string()])
            }
            Step::Upsert(id, name) => batch.run(
                sql!("INSERT INTO things (id, name) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET name = excluded.name"),
                params![id, name.to_string()],
            ),
            Step::Rename(id, name) => {
                batch.run(sql!("UPDATE things SET name = $2 WHERE id = $1"), params![id, name.to_string()])
            }
            Step::Delete(id) => batch.run(sql!("DELETE FROM things WHERE id = $1 RETURNING name"), params![id]),
            Step::Attach(id) => batch.run(sql!("INSERT INTO parts (thing) VALUES ($1)"), params![id]),
            Step::Require(id) => batch.must(sql!("SELECT 1 FROM things WHERE id = $1"), params![id], NOT_FOUND),
        };
    }
    batch
}

fn batches() -> impl Strategy<Value = Vec<Vec<Step>>> {
    let (id, name) = (0..5_i64, 0..5_u8);
    let step = prop_oneof![
        3 => (id.clone(), name.clone()).prop_map(|(id, name)| Step::Insert(id, name)),
        2 => (id.clone(), name.clone()).prop_map(|(id, name)| Step::Upsert(id, name)),
        2 => (id.clone(), name).prop_map(|(id, name)| Step::Rename(id, name)),
        1 => id.clone().prop_map(Step::Delete),
        2 => id.clone().prop_map(Step::Attach),
        1 => id.prop_map(Step::Require),
    ];
    prop::collection::vec(prop::collection::vec(step, 1..5), 1..12)
}

#[test]
fn every_engine_does_what_the_model_does() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let databases = runtime.block_on(async {
        let databases = databases().await;
        for test in &databases {
            test.db.migrate(SCHEMA).await.unwrap();
        }
        databases
    });
    let mut runner = TestRunner::new(Config { cases: 64, failure_persistence: None, ..Config::default() });
    let result = runner.run(&batches(), |batches| {
        for test in &databases {
            runtime.block_on(async {
                test.db.run(sql!("DELETE FROM things"), params![]).await.unwrap();
                let mut model = Model::new();
                for steps in &batches {
                    let wanted = expected(&mut model, steps).map_err(|code| code.name);
                    let answer = test.db.write(batch(steps)).await;
                    let got = answer.map(|outcomes| outcomes.iter().map(|outcome| outcome.affected).collect());
                    prop_assert_eq!(got.map_err(|error| error.code.name), wanted, "{}: {:?}", test.name, steps);
                }
                let all = sql!(
                    "SELECT id, name, (SELECT count(*) FROM parts WHERE thing = things.id) FROM things ORDER BY id"
                );
                let kept = test.db.all(all, params![]).await.unwrap();
                let kept: Vec<(i64, String, i64)> = kept.iter().map(|row| row.read().unwrap()).collect();
                let wanted: Vec<_> = model.into_iter().map(|(id, (name, parts))| (id, name.to_string(), parts)).collect();
                prop_assert_eq!(kept, wanted, "{}", test.name);
                Ok(())
            })?;
        }
        Ok(())
    });
    result.unwrap();
}
