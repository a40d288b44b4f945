//! Every way of signing in, ended at each point where it waits for something: as by a kill between any two writes, or in
//! the middle of one. Nothing is half done then, and whoever tries again gets in.

use std::cell::RefCell;
use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use guildhall_accounts::{
    Accounts, CeremonyAnswer, MailUsed, NewUser, ProviderAnswer, ProviderOutcome, Purpose, Registration,
    SignIn, Visit,
};
use guildhall_base::Error;
use guildhall_infra::db::Sql;
use guildhall_infra::{params, sql};
use serde_json::json;

use crate::authenticator::Authenticator;
use crate::elsewhere::Said;
use crate::providers;
use crate::second_step::code;
use crate::support::{Hall, PASSWORD, halls};

/// Longer than any of them: a sign-in that never ends is a mistake.
const MOST: usize = 200;

/// Works until it has waited so often, and then is no more. None if it did not finish.
async fn until_killed<T>(work: impl Future<Output = T>, waits: usize) -> Option<T> {
    let (mut work, mut left) = (Box::pin(work), waits);
    poll_fn(move |context| match work.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending if left == 0 => Poll::Ready(None),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}

async fn count(hall: &Hall, sql: Sql) -> i64 {
    hall.db.db.one(sql, params![]).await.unwrap().get(0).unwrap()
}

/// What must be true at every moment, whoever was killed.
async fn nothing_is_half_done(hall: &Hall, way: &str) {
    let locked_out = sql!(
        "SELECT COUNT(*) FROM users AS u WHERE u.bot = FALSE AND u.password IS NULL AND u.email IS NULL
           AND NOT EXISTS (SELECT 1 FROM identities AS i WHERE i.user_id = u.id)
           AND NOT EXISTS (SELECT 1 FROM passkeys AS p WHERE p.user_id = u.id)"
    );
    assert_eq!(count(hall, locked_out).await, 0, "{way}: somebody has no way in");
    let never_in = sql!(
        "SELECT COUNT(*) FROM users AS u WHERE u.bot = FALSE AND NOT EXISTS (SELECT 1 FROM tokens AS t WHERE t.user_id = u.id)"
    );
    assert_eq!(count(hall, never_in).await, 0, "{way}: an account was made and its session was not");
}

/// Kills one way of signing in at every point. `prepare` gives what the person brings; `kept` is a number that every
/// whole sign-in leaves as it is, such as codes that are left and sessions together.
async fn at_every_point<P>(
    hall: &Hall,
    way: &str,
    kept: Sql,
    prepare: impl AsyncFn() -> P,
    attempt: impl AsyncFn(&Accounts, &P) -> Result<(), Error>,
) {
    for waits in 0..MOST {
        let brought = prepare().await;
        let before = count(hall, kept).await;
        let process = hall.reopened();
        let done = until_killed(attempt(&process, &brought), waits).await;
        if let Some(done) = done {
            done.unwrap_or_else(|error| panic!("{way}: {error:?}"));
            assert!(waits > 0, "{way} never waits");
            assert_eq!(count(hall, kept).await, before, "{way}: {}", hall.db.name);
            return;
        }
        assert_eq!(count(hall, kept).await, before, "{way}, killed at {waits}: {}", hall.db.name);
        nothing_is_half_done(hall, way).await;
        // Once more with what they have in their hands; if that is used up, from the beginning.
        if attempt(&hall.reopened(), &brought).await.is_err() {
            let brought = prepare().await;
            let again = attempt(&hall.reopened(), &brought).await;
            assert!(again.is_ok(), "{way}, killed at {waits}, then tried again: {again:?}");
        }
    }
    panic!("{way} did not end");
}

fn entered(outcome: SignIn) -> Result<(), Error> {
    assert!(matches!(outcome, SignIn::Done(_)));
    Ok(())
}

/// The same number whatever happens, where a way in uses nothing up.
const NOTHING: fn() -> Sql = || sql!("SELECT COUNT(*) FROM users WHERE password IS NULL AND bot");

#[tokio::test]
async fn a_kill_at_any_point_of_a_registration_leaves_nobody_behind() {
    for hall in halls().await {
        let number = RefCell::new(0);
        let prepare = async || {
            *number.borrow_mut() += 1;
            hall.hand.advance(Duration::from_secs(61));
            *number.borrow()
        };
        let attempt = async |process: &Accounts, number: &i32| {
            let registration = Registration {
                username: format!("ada{number}"),
                password: PASSWORD.to_owned(),
                email: Some(format!("ada{number}@example.org")),
                ..Registration::default()
            };
            process.register(registration, &Visit::default()).await.map(drop)
        };
        // An account, its session and the mail that is to confirm its address come together.
        let kept = sql!("SELECT (SELECT COUNT(*) FROM users) - (SELECT COUNT(*) FROM tokens)");
        at_every_point(&hall, "registration", kept, prepare, attempt).await;
    }
}

#[tokio::test]
async fn a_kill_at_any_point_of_a_sign_in_by_password_changes_nothing() {
    for hall in halls().await {
        hall.person("ada").await;
        let attempt = async |process: &Accounts, (): &()| {
            entered(process.sign_in("ada", PASSWORD, &Visit::default()).await?)
        };
        at_every_point(&hall, "password", NOTHING(), async || (), attempt).await;
        let password_hash = Some(bcrypt::hash(PASSWORD, 4).unwrap());
        let number = RefCell::new(0);
        let prepare = async || {
            *number.borrow_mut() += 1;
            let username = format!("old{}", number.borrow());
            let new = NewUser {
                username: username.clone(),
                password_hash: password_hash.clone(),
                ..NewUser::default()
            };
            let user = hall.accounts.create_user(new).await.unwrap();
            hall.accounts.new_token(user.id).await.unwrap();
            username
        };
        let attempt = async |process: &Accounts, name: &String| {
            entered(process.sign_in(name, PASSWORD, &Visit::default()).await?)
        };
        // The hash is written anew if, and only if, there is the session.
        let kept = sql!(
            "SELECT (SELECT COUNT(*) FROM users AS u JOIN tokens AS t ON t.user_id = u.id
                     WHERE t.method = 'password' AND u.username LIKE 'old%' AND u.password LIKE '$2%')"
        );
        at_every_point(&hall, "imported password", kept, prepare, attempt).await;
    }
}

/// A mail that was asked for and has come: its ticket, its code and the secret of its link.
struct Letter {
    ticket: String,
    code: String,
    token: String,
}

async fn letter(hall: &Hall, purpose: Purpose, address: &str) -> Letter {
    hall.hand.advance(Duration::from_secs(61));
    let language = guildhall_infra::i18n::Language::default();
    let ticket = hall.reopened().ask_for_mail(purpose, address, language, &Visit::default()).await.unwrap();
    let mail = hall.letter(address).await.unwrap();
    let is_code = |line: &&str| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit());
    let code = mail.text.lines().find(is_code).unwrap().to_owned();
    let link = mail.text.split_whitespace().find(|word| word.starts_with("http://hall.test/")).unwrap();
    Letter { ticket, code, token: link.rsplit('/').next().unwrap().to_owned() }
}

fn signed_in(used: MailUsed) -> Result<(), Error> {
    let MailUsed::SignIn(outcome) = used else { panic!("not a sign-in") };
    entered(outcome)
}

#[tokio::test]
async fn a_kill_at_any_point_of_a_sign_in_by_mail_uses_up_nothing_for_nothing() {
    for hall in halls().await {
        let number = RefCell::new(0);
        let known = async || letter(&hall, Purpose::SignIn, "ada@example.org").await;
        let unknown = async || {
            *number.borrow_mut() += 1;
            let address = format!("new{}@example.org", number.borrow());
            letter(&hall, Purpose::SignIn, &address).await
        };
        let by_link = async |process: &Accounts, letter: &Letter| {
            signed_in(process.use_mail_link(&letter.token, "", None, &Visit::default()).await?)
        };
        let by_code = async |process: &Accounts, letter: &Letter| {
            let Letter { ticket, code, .. } = letter;
            signed_in(process.use_mail_code(ticket, code, "", None, &Visit::default()).await?)
        };
        // A code that is good, or the session that it was given for.
        let kept = || sql!("SELECT (SELECT COUNT(*) FROM mail_proofs) + (SELECT COUNT(*) FROM tokens)");
        at_every_point(&hall, "mail link of a stranger", kept(), unknown, by_link).await;
        at_every_point(&hall, "mail code of a stranger", kept(), unknown, by_code).await;
        at_every_point(&hall, "mail link", kept(), known, by_link).await;
        at_every_point(&hall, "mail code", kept(), known, by_code).await;
        let forgotten = async || letter(&hall, Purpose::Reset, "ada@example.org").await;
        let reset = async |process: &Accounts, letter: &Letter| {
            let new = "another good password";
            signed_in(process.use_mail_link(&letter.token, new, None, &Visit::default()).await?)
        };
        hall.db.db.run(sql!("DELETE FROM mail_proofs"), params![]).await.unwrap();
        let only = sql!("DELETE FROM users WHERE email <> 'ada@example.org' OR email IS NULL");
        hall.db.db.run(only, params![]).await.unwrap();
        signed_in(
            hall.reopened()
                .use_mail_link(&forgotten().await.token, PASSWORD, None, &Visit::default())
                .await
                .unwrap(),
        )
        .unwrap();
        // All other sessions end with the old password, so that one is left, before and after.
        at_every_point(&hall, "new password", sql!("SELECT COUNT(*) FROM tokens"), forgotten, reset).await;
    }
}

#[tokio::test]
async fn a_kill_at_any_point_of_the_second_step_leaves_it_to_be_done_again() {
    for hall in halls().await {
        let ada = hall.guarded("ada").await;
        let ticket = async || {
            hall.hand.advance(Duration::from_secs(30));
            let SignIn::SecondStep(step) =
                hall.reopened().sign_in("ada", PASSWORD, &Visit::default()).await.unwrap()
            else {
                panic!("no second step")
            };
            step.ticket
        };
        let first = async |process: &Accounts, (): &()| {
            let outcome = process.sign_in("ada", PASSWORD, &Visit::default()).await?;
            assert!(matches!(outcome, SignIn::SecondStep(_)));
            Ok(())
        };
        at_every_point(&hall, "first step", sql!("SELECT COUNT(*) FROM tokens"), async || (), first).await;
        let by_app = async |process: &Accounts, ticket: &String| {
            let shown = code(&ada.secret, hall.clock.now());
            process.finish_second_step(ticket, &shown, &Visit::default()).await.map(drop)
        };
        let kept = || sql!("SELECT (SELECT COUNT(*) FROM second_steps) + (SELECT COUNT(*) FROM tokens)");
        at_every_point(&hall, "code of the app", kept(), ticket, by_app).await;

        // One recovery code each; new ones when they are used up.
        let codes = RefCell::new(ada.recovery.clone());
        let with_code = async || {
            let ticket = ticket().await;
            if codes.borrow().is_empty() {
                let again = Visit::default();
                let shown = code(&ada.secret, hall.clock.now());
                let outcome = hall.reopened().finish_second_step(&ticket, &shown, &again).await.unwrap();
                let SignIn::Done(done) = outcome else { panic!("not in") };
                let actor = hall.reopened().authenticate(&done.token).await.unwrap();
                *codes.borrow_mut() = hall.reopened().renew_recovery_codes(&actor).await.unwrap();
            }
            let recovery = codes.borrow_mut().pop().unwrap();
            (Step(hall.reopened().sign_in("ada", PASSWORD, &Visit::default()).await.unwrap()), recovery)
        };
        let by_recovery = async |process: &Accounts, (step, recovery): &(Step, String)| {
            let SignIn::SecondStep(step) = &step.0 else { panic!("no second step") };
            process.finish_second_step(&step.ticket, recovery, &Visit::default()).await.map(drop)
        };
        let kept = sql!("SELECT (SELECT COUNT(*) FROM recovery_codes) + (SELECT COUNT(*) FROM tokens)");
        at_every_point(&hall, "recovery code", kept, with_code, by_recovery).await;
    }
}

/// A first step that is done.
struct Step(SignIn);

#[tokio::test]
async fn a_kill_at_any_point_of_a_sign_in_by_passkey_lets_one_begin_again() {
    for hall in halls().await {
        let ada = hall.guarded("ada").await;
        let key = RefCell::new(Authenticator::new());
        let actor = hall.actor(&ada.token).await;
        let begun = hall.accounts.begin_passkey(&actor).await.unwrap();
        let credential = key.borrow_mut().create(&json!(begun.options));
        let answer = CeremonyAnswer { ceremony: begun.ceremony, credential };
        hall.accounts.add_passkey(&actor, "Key", answer).await.unwrap();
        let answered = |begun: guildhall_accounts::Ceremony| {
            let credential = key.borrow_mut().get(&json!(begun.options));
            (begun.ceremony, credential)
        };
        let sign_in = async || answered(hall.reopened().begin_passkey_sign_in().await.unwrap());
        let attempt = async |process: &Accounts, (ceremony, credential): &(String, serde_json::Value)| {
            let answer = CeremonyAnswer { ceremony: ceremony.clone(), credential: credential.clone() };
            entered(process.sign_in_by_passkey(answer, &Visit::default()).await?)
        };
        at_every_point(&hall, "passkey", NOTHING(), sign_in, attempt).await;
        let step = async || {
            let outcome = hall.reopened().sign_in("ada", PASSWORD, &Visit::default()).await.unwrap();
            let SignIn::SecondStep(step) = outcome else { panic!("no second step") };
            let (ceremony, credential) =
                answered(hall.reopened().begin_passkey_step(&step.ticket).await.unwrap());
            (step.ticket, ceremony, credential)
        };
        let attempt = async |process: &Accounts, brought: &(String, String, serde_json::Value)| {
            let (ticket, ceremony, credential) = brought.clone();
            let answer = CeremonyAnswer { ceremony, credential };
            process.finish_passkey_step(&ticket, answer, &Visit::default()).await.map(drop)
        };
        let kept = sql!("SELECT (SELECT COUNT(*) FROM second_steps) + (SELECT COUNT(*) FROM tokens)");
        at_every_point(&hall, "passkey as second step", kept, step, attempt).await;
    }
}

#[tokio::test]
async fn a_kill_at_any_point_of_a_sign_in_by_another_site_lets_one_begin_again() {
    let (halls, one, _) = providers::open(true).await;
    for hall in halls {
        let number = RefCell::new(0);
        let begin = async |subject: String| {
            let begun = hall.reopened().begin_provider("one", None, "/", &Visit::default()).await.unwrap();
            let query: std::collections::HashMap<_, _> = begun.address.query_pairs().into_owned().collect();
            let claims = one.claims(&query["nonce"], &subject);
            let code = one.code(Said { claims, challenge: query["code_challenge"].clone() });
            let answer = ProviderAnswer { code, state: query["state"].clone(), ..ProviderAnswer::default() };
            (answer, begun.browser)
        };
        let attempt = async |process: &Accounts, (answer, browser): &(ProviderAnswer, String)| match process
            .finish_provider("one", answer, browser, None, &Visit::default())
            .await?
        {
            ProviderOutcome::SignIn(outcome, _) => entered(outcome),
            ProviderOutcome::Linked => panic!("nobody links here"),
        };
        let stranger = async || {
            *number.borrow_mut() += 1;
            let subject = format!("subject{}", number.borrow());
            begin(subject).await
        };
        let kept = sql!("SELECT (SELECT COUNT(*) FROM users) - (SELECT COUNT(*) FROM identities)");
        at_every_point(&hall, "another site's stranger", kept, stranger, attempt).await;
        let known = async || begin("subject1".to_owned()).await;
        at_every_point(&hall, "another site", NOTHING(), known, attempt).await;
    }
}
