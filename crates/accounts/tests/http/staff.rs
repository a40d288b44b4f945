use std::time::Duration;

use axum::http::{Method, StatusCode};
use guildhall_accounts::{Credential, NewUser, Proof, SignIn, StaffLogQuery, UserState, Visit, codes};
use guildhall_base::{Scopes, UserId};
use guildhall_infra::db::{Batch, Sql};
use guildhall_infra::{params, sql};
use serde_json::json;

use crate::support::{Hall, PASSWORD, halls};

const WHY: &str = "They asked for it.";

impl Hall {
    /// Somebody with these ranks, signed in; `overseer` is the highest.
    pub(crate) async fn staff(&self, name: &str, ranks: &[&str]) -> (UserId, String) {
        let (id, token) = self.person(name).await;
        let id: UserId = id.parse().unwrap();
        for rank in ranks {
            match *rank {
                "overseer" => self.accounts.set_staff(id, true).await.unwrap(),
                rank => {
                    let text = sql!(
                        "INSERT INTO user_ranks (user_id, rank, granted_by, granted) VALUES ($1, $2, $1, 0)"
                    );
                    self.db.db.run(text, params![id, rank]).await.unwrap();
                }
            }
        }
        (id, token)
    }

    async fn state(&self, token: &str, user: UserId, state: UserState) -> Result<(), guildhall_base::Error> {
        let actor = self.accounts.authenticate(token).await.unwrap();
        self.accounts.set_state(&actor, user, state, WHY).await
    }

    async fn log_of(&self, token: &str) -> Vec<(String, String, String)> {
        let actor = self.accounts.authenticate(token).await.unwrap();
        let log = self.accounts.staff_log(&actor, StaffLogQuery::default()).await.unwrap();
        log.into_iter().map(|row| (row.action, row.before, row.after)).collect()
    }
}

#[tokio::test]
async fn a_ban_ends_everything_at_once_and_shuts_every_door() {
    for hall in halls().await {
        let (_, boss) = hall.staff("boss", &["overseer"]).await;
        let (ada, token) = hall.staff("ada", &[]).await;
        let ticket_of_before = hall.accounts.authenticate(&token).await.unwrap();
        hall.get("/users/@me", &token).await.ok();
        hall.state(&boss, ada, UserState::Banned).await.unwrap();
        assert_eq!(hall.get("/users/@me", &token).await.status, StatusCode::UNAUTHORIZED);
        let refused = hall.sign_in("ada", PASSWORD).await;
        assert_eq!((refused.status, &refused.json()["code"]), (StatusCode::FORBIDDEN, &json!(40002)));
        let wrong = hall.sign_in("ada", "a wrong password").await;
        assert_eq!(wrong.status, StatusCode::BAD_REQUEST, "who does not know the password learns nothing");
        let credential = guildhall_accounts::Credential::Bearer {
            application: guildhall_base::Id::new(1),
            scopes: guildhall_base::Scopes::IDENTIFY,
        };
        assert!(hall.accounts.vouch(ada, credential).await.is_err());
        assert!(hall.accounts.edit_me(&ticket_of_before, Default::default()).await.is_ok(), "nothing to do");
        let events = hall.events().await;
        assert!(
            events.iter().any(|(name, body)| name == "CREDENTIALS_ENDED" && body["user_id"] == json!(ada))
        );
        hall.state(&boss, ada, UserState::Normal).await.unwrap();
        hall.sign_in("ada", PASSWORD).await.ok();
        assert_eq!(
            hall.log_of(&boss).await,
            [
                ("user.state".into(), "banned".into(), "normal".into()),
                ("user.state".into(), "normal".into(), "banned".into())
            ]
        );
    }
}

#[tokio::test]
async fn bots_can_do_nothing_while_their_owner_may_not() {
    for hall in halls().await {
        let (_, boss) = hall.staff("boss", &["overseer"]).await;
        let (ada, _) = hall.staff("ada", &[]).await;
        let mut batch = Batch::new();
        let id: UserId = guildhall_base::Ids::new(hall.clock.clone(), 2).next();
        let (_, token) = hall.accounts.prepare_bot(&mut batch, id, ada, "robot").await.unwrap();
        hall.db.db.write(batch).await.unwrap();
        let bot = format!("Bot {token}");
        let application = Credential::Bearer { application: id.cast(), scopes: Scopes::IDENTIFY };
        let bela: UserId = hall.person("bela").await.0.parse().unwrap();
        for (state, status) in
            [(UserState::Banned, StatusCode::UNAUTHORIZED), (UserState::ApiBan, StatusCode::FORBIDDEN)]
        {
            hall.get("/users/@me", &bot).await.ok();
            hall.accounts.vouch(bela, application).await.unwrap();
            let before = hall.events().await.len();
            hall.state(&boss, ada, state).await.unwrap();
            assert_eq!(hall.get("/users/@me", &bot).await.status, status);
            assert!(hall.reopened().authenticate(&bot).await.is_err());
            assert!(hall.accounts.vouch(bela, application).await.is_err(), "what others allowed it neither");
            let events = hall.events().await;
            let closed = |(name, body): &(String, serde_json::Value)| {
                name == "CREDENTIALS_ENDED" && body["user_id"] == json!(id)
            };
            assert_eq!(events[before..].iter().filter(|event| closed(event)).count(), 1);
            hall.state(&boss, ada, UserState::Normal).await.unwrap();
        }
        hall.state(&boss, ada, UserState::EditBan).await.unwrap();
        hall.get("/users/@me", &bot).await.ok();
    }
}

#[tokio::test]
async fn a_sign_in_that_has_begun_ends_with_the_ban() {
    for hall in halls().await {
        let (_, boss) = hall.staff("boss", &["overseer"]).await;
        let guarded = hall.guarded("ada").await;
        let ada = hall.actor(&guarded.token).await.id();
        let SignIn::SecondStep(step) =
            hall.accounts.sign_in("ada", PASSWORD, &Visit::default()).await.unwrap()
        else {
            panic!("no second step")
        };
        hall.state(&boss, ada, UserState::Banned).await.unwrap();
        let finished =
            hall.accounts.finish_second_step(&step.ticket, &guarded.recovery[0], &Visit::default()).await;
        assert!(finished.unwrap_err().is(codes::TICKET_SPENT));
    }
}

#[tokio::test]
async fn another_process_hears_of_a_ban_within_a_second() {
    for hall in halls().await {
        let (_, boss) = hall.staff("boss", &["overseer"]).await;
        let (ada, token) = hall.staff("ada", &[]).await;
        let other = hall.reopened();
        let following = tokio::spawn(other.clone().follow());
        other.authenticate(&token).await.unwrap();
        hall.state(&boss, ada, UserState::Banned).await.unwrap();
        let began = std::time::Instant::now();
        while other.authenticate(&token).await.is_ok() {
            assert!(began.elapsed() < Duration::from_secs(1), "{}", hall.db.name);
            tokio::task::yield_now().await;
        }
        following.abort();
    }
}

#[tokio::test]
async fn an_api_ban_stops_programs_and_leaves_people() {
    for hall in halls().await {
        let (_, boss) = hall.staff("boss", &["overseer"]).await;
        let (ada, token) = hall.staff("ada", &[]).await;
        let lasting = hall.accounts.new_token(ada).await.unwrap();
        let bot = NewUser { username: "Robot".into(), bot: true, ..NewUser::default() };
        let bot = hall.accounts.create_user(bot).await.unwrap().id;
        let robot = hall.accounts.rotate_bot_token(bot).await.unwrap();
        hall.get("/users/@me", &format!("Bot {robot}")).await.ok();
        for user in [ada, bot] {
            hall.state(&boss, user, UserState::ApiBan).await.unwrap();
        }
        let refused = hall.get("/users/@me", &token).await;
        assert_eq!((refused.status, &refused.json()["code"]), (StatusCode::FORBIDDEN, &json!(40001)));
        assert_eq!(hall.get("/users/@me", &lasting).await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(hall.get("/users/@me", &format!("Bot {robot}")).await.status, StatusCode::FORBIDDEN);
        let page = hall.page("/settings", &format!("guildhall_session={token}")).await;
        assert_eq!(page.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn an_edit_ban_leaves_the_profile_as_it_is() {
    for hall in halls().await {
        let (_, boss) = hall.staff("boss", &["overseer"]).await;
        let (ada, token) = hall.staff("ada", &[]).await;
        hall.state(&boss, ada, UserState::EditBan).await.unwrap();
        let refused = hall.call(Method::PATCH, "/users/@me", &token, json!({ "bio": "Buy!" })).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        assert_eq!(hall.get("/users/@me", &token).await.ok()["bio"], "");
    }
}

#[tokio::test]
async fn nobody_acts_upwards_sideways_on_themselves_or_without_the_right() {
    for hall in halls().await {
        let (boss, boss_token) = hall.staff("boss", &["overseer"]).await;
        let (admin, admin_token) = hall.staff("admin", &["admin", "bot-reviewer"]).await;
        let (other, _) = hall.staff("other", &["admin"]).await;
        let (developer, developer_token) = hall.staff("developer", &["developer"]).await;
        let (moderator, moderator_token) = hall.staff("moderator", &["moderator"]).await;
        let (ada, token) = hall.staff("ada", &[]).await;
        for user in [boss, other, admin, developer] {
            let refused = hall.state(&admin_token, user, UserState::Banned).await.unwrap_err();
            assert!(refused.is(codes::ABOVE_YOU));
        }
        for who in [&moderator_token, &token] {
            assert!(hall.state(who, ada, UserState::Banned).await.unwrap_err().is(codes::MISSING_RIGHTS));
        }
        hall.state(&admin_token, moderator, UserState::EditBan).await.unwrap();
        let actor = hall.actor(&developer_token).await;
        let grant = async |user, rank| hall.accounts.grant_rank(&actor, user, rank, WHY).await;
        for (user, rank) in
            [(developer, "overseer"), (ada, "overseer"), (ada, "developer"), (ada, "head-admin")]
        {
            assert!(grant(user, rank).await.unwrap_err().is(codes::ABOVE_YOU), "{rank}");
        }
        assert!(grant(ada, "emperor").await.unwrap_err().is(codes::UNKNOWN_RANK));
        grant(ada, "admin").await.unwrap();
        assert!(grant(ada, "admin").await.unwrap_err().is(codes::RANK_HELD));
        grant(ada, "community-staff").await.unwrap();
        hall.state(&token, moderator, UserState::Normal).await.unwrap();
        hall.accounts.revoke_rank(&actor, ada, "admin", WHY).await.unwrap();
        // The next action is decided by what is true now.
        assert!(
            hall.state(&token, moderator, UserState::Banned).await.unwrap_err().is(codes::MISSING_RIGHTS)
        );
        let actor = hall.actor(&boss_token).await;
        hall.accounts.grant_rank(&actor, ada, "head-admin", WHY).await.unwrap();
        assert!(
            hall.accounts.grant_rank(&actor, ada, "overseer", WHY).await.is_err(),
            "an equal is made by nobody"
        );
        let robot = guildhall_accounts::Actor {
            credential: guildhall_accounts::Credential::Bot { application: boss.cast() },
            ..actor
        };
        assert!(hall.accounts.set_state(&robot, ada, UserState::Banned, WHY).await.is_err());
    }
}

#[tokio::test]
async fn staff_prove_themselves_give_a_reason_and_leave_a_row() {
    for hall in halls().await {
        let (_, boss) = hall.staff("boss", &["overseer"]).await;
        let (ada, _) = hall.staff("ada", &[]).await;
        let path = format!("/v2/users/{ada}/state");
        let call = async |body| hall.call(Method::PUT, &path, &boss, body).await;
        assert_eq!(
            call(json!({ "state": "banned", "reason": "  no " })).await.status,
            StatusCode::BAD_REQUEST
        );
        assert_eq!(call(json!({ "state": "gone", "reason": WHY })).await.status, StatusCode::BAD_REQUEST);
        hall.hand.advance(Duration::from_secs(601));
        let refused = call(json!({ "state": "banned", "reason": WHY })).await;
        assert_eq!(refused.json()["code"], "step_up_required");
        assert_eq!(refused.headers["content-type"], "application/problem+json");
        assert!(hall.log_of(&boss).await.is_empty());
        let actor = hall.actor(&boss).await;
        hall.accounts.prove(&actor, &Proof::Password(PASSWORD.into())).await.unwrap();
        assert_eq!(call(json!({ "state": "banned", "reason": WHY })).await.status, StatusCode::NO_CONTENT);
        assert_eq!(call(json!({ "state": "banned", "reason": WHY })).await.status, StatusCode::NO_CONTENT);
        assert_eq!(hall.log_of(&boss).await.len(), 1, "what changes nothing is not noted");
        let standing = hall.get(&format!("/v2/users/{ada}/standing"), &boss).await.ok();
        assert_eq!((&standing["state"], &standing["level"]), (&json!("banned"), &json!(0)));
    }
}

#[tokio::test]
async fn the_log_is_read_in_pages_by_those_who_may() {
    for hall in halls().await {
        let (_, boss) = hall.staff("boss", &["overseer"]).await;
        let (ada, token) = hall.staff("ada", &["bot-reviewer"]).await;
        for state in [UserState::EditBan, UserState::Normal, UserState::EditBan, UserState::Normal] {
            hall.state(&boss, ada, state).await.unwrap();
        }
        assert_eq!(hall.get("/v2/staff/actions", &token).await.status, StatusCode::FORBIDDEN);
        assert_eq!(hall.get("/v2/staff/actions", "").await.status, StatusCode::UNAUTHORIZED);
        let mut path = "/v2/staff/actions?limit=3".to_owned();
        let first = hall.get(&path, &boss).await.ok();
        assert_eq!(first["actions"].as_array().unwrap().len(), 3);
        path = format!("{path}&before={}", first["next"].as_str().unwrap());
        let second = hall.get(&path, &boss).await.ok();
        assert_eq!(
            (second["actions"].as_array().unwrap().len(), &second["next"]),
            (1, &serde_json::Value::Null)
        );
        let page = hall.page("/staff/audit", &format!("guildhall_session={boss}")).await;
        assert!(
            page.text.contains("They asked for it.") && page.text.contains("edit_ban → normal"),
            "{}",
            page.text
        );
        let page = hall.page("/staff/audit", &format!("guildhall_session={token}")).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
        assert_eq!(hall.get("/v2/ranks", &token).await.ok().as_array().unwrap().len(), 7);
    }
}

#[tokio::test]
async fn who_loses_their_rank_while_acting_acts_no_more() {
    for hall in halls().await {
        let (_, boss) = hall.staff("boss", &["overseer"]).await;
        let (admin, admin_token) = hall.staff("admin", &["admin"]).await;
        let (ada, _) = hall.staff("ada", &[]).await;
        let (boss, acting) = (hall.actor(&boss).await, hall.actor(&admin_token).await);
        let (one, two) = (hall.accounts.clone(), hall.accounts.clone());
        let taking = tokio::spawn(async move { one.revoke_rank(&boss, admin, "admin", WHY).await });
        let banning = tokio::spawn(async move { two.set_state(&acting, ada, UserState::Banned, WHY).await });
        taking.await.unwrap().unwrap();
        let banned = banning.await.unwrap();
        let text = sql!("SELECT action FROM staff_actions ORDER BY id");
        let rows = hall.db.db.all(text, params![]).await.unwrap();
        assert_eq!(rows.len(), 1 + usize::from(banned.is_ok()), "{}: {banned:?}", hall.db.name);
    }
}

#[test]
fn the_audit_log_is_only_ever_added_to() {
    for text in Sql::registered() {
        let text = text.text().to_lowercase();
        let changes = text.contains("update staff_actions") || text.contains("delete from staff_actions");
        assert!(!changes, "{text}");
    }
    let _ = Batch::new();
}
