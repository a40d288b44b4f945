//! Every SQL statement of this crate, one file per table or family of tables.

pub(crate) mod applications;
pub(crate) mod codes;
pub(crate) mod devices;
pub(crate) mod grants;
pub(crate) mod keys;
pub(crate) mod own_data;
pub(crate) mod registrations;
pub(crate) mod requests;
pub(crate) mod secrets;
pub(crate) mod usage;

use guildhall_infra::db::Migration;

pub(crate) fn migrations() -> Vec<Migration> {
    vec![
        Migration { name: "oauth/0001", sql: include_str!("../../migrations/0001_applications.sql") },
        Migration { name: "oauth/0002_server", sql: include_str!("../../migrations/0002_server.sql") },
        Migration {
            name: "oauth/0003_bot_owners",
            sql: include_str!("../../migrations/0003_bot_owners.sql"),
        },
        Migration {
            name: "oauth/0004_deliveries",
            sql: include_str!("../../migrations/0004_deliveries.sql"),
        },
    ]
}
