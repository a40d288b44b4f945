//! Copies of one's data, and the end of one's account.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::http::{Method, StatusCode};
use guildhall_accounts::life::{Archive, Hindrance, Later, OwnData, UserColumn};
use guildhall_accounts::{Config, LIFE_TEXTS, SignIn, Visit, codes};
use guildhall_base::{Result, UserId};
use guildhall_infra::i18n::{Words, check};
use guildhall_infra::jobs::{Ctx, Effects, Outcome};
use guildhall_infra::{params, sql};
use serde_json::{Value, json};

use crate::support::{Hall, PASSWORD, halls, halls_with};

const ADA: &str = "ada@example.org";
const DAY: Duration = Duration::from_secs(24 * 3600);

#[test]
fn no_text_is_missing_or_superfluous() {
    let composed = ["life-part-", "life-code-"];
    let wrong = check(LIFE_TEXTS, env!("CARGO_MANIFEST_DIR"), "life-", &composed).unwrap();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

impl Hall {
    /// Signed in at the pages, with a confirmed address.
    async fn at_home(&self, name: &str) -> String {
        let cookie =
            self.form("/register", "", &format!("username={name}&password={PASSWORD}")).await.cookie();
        let text = sql!("UPDATE users SET email = $2, verified = TRUE WHERE handle = $1");
        self.db.db.run(text, params![name, format!("{name}@example.org")]).await.unwrap();
        let user = self.accounts.user_by_name(name).await.unwrap().unwrap();
        self.accounts.invalidate(user.id);
        cookie
    }

    async fn letters_of(&self, kind: &str) -> usize {
        self.jobs.run_due().await.unwrap();
        let all = self.mailer.letters().unwrap().all();
        all.iter().filter(|kept| kept.mail.to == ADA && kept.mail.subject.contains(kind)).count()
    }
}

#[tokio::test]
async fn an_account_is_kept_by_signing_in_and_by_the_mail_s_link() {
    for hall in halls().await {
        let cookie = hall.at_home("ada").await;
        let page = hall.page("/settings/data/delete", &cookie).await;
        assert!(page.text.contains("in 14 days"), "{}", page.text);
        let left = hall.form("/settings/data/delete", &cookie, "").await;
        assert!(left.text.contains("Goodbye") && left.cookie() == "guildhall_session=", "{}", left.text);
        assert_eq!(hall.page("/settings", &cookie).await.location(), "/login?next=%2Fsettings");
        assert!(hall.events().await.iter().any(|(name, _)| name == "CREDENTIALS_ENDED"));

        // By signing in: nothing but keeping it is offered.
        let back = hall.form("/login", "", &format!("username=ada&password={PASSWORD}")).await;
        assert_eq!(back.location(), "/login/keep");
        let ticket = back.cookie();
        let page = hall.page("/login/keep", &ticket).await;
        assert!(page.text.contains("Keep my account"), "{}", page.text);
        let kept = hall.form("/login/keep", &ticket, "").await;
        let cookie = kept.cookie();
        assert_eq!(hall.page("/settings", &cookie).await.status, StatusCode::OK, "{}", hall.db.name);
        assert_eq!(hall.form("/login/keep", &ticket, "").await.status, StatusCode::BAD_REQUEST, "once");

        // By the mail.
        hall.form("/settings/data/delete", &cookie, "").await;
        let letter = hall.letter(ADA).await.unwrap();
        assert!(letter.subject.contains("will be deleted") && !letter.text.contains("Or enter this code"));
        let at = letter.text.find("/login/keep/open/").unwrap();
        let path = letter.text[at..].split_whitespace().next().unwrap();
        let opened = hall.page(path, "").await;
        assert_eq!(opened.location(), "/login/keep");
        assert!(hall.page("/login/keep", &opened.cookie()).await.text.contains("Keep your account?"));
        assert_eq!(hall.form("/login/keep", &opened.cookie(), "").await.location(), "/login", "no session");
        hall.sign_in("ada", PASSWORD).await.ok();
        hall.hand.advance(15 * DAY);
        hall.jobs.run_due().await.unwrap();
        assert!(hall.sign_in("ada", PASSWORD).await.ok()["token"].is_string(), "nothing was deleted");
    }
}

#[tokio::test]
async fn nothing_personal_is_left_when_the_time_has_come() {
    for free in [true, false] {
        for hall in halls_with(Config { free_names: free, ..Config::default() }).await {
            let cookie = hall.at_home("ada").await;
            let (bela, bela_token) = hall.person("bela").await;
            let ada = hall.accounts.user_by_name("ada").await.unwrap().unwrap();
            let actor = hall.accounts.authenticate(cookie.split_once('=').unwrap().1).await.unwrap();
            hall.accounts.befriend(&actor, bela.parse().unwrap()).await.unwrap();
            hall.form("/settings/profile", &cookie, "username=ada&bio=about+me&pronouns=she").await;
            hall.hand.advance(Duration::from_secs(3600));
            let late = hall.form("/settings/data/delete", &cookie, "").await;
            assert_eq!(late.location(), "/settings/security/confirm?next=%2Fsettings%2Fdata%2Fdelete");
            let proof = format!("password={PASSWORD}&next=/settings/data/delete");
            hall.form("/settings/security/confirm", &cookie, &proof).await;
            hall.form("/settings/data/delete", &cookie, "").await;
            hall.hand.advance(14 * DAY);
            assert_eq!(hall.letters_of("is deleted").await, 1);
            assert_eq!(hall.sign_in("ada", PASSWORD).await.status, StatusCode::BAD_REQUEST);
            let text = sql!(
                "SELECT handle IS NULL AND email IS NULL AND password IS NULL AND bio = '' AND leaving IS NULL,
                        username, global_name FROM users WHERE id = $1"
            );
            let (bare, name, shown): (bool, String, String) =
                hall.db.db.one(text, params![ada.id]).await.unwrap().read().unwrap();
            assert!(bare && name.starts_with("deleted_user_") && shown == "Deleted User", "{name}");
            assert_eq!(hall.get("/users/@me/relationships", &bela_token).await.ok(), json!([]));
            let events = hall.events().await;
            let told = |wanted: &str| events.iter().any(|(name, _)| name == wanted);
            assert!(told("RELATIONSHIP_REMOVE") && told("USER_UPDATE"));
            let again = json!({ "username": "ada", "password": PASSWORD });
            let again = hall.call(Method::POST, "/auth/register", "", again).await;
            assert_eq!(again.status.is_success(), free, "{}", again.text);
            assert!(hall.accounts.standing_of_user(&hall.actor(&bela_token).await, ada.id).await.is_err());
        }
    }
}

#[tokio::test]
async fn who_has_a_second_factor_shows_it_before_keeping_the_account() {
    for hall in halls().await {
        let ada = hall.guarded("ada").await;
        let actor = hall.actor(&ada.token).await;
        hall.accounts.leave(&actor).await.unwrap();
        let SignIn::SecondStep(step) =
            hall.accounts.sign_in("ada", PASSWORD, &Visit::default()).await.unwrap()
        else {
            panic!("no second step")
        };
        let outcome =
            hall.accounts.finish_second_step(&step.ticket, &ada.recovery[0], &Visit::default()).await;
        let SignIn::Leaving(leaving) = outcome.unwrap() else { panic!("a session while the account goes") };
        // Of many who keep it at once, one is signed in.
        let keep = |_| {
            let (accounts, ticket) = (hall.accounts.clone(), leaving.ticket.clone());
            tokio::spawn(async move { accounts.keep(&ticket, &Visit::default()).await })
        };
        let mut kept = 0;
        for task in (0..5).map(keep).collect::<Vec<_>>() {
            match task.await.unwrap() {
                Ok(outcome) => kept += usize::from(matches!(outcome, Some(SignIn::Done(_)))),
                Err(error) => assert!(error.is(codes::KEEP_SPENT), "{error}"),
            }
        }
        assert_eq!(kept, 1, "{}", hall.db.name);
    }
}

#[tokio::test]
async fn a_copy_can_be_asked_for_once_a_day() {
    for hall in halls().await {
        let cookie = hall.at_home("ada").await;
        assert!(hall.page("/settings/data", &cookie).await.text.contains("Make a copy"));
        let asks = (0..4).map(|_| hall.form("/settings/data/copy", &cookie, ""));
        let mut asked = 0;
        for ask in asks {
            asked += usize::from(ask.await.status == StatusCode::SEE_OTHER);
        }
        assert_eq!(asked, 1, "{}", hall.db.name);
        assert!(hall.page("/settings/data", &cookie).await.text.contains("is being made"));
        assert_eq!(hall.letters_of("ready").await, 1);
        let page = hall.page("/settings/data", &cookie).await.text;
        assert!(page.contains("/files/my-data.zip?expires=") && page.contains("one copy a day"), "{page}");
        hall.hand.advance(DAY);
        let late = hall.form("/settings/data/copy", &cookie, "").await;
        assert_eq!(late.location(), "/settings/security/confirm?next=%2Fsettings%2Fdata");
        let proof = format!("password={PASSWORD}&next=/settings/data");
        hall.form("/settings/security/confirm", &cookie, &proof).await;
        assert_eq!(hall.form("/settings/data/copy", &cookie, "").await.location(), "/settings/data");
    }
}

/// A feature that keeps something of people, and may need them.
struct Feature {
    name: &'static str,
    needed: Arc<AtomicBool>,
}

impl OwnData for Feature {
    fn name(&self) -> &'static str {
        self.name
    }

    fn columns(&self) -> &'static [UserColumn] {
        &[]
    }

    fn export<'a>(&'a self, _: UserId, archive: &'a mut Archive) -> Later<'a, Result<()>> {
        Box::pin(async { archive.json("all.json", &Value::Null).await })
    }

    fn hindrances(&self, _: UserId) -> Later<'_, Result<Vec<Hindrance>>> {
        let needed = self.needed.load(Ordering::SeqCst);
        let guild = || Hindrance { kind: "guild", id: "7".into(), name: "Workshop".into() };
        Box::pin(async move { Ok(needed.then(guild).into_iter().collect()) })
    }

    fn forget<'a>(&'a self, _: &'a Ctx, _: UserId, effects: Effects) -> Later<'a, Outcome> {
        Box::pin(async move {
            for _ in 0..20 {
                tokio::task::yield_now().await;
            }
            // A second time, this would fail.
            let text = sql!("INSERT INTO mail_pauses (address, purpose, until) VALUES ($1, 'test', 0)");
            effects.run(text, params![self.name]);
            Ok(())
        })
    }
}

impl Hall {
    /// The same accounts with features beside them.
    fn with_features(&self, needed: &Arc<AtomicBool>) -> guildhall_accounts::Accounts {
        let accounts = self.reopened();
        let words = Words::new(&[LIFE_TEXTS]).unwrap();
        let feature = |name| -> Arc<dyn OwnData> { Arc::new(Feature { name, needed: needed.clone() }) };
        accounts.offer_life(&self.jobs, &words, ["chat", "oauth", "jobs"].map(feature).into());
        accounts
    }
}

#[tokio::test]
async fn who_is_needed_stays_and_is_told_why() {
    for hall in halls().await {
        hall.at_home("ada").await;
        let needed = Arc::new(AtomicBool::new(true));
        let accounts = hall.with_features(&needed);
        let SignIn::Done(done) = accounts.sign_in("ada", PASSWORD, &Visit::default()).await.unwrap() else {
            panic!("not signed in")
        };
        let actor = accounts.authenticate(&done.token).await.unwrap();
        let refused = accounts.leave(&actor).await.unwrap_err();
        assert!(refused.is(codes::STILL_NEEDED) && refused.detail.contains("Workshop"), "{refused}");
        needed.store(false, Ordering::SeqCst);
        accounts.leave(&actor).await.unwrap();
        // Somebody hands them a guild meanwhile.
        needed.store(true, Ordering::SeqCst);
        hall.hand.advance(14 * DAY);
        assert_eq!(hall.letters_of("was not deleted").await, 1);
        accounts.sign_in("ada", PASSWORD, &Visit::default()).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_that_is_killed_again_and_again_goes_on_where_it_was() {
    for hall in halls().await {
        hall.at_home("ada").await;
        let accounts = hall.with_features(&Arc::default());
        let SignIn::Done(done) = accounts.sign_in("ada", PASSWORD, &Visit::default()).await.unwrap() else {
            panic!("not signed in")
        };
        let actor = accounts.authenticate(&done.token).await.unwrap();
        accounts.leave(&actor).await.unwrap();
        hall.jobs.run_due().await.unwrap();
        hall.hand.advance(14 * DAY);
        let (mut turns, mut kills) = (20_u32, 0);
        loop {
            // A process of its own, as far as tasks go: they all end with it, wherever they are.
            let jobs = hall.jobs.clone();
            let process = std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                let killed = async {
                    for _ in 0..turns {
                        tokio::task::yield_now().await;
                    }
                };
                runtime.block_on(async {
                    tokio::select! { done = jobs.run_due() => done.is_ok(), () = killed => false }
                })
            });
            if process.join().unwrap() {
                break;
            }
            kills += 1;
            turns += turns / 3;
            hall.hand.advance(Duration::from_secs(10));
        }
        hall.jobs.run_due().await.unwrap();
        assert!(kills > 3, "{}: {kills}", hall.db.name);
        let text = sql!("SELECT COUNT(*) FROM mail_pauses WHERE purpose = 'test'");
        let told: i64 = hall.db.db.one(text, params![]).await.unwrap().get(0).unwrap();
        assert_eq!(told, 3, "{}", hall.db.name);
        assert_eq!(hall.letters_of("is deleted").await, 1, "{}", hall.db.name);
        assert!(accounts.user(actor.id()).await.unwrap().username.starts_with("deleted_user_"));
    }
}

#[tokio::test]
async fn programs_ask_for_copies_and_deletions_and_keep_accounts() {
    for hall in halls().await {
        let (_, token) = hall.person("ada").await;
        assert_eq!(hall.get("/v2/me/export", "").await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(hall.get("/v2/me/export", &token).await.ok(), Value::Null);
        let asked = hall.call(Method::POST, "/v2/me/export", &token, Value::Null).await;
        assert_eq!((asked.status, &asked.json()["state"]), (StatusCode::ACCEPTED, &json!("ready")));
        let again = hall.call(Method::POST, "/v2/me/export", &token, Value::Null).await;
        assert_eq!(
            (again.status, &again.json()["code"]),
            (StatusCode::TOO_MANY_REQUESTS, &json!("copy_too_soon"))
        );
        hall.jobs.run_due().await.unwrap();
        let copy = hall.get("/v2/me/export", &token).await.ok();
        assert!(copy["file"]["path"].as_str().unwrap().contains("my-data.zip?expires="), "{copy}");
        assert_eq!(hall.get("/v2/me/deletion", &token).await.ok()["hindrances"], json!([]));
        let left = hall.call(Method::POST, "/v2/me/deletion", &token, Value::Null).await;
        assert_eq!(left.status, StatusCode::ACCEPTED, "{}", left.text);
        assert_eq!(hall.get("/v2/me", &token).await.status, StatusCode::UNAUTHORIZED);
        let body = json!({ "username": "ada", "password": PASSWORD });
        let offered = hall.call(Method::POST, "/v2/auth/password", "", body).await.ok();
        assert_eq!(
            (&offered["state"], &offered["deleted_at"]),
            (&json!("leaving"), &left.json()["deleted_at"])
        );
        let ticket = json!({ "ticket": offered["ticket"] });
        let kept = hall.call(Method::POST, "/v2/auth/keep", "", ticket.clone()).await.ok();
        hall.get("/v2/me", kept["token"].as_str().unwrap()).await.ok();
        let spent = hall.call(Method::POST, "/v2/auth/keep", "", ticket).await;
        assert_eq!((spent.status, &spent.json()["code"]), (StatusCode::BAD_REQUEST, &json!("keep_spent")));
    }
}

#[tokio::test]
async fn what_programs_may_ask_is_described_with_examples_and_errors() {
    let hall = halls().await.remove(0);
    let (_, document) = guildhall_accounts::v2_routes(hall.accounts.clone()).split_for_parts();
    let document: Value = serde_json::from_str(&document.to_json().unwrap()).unwrap();
    let example = |content: &Value| {
        let name = content.to_string();
        let name = name.split("schemas/").nth(1).map(|rest| rest.split('"').next().unwrap().to_owned());
        let of_schema = name.map(|name| document["components"]["schemas"][name.as_str()]["example"].clone());
        content.to_string().contains("\"example\"") || of_schema.is_some_and(|example| !example.is_null())
    };
    let mut operations = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            operations += 1;
            let responses = operation["responses"].as_object().unwrap();
            assert!(responses.keys().any(|status| status.starts_with('4')), "{method} {path} has no errors");
            let contents = responses.iter().filter(|(status, _)| status.starts_with('2'));
            let contents =
                contents.map(|(_, answer)| &answer["content"]).chain([&operation["requestBody"]["content"]]);
            for content in contents.filter(|content| content.is_object()) {
                assert!(example(content), "{method} {path} has no example: {content}");
            }
        }
    }
    assert_eq!(operations, 22);
}
