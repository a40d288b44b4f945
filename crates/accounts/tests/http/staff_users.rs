//! The staff pages about people.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use guildhall_infra::{params, sql};
use serde_json::json;

use crate::support::{PASSWORD, halls};

#[tokio::test]
async fn staff_find_people_and_nobody_else_does() {
    for hall in halls().await {
        let (_, boss) = hall.staff("boss", &["overseer"]).await;
        let (_, helper) = hall.staff("helper", &["community-staff"]).await;
        let (ada, token) = hall.staff("ada_l", &[]).await;
        let text = sql!("UPDATE users SET email = 'ada@example.org', verified = TRUE WHERE id = $1");
        hall.db.db.run(text, params![ada]).await.unwrap();
        let cookie = |token: &str| format!("guildhall_session={token}");
        let one = format!("/staff/users/{ada}");
        for path in ["/staff/users", one.as_str(), "/staff/users/1"] {
            assert_eq!(hall.page(path, &cookie(&token)).await.status, StatusCode::NOT_FOUND);
            assert!(hall.page(path, "").await.location().starts_with("/login"));
        }
        for (who, q, found) in [
            (&boss, "", true),
            (&boss, "ADA", true),
            (&boss, "a_l", true),
            (&boss, "a%25l", false),
            (&boss, "ada%40example.org", true),
            (&helper, "ada%40example.org", false),
            (&helper, &ada.to_string(), true),
            (&boss, "nobody", false),
        ] {
            let page = hall.page(&format!("/staff/users?q={q}"), &cookie(who)).await;
            assert_eq!((page.status, page.text.contains(&one)), (StatusCode::OK, found), "{q}");
            assert_eq!(page.text.contains("Nobody was found."), !found, "{q}");
        }
        let seen = hall.page(&one, &cookie(&helper)).await;
        assert!(seen.status.is_success() && !seen.text.contains("ada@example.org"), "{}", seen.text);
        assert!(!seen.text.contains("name=\"reason\""), "they may do nothing");
        for number in 0..25 {
            hall.person(&format!("crowd{number}")).await;
        }
        let first = hall.page("/staff/users", &cookie(&boss)).await.text;
        let at = first.find("before=").unwrap() + "before=".len();
        let before: String = first[at..].chars().take_while(char::is_ascii_digit).collect();
        let second = hall.page(&format!("/staff/users?before={before}"), &cookie(&boss)).await.text;
        assert!(!first.contains(&one) && second.contains(&one) && !second.contains("before="));
    }
}

#[tokio::test]
async fn staff_act_on_people_by_the_page() {
    for hall in halls().await {
        let (_, boss) = hall.staff("boss", &["overseer"]).await;
        let (_, helper) = hall.staff("helper", &["community-staff"]).await;
        let (ada, token) = hall.staff("ada", &[]).await;
        let (boss, helper) = (format!("guildhall_session={boss}"), format!("guildhall_session={helper}"));
        let own = format!("guildhall_session={}", hall.person("bela").await.1);
        let one = format!("/staff/users/{ada}");
        let forms = [
            ("ranks/give", "rank=moderator&reason=They+help.", "rank.grant"),
            ("ranks/take", "rank=moderator&reason=They+rest.", "rank.revoke"),
            ("state", "state=edit_ban&reason=Rude+words.", "user.state"),
            ("sessions", "reason=A+lost+phone.", "user.sessions"),
        ];
        for (form, body, action) in forms {
            let path = format!("{one}/{form}");
            assert_eq!(hall.form(&path, &own, body).await.status, StatusCode::NOT_FOUND, "{form}");
            assert_eq!(hall.form(&path, &helper, body).await.status, StatusCode::FORBIDDEN, "{form}");
            assert!(hall.form(&path, "", body).await.status.is_client_error(), "{form}");
            let short = hall.form(&path, &boss, "rank=moderator&state=edit_ban&reason=no").await;
            assert_eq!(short.status, StatusCode::BAD_REQUEST);
            assert!(short.text.contains("reason-problem"), "{}", short.text);
            if action != "user.sessions" {
                assert_eq!(hall.form(&path, &boss, body).await.location(), format!("{one}?done=1"));
                assert!(hall.page(&one, &boss).await.text.contains(&format!("<code>{action}</code>")));
            }
        }
        hall.hand.advance(Duration::from_secs(3600));
        let path = format!("{one}/sessions");
        let late = hall.form(&path, &boss, "reason=A+lost+phone.").await;
        assert_eq!(late.location(), format!("/settings/security/confirm?next=%2Fstaff%2Fusers%2F{ada}"));
        hall.get("/users/@me", &token).await.ok();
        let proof = format!("password={PASSWORD}&next={one}");
        assert_eq!(hall.form("/settings/security/confirm", &boss, &proof).await.location(), one);
        assert_eq!(hall.form(&path, &boss, "reason=A+lost+phone.").await.location(), format!("{one}?done=1"));
        assert_eq!(hall.get("/users/@me", &token).await.status, StatusCode::UNAUTHORIZED);
        let row = sql!("SELECT COUNT(*) FROM tokens WHERE user_id = $1");
        assert_eq!(hall.db.db.one(row, params![ada]).await.unwrap().get::<i64>(0).unwrap(), 0);
        let row = sql!("SELECT before, after, reason FROM staff_actions WHERE action = 'user.sessions'");
        let noted: (String, String, String) = hall.db.db.one(row, params![]).await.unwrap().read().unwrap();
        assert_eq!(noted, ("1".into(), "0".into(), "A lost phone.".into()));
        let events = hall.events().await;
        let ended = |(name, body): &(String, serde_json::Value)| {
            name == "CREDENTIALS_ENDED" && body["user_id"] == serde_json::json!(ada)
        };
        assert!(events.iter().any(ended));
        assert!(hall.page("/settings", &boss).await.text.contains("href=\"/staff/users\""));
    }
}

#[tokio::test]
async fn staff_end_all_sessions_of_somebody_by_the_api() {
    for hall in halls().await {
        let (_, boss) = hall.staff("boss", &["overseer"]).await;
        let (_, admin) = hall.staff("admin", &["admin"]).await;
        let (peer, peer_token) = hall.staff("peer", &["admin"]).await;
        let (_, helper) = hall.staff("helper", &["moderator"]).await;
        let (ada, first) = hall.staff("ada", &[]).await;
        let second = hall.sign_in("ada", PASSWORD).await.ok()["token"].as_str().unwrap().to_owned();
        let path = format!("/v2/users/{ada}/sessions");
        let why = json!({ "reason": "A stolen laptop." });
        let call = async |path: &str, token: &str, body| hall.call(Method::DELETE, path, token, body).await;
        for (token, path, body, status, code) in [
            ("", path.as_str(), &why, 401, "unauthenticated"),
            (&first, &path, &why, 403, "missing_rights"),
            (&helper, &path, &why, 403, "missing_rights"),
            (&admin, &path, &json!({ "reason": "no" }), 400, "invalid_form"),
            (&admin, &path, &json!({}), 400, "invalid_form"),
            (&admin, "/v2/users/1/sessions", &why, 404, "unknown_user"),
            (&admin, &format!("/v2/users/{peer}/sessions"), &why, 403, "above_you"),
        ] {
            let refused = call(path, token, body.clone()).await;
            assert_eq!((refused.status.as_u16(), &refused.json()["code"]), (status, &json!(code)), "{path}");
        }
        hall.get("/v2/me", &first).await.ok();
        hall.get("/v2/me", &peer_token).await.ok();
        assert_eq!(call(&path, &admin, why.clone()).await.status, StatusCode::NO_CONTENT);
        for token in [&first, &second] {
            assert_eq!(hall.get("/v2/me", token).await.status, StatusCode::UNAUTHORIZED);
        }
        let left = sql!("SELECT COUNT(*) FROM tokens WHERE user_id = $1");
        assert_eq!(hall.db.db.one(left, params![ada]).await.unwrap().get::<i64>(0).unwrap(), 0);
        let log = hall.get(&format!("/v2/staff/actions?target={ada}"), &boss).await.ok();
        let row = &log["actions"][0];
        assert_eq!((&row["action"], &row["reason"]), (&json!("user.sessions"), &why["reason"]));
        assert_eq!((&row["before"], &row["after"]), (&json!("2"), &json!("0")));
        assert_eq!(log["actions"].as_array().unwrap().len(), 1, "what was refused is not noted");
        let events = hall.events().await;
        let ended = events.iter().filter(|(name, _)| name == "CREDENTIALS_ENDED");
        assert_eq!(ended.filter(|(_, body)| body["user_id"] == json!(ada)).count(), 1);
        // Once more changes nothing, and is noted.
        assert_eq!(call(&path, &admin, why).await.status, StatusCode::NO_CONTENT);
    }
}
