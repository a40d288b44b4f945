//! People, bots and guilds for the tests of the directory.

use guildhall_accounts::NewUser;
use guildhall_app::config::Settings;
use guildhall_base::UserId;
use guildhall_infra::db::Value as Column;
use guildhall_infra::{params, sql};
use serde_json::{Value, json};

use crate::support::{Client, Hall, halls};

/// A stopped server on each engine at hand, which refuses nobody for asking often.
pub(crate) async fn unstarted() -> Vec<Hall> {
    let mut halls = halls().await;
    for hall in &mut halls {
        hall.configure(|settings| {
            settings.limits.requests_per_bucket = 0;
            settings.limits.requests_per_second = 0;
            settings.limits.invalid_per_ten_minutes = 0;
        });
    }
    halls
}

/// The same, started.
pub(crate) async fn started() -> Vec<Hall> {
    let mut halls = unstarted().await;
    for hall in &mut halls {
        hall.start().await;
    }
    halls
}

/// A text that is long enough.
pub(crate) fn long() -> String {
    "It does what it says, and says what it does. ".repeat(6)
}

/// What a listing must say at least.
pub(crate) fn draft() -> Value {
    json!({ "short": "Keeps your guild quiet and tidy.", "long": long(), "tags": ["moderation", "utility"] })
}

/// An application of this person: its id, and a client with its bot's token.
pub(crate) async fn bot_of(hall: &Hall, owner: &Client, name: &str) -> (String, Client) {
    let owner = UserId::new(id_of(owner).await.parse().unwrap());
    let (application, _, token) = hall.server().hall().applications.create(owner, name).await.unwrap();
    (application.id.to_string(), hall.client(format!("Bot {token}")))
}

/// Who a client is.
pub(crate) async fn id_of(client: &Client) -> String {
    client.get("/users/@me").await["id"].as_str().unwrap().to_owned()
}

/// Gives somebody the highest rank.
pub(crate) async fn make_staff(hall: &Hall, client: &Client) {
    let user = UserId::new(id_of(client).await.parse().unwrap());
    hall.server().hall().accounts.set_staff(user, true).await.unwrap();
}

/// Somebody with a bot that is listed and waits for staff.
pub(crate) async fn listed_bot(hall: &Hall, owner: &Client, name: &str) -> (String, Client) {
    let (bot, token) = bot_of(hall, owner, name).await;
    let (status, answer) = owner.send("PUT", &format!("/v2/listings/bots/{bot}"), Some(draft())).await;
    assert_eq!(status, 201, "{answer}");
    (bot, token)
}

/// Puts a listing into a state, past staff.
pub(crate) async fn set_state(hall: &Hall, bot: &str, state: i64) {
    let mut batch = guildhall_infra::db::Batch::new();
    batch.run(
        sql!(
            "UPDATE listings SET state = $2, approved_at = 1, reviewer_id = NULL WHERE kind = 0 AND id = $1"
        ),
        params![bot.parse::<i64>().unwrap(), state],
    );
    hall.server().hall().db.write(batch).await.unwrap();
}

/// The names in a listing's history, oldest first, as rows have them.
pub(crate) async fn history(hall: &Hall, listing: &str) -> Vec<String> {
    let rows = hall
        .server()
        .hall()
        .db
        .all(
            sql!("SELECT event FROM listing_history WHERE listing_id = $1 ORDER BY id"),
            params![listing.parse::<i64>().unwrap()],
        )
        .await
        .unwrap();
    rows.iter().map(|row| row.read::<String>().unwrap()).collect()
}

/// The events of this name in the log, oldest first: whom they are told, and what.
pub(crate) async fn events(hall: &Hall, name: &str) -> Vec<Value> {
    let rows = hall
        .server()
        .hall()
        .db
        .all(sql!("SELECT users, body FROM events WHERE name = $1 ORDER BY position"), params![name])
        .await
        .unwrap();
    let event = |row: &guildhall_infra::db::Row| {
        let (users, body) = row.read::<(Option<String>, String)>().unwrap();
        let users: Value = users.map_or(Value::Null, |users| serde_json::from_str(&users).unwrap());
        json!({ "users": users, "body": serde_json::from_str::<Value>(&body).unwrap() })
    };
    rows.iter().map(event).collect()
}

/// One number out of the database.
pub(crate) async fn count(hall: &Hall, sql: guildhall_infra::db::Sql, listing: &str) -> i64 {
    let id = Column::Integer(listing.parse().unwrap());
    hall.server().hall().db.one(sql, params![id]).await.unwrap().read::<i64>().unwrap()
}

/// Gives people ranks, as somebody of the highest rank does.
pub(crate) async fn give_ranks(hall: &Hall, ranks: &[(&Client, &str)]) {
    let accounts = &hall.server().hall().accounts;
    let boss = hall.register("the_boss").await;
    make_staff(hall, &boss).await;
    let boss = accounts.authenticate(&boss.authorization).await.unwrap();
    for (client, rank) in ranks {
        let user = UserId::new(id_of(client).await.parse().unwrap());
        accounts.grant_rank(&boss, user, rank, "They are good at it.").await.unwrap();
    }
}

/// What staff did to whoever owns a listing, the oldest first: action, reason, before and after.
pub(crate) async fn audit(hall: &Hall, owner: &Client) -> Vec<Value> {
    let owner = id_of(owner).await.parse::<i64>().unwrap();
    let rows = hall
        .server()
        .hall()
        .db
        .all(
            sql!(
                "SELECT action, reason, before, after FROM staff_actions
                 WHERE target_id = $1 AND action LIKE '%.%' ORDER BY id"
            ),
            params![owner],
        )
        .await
        .unwrap();
    let row = |row: &guildhall_infra::db::Row| {
        let (action, reason, before, after) = row.read::<(String, String, String, String)>().unwrap();
        json!([action, reason, before, after])
    };
    rows.iter().map(row).collect()
}

/// Turns off how much one client may ask.
pub(crate) fn unlimited(settings: &mut Settings) {
    settings.limits.requests_per_bucket = 0;
    settings.limits.requests_per_second = 0;
    settings.limits.invalid_per_ten_minutes = 0;
}

/// Somebody whose mail address is confirmed.
pub(crate) async fn confirmed(hall: &Hall, name: &str) -> Client {
    let accounts = &hall.server().hall().accounts;
    let (username, email) = (name.to_owned(), Some(format!("{name}@example.org")));
    let user = accounts.create_user(NewUser { username, email, ..NewUser::default() }).await.unwrap();
    hall.client(accounts.new_token(user.id).await.unwrap())
}

/// Gives a bot's listing these flags and no others.
pub(crate) async fn set_flags(hall: &Hall, bot: &str, flags: i64) {
    let sql = sql!("UPDATE listings SET flags = $2 WHERE kind = 0 AND id = $1");
    hall.server().hall().db.run(sql, params![bot.parse::<i64>().unwrap(), flags]).await.unwrap();
}

/// Waits until the latest job of this kind is over, and sees that it went well.
pub(crate) async fn job_is_over(staff: &Client, name: &str) {
    let jobs = staff.get(&format!("/v2/jobs?name={name}")).await;
    let id = jobs[0]["id"].as_str().unwrap_or_else(|| panic!("no job {name}: {jobs}"));
    staff.get(&format!("/v2/jobs/{id}/events")).await;
    let job = staff.get(&format!("/v2/jobs/{id}")).await;
    assert_eq!(job["state"], "done", "{job}");
}
