//! The pages of backups as a browser without scripts uses them, in both languages.

use axum::body::Body;
use axum::http::Request;
use guildhall_infra::jobs::{Record, State};
use http_body_util::BodyExt as _;
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::TcpStream;

use crate::story::over;
use crate::support::{Client, Hall, halls};

const FORM: &str = "application/x-www-form-urlencoded";

/// What a page says in each language.
struct Texts {
    language: &'static str,
    /// What the browser asks for, which is another one: the account's own goes before.
    asked: &'static str,
    none: &'static str,
    short: &'static str,
    sealed: &'static str,
    wrong: &'static str,
    nothing: &'static str,
    done: &'static str,
    undo: &'static str,
    summary: &'static str,
    read: &'static str,
}

const TEXTS: [Texts; 2] = [
    Texts {
        language: "en",
        asked: "fi",
        none: "There are no backups of this guild.",
        short: "Must be 8 to 1024 characters long.",
        sealed: "The backup is encrypted; give its passphrase.",
        wrong: "The passphrase does not open the backup.",
        nothing: "This is no backup of a format that can be read here.",
        done: "Done",
        undo: "Undo",
        summary: "Deleted, role: 1",
        read: "The file is read",
    },
    Texts {
        language: "fi",
        asked: "en",
        none: "Tästä killasta ei ole varmuuskopioita.",
        short: "8–1024 merkkiä",
        sealed: "Varmuuskopio on sinetöity: anna sen salalause.",
        wrong: "Salalause ei avaa varmuuskopiota.",
        nothing: "Tämä ei ole varmuuskopio, jonka täällä voi lukea.",
        done: "Valmis",
        undo: "Kumoa",
        summary: "Poistettu, rooli: 1",
        read: "Tiedosto on luettu",
    },
];

/// A browser: status, where it is led, what it is shown.
struct Browser<'a> {
    hall: &'a Hall,
    client: &'a Client,
    texts: &'static Texts,
}

impl Browser<'_> {
    async fn ask(&self, path: &str, form: Option<(&str, Vec<u8>)>) -> (u16, String, Vec<u8>) {
        let stream = TcpStream::connect(self.client.address).await.unwrap();
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let request = Request::builder()
            .method(if form.is_some() { "POST" } else { "GET" })
            .uri(path)
            .header("host", "hall")
            .header("sec-fetch-site", "same-origin")
            .header("accept-language", self.texts.asked)
            .header("cookie", format!("guildhall_session={}", self.client.authorization));
        let request = match form {
            Some((kind, body)) => request.header("content-type", kind).body(Body::from(body)),
            None => request.body(Body::empty()),
        };
        let answer = sender.send_request(request.unwrap()).await.unwrap();
        let place = answer.headers().get("location").map_or("", |place| place.to_str().unwrap()).to_owned();
        let status = answer.status().as_u16();
        (status, place, answer.into_body().collect().await.unwrap().to_bytes().to_vec())
    }

    #[track_caller]
    fn reads(&self, page: &str) {
        assert!(page.contains(&format!("<html lang=\"{}\"", self.texts.language)), "{page}");
    }

    async fn page(&self, path: &str) -> String {
        let (status, _, body) = self.ask(path, None).await;
        let text = String::from_utf8(body).unwrap();
        assert_eq!(status, 200, "{path}: {text}");
        self.reads(&text);
        text
    }

    /// Sends a form that is refused; the page says why.
    async fn refused(&self, path: &str, fields: &[(&str, &str)], why: &str) -> String {
        let (_, page) = self.sent(path, fields).await;
        self.reads(&page);
        assert!(page.contains("role=\"alert\"") && page.contains(why), "{why} in {page}");
        page
    }

    /// Sends a form of whose job the page is shown next; gives the job's number once it is done.
    async fn start(&self, path: &str, kind: &str, body: Vec<u8>) -> String {
        let (record, page) = self.ended(path, kind, body).await;
        assert_eq!(record.state, State::Done, "{record:?}");
        assert!(page.contains(self.texts.done), "{page}");
        record.id.to_string()
    }

    /// The same, however it ends; and the job's page.
    async fn ended(&self, path: &str, kind: &str, body: Vec<u8>) -> (Record, String) {
        let (status, place, body) = self.ask(path, Some((kind, body))).await;
        assert_eq!(status, 303, "{path}: {}", String::from_utf8_lossy(&body));
        let job = place.strip_prefix("/jobs/").unwrap().parse().unwrap();
        let record = over(self.hall, self.client, job).await;
        (record, self.page(&place).await)
    }

    async fn sent(&self, path: &str, fields: &[(&str, &str)]) -> (u16, String) {
        let (status, place, body) = self.ask(path, Some((FORM, encoded(fields)))).await;
        (status, if status == 303 { place } else { String::from_utf8(body).unwrap() })
    }
}

fn encoded(fields: &[(&str, &str)]) -> Vec<u8> {
    let escaped = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let pairs: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
    pairs.join("&").into_bytes()
}

fn multipart(passphrase: &str, file: &[u8]) -> (&'static str, Vec<u8>) {
    let head = format!(
        "--b\r\nContent-Disposition: form-data; name=\"passphrase\"\r\n\r\n{passphrase}\r\n--b\r\n\
         Content-Disposition: form-data; name=\"file\"; filename=\"a.guildhall\"\r\n\r\n"
    );
    ("multipart/form-data; boundary=b", [head.as_bytes(), file, b"\r\n--b--\r\n"].concat())
}

/// The value of an attribute that comes after this text.
fn after(page: &str, text: &str) -> String {
    let (_, rest) = page.split_once(text).unwrap_or_else(|| panic!("no {text} in {page}"));
    let value = rest.split_once('"').unwrap().0;
    value
        .replace("&#34;", "\"")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&#38;", "&")
        .replace("&amp;", "&")
}

/// The address of the first file on a page, and the file.
async fn downloaded(browser: &Browser<'_>, page: &str) -> Vec<u8> {
    let link = after(page, "<a class=\"button\" href=\"");
    let (status, _, file) = browser.ask(&link, None).await;
    assert_eq!(status, 200, "{link}");
    file
}

#[tokio::test]
async fn backups_are_made_brought_restored_undone_and_deleted_without_scripts() {
    for mut hall in halls().await {
        hall.start().await;
        let (ada, eve) = (hall.register("ada").await, hall.register("eve").await);
        for texts in &TEXTS {
            let (guild, channel) = ada.found_guild("Observatory").await;
            ada.post(&format!("/channels/{channel}/messages"), json!({ "content": "first light" })).await;
            let browser = Browser { hall: &hall, client: &ada, texts };
            let stranger = Browser { hall: &hall, client: &eve, texts };
            assert_eq!(browser.sent("/language", &[("language", texts.language)]).await.0, 303);
            let list = format!("/guilds/{guild}/backups");
            assert_eq!(stranger.ask(&list, None).await.0, 404);
            assert!(browser.page(&list).await.contains(texts.none));

            browser.refused(&list, &[("messages", "on"), ("passphrase", "short")], texts.short).await;
            let wanted = [("messages", "on"), ("bans", "on"), ("per_channel", "50"), ("passphrase", "")];
            let made = browser.start(&list, FORM, encoded(&wanted)).await;
            let report = hall.server().hall().jobs.get(made.parse().unwrap()).await.unwrap().result.unwrap();
            assert!(report.contains("\"messages\":1") && report.contains("\"members\":0"), "{report}");
            let page = browser.page(&list).await;
            assert!(!page.contains(texts.none), "{page}");
            let file = downloaded(&browser, &page).await;

            let upload = format!("{list}/upload");
            let (kind, body) = multipart("", &file);
            let brought = browser.start(&upload, kind, body).await;
            let (kind, body) = multipart("", b"nonsense");
            assert_eq!(stranger.ask(&upload, Some((kind, body.clone()))).await.0, 404);
            let (record, page) = browser.ended(&upload, kind, body).await;
            assert_eq!(record.state, State::Dead);
            assert!(page.contains(texts.nothing), "{page}");
            assert!(browser.page(&list).await.contains(texts.nothing));

            restored_and_undone(&browser, &stranger, &guild, &brought).await;

            assert_eq!(stranger.sent(&format!("{list}/{made}/delete"), &[]).await.0, 404);
            assert_eq!(browser.sent(&format!("{list}/{made}/delete"), &[]).await, (303, list.clone()));
            let page = browser.page(&list).await;
            assert!(page.contains(&brought) && !page.contains(&made), "{page}");
            sealed(&browser, &guild).await;
        }
        hall.stop().await;
    }
}

/// A role is made after the backup, goes with the restore, and is there again when that is undone.
async fn restored_and_undone(browser: &Browser<'_>, stranger: &Browser<'_>, guild: &str, backup: &str) {
    let (ada, roles) = (browser.client, format!("/guilds/{guild}/roles"));
    ada.post(&roles, json!({ "name": "Latecomer" })).await;
    let restore = format!("/guilds/{guild}/backups/{backup}/restore");
    assert_eq!(stranger.ask(&restore, None).await.0, 404);
    let blank = browser.page(&restore).await;
    assert!(blank.contains("name=\"features\" checked"), "{blank}");
    let chosen = [("step", "plan"), ("into", "here"), ("mode", "full"), ("roles", "on"), ("per_channel", "")];
    let (status, plan) = browser.sent(&restore, &chosen).await;
    browser.reads(&plan);
    assert_eq!(status, 200, "{plan}");
    assert!(plan.contains("<strong>Latecomer</strong>"), "{plan}");
    let told = after(&plan, "name=\"told\" value=\"");
    let again = [("step", "start"), ("told", told.as_str())];
    assert_eq!(stranger.sent(&restore, &again).await.0, 404);
    let restored = browser.start(&restore, FORM, encoded(&again)).await;
    let names = async || ada.get(&roles).await.to_string();
    assert!(!names().await.contains("Latecomer"));
    let page = browser.page(&format!("/jobs/{restored}")).await;
    assert!(page.contains(browser.texts.undo) && page.contains(browser.texts.summary), "{page}");
    let events = format!("/v2/jobs/{backup}/events?language={}", browser.texts.language);
    let (_, _, told) = browser.ask(&events, None).await;
    let told = String::from_utf8(told).unwrap();
    assert!(told.contains(&format!("\"words\":\"{}\"", browser.texts.read)), "{told}");
    browser.start(&format!("/jobs/{restored}/undo"), FORM, Vec::new()).await;
    assert!(names().await.contains("Latecomer"));
}

/// What is sealed opens with its passphrase only, here and where it is brought.
async fn sealed(browser: &Browser<'_>, guild: &str) {
    const SECRET: &str = "correct horse";
    let (texts, list) = (browser.texts, format!("/guilds/{guild}/backups"));
    let made = browser.start(&list, FORM, encoded(&[("passphrase", SECRET)])).await;
    let restore = format!("{list}/{made}/restore");
    let mut form = vec![("step", "plan"), ("into", "new"), ("mode", "difference"), ("roles", "on")];
    browser.refused(&restore, &form, texts.sealed).await;
    form.push(("passphrase", "incorrect horse"));
    let page = browser.refused(&restore, &form, texts.wrong).await;
    assert!(page.contains("value=\"new\" checked"), "what was chosen stays: {page}");
    form.pop();
    form.push(("passphrase", SECRET));
    let (status, plan) = browser.sent(&restore, &form).await;
    assert_eq!(status, 200, "{plan}");
    let told = after(&plan, "name=\"told\" value=\"");
    assert!(!plan.contains(SECRET));
    let (record, page) = browser
        .ended(&restore, FORM, encoded(&[("step", "start"), ("told", &told), ("passphrase", "no")]))
        .await;
    assert_eq!(record.state, State::Dead);
    assert!(page.contains(texts.wrong), "{page}");
    let again = [("step", "start"), ("told", told.as_str()), ("passphrase", SECRET)];
    browser.start(&restore, FORM, encoded(&again)).await;

    let file = downloaded(browser, &browser.page(&list).await).await;
    let upload = format!("{list}/upload");
    let (kind, body) = multipart("incorrect horse", &file);
    let (record, page) = browser.ended(&upload, kind, body).await;
    assert_eq!(record.state, State::Dead);
    assert!(page.contains(texts.wrong), "{page}");
    let (kind, body) = multipart(SECRET, &file);
    browser.start(&upload, kind, body).await;
}
