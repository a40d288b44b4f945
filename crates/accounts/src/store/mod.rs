//! Every SQL statement on the tables of this crate.

pub(crate) mod bonds;
pub(crate) mod factors;
pub(crate) mod identities;
pub(crate) mod life;
pub(crate) mod mail_proofs;
pub(crate) mod passkeys;
pub(crate) mod second_steps;
pub(crate) mod setup;
pub(crate) mod staff;
pub(crate) mod tokens;
pub(crate) mod users;
pub(crate) mod ways_in;

use guildhall_infra::db::Migration;

/// The tables.
pub(crate) fn migrations() -> Vec<Migration> {
    vec![
        Migration { name: "accounts/0001", sql: include_str!("../../migrations/0001_accounts.sql") },
        Migration {
            name: "accounts/0002_custom_status",
            sql: include_str!("../../migrations/0002_custom_status.sql"),
        },
        Migration {
            name: "accounts/0003_second_steps",
            sql: include_str!("../../migrations/0003_second_steps.sql"),
        },
        Migration { name: "accounts/0004_ways_in", sql: include_str!("../../migrations/0004_ways_in.sql") },
        Migration { name: "accounts/0005_mail", sql: include_str!("../../migrations/0005_mail.sql") },
        Migration { name: "accounts/0005_staff", sql: include_str!("../../migrations/0005_staff.sql") },
        Migration {
            name: "accounts/0006_session_class",
            sql: include_str!("../../migrations/0006_session_class.sql"),
        },
        Migration {
            name: "accounts/0007_bot_owners",
            sql: include_str!("../../migrations/0007_bot_owners.sql"),
        },
        Migration {
            name: "accounts/0008_second_factor",
            sql: include_str!("../../migrations/0008_second_factor.sql"),
        },
        Migration {
            name: "accounts/0009_session_scopes",
            sql: include_str!("../../migrations/0009_session_scopes.sql"),
        },
        Migration { name: "accounts/0010_leaving", sql: include_str!("../../migrations/0010_leaving.sql") },
    ]
}
