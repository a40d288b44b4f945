//! Our own API: every route is described at `/v2/openapi.json` and every description has its route; who may do what is
//! held by a snapshot, as [`access`](../access.rs) does for Discord's routes.
//!
//! After a wanted change: `INSTA_UPDATE=always cargo test --workspace --test v2`, and read the difference.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on should stop")]

mod support;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use guildhall_accounts::{NewScript, NewUser, SessionScopes, Visit};
use guildhall_base::{Clock, UserId};
use guildhall_infra::{params, sql};
use guildhall_jobs::{Client as Program, Secrets};
use serde_json::{Value, json};
use support::routes::{METHODS, own, undescribed};
use support::{Client, Hall, halls};

/// Who asks. Each is new for every request, but the owner and the bot: what one request does to them must not show in
/// the next. `reader` is a session that may only read, `program` one of the configuration, `mod` has the rank
/// `moderator`, `staff` the highest.
const CALLERS: [&str; 8] = ["anonymous", "person", "reader", "owner", "bot", "program", "mod", "staff"];

/// Bodies that would be accepted, where `{}` would not.
const BODIES: &[(&str, &str)] = &[
    ("POST /v2/auth/email", r#"{"email":"{user}@example.org"}"#),
    ("POST /v2/sessions", r#"{"name":"Script","scopes":["read"],"expires_in":3600}"#),
    ("PUT /v2/users/{user}/state", r#"{"state":"edit_ban","reason":"They asked for it."}"#),
    ("DELETE /v2/users/{user}/sessions", r#"{"reason":"They asked for it."}"#),
    ("PUT /v2/users/{user}/ranks/{rank}", r#"{"reason":"They asked for it."}"#),
    ("DELETE /v2/users/{user}/ranks/{rank}", r#"{"reason":"They asked for it."}"#),
    (
        "PUT /v2/guilds/{guild}/memory",
        r#"{"enabled":true,"days":30,"kicked":false,"banned":false,"dangerous":false}"#,
    ),
];

fn unlimited(hall: &mut Hall) {
    hall.configure(|settings| {
        settings.limits.requests_per_bucket = 0;
        settings.limits.requests_per_second = 0;
        settings.limits.invalid_per_ten_minutes = 0;
    });
}

/// The document's operations, each with its path and method.
fn operations(document: &Value) -> Vec<(String, &'static str, &Value)> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in METHODS {
            let operation = &item[method.to_lowercase()];
            if operation.is_object() {
                found.push((path.clone(), method, operation));
            }
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_is_described_and_every_description_has_its_route() {
    assert_eq!(undescribed(), Vec::<String>::new(), "added past the description");
    let mut hall = halls().await.remove(0);
    unlimited(&mut hall);
    hall.start().await;
    let document = hall.client("").get("/v2/openapi.json").await;
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let described: BTreeSet<_> =
        operations(&document).into_iter().map(|(path, method, _)| (path, method)).collect();
    let sources: BTreeSet<_> = own().into_iter().map(|(path, method)| (path, METHODS[method])).collect();
    assert_eq!(sources, described, "what the sources say, and what the document says");
    // What the router says: a method that no route has is answered with those that there are.
    let paths: BTreeSet<_> = described.iter().map(|(path, _)| path.as_str()).collect();
    assert!(paths.len() > 30, "{paths:?}");
    for path in paths {
        let allowed = hall.allowed(&filled(path, "1", "1")).await;
        let wanted: BTreeSet<_> =
            described.iter().filter(|(of, _)| of == path).map(|(_, method)| (*method).to_owned()).collect();
        assert_eq!(allowed, wanted, "{path}");
    }
    let (status, nothing) = hall.client("").send("GET", "/v2/nothing", None).await;
    assert_eq!(
        (status.as_u16(), &nothing["code"], &nothing["status"]),
        (404, &json!("not_found"), &json!(404))
    );
    hall.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_description_says_what_comes_back_and_who_may_ask() {
    let mut hall = halls().await.remove(0);
    unlimited(&mut hall);
    hall.start().await;
    let document = hall.client("").get("/v2/openapi.json").await;
    let tags: BTreeSet<_> =
        document["tags"].as_array().unwrap().iter().map(|tag| &tag["name"]).map(text).collect();
    let mut seen = BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        let name = format!("{method} {path}");
        assert!(seen.insert(text(&operation["operationId"])), "{name}: its id");
        assert!(!text(&operation["summary"]).is_empty(), "{name} has no summary");
        assert!(tags.contains(&text(&operation["tags"][0])), "{name} is under no known heading");
        let named: BTreeSet<_> =
            path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let listed: BTreeSet<_> = parameters
            .iter()
            .filter(|given| given["in"] == "path")
            .map(|given| text(&given["name"]))
            .collect();
        assert_eq!(listed.iter().map(String::as_str).collect::<BTreeSet<_>>(), named, "{name}");

        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.keys().any(|status| status.starts_with('2')), "{name} never succeeds");
        for (status, response) in responses {
            if status.starts_with(['4', '5']) {
                let problem = response["content"].as_object().and_then(|kinds| kinds.values().next());
                let schema = &problem.unwrap_or(&Value::Null)["schema"]["$ref"];
                assert_eq!(schema, "#/components/schemas/Problem", "{name} {status}");
            }
        }
        // Open routes say so; the others may be refused for want of credentials.
        let open =
            operation["security"].as_array().is_some_and(|ways| ways.iter().any(|way| way == &json!({})));
        let open = open || operation["security"] == json!([]);
        assert_eq!(responses.contains_key("401"), !open, "{name}: open or 401");
        if !open && method == "GET" && !path.ends_with("openapi.json") {
            let (status, problem) = hall.client("").send(method, &filled(&path, "1", "1"), None).await;
            assert_eq!((status.as_u16(), &problem["status"]), (401, &json!(401)), "{name}");
        }
    }
    // What is named is there.
    let all = document.to_string();
    for part in all.split("#/components/schemas/").skip(1) {
        let name = part.split('"').next().unwrap();
        assert!(document["components"]["schemas"][name].is_object(), "{name}");
    }
    hall.stop().await;
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// A path with something in its braces.
fn filled(path: &str, guild: &str, user: &str) -> String {
    let part = |part: &str| match part {
        "{guild}" => guild.to_owned(),
        "{user}" => user.to_owned(),
        "{kind}" => "bots".to_owned(),
        "{rank}" => "community-staff".to_owned(),
        part if part.starts_with('{') => "1".to_owned(),
        part => part.to_owned(),
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

impl Hall {
    /// The methods that a path has, as the router answers one that it has not.
    async fn allowed(&self, path: &str) -> BTreeSet<String> {
        let stream = tokio::net::TcpStream::connect(self.address()).await.unwrap();
        let io = hyper_util::rt::TokioIo::new(stream);
        let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await.unwrap();
        tokio::spawn(connection);
        let request = axum::http::Request::builder().method("TRACE").uri(path).header("host", "hall");
        let response = sender.send_request(request.body(axum::body::Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status().as_u16(), 405, "{path}");
        let allowed = response.headers()["allow"].to_str().unwrap().to_owned();
        allowed.split(',').filter(|method| *method != "HEAD").map(str::to_owned).collect()
    }

    /// Somebody new, who has just signed in.
    async fn fresh(&self, name: &str, staff: bool) -> (UserId, String) {
        let accounts = &self.server().hall().accounts;
        let new = NewUser { username: name.to_owned(), staff, ..NewUser::default() };
        let id = accounts.create_user(new).await.unwrap().id;
        (id, self.session(id).await)
    }

    async fn session(&self, id: UserId) -> String {
        let token = self.server().hall().accounts.new_token(id).await.unwrap();
        let proved = sql!("UPDATE tokens SET proved = $2 WHERE user_id = $1");
        self.database.db.run(proved, params![id, Clock::system().now()]).await.unwrap();
        token
    }

    async fn caller(&self, caller: &str, number: usize, standing: &Standing) -> String {
        let accounts = &self.server().hall().accounts;
        let name = format!("{caller}_{number}");
        match caller {
            "anonymous" => String::new(),
            "person" => self.fresh(&name, false).await.1,
            "reader" => {
                let (_, token) = self.fresh(&name, false).await;
                let owner = accounts.authenticate(&token).await.unwrap();
                let (name, life) = ("Reader".to_owned(), Duration::from_secs(3600));
                let new = NewScript { name, scopes: SessionScopes::READ, life };
                accounts.new_script(&owner, new, &Visit::default()).await.unwrap().1
            }
            "owner" => self.session(standing.owner).await,
            "bot" => standing.bot.clone(),
            "program" => standing.program.clone(),
            "mod" => {
                let (id, _) = self.fresh(&name, false).await;
                let boss = accounts.authenticate(&self.session(standing.staff).await).await.unwrap();
                accounts.grant_rank(&boss, id, "moderator", "They earned it.").await.unwrap();
                self.session(id).await
            }
            _ => self.fresh(&name, true).await.1,
        }
    }
}

/// Who stays.
struct Standing {
    owner: UserId,
    staff: UserId,
    bot: String,
    program: String,
    guild: String,
}

async fn standing(hall: &mut Hall) -> Standing {
    let (secret, hash) = guildhall_jobs::new_secret([9; 32]);
    let program = Program { secret: Secrets::One(hash) };
    hall.configure(|settings| _ = settings.jobs.clients.insert("robot".to_owned(), program));
    hall.start().await;
    let (owner, token) = hall.fresh("owner", false).await;
    let (guild, _) = hall.client(token).found_guild("Workshop").await;
    let (staff, _) = hall.fresh("boss", true).await;
    let (.., bot) = hall.server().hall().applications.create(owner, "bot").await.unwrap();
    let program = format!("Basic {}", STANDARD.encode(format!("robot:{secret}")));
    Standing { owner, staff, bot: format!("Bot {bot}"), program, guild }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_of_ours_answers_everybody_as_it_did() {
    // The rules are the same on every engine; the first will do.
    let mut hall = halls().await.remove(0);
    unlimited(&mut hall);
    let standing = standing(&mut hall).await;
    let mut table = format!("{:<60}", "");
    for caller in CALLERS {
        write!(table, " {caller:>9}").unwrap();
    }
    for (number, (path, method)) in own().into_iter().enumerate() {
        let row = format!("{} {path}", METHODS[method]);
        write!(table, "\n{row:<60}").unwrap();
        let body = BODIES.iter().find(|(of, _)| *of == row).map_or("{}", |(_, body)| *body);
        for caller in CALLERS {
            let (target, _) = hall.fresh(&format!("target_{caller}_{number}"), false).await;
            let client: Client = hall.client(hall.caller(caller, number, &standing).await);
            let path = filled(&path, &standing.guild, &target.to_string());
            let body = (METHODS[method] != "GET")
                .then(|| serde_json::from_str(&body.replace("{user}", &target.to_string())).unwrap());
            let (status, _) = client.send(METHODS[method], &path, body).await;
            write!(table, " {:>9}", status.as_u16()).unwrap();
        }
    }
    hall.stop().await;
    insta::assert_snapshot!(table);
}
