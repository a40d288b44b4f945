//! Nonsense of every kind at every route: each gets a refusal that libraries can read, none an internal error, and
//! the server goes on.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on should stop")]

mod support;

use std::net::SocketAddr;

use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use support::halls;
use support::routes::{METHODS, routes};
use tokio::net::TcpStream;

/// Odd queries, besides every route that there is.
const QUERIES: &[&str] = &[
    "GET /users/@me/guilds?limit=x",
    "GET /users/@me/guilds?before={user}&after={user}&limit=-1",
    "GET /guilds/{guild}?with_counts=maybe",
    "GET /guilds/{guild}/members?limit=100000&after=x",
    "GET /guilds/{guild}/members/search?query=%00&limit=0",
    "GET /guilds/{guild}/bans?limit=0",
    "GET /guilds/{guild}/audit-logs?limit=x&action_type=y",
    "GET /channels/{channel}/messages?limit=0",
    "GET /channels/{channel}/messages?limit=5&around=abc&before=1&after=2",
    "GET /channels/{channel}/messages/1/reactions/%ff%fe",
    "GET /channels/{channel}/messages/pins?before=yesterday",
    "GET /invites/%2e%2e%2f",
];

/// What stands for an id.
const IDS: &[&str] = &["0", "1", "-1", "abc", "99999999999999999999", "%00", "%ff", "1e3", "@me", " "];

fn bodies() -> Vec<(&'static str, String)> {
    const JSON: &str = "application/json";
    let wrong = r#"{"name":[1],"content":{"a":1},"type":"x","permissions":-5,"embeds":{},"messages":[1,"x"],
        "recipient_id":"x","username":7,"password":null,"flags":1e99,"nick":[],"roles":"all","topic":9,"login":{},
        "position":-1,"parent_id":true,"allow":"many","deny":[],"components":3,"nonce":{},"avatar":"data:x"}"#;
    let long = format!(
        r#"{{"name":"{0}","content":"{0}","username":"{0}","topic":"{0}","query":"{0}"}}"#,
        "é".repeat(9000)
    );
    let controls =
        r#"{"name":"a\u0000b","content":"\u0000","username":"\u202e","login":"\u0000","password":"\ud800"}"#;
    vec![
        (JSON, String::new()),
        (JSON, "{".to_owned()),
        (JSON, "null".to_owned()),
        (JSON, "[]".to_owned()),
        (JSON, "[{},null,7]".to_owned()),
        (JSON, "true".to_owned()),
        (JSON, "\"text\"".to_owned()),
        (JSON, wrong.to_owned()),
        (JSON, long),
        (JSON, controls.to_owned()),
        (JSON, "[".repeat(20_000)),
        (JSON, "{\"a\":".repeat(20_000)),
        ("text/plain", "\u{feff}{}".to_owned()),
        ("application/x-www-form-urlencoded", "payload_json=%7B&content=%00".to_owned()),
        ("multipart/form-data", "no boundary".to_owned()),
        ("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data\r\n\r\n".to_owned()),
        (
            "multipart/form-data; boundary=x",
            "--x\r\nContent-Disposition: form-data; name=\"files[99]\"; filename=\"../../a\0b\"\r\n\r\nx\r\n--x--\r\n"
                .to_owned(),
        ),
    ]
}

struct Caller {
    address: SocketAddr,
    authorization: String,
    /// What was not answered as it should be.
    complaints: Vec<String>,
}

impl Caller {
    async fn call(&mut self, method: &str, path: &str, kind: &str, body: &str) {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let request = Request::builder().method(method).uri(format!("/api/v10{path}")).header("host", "hall");
        let request = request.header("content-type", kind).header("authorization", &self.authorization);
        let request =
            request.header("x-audit-log-reason", "%zz%00%ff").body(Body::from(body.to_owned())).unwrap();
        let response = sender.send_request(request).await.unwrap();
        let status = response.status();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        let answer: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        // The OAuth endpoints say it in their own form (RFC 6749, section 5.2).
        let readable = answer["message"].is_string() && answer["code"].is_number()
            || path.starts_with("/oauth2/") && answer["error"].is_string();
        if status.is_server_error() || status.is_client_error() && !readable {
            let body = body.get(..60).unwrap_or(body);
            let text = String::from_utf8_lossy(&bytes);
            self.complaints.push(format!("{method} {path} {kind} {body}: {status} {text}"));
        }
    }
}

/// Puts one text for everything in braces.
fn braces(template: &str, text: &str) -> String {
    let mut parts = template.split(['{', '}']);
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for (number, part) in parts.enumerate() {
        filled.push_str(if number % 2 == 0 { text } else { part });
    }
    filled
}

#[tokio::test(flavor = "multi_thread")]
async fn nonsense_is_refused_everywhere_and_harms_nobody() {
    for mut hall in halls().await {
        hall.configure(|settings| {
            settings.limits.requests_per_bucket = 0;
            settings.limits.requests_per_second = 0;
            settings.limits.invalid_per_ten_minutes = 0;
        });
        hall.start().await;
        let ada = hall.register("ada").await;
        let me = ada.get("/users/@me").await["id"].as_str().unwrap().to_owned();
        let (guild, channel) = ada.found_guild("Workshop").await;
        let authorization = ada.authorization.clone();
        let mut caller = Caller { address: hall.address(), authorization, complaints: Vec::new() };
        let bodies = bodies();
        let routes = routes().into_iter().map(|(path, method)| format!("{} {path}", METHODS[method]));
        for route in routes.chain(QUERIES.iter().map(|&query| query.to_owned())) {
            let (method, template) = route.split_once(' ').unwrap();
            // What ends this test's own session or guild is asked for with other ids only.
            let suicidal = ["POST /auth/logout", "DELETE /guilds/{guild}"].contains(&route.as_str());
            let real = template.replace("{guild}", &guild).replace("{channel}", &channel);
            let real = braces(&real.replace("{user}", &me), "1234567890");
            let with_body = !matches!(method, "GET" | "DELETE");
            for (kind, body) in bodies.iter().filter(|_| with_body && !suicidal) {
                caller.call(method, &real, kind, body).await;
            }
            for id in IDS.iter().filter(|_| template.contains('{')) {
                let path = template.replace("{guild}", id).replace("{channel}", id);
                let path = braces(&path, id).replace(' ', "%20");
                caller.call(method, &path, "application/json", "{}").await;
            }
            if !suicidal {
                caller.call(method, &real, "application/json", "{}").await;
            }
        }
        assert!(caller.complaints.is_empty(), "{}", caller.complaints.join("\n"));
        let name = ada.get(&format!("/guilds/{guild}")).await["name"].to_string();
        assert!(!name.contains("\\u0000"), "{name}");
        assert_eq!(ada.get("/users/@me").await["username"], "ada");
        hall.stop().await;
    }
}
