//! Every SQL text of the program is prepared on every engine, against the schema that the migrations make: a column that
//! does not exist, or words that only one engine knows, fail here and not at three in the morning.
#![allow(clippy::unwrap_used, reason = "a failing test says so by panicking")]

use guildhall_app::hall;
use guildhall_infra::db::Sql;
use guildhall_infra::testing::{databases, misunderstood};

#[tokio::test]
async fn every_statement_is_understood_by_every_engine() {
    for crate_with_statements in ["accounts", "chat", "directory", "infra", "oauth"] {
        let start = format!("crates/{crate_with_statements}/src");
        assert!(Sql::registered().any(|sql| sql.place().starts_with(&start)), "{start} is not linked");
    }
    for test in databases().await {
        test.db.migrate(&hall::migrations()).await.unwrap();
        let complaints = misunderstood(&test.db).await;
        assert!(complaints.is_empty(), "{}:\n{}", test.name, complaints.join("\n"));
    }
}
