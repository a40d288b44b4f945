//! Signing in, confirming an address and choosing a new password by mail.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use crate::support::{Answer, Hall, PASSWORD, halls, halls_with};
use axum::http::{StatusCode, header};
use guildhall_accounts::codes::{MAIL_SPENT, WRONG_MAIL_CODE};
use guildhall_accounts::{Config, MailUsed, NewUser, Purpose, SignIn, Visit};
use guildhall_base::codes::RATE_LIMITED;
use guildhall_infra::i18n::Language;
use guildhall_infra::mail::Mail;
use guildhall_infra::{params, sql};

const ADA: &str = "ada@example.org";

/// All cookies that an answer sets, as a browser would send them.
fn cookies(answer: &Answer) -> String {
    let set = answer.headers.get_all(header::SET_COOKIE).iter();
    let pairs: Vec<_> = set
        .map(|set| set.to_str().unwrap())
        .filter(|set| !set.contains("Max-Age=0"))
        .map(|set| set.split(';').next().unwrap())
        .collect();
    pairs.join("; ")
}

/// The path of the link in a mail.
fn link(mail: &Mail) -> String {
    let word = mail.text.split_whitespace().find(|word| word.starts_with("http://hall.test/")).unwrap();
    word.strip_prefix("http://hall.test").unwrap().to_owned()
}

fn code(mail: &Mail) -> String {
    let six = |line: &&str| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit());
    mail.text.lines().find(six).unwrap_or_else(|| panic!("no code: {}", mail.text)).to_owned()
}

fn token(mail: &Mail) -> String {
    link(mail).rsplit('/').next().unwrap().to_owned()
}

impl Hall {
    async fn ask(&self, address: &str) -> String {
        let (language, visit) = (Language::English, Visit::default());
        self.accounts.ask_for_mail(Purpose::SignIn, address, language, &visit).await.unwrap()
    }

    /// Somebody with a confirmed address and a password; gives their session cookie.
    async fn with_address(&self, name: &str, address: &str) -> String {
        let body = format!("username={name}&password={PASSWORD}&email={address}");
        let entered = self.form("/register", "", &body).await;
        assert_eq!(entered.location(), "/login/mail/code?next=%2Fchannels%2F%40me", "{}", entered.text);
        let session = cookies(&entered);
        let letter = self.letter(address).await.unwrap();
        assert!(letter.subject.contains("Confirm"), "{}", letter.subject);
        let confirmed = self.form("/login/mail/code", &session, &format!("code={}", code(&letter))).await;
        assert_eq!(confirmed.location(), "/settings?done=mail", "{}", confirmed.text);
        self.hand.advance(Duration::from_secs(61));
        session.split("; ").find(|pair| pair.starts_with("guildhall_session")).unwrap().to_owned()
    }
}

fn signed_in(used: MailUsed) -> String {
    match used {
        MailUsed::SignIn(SignIn::Done(done)) => done.token,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_stranger_enters_by_the_link_and_gets_a_name_in_their_language() {
    for hall in halls().await {
        let finnish = "guildhall_language=fi";
        let asked = hall.form("/login/mail", finnish, "email=Ada%40Example.org&next=/invite/abc").await;
        assert_eq!(asked.location(), "/login/mail/code?next=%2Finvite%2Fabc");
        let page = hall.page("/login/mail/code", &format!("{finnish}; {}", cookies(&asked))).await.text;
        assert!(page.contains(ADA) && page.contains("Tarkista sähköpostisi"), "{page}");
        let letter = hall.letter(ADA).await.unwrap();
        assert!(letter.subject.contains("Tervetuloa") && letter.html.contains("Luo tili"), "{letter:?}");
        assert!(letter.html.contains(&link(&letter)) && letter.html.contains(&code(&letter)));
        // Opening it, as scanners do, uses nothing up; the secret is in no address afterwards.
        let mut opened = hall.page(&link(&letter), finnish).await;
        for _ in 0..3 {
            opened = hall.page(&link(&letter), finnish).await;
        }
        assert_eq!(opened.location(), "/login/mail/open");
        assert_eq!(opened.headers[header::REFERRER_POLICY], "no-referrer");
        let set = opened.headers[header::SET_COOKIE].to_str().unwrap();
        assert!(set.contains("HttpOnly") && set.contains("Path=/login/mail") && set.contains("Max-Age=600"));
        let holder = format!("{finnish}; {}", cookies(&opened));
        let page = hall.page("/login/mail/open", &holder).await.text;
        assert!(page.contains("a••@example.org") && page.contains("Luo tili"), "{page}");
        assert!(!page.contains(&token(&letter)), "{page}");
        let entered = hall.form("/login/mail/open", &holder, "").await;
        assert_eq!((entered.status, entered.location()), (StatusCode::SEE_OTHER, "/channels/@me"));
        let settings = hall.page("/settings", &cookies(&entered)).await.text;
        assert!(settings.contains(ADA) && settings.contains("Missä olet kirjautuneena"), "{settings}");
        assert!(settings.contains("Sinulla ei ole salasanaa"), "{settings}");
        let again = hall.form("/login/mail/open", &holder, "").await;
        assert_eq!(again.status, StatusCode::BAD_REQUEST);
        assert!(
            again.headers.get(header::SET_COOKIE).is_none() && again.text.contains("ei ole enää voimassa")
        );
    }
}

#[tokio::test]
async fn the_code_signs_in_where_the_mail_was_asked_for_and_nowhere_else() {
    for hall in halls().await {
        hall.with_address("ada", ADA).await;
        let asked = hall.form("/login/mail", "", "email=ada%40example.org&next=/x").await;
        let letter = hall.letter(ADA).await.unwrap();
        assert!(letter.subject.starts_with("Sign in"), "{}", letter.subject);
        let body = format!("code={}&next=/x", code(&letter));
        let elsewhere = hall.form("/login/mail/code", "", &body).await;
        assert_eq!(elsewhere.status, StatusCode::BAD_REQUEST);
        let wrong = hall.form("/login/mail/code", &cookies(&asked), "code=abcdef").await;
        assert!(wrong.text.contains("This code is not right."), "{}", wrong.text);
        let entered = hall.form("/login/mail/code", &cookies(&asked), &body).await;
        assert_eq!(entered.location(), "/x", "{}", entered.text);
        assert!(hall.page("/settings", &cookies(&entered)).await.text.contains("value=\"ada\""));
        // One use: neither the code nor the link works now.
        assert_eq!(
            hall.form("/login/mail/code", &cookies(&asked), &body).await.status,
            StatusCode::BAD_REQUEST
        );
        let used = hall.accounts.use_mail_link(&token(&letter), "", None, &Visit::default()).await;
        assert!(used.unwrap_err().is(MAIL_SPENT));
    }
}

#[tokio::test]
async fn of_many_who_use_a_link_at_once_one_enters() {
    for hall in halls().await {
        hall.ask(ADA).await;
        let token = token(&hall.letter(ADA).await.unwrap());
        let hall = Arc::new(hall);
        let tries = (0..8).map(|_| {
            let (hall, token) = (hall.clone(), token.clone());
            tokio::spawn(
                async move { hall.accounts.use_mail_link(&token, "", None, &Visit::default()).await },
            )
        });
        let mut entered = 0;
        for attempt in tries.collect::<Vec<_>>() {
            match attempt.await.unwrap() {
                Ok(used) => {
                    signed_in(used);
                    entered += 1;
                }
                Err(error) => assert!(error.is(MAIL_SPENT), "{error}"),
            }
        }
        assert_eq!(entered, 1, "{}", hall.db.name);
        let users = hall.db.db.all(sql!("SELECT id FROM users"), params![]).await.unwrap();
        let sessions = hall.db.db.all(sql!("SELECT id FROM tokens"), params![]).await.unwrap();
        assert_eq!((users.len(), sessions.len()), (1, 1));
    }
}

#[tokio::test]
async fn ten_thousand_guesses_at_a_code_get_nowhere() {
    for hall in halls().await {
        let mut ticket = hall.ask(ADA).await;
        let mut right = code(&hall.letter(ADA).await.unwrap());
        let (mut looked_at, mut mails) = (0, 1);
        for guess in 0..10_000 {
            let guess = format!("{guess:06}");
            let guess = if guess == right { "x".to_owned() } else { guess };
            match hall.accounts.use_mail_code(&ticket, &guess, "", None, &Visit::default()).await {
                Ok(_) => panic!("guessed"),
                Err(error) if error.is(WRONG_MAIL_CODE) => looked_at += 1,
                Err(error) if error.is(RATE_LIMITED) => hall.hand.advance(Duration::from_secs(1)),
                // Another mail, as soon as it is to be had.
                Err(error) if error.is(MAIL_SPENT) => {
                    let asked = hall
                        .accounts
                        .ask_for_mail(Purpose::SignIn, ADA, Language::English, &Visit::default())
                        .await;
                    match asked {
                        Ok(new) => {
                            ticket = new;
                            mails += 1;
                            right = code(&hall.letter(ADA).await.unwrap());
                        }
                        Err(error) => hall.hand.advance(error.retry_after.unwrap()),
                    }
                }
                Err(error) => panic!("{error}"),
            }
        }
        // In the three hours that this takes, a stubborn guesser gets one chance in ten thousand.
        assert!(looked_at < 60, "{looked_at} codes were looked at, {mails} mails");
    }
}

#[tokio::test]
async fn neither_answer_nor_work_tells_whether_an_address_is_known() {
    for hall in halls_with(Config { registration: false, ..Config::default() }).await {
        let new = NewUser { username: "ada".into(), email: Some(ADA.into()), ..NewUser::default() };
        hall.accounts.create_user(new).await.unwrap();
        let rows = async || {
            let text = sql!("SELECT address FROM mail_proofs UNION ALL SELECT payload FROM jobs");
            hall.db.db.all(text, params![]).await.unwrap().len()
        };
        for purpose in ["/login/mail", "/login/forgot"] {
            let before = rows().await;
            let known = hall.form(purpose, "", "email=ada%40example.org").await;
            let between = rows().await;
            let unknown = hall.form(purpose, "", "email=eve%40example.org").await;
            // The same rows are written, and nothing else is done before the answer.
            assert_eq!((between - before, rows().await - between), (2, 2));
            assert_eq!((known.status, known.location()), (unknown.status, unknown.location()));
            let page = |answer: &Answer| cookies(answer);
            let known_page = hall.page("/login/mail/code", &page(&known)).await.text;
            let unknown_page = hall.page("/login/mail/code", &page(&unknown)).await.text;
            assert_eq!(known_page.replace(ADA, "eve@example.org"), unknown_page);
            assert!(hall.letter(ADA).await.is_some());
            assert!(hall.letter("eve@example.org").await.is_none(), "nobody is mailed who is not wanted");
            let codes = ["/login/mail/code"].map(|path| (path, "code=000000&new_password=a+new+password"));
            for (path, body) in codes {
                let known = hall.form(path, &cookies(&known), body).await;
                let unknown = hall.form(path, &cookies(&unknown), body).await;
                assert_eq!(
                    (known.status, known.text.replace(ADA, "eve@example.org")),
                    (unknown.status, unknown.text)
                );
            }
        }
    }
}

#[tokio::test]
async fn mails_pause_and_links_grow_old() {
    for hall in halls().await {
        assert_eq!(
            hall.form("/login/mail", "", "email=ada%40example.org").await.status,
            StatusCode::SEE_OTHER
        );
        let soon = hall.form("/login/mail", "", "email=ADA%40example.org").await;
        assert_eq!(soon.status, StatusCode::TOO_MANY_REQUESTS);
        let old = hall.letter(ADA).await.unwrap();
        hall.hand.advance(Duration::from_secs(61));
        let ticket = hall.ask(ADA).await;
        hall.hand.advance(Duration::from_secs(10 * 60));
        for token in [token(&old), token(&hall.letter(ADA).await.unwrap())] {
            let used = hall.accounts.use_mail_link(&token, "", None, &Visit::default()).await;
            assert!(used.unwrap_err().is(MAIL_SPENT));
        }
        let used = hall.accounts.use_mail_code(&ticket, "000000", "", None, &Visit::default()).await;
        assert!(used.unwrap_err().is(MAIL_SPENT));
        for bad in ["", "ada", "a@b", "a@x.org%0D%0ABcc:+b@x.org"] {
            let answer = hall.form("/login/mail", "", &format!("email={bad}")).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{bad}");
            assert!(answer.text.contains("email-problem"));
        }
    }
}

#[tokio::test]
async fn a_new_address_counts_when_confirmed_and_the_old_one_hears_of_it() {
    for hall in halls().await {
        let cookie = hall.with_address("ada", ADA).await;
        let other = hall.form("/login", "", &format!("username=ada&password={PASSWORD}")).await.cookie();
        let asked = hall.form("/settings/mail", &cookie, "email=new%40example.org").await;
        assert_eq!(asked.location(), "/login/mail/code?next=%2Fsettings");
        assert!(hall.page("/settings", &cookie).await.text.contains(ADA), "the old one counts until then");
        let letter = hall.letter("new@example.org").await.unwrap();
        let opened = hall.page(&link(&letter), "").await;
        let holder = format!("{cookie}; {}", cookies(&opened));
        assert!(hall.page("/login/mail/open", &holder).await.text.contains("ada"));
        assert_eq!(hall.form("/login/mail/open", &holder, "").await.location(), "/settings?done=mail");
        assert!(hall.page("/settings", &cookie).await.text.contains("new@example.org"));
        assert!(hall.page("/settings", &other).await.location().starts_with("/login"), "other sessions end");
        assert!(hall.letter(ADA).await.unwrap().subject.contains("was changed"));
        // An address belongs to one account, and that is told only to who can read its mail.
        let bob = hall.with_address("bob", "bob@example.org").await;
        let asked = hall.form("/settings/mail", &bob, "email=new%40example.org").await;
        assert_eq!(asked.status, StatusCode::SEE_OTHER);
        assert!(
            hall.letter("new@example.org").await.unwrap().subject.contains("Confirm"),
            "only the first one"
        );
        assert!(!hall.page("/settings", &bob).await.text.contains("new@example.org"));
        // Much later, somebody at an open screen cannot do it.
        hall.hand.advance(Duration::from_secs(3600));
        let late = hall.form("/settings/mail", &cookie, "email=late%40example.org").await;
        let confirm = "/settings/security/confirm?next=%2Fsettings%23address%2Dtitle";
        assert_eq!(late.location(), confirm, "to the page that asks, and back");
        let proof = format!("password={PASSWORD}&next=%2Fsettings%23address-title");
        let proved = hall.form("/settings/security/confirm", &cookie, &proof).await;
        assert_eq!(proved.location(), "/settings#address-title");
        let asked = hall.form("/settings/mail", &cookie, "email=late%40example.org").await;
        assert_eq!(asked.location(), "/login/mail/code?next=%2Fsettings");
    }
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_by_mail_and_every_session_ends() {
    for hall in halls().await {
        let cookie = hall.with_address("ada", ADA).await;
        let asked = hall.form("/login/forgot", "", "email=ada%40example.org").await;
        let letter = hall.letter(ADA).await.unwrap();
        assert!(letter.subject.contains("new password"), "{}", letter.subject);
        let short = format!("code={}&new_password=short", code(&letter));
        let short = hall.form("/login/mail/code", &cookies(&asked), &short).await;
        assert!(short.text.contains("new_password-problem"), "{}", short.text);
        let body = format!("code={}&new_password=a+better+one", code(&letter));
        let entered = hall.form("/login/mail/code", &cookies(&asked), &body).await;
        assert_eq!(entered.location(), "/channels/@me", "{}", entered.text);
        assert!(hall.page("/settings", &cookie).await.location().starts_with("/login"));
        assert_eq!(hall.page("/settings", &cookies(&entered)).await.status, StatusCode::OK);
        assert_eq!(hall.sign_in("ada", PASSWORD).await.status, StatusCode::BAD_REQUEST);
        hall.sign_in("ada", "a better one").await.ok();
        let events: HashSet<_> = hall.events().await.into_iter().map(|(name, _)| name).collect();
        assert!(events.contains("CREDENTIALS_ENDED"));
    }
}

#[tokio::test]
async fn what_a_mail_says_is_nowhere_in_the_database() {
    for hall in halls().await {
        let ticket = hall.ask(ADA).await;
        let letter = hall.letter(ADA).await.unwrap();
        let text = sql!("SELECT code, link, ticket FROM mail_proofs");
        let row = hall.db.db.one(text, params![]).await.unwrap();
        let (stored, link, held) = row.read::<(String, Vec<u8>, Vec<u8>)>().unwrap();
        assert!(stored.starts_with("$argon2id$") && link.len() == 32 && held.len() == 32);
        let rows = hall.db.db.all(sql!("SELECT payload FROM jobs"), params![]).await.unwrap();
        let jobs: Vec<String> = rows.iter().map(|row| row.get(0).unwrap()).collect();
        for secret in [code(&letter), token(&letter), ticket, ADA.to_owned()] {
            assert!(!jobs.concat().contains(&secret) && !stored.contains(&secret), "{secret}");
        }
        signed_in(hall.accounts.use_mail_link(&token(&letter), "", None, &Visit::default()).await.unwrap());
    }
}

#[tokio::test]
async fn who_signs_in_gets_a_session_that_nobody_knew_before() {
    for hall in halls().await {
        let cookie = hall.with_address("ada", ADA).await;
        hall.form("/login/mail", &cookie, "email=ada%40example.org").await;
        let opened = hall.page(&link(&hall.letter(ADA).await.unwrap()), "").await;
        let planted = format!("guildhall_session=planted; {}", cookies(&opened));
        let entered = hall.form("/login/mail/open", &planted, "").await;
        assert!(cookies(&entered).contains("guildhall_session=") && !cookies(&entered).contains("planted"));
        assert_ne!(cookies(&entered), cookie);
    }
}
