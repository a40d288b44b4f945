//! Jobs as other programs and people see them, through the whole server.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on should stop")]

mod support;

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::stream;
use guildhall_accounts::{NewUser, SessionScopes};
use guildhall_base::Clock;
use guildhall_infra::jobs::{Ctx, Job, Outcome, Rules, Stop};
use guildhall_infra::{params, sql};
use guildhall_jobs::{Client as Program, Secrets};
use serde_json::{Value, json};
use support::{Client, Hall, halls};

/// What people may ask for here: makes a file, or fails.
struct Writes;

impl Job for Writes {
    const NAME: &'static str = "test.writes";
    const RULES: Rules = Rules::new().offered();
    type Payload = Order;
    type Output = usize;

    async fn run(&self, ctx: Ctx, order: Order) -> Outcome<usize> {
        if order.fail {
            return Err(Stop::fail(guildhall_base::Error::internal("the disk is full")));
        }
        ctx.progress(1, 1, "written");
        ctx.say("writing");
        let text = Bytes::from(order.text);
        let size = text.len();
        ctx.put_file("out.txt", "text/plain", stream::iter([Ok(text)]), 1000).await?;
        Ok(size)
    }
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Order {
    text: String,
    #[serde(default)]
    fail: bool,
}

/// What only programs and staff may ask for: never ends.
struct Hangs;

impl Job for Hangs {
    const NAME: &'static str = "test.hangs";
    type Payload = ();
    type Output = ();

    async fn run(&self, _ctx: Ctx, (): ()) -> Outcome {
        std::future::pending().await
    }
}

async fn started(hall: &mut Hall) -> Client {
    let (secret, hash) = guildhall_jobs::new_secret([9; 32]);
    let program = Program { secret: Secrets::One(hash) };
    hall.configure(|settings| _ = settings.jobs.clients.insert("backups".to_owned(), program));
    hall.start().await;
    let jobs = &hall.server().hall().jobs;
    jobs.register(Writes);
    jobs.register(Hangs);
    hall.client(format!("Basic {}", STANDARD.encode(format!("backups:{secret}"))))
}

/// The job once it is over: its stream ends then.
async fn ended(client: &Client, id: &str) -> Value {
    client.get(&format!("/v2/jobs/{id}/events")).await;
    client.get(&format!("/v2/jobs/{id}")).await
}

fn id(job: &Value) -> String {
    job["id"].as_str().unwrap_or_else(|| panic!("{job}")).to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_asks_for_a_job_follows_it_and_gets_its_file() {
    for mut hall in halls().await {
        let program = started(&mut hall).await;
        let body = json!({ "name": "test.writes", "payload": { "text": "hello" } });
        let (status, job) = program.send("POST", "/v2/jobs", Some(body.clone())).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{job}");
        let id = id(&job);
        let job = ended(&program, &id).await;
        assert_eq!(
            (&job["state"], &job["result"], &job["progress"]["done"]),
            (&json!("done"), &json!(5), &json!(1))
        );
        let lines = program.get(&format!("/v2/jobs/{id}/lines")).await;
        assert_eq!(lines[0]["words"], "writing");

        let files = program.get(&format!("/v2/jobs/{id}/files")).await;
        assert_eq!((&files[0]["name"], &files[0]["size"]), (&json!("out.txt"), &json!(5)));
        let url = files[0]["url"].as_str().unwrap();
        let path = &url[url.find("/v2").unwrap()..];
        assert_eq!(hall.client("").get(path).await, "hello", "without credentials");
        let (status, _) = hall.client("").send("GET", &format!("{path}x"), None).await;
        assert_eq!(status, StatusCode::NOT_FOUND);

        // The stream begins with how it is and ends with the job.
        let stream = program.get(&format!("/v2/jobs/{id}/events")).await;
        let stream = stream.as_str().unwrap();
        assert!(
            stream.starts_with("event: job\ndata: {") && stream.contains("\"state\":\"done\""),
            "{stream}"
        );

        for (body, expected, code) in [
            (json!({ "name": "nothing" }), 404, "job_unknown_name"),
            (json!({ "name": "test.writes", "payload": { "txt": 1 } }), 400, "invalid_form"),
            (json!({ "payload": {} }), 400, "invalid_form"),
        ] {
            let (status, problem) = program.send("POST", "/v2/jobs", Some(body)).await;
            assert_eq!((status.as_u16(), &problem["code"]), (expected, &json!(code)), "{problem}");
            assert_eq!(problem["status"], expected);
        }
        hall.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_sees_what_and_who_may_stop_it() {
    for mut hall in halls().await {
        let program = started(&mut hall).await;
        let ada = hall.register("ada").await;
        let ben = hall.register("ben").await;
        let (guild, _) = ada.found_guild("Workshop").await;
        let ada_id = ada.get("/users/@me").await["id"].clone();

        let order = json!({ "name": "test.writes", "payload": { "text": "x" }, "guild_id": guild });
        let (status, _) = ben.send("POST", "/v2/jobs", Some(order.clone())).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "not his guild");
        let own = ada.post("/v2/jobs", order).await;
        assert_eq!((&own["user_id"], &own["guild_id"]), (&ada_id, &json!(guild)));
        let (status, problem) =
            ada.send("POST", "/v2/jobs", Some(json!({ "name": "test.hangs", "payload": null }))).await;
        assert_eq!((status, &problem["code"]), (StatusCode::FORBIDDEN, &json!("job_not_offered")));

        let hangs = json!({ "name": "test.hangs", "payload": null, "guild_id": guild });
        let hanging = id(&program.post("/v2/jobs", hangs).await);
        let path = format!("/v2/jobs/{hanging}");
        for (client, expected) in [
            (&program, 200),
            (&ada, 200),
            (&ben, 404),
            (&hall.client(""), 401),
            (&hall.client("Basic AAAA"), 401),
        ] {
            let (status, body) = client.send("GET", &path, None).await;
            assert_eq!(status.as_u16(), expected, "{body}");
            let (status, _) = client.send("GET", &format!("/v2/jobs?guild_id={guild}"), None).await;
            assert_eq!(status.as_u16(), expected);
        }
        let (status, _) = ben.send("POST", &format!("{path}/cancel"), None).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        ada.post(&format!("{path}/cancel"), json!({})).await;
        assert_eq!(ended(&ada, &hanging).await["state"], "cancelled");
        let (status, problem) = ada.send("POST", &format!("{path}/cancel"), None).await;
        assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("job_state")));

        assert_eq!(ben.get("/v2/jobs").await, json!([]));
        assert_eq!(ada.get("/v2/jobs").await.as_array().unwrap().len(), 1, "the program's is not hers");
        assert_eq!(ada.get(&format!("/v2/jobs?guild_id={guild}")).await.as_array().unwrap().len(), 2);
        let (status, _) = ada.send("GET", "/v2/jobs/queues", None).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        let kinds = ada.get("/v2/jobs/kinds").await;
        let offered: Vec<_> = kinds.as_array().unwrap().iter().map(|kind| &kind["name"]).collect();
        assert!(
            offered.contains(&&json!("test.writes")) && !offered.contains(&&json!("test.hangs")),
            "{kinds}"
        );
        assert!(program.get("/v2/jobs/kinds").await.as_array().unwrap().len() >= 4);
        hall.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn staff_see_the_causes_and_hold_queues_back() {
    for mut hall in halls().await {
        let program = started(&mut hall).await;
        let accounts = &hall.server().hall().accounts;
        let root = NewUser { username: "root".to_owned(), staff: true, ..NewUser::default() };
        let root = accounts.create_user(root).await.unwrap();
        let staff = hall.client(accounts.new_token(root.id).await.unwrap());
        let body = json!({ "name": "test.writes", "payload": { "text": "", "fail": true } });
        let dead = id(&program.post("/v2/jobs", body).await);
        let seen = ended(&program, &dead).await;
        assert_eq!((&seen["state"], &seen["error"]["cause"]), (&json!("dead"), &Value::Null));
        assert_eq!(staff.get(&format!("/v2/jobs/{dead}")).await["error"]["cause"], "the disk is full");

        let (status, _) = staff.send("POST", "/v2/jobs/queues/default/pause", None).await;
        assert_eq!(status, StatusCode::NO_CONTENT);
        let (status, _) = staff.send("POST", "/v2/jobs/queues/nothing/pause", None).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        let body = json!({ "name": "test.writes", "payload": { "text": "" } });
        let held = id(&program.post("/v2/jobs", body).await);
        assert_eq!(program.get(&format!("/v2/jobs/{held}")).await["state"], "ready");
        let queues = staff.get("/v2/jobs/queues").await;
        let queue = queues.as_array().unwrap().iter().find(|queue| queue["name"] == "default").unwrap();
        assert_eq!((&queue["paused"], &queue["dead"]), (&json!(true), &json!(1)));
        staff.send("POST", "/v2/jobs/queues/default/resume", None).await;
        assert_eq!(ended(&program, &held).await["state"], "done");
        hall.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_looks_after_jobs_is_asked_afresh_and_reads_no_files_of_others() {
    for mut hall in halls().await {
        let program = started(&mut hall).await;
        let accounts = hall.server().hall().accounts.clone();
        let person = async |name: &str, staff: bool| {
            let new = NewUser { username: name.to_owned(), staff, ..NewUser::default() };
            let id = accounts.create_user(new).await.unwrap().id;
            let token = accounts.new_token(id).await.unwrap();
            let proved = sql!("UPDATE tokens SET proved = $2 WHERE user_id = $1");
            hall.database.db.run(proved, params![id, Clock::system().now()]).await.unwrap();
            (id, token)
        };
        let (_, boss) = person("boss", true).await;
        let (ada, token) = person("ada", false).await;
        let client = hall.client(&token);
        let boss_acts = accounts.authenticate(&boss).await.unwrap();
        let body = json!({ "name": "test.writes", "payload": { "text": "private" } });
        let job = id(&program.post("/v2/jobs", body.clone()).await);
        ended(&program, &job).await;
        let (one, files) = (format!("/v2/jobs/{job}"), format!("/v2/jobs/{job}/files"));
        assert_eq!(client.send("GET", &one, None).await.0, StatusCode::NOT_FOUND);

        accounts.grant_rank(&boss_acts, ada, "developer", "She mends things.").await.unwrap();
        assert_eq!(client.get("/v2/jobs/queues").await[0]["paused"], false);
        assert_eq!(client.get(&one).await["state"], "done");
        let (status, problem) = client.send("GET", &files, None).await;
        assert_eq!((status, &problem["code"]), (StatusCode::FORBIDDEN, &json!("missing_rights")));
        assert_eq!(hall.client(&boss).get(&files).await[0]["name"], "out.txt");
        let page = client.get(&format!("/jobs/{job}")).await;
        assert!(!page.as_str().unwrap().contains("out.txt"), "{page}");
        // She starts what everybody may start, for herself.
        let (status, problem) =
            client.send("POST", "/v2/jobs", Some(json!({ "name": "test.hangs", "payload": null }))).await;
        assert_eq!((status, &problem["code"]), (StatusCode::FORBIDDEN, &json!("job_not_offered")));
        let mut for_boss = body;
        for_boss["user_id"] = json!(boss_acts.id());
        assert_eq!(client.post("/v2/jobs", for_boss).await["user_id"], json!(ada));

        // The rank goes without a word to anybody: the next request is refused, whatever was remembered.
        let forget = sql!("DELETE FROM user_ranks WHERE user_id = $1");
        hall.database.db.run(forget, params![ada]).await.unwrap();
        assert_eq!(client.send("GET", &one, None).await.0, StatusCode::NOT_FOUND);
        for (method, path) in
            [("GET", "/v2/jobs/queues"), ("POST", "/v2/jobs/queues/default/pause"), ("GET", "/staff/jobs")]
        {
            accounts.grant_rank(&boss_acts, ada, "developer", "She mends things.").await.unwrap();
            assert_eq!(client.send("GET", "/v2/jobs/queues", None).await.0, StatusCode::OK);
            hall.database.db.run(forget, params![ada]).await.unwrap();
            assert_eq!(client.send(method, path, None).await.0, StatusCode::FORBIDDEN, "{path}");
            let actor = accounts.authenticate(&token).await.unwrap();
            assert!(!actor.scopes().unwrap().intersects(SessionScopes::STAFF), "the session is narrowed");
        }
        let queues = hall.client(&boss).get("/v2/jobs/queues").await;
        assert!(queues.as_array().unwrap().iter().all(|queue| queue["paused"] == false), "{queues}");
        hall.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_show_jobs_to_whom_they_concern() {
    let mut hall = halls().await.remove(0);
    let program = started(&mut hall).await;
    let ada = hall.register("ada").await;
    let ben = hall.register("ben").await;
    let ada_id = ada.get("/users/@me").await["id"].clone();
    let hanging = id(&program
        .post("/v2/jobs", json!({ "name": "test.hangs", "payload": null, "user_id": ada_id }))
        .await);
    let list = ada.get("/jobs").await;
    assert!(list.as_str().unwrap().contains(&format!("data-job=\"{hanging}\" data-active")), "{list}");
    assert!(!ben.get("/jobs").await.as_str().unwrap().contains(&hanging));
    assert!(ada.get(&format!("/jobs/{hanging}")).await.as_str().unwrap().contains("test.hangs"));
    for (client, path, expected) in
        [(&ben, format!("/jobs/{hanging}"), 404), (&ada, "/staff/jobs".to_owned(), 403)]
    {
        let (status, _) = client.send("GET", &path, None).await;
        assert_eq!(status.as_u16(), expected, "{path}");
    }
    hall.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_by_the_calendar_gets_done() {
    for mut hall in halls().await {
        let program = started(&mut hall).await;
        for name in [
            "events.trim",
            "accounts.forget_expired",
            "backup.forget_parts",
            "chat.forget_ended",
            "chat.forget_files",
            "chat.forget_interactions",
            "gateway.forget_sessions",
            "oauth.forget_over",
        ] {
            let job = id(&program.post("/v2/jobs", json!({ "name": name })).await);
            let job = ended(&program, &job).await;
            assert_eq!(job["state"], "done", "{job}");
        }
        hall.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn managers_change_many_look_before_and_take_it_back() {
    for mut hall in halls().await {
        let program = started(&mut hall).await;
        let (ada, ben) = (hall.register("ada").await, hall.register("ben").await);
        let (guild, channel) = ada.found_guild("Workshop").await;
        let invite = ada.post(&format!("/channels/{channel}/invites"), json!({})).await;
        ben.post(&format!("/invites/{}", invite["code"].as_str().unwrap()), json!({})).await;
        let role = ada.post(&format!("/guilds/{guild}/roles"), json!({ "name": "fan" })).await["id"].clone();
        let order = json!({ "name": "chat.mass_roles", "guild_id": guild, "payload": { "give": [role] } });
        assert_eq!(
            ada.post("/v2/jobs/preview", order.clone()).await["preview"],
            json!({ "members": 2, "changes": 2 })
        );
        for path in ["/v2/jobs", "/v2/jobs/preview"] {
            let (status, _) = ben.send("POST", path, Some(order.clone())).await;
            assert_eq!(status, StatusCode::NOT_FOUND, "he is a member, but does not manage");
            let mut bad = order.clone();
            bad["payload"] = json!({ "give": ["5"] });
            let (status, problem) = ada.send("POST", path, Some(bad)).await;
            assert_eq!((status, &problem["code"]), (StatusCode::NOT_FOUND, &json!("unknown_role")));
            let (status, problem) = program.send("POST", path, Some(order.clone())).await;
            assert_eq!((status, &problem["code"]), (StatusCode::BAD_REQUEST, &json!("job_needs_owner")));
        }
        let job = id(&ada.post("/v2/jobs", order).await);
        let done = ended(&ada, &job).await;
        assert_eq!(done["result"], json!({ "done": 2, "unchanged": 0, "failed": 0 }), "{done}");
        let page = ada.get(&format!("/jobs/{job}")).await;
        assert!(page.as_str().unwrap().contains(&format!("/jobs/{job}/undo")), "{page}");
        assert!(page.as_str().unwrap().contains("2 changed, 0 unchanged"), "{page}");
        for (language, words) in [("en", "2 changed, 0 unchanged"), ("fi", "2 muutettu, 0 ennallaan")] {
            let told = ada.get(&format!("/v2/jobs/{job}/events?language={language}")).await;
            assert!(told.as_str().unwrap().contains(&format!("\"words\":\"{words}")), "{told}");
        }
        let undo = format!("/v2/jobs/{job}/undo");
        assert_eq!(ben.send("POST", &undo, None).await.0, StatusCode::NOT_FOUND);
        let undoing = id(&ada.post(&undo, json!({})).await);
        assert_eq!(id(&ada.post(&undo, json!({})).await), undoing, "the same job");
        assert_eq!(ended(&ada, &undoing).await["result"]["done"], 2);
        assert_eq!(ada.get(&format!("/users/@me/guilds/{guild}/member")).await["roles"], json!([]));
        let (status, problem) = ada.send("POST", &format!("/v2/jobs/{undoing}/undo"), None).await;
        assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("job_state")));
        hall.stop().await;
    }
}

#[tokio::test]
async fn the_operator_says_how_much_one_job_may_delete() {
    for mut hall in halls().await {
        hall.configure(|settings| {
            settings.tools.prune_messages = 20;
            settings.tools.prune_least_per_channel = 5;
        });
        hall.start().await;
        let ada = hall.register("ada").await;
        let (guild, _) = ada.found_guild("Workshop").await;
        let order = |payload| json!({ "name": "chat.prune_messages", "guild_id": guild, "payload": payload });
        for payload in [json!({ "max": 21 }), json!({ "per_channel": 4 }), json!({ "per_channel": 21 })] {
            let (status, problem) = ada.send("POST", "/v2/jobs", Some(order(payload))).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{problem}");
        }
        let job = id(&ada.post("/v2/jobs", order(json!({ "max": 20, "per_channel": 5 }))).await);
        assert_eq!(ended(&ada, &job).await["state"], "done");
        hall.stop().await;
    }
}
