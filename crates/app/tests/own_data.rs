//! What is kept of people: no column with a user's id is forgotten, neither in the code nor when somebody goes.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on should stop")]

mod support;

use std::collections::BTreeSet;
use std::io::{Cursor, Read as _};

use guildhall_accounts::Accounts;
use guildhall_accounts::life::{Fate, UserColumn};
use guildhall_app::hall::Hall as Features;
use guildhall_base::{JobId, Timestamp, UserId};
use guildhall_infra::db::{Db, Dialect, Sql, Text};
use guildhall_infra::jobs::Signed;
use guildhall_infra::{params, sql};
use serde_json::{Value, json};
use support::socket::Socket;
use support::{Client, Hall, halls};

/// A PNG file of one pixel.
const PICTURE: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/// Columns whose numbers are no users, whatever table they are in. What is not here and not known as a user's is a fault.
const NO_USERS: &[&str] = &[
    "id",
    "guild_id",
    "channel_id",
    "parent_id",
    "last_message_id",
    "message_id",
    "original_id",
    "interaction_id",
    "role_id",
    "application_id",
    "grant_id",
    "session_id",
    "job_id",
    "emoji_id",
    "team_id",
    "listing_id",
    "root_id",
    "review_id",
    "pack_id",
];
/// The same, where the name alone does not say it.
const NO_USERS_HERE: &[(&str, &str)] =
    &[("interactions", "answer_by"), ("listing_counts", "users"), ("listing_days", "users")];

fn text(text: String) -> Sql {
    Sql::new(Box::leak(Box::new(Text::new(Box::leak(text.into_boxed_str()), "own_data.rs"))))
}

/// Every column of every table that can hold an id.
async fn columns(db: &Db) -> BTreeSet<(String, String)> {
    let query = match db.dialect() {
        Dialect::Sqlite => {
            "SELECT m.name, p.name FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS p
             WHERE m.type = 'table' AND p.type IN ('BIGINT', 'INTEGER')"
        }
        Dialect::Postgres => {
            "SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT) FROM information_schema.columns
             WHERE table_schema = current_schema() AND data_type = 'bigint'"
        }
    };
    let rows = db.all(text(query.to_owned()), params![]).await.unwrap();
    let named = |name: &str| name.ends_with("_id") || name.ends_with("_by") || name.contains("user");
    rows.iter()
        .map(|row| row.read::<(String, String)>().unwrap())
        .filter(|(_, column)| named(column))
        .collect()
}

async fn rows_with(db: &Db, column: &UserColumn, user: UserId) -> i64 {
    let query = format!("SELECT COUNT(*) FROM {} WHERE {} = $1", column.table, column.column);
    db.one(text(query), params![user]).await.unwrap().get(0).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_column_with_a_user_s_id_is_looked_after() {
    for mut hall in halls().await {
        hall.start().await;
        let features = hall.server().hall();
        let known = Accounts::user_columns(&features.own_data());
        let known: BTreeSet<_> = known.iter().map(|it| (it.table.to_owned(), it.column.to_owned())).collect();
        let all = columns(&features.db).await;
        let missing: Vec<_> = all
            .iter()
            .filter(|it| !known.contains(*it))
            .filter(|(_, column)| !NO_USERS.contains(&column.as_str()))
            .filter(|(table, column)| !NO_USERS_HERE.contains(&(table, column)))
            .collect();
        assert!(missing.is_empty(), "say in the feature's own_data.rs what becomes of {missing:?}");
        let gone: Vec<_> = known.iter().filter(|it| !all.contains(*it)).collect();
        assert!(gone.is_empty(), "there is no {gone:?}");
        hall.stop().await;
    }
}

/// Somebody who signed in a moment ago.
async fn register(hall: &Hall, name: &str) -> (Client, UserId) {
    let client = hall.register(name).await;
    let id = client.get("/users/@me").await["id"].as_str().unwrap().parse().unwrap();
    (client, id)
}

/// Rows of all kinds that no short story makes.
async fn fill(db: &Db, user: UserId, guild_channel: &str, application: UserId) {
    let channel: i64 = guild_channel.parse().unwrap();
    for (statement, more) in [
        (
            sql!(
                "INSERT INTO second_steps (hash, user_id, method, attempts, expires) VALUES (CAST('a' AS {bytes}), $1, 'password', 0, 0)"
            ),
            None,
        ),
        (
            sql!(
                "INSERT INTO authenticators (user_id, secret, confirmed, step, created) VALUES ($1, CAST('a' AS {bytes}), FALSE, 0, 0)"
            ),
            None,
        ),
        (sql!("INSERT INTO recovery_codes (user_id, hash) VALUES ($1, CAST('a' AS {bytes}))"), None),
        (
            sql!(
                "INSERT INTO passkeys (id, user_id, credential, data, name, created) VALUES (1, $1, CAST('a' AS {bytes}), '{}', 'Key', 0)"
            ),
            None,
        ),
        (
            sql!(
                "INSERT INTO ceremonies (hash, user_id, purpose, state, expires) VALUES (CAST('a' AS {bytes}), $1, 'x', '{}', 0)"
            ),
            None,
        ),
        (
            sql!(
                "INSERT INTO identities (provider, subject, user_id, name, created, used) VALUES ('one', 'sub', $1, 'Ada', 0, 0)"
            ),
            None,
        ),
        (
            sql!(
                "INSERT INTO provider_visits (hash, provider, browser, user_id, state, expires) VALUES (CAST('a' AS {bytes}), 'one', CAST('a' AS {bytes}), $1, CAST('a' AS {bytes}), 0)"
            ),
            None,
        ),
        (
            sql!(
                "INSERT INTO mail_proofs (id, ticket, purpose, address, user_id, attempts, locale, expires) VALUES (1, CAST('a' AS {bytes}), 'confirm', 'x@example.org', $1, 0, 'en', 0)"
            ),
            None,
        ),
        (
            sql!(
                "INSERT INTO user_ranks (user_id, rank, granted_by, granted) VALUES ($1, 'moderator', $1, 0)"
            ),
            None,
        ),
        (
            sql!(
                "INSERT INTO listings (kind, id, platform, name, owner_id, state, flags, version, language, short_text,
                                       long_text, style, details, reviewer_id, created_at, changed_at)
                 VALUES (0, $2, '', 'x', $2, 0, 0, 1, 'en', '', '', '', '{}', $1, 0, 0)"
            ),
            Some(application.get()),
        ),
        (
            sql!(
                "INSERT INTO listing_owners (kind, id, user_id, rights, added_at) VALUES (0, $2, $1, 1, 0)"
            ),
            Some(application.get()),
        ),
        (
            sql!("INSERT INTO votes (id, kind, listing_id, user_id, period) VALUES (1, 0, $2, $1, 0)"),
            Some(application.get()),
        ),
        (
            sql!("INSERT INTO vote_windows (user_id, kind, listing_id, ends_at) VALUES ($1, 0, 0, 1)"),
            None,
        ),
        (
            sql!("INSERT INTO vote_reminders (user_id, kind, listing_id) VALUES ($1, 0, $2)"),
            Some(application.get()),
        ),
        (sql!("INSERT INTO directory_people (user_id, flags) VALUES ($1, 1)"), None),
        (
            sql!("INSERT INTO listing_teams (id, owner_id, name, created_at) VALUES (1, $1, 'x', 0)"),
            None,
        ),
        (sql!("INSERT INTO listing_team_members (team_id, user_id, rights) VALUES (1, $1, 1)"), None),
        (
            sql!(
                "INSERT INTO listing_reviews (id, kind, listing_id, author_id, stars, text, official)
                 VALUES (1, 0, $2, $1, 5, 'x', FALSE)"
            ),
            Some(application.get()),
        ),
        (sql!("INSERT INTO listing_review_votes (review_id, user_id, up) VALUES (1, $1, TRUE)"), None),
        (
            sql!(
                "INSERT INTO listing_packs (id, owner_id, name, description, changed_at) VALUES (1, $1, 'x', 'x', 0)"
            ),
            None,
        ),
        (
            sql!(
                "INSERT INTO listing_appeals (id, kind, listing_id, appeal_kind, user_id, text, answered_by)
                 VALUES (1, 0, $2, 2, $1, 'x', $1)"
            ),
            Some(application.get()),
        ),
        (
            sql!(
                "INSERT INTO registration_tokens (hash, created_by, expires, uses_left) VALUES (CAST('a' AS {bytes}), $1, 0, 1)"
            ),
            None,
        ),
        (
            sql!(
                "INSERT INTO gateway_sessions (id, user_id, bot, intents, shard, shards, s, position, seen_at) VALUES ('x', $1, FALSE, 0, 0, 1, 1, 0, 0)"
            ),
            None,
        ),
        (
            sql!(
                "INSERT INTO gateway_starts (user_id, since, count) VALUES ($1, 0, 1) ON CONFLICT (user_id) DO NOTHING"
            ),
            None,
        ),
        (
            sql!(
                "INSERT INTO consents (user_id, application_id, scopes, created, updated) VALUES ($1, $2, 1, 0, 0)"
            ),
            Some(application.get()),
        ),
        (
            sql!(
                "INSERT INTO grants (id, user_id, application_id, scopes, auth_time, acr, claims, created, used, expires) VALUES (1, $1, $2, 1, 0, '', '{}', 0, 0, 0)"
            ),
            Some(application.get()),
        ),
        (
            sql!(
                "INSERT INTO authorization_codes (hash, grant_id, application_id, user_id, redirect_uri, redirect_named, scopes, auth_time, acr, claims, expires) VALUES (CAST('a' AS {bytes}), 1, $2, $1, '', TRUE, 1, 0, '', '{}', 0)"
            ),
            Some(application.get()),
        ),
        (
            sql!(
                "INSERT INTO device_codes (hash, user_code, application_id, grant_id, scopes, created, expires, next_poll, interval_ms, state, user_id) VALUES (CAST('a' AS {bytes}), 'ABCD', $2, 1, 1, 0, 0, 0, 5, 1, $1)"
            ),
            Some(application.get()),
        ),
        (
            sql!(
                "INSERT INTO application_days (application_id, user_id, day, requests) VALUES ($2, $1, 0, 1)"
            ),
            Some(application.get()),
        ),
        (
            sql!(
                "INSERT INTO interactions (id, application_id, user_id, channel_id, type, token, state, answer_by, expires_at, body) VALUES (1, 1, $1, $2, 2, CAST('a' AS {bytes}), 0, 9000000000000, 9000000000000, '{}')"
            ),
            Some(channel),
        ),
        (
            sql!(
                "INSERT INTO departed_members (guild_id, user_id, roles, nick, left_at, keep_until) SELECT guild_id, $1, '', 'Nick', 0, 9000000000000 FROM channels WHERE id = $2"
            ),
            Some(channel),
        ),
        (
            sql!(
                "INSERT INTO stickers (id, guild_id, creator_id, settings) SELECT 1, guild_id, $1, '{\"name\":\"Stick\",\"description\":null,\"tags\":\"x\",\"format_type\":1}' FROM channels WHERE id = $2"
            ),
            Some(channel),
        ),
        (
            sql!(
                "INSERT INTO private_messages (id, interaction_id, user_id, channel_id, author_id, type, flags, content, body) VALUES (1, 1, $1, $2, $1, 0, 0, '', '{}')"
            ),
            Some(channel),
        ),
    ] {
        let params = match more {
            Some(more) => params![user, more],
            None => params![user],
        };
        db.run(statement, params).await.unwrap();
    }
}

/// Waits until a job is over.
async fn ended(staff: &Client, id: &str) -> Value {
    staff.get(&format!("/v2/jobs/{id}/events")).await;
    staff.get(&format!("/v2/jobs/{id}")).await
}

/// The files of somebody's copy, by name.
async fn files_of(features: &Features, path: &str) -> Vec<(String, String)> {
    let (path, query) = path.split_once('?').unwrap();
    let mut parts = path.trim_start_matches("/v2/jobs/").split('/');
    let job: JobId = parts.next().unwrap().parse().unwrap();
    let value = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)).unwrap().to_owned();
    let link = Signed {
        job,
        name: parts.next_back().unwrap().to_owned(),
        expires: Timestamp::from_millis(value("expires=").parse().unwrap()),
        signature: value("signature="),
    };
    let (file, blob) = features.jobs.open_signed(&link).await.unwrap();
    assert_eq!(file.content_type, "application/zip");
    let mut archive = zip::ZipArchive::new(Cursor::new(blob.bytes().await.unwrap())).unwrap();
    let mut files = Vec::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let (name, mut content) = (file.name().unwrap().into_owned(), Vec::new());
        file.read_to_end(&mut content).unwrap();
        files.push((name, String::from_utf8_lossy(&content).into_owned()));
    }
    files
}

#[tokio::test(flavor = "multi_thread")]
async fn who_goes_takes_a_copy_along_and_leaves_nothing_but_what_they_wrote() {
    for mut hall in halls().await {
        hall.configure(|settings| settings.accounts.deletion_delay = 0);
        hall.start().await;
        let features = hall.server().hall();
        let (accounts, db) = (&features.accounts, &features.db);
        let (boss, boss_id) = register(&hall, "boss").await;
        accounts.set_staff(boss_id, true).await.unwrap();
        let (ada, id) = register(&hall, "ada").await;
        let (bela, bela_id) = register(&hall, "bela").await;
        let (guild, channel) = bela.found_guild("Workshop").await;
        features.chat.enroll(guild.parse().unwrap(), id, Vec::new()).await.unwrap();
        let (application, robot, _) = features.applications.create(id, "robot").await.unwrap();
        features.chat.enroll(guild.parse().unwrap(), robot.id, Vec::new()).await.unwrap();
        let (other, ..) = features.applications.create(bela_id, "other").await.unwrap();
        let messages = format!("/channels/{channel}/messages");
        let said = ada
            .post(&messages, json!({ "content": "words of ada", "nonce": "n1", "enforce_nonce": true }))
            .await;
        let called = bela.post(&messages, json!({ "content": format!("hello <@{id}>") })).await;
        let called = called["id"].as_str().unwrap();
        for path in [
            format!("{messages}/{called}/reactions/%F0%9F%91%8D/@me"),
            format!("/users/@me/relationships/{bela_id}"),
        ] {
            let (status, answer) = ada.send("PUT", &path, Some(json!({}))).await;
            assert!(status.is_success(), "{path}: {answer}");
        }
        ada.post(&format!("/channels/{channel}/invites"), json!({})).await;
        let direct = ada.post("/users/@me/channels", json!({ "recipient_id": bela_id })).await;
        let direct = format!("/channels/{}/messages", direct["id"].as_str().unwrap());
        ada.post(&direct, json!({ "content": "between us" })).await;
        ada.send("POST", &format!("{messages}/{called}/ack"), Some(json!({}))).await;
        // Manages webhooks and expressions.
        let smiths = json!({ "name": "Smiths", "permissions": "1610612736" });
        let role = bela.post(&format!("/guilds/{guild}/roles"), smiths).await;
        let path = format!("/guilds/{guild}/members/{id}/roles/{}", role["id"].as_str().unwrap());
        bela.send("PUT", &path, Some(json!({}))).await;
        let called_so = json!({ "nick": "Countess" });
        let (status, _) = bela.send("PATCH", &format!("/guilds/{guild}/members/{id}"), Some(called_so)).await;
        assert!(status.is_success());
        let hook = ada.post(&format!("/channels/{channel}/webhooks"), json!({ "name": "Messenger" })).await;
        let picture = json!({ "name": "blob", "image": PICTURE });
        let emoji = ada.post(&format!("/guilds/{guild}/emojis"), picture).await;
        let (closed, _) = bela.found_guild("Fortress").await;
        let ban = format!("/guilds/{closed}/bans/{id}");
        assert!(bela.send("PUT", &ban, Some(json!({}))).await.0.is_success());
        fill(db, id, &channel, other.id.cast()).await;

        let actor = accounts.authenticate(&ada.authorization).await.unwrap();
        let job = accounts.ask_for_copy(&actor).await.unwrap();
        assert_eq!(ended(&ada, &job.to_string()).await["state"], "done");
        let copy = accounts.copy(&actor).await.unwrap().unwrap();
        let files = files_of(features, &copy.file.unwrap().path).await;
        let file =
            |name: &str| &files.iter().find(|(file, _)| file == name).unwrap_or_else(|| panic!("{name}")).1;
        for (name, content) in &files {
            if name.ends_with(".json") {
                serde_json::from_str::<Value>(content).unwrap_or_else(|e| panic!("{name}: {e}: {content}"));
            }
        }
        for (name, part) in [
            ("accounts/profile.json", "\"username\": \"ada\""),
            ("accounts/sessions.json", "\"address\""),
            ("accounts/passkeys.json", "Key"),
            ("accounts/linked_accounts.json", "sub"),
            ("accounts/relationships.json", "bela"),
            ("chat/messages.json", "words of ada"),
            ("chat/messages.json", "between us"),
            ("chat/guilds.json", "Workshop"),
            ("chat/guilds.json", "Smiths"),
            ("chat/guilds.json", "\"nick\":\"Countess\","),
            ("chat/guilds.json", "timed_out_until"),
            ("chat/left_guilds.json", "\"nick\":\"Nick\","),
            ("chat/bans.json", "Fortress"),
            ("chat/webhooks.json", "Messenger"),
            ("chat/emojis.json", emoji["id"].as_str().unwrap()),
            ("chat/stickers.json", "Stick"),
            ("chat/audit_log.json", hook["id"].as_str().unwrap()),
            ("chat/invites.json", &channel),
            ("chat/read.json", called),
            ("chat/conversations.json", "bela"),
            ("chat/reactions.json", called),
            ("oauth/applications.json", "robot"),
            ("oauth/allowed.json", "other"),
            ("jobs/jobs.json", "accounts.export"),
            ("index.html", "href=\"chat/messages.json\""),
        ] {
            assert!(file(name).contains(part), "{name} lacks {part}: {}", file(name));
        }
        assert!(!file("chat/messages.json").contains("hello"), "what others wrote is theirs");
        let secret = hook["token"].as_str().unwrap();
        for (name, content) in &files {
            assert!(!content.contains(secret), "{name} has the webhook's secret");
        }

        let mut missing = Vec::new();
        let all = Accounts::user_columns(&features.own_data());
        let gone: Vec<_> = all.iter().filter(|column| column.fate == Fate::Gone).collect();
        for column in &gone {
            // Nobody goes who owns a guild, and a deletion cannot have begun yet.
            let later = ["guilds", "listings", "listing_teams", "account_deletions"].contains(&column.table);
            if !later && rows_with(db, column, id).await == 0 {
                missing.push((column.table, column.column));
            }
        }
        assert!(missing.is_empty(), "the story makes no rows for {missing:?}");

        let url = hall.gateway_url().await;
        let mut watching = Socket::identify(&url, &bela.authorization).await;
        watching.until("GUILD_CREATE").await;
        accounts.leave(&actor).await.unwrap();
        let mut left = BTreeSet::new();
        while left.len() < 2 {
            left.insert(
                watching.until("GUILD_MEMBER_REMOVE").await["user"]["id"].as_str().unwrap().to_owned(),
            );
        }
        assert_eq!(left, BTreeSet::from([id.to_string(), robot.id.to_string()]));
        let jobs = boss.get("/v2/jobs?name=accounts.delete").await;
        let job = jobs[0]["id"].as_str().unwrap();
        assert_eq!(ended(&boss, job).await["state"], "done", "{}", hall.database.name);

        for column in gone {
            for who in [id, robot.id] {
                let left = rows_with(db, column, who).await;
                assert_eq!(left, 0, "{} {}.{}", hall.database.name, column.table, column.column);
            }
        }
        let read = bela.get(&messages).await;
        let message = read.as_array().unwrap().iter().find(|one| one["id"] == said["id"]).unwrap();
        assert_eq!(message["content"], "words of ada");
        assert_eq!(message["author"]["global_name"], "Deleted User");
        assert!(message["author"]["username"].as_str().unwrap().starts_with("deleted_user_"), "{message}");
        assert!(read.to_string().contains("hello") && !read.to_string().contains("\"ada\""), "{read}");
        assert!(features.applications.get(application.id).await.is_err());
        assert_eq!(ada.send("GET", "/users/@me", None).await.0, 401);
        assert_eq!(bela.get("/users/@me/channels").await[0]["recipients"][0]["global_name"], "Deleted User");
        let bare = features.accounts.settings(id).await.unwrap();
        assert_eq!(bare, guildhall_accounts::Settings::default());
        hall.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_goes_is_disconnected_and_so_is_their_bot() {
    for mut hall in halls().await {
        hall.configure(|settings| settings.accounts.deletion_delay = 0);
        hall.start().await;
        let features = hall.server().hall();
        let (ada, id) = register(&hall, "ada").await;
        let (bela, _) = register(&hall, "bela").await;
        let (guild, _) = bela.found_guild("Workshop").await;
        let (_, robot, token) = features.applications.create(id, "robot").await.unwrap();
        features.chat.enroll(guild.parse().unwrap(), robot.id, Vec::new()).await.unwrap();
        let url = hall.gateway_url().await;
        let mut machine = Socket::identify(&url, &token).await;
        machine.until("GUILD_CREATE").await;
        let mut person = Socket::identify(&url, &ada.authorization).await;
        let actor = features.accounts.authenticate(&ada.authorization).await.unwrap();
        features.accounts.leave(&actor).await.unwrap();
        for (who, socket) in [("the bot", &mut machine), ("the person", &mut person)] {
            while let Some(payload) = socket.next().await {
                assert_ne!(payload["op"], 9, "{who}");
            }
            assert_eq!(socket.goodbye, Some(4004), "{who} on {}", hall.database.name);
        }
        hall.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_owns_a_guild_is_told_which_one() {
    let mut hall = halls().await.remove(0);
    hall.start().await;
    let (ada, _) = register(&hall, "ada").await;
    ada.found_guild("Workshop").await;
    let accounts = &hall.server().hall().accounts;
    let actor = accounts.authenticate(&ada.authorization).await.unwrap();
    let refused = accounts.leave(&actor).await.unwrap_err();
    assert!(refused.is(guildhall_accounts::codes::STILL_NEEDED) && refused.detail.contains("Workshop"));
    let farewell = accounts.farewell(&actor).await.unwrap();
    assert_eq!(farewell.hindrances[0].name, "Workshop");
    hall.stop().await;
}
