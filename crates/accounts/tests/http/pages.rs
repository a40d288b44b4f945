//! The pages, as a browser without scripts uses them.

use crate::support::{PASSWORD, halls, halls_with, request};
use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use guildhall_accounts::Config;

#[tokio::test]
async fn a_person_registers_signs_out_and_signs_in_again() {
    for hall in halls().await {
        let form = hall.page("/register?next=/invite/abc", "").await;
        assert_eq!(form.status, StatusCode::OK);
        assert!(form.text.contains(r#"name="next" value="/invite/abc""#), "{}", form.text);
        let body = format!("username=ada&global_name=Ada+%26+Co&password={PASSWORD}&next=/invite/abc");
        let entered = hall.form("/register", "", &body).await;
        assert_eq!((entered.status, entered.location()), (StatusCode::SEE_OTHER, "/invite/abc"));
        let set = entered.headers[header::SET_COOKIE].to_str().unwrap();
        assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax") && set.contains("Path=/"), "{set}");
        assert!(!set.contains("Secure"));
        let cookie = entered.cookie();
        let settings = hall.page("/settings", &cookie).await;
        assert!(settings.text.contains("Ada &#38; Co"), "{}", settings.text);
        assert_eq!(hall.page("/login", &cookie).await.location(), "/channels/@me");
        let left = hall.form("/logout", &cookie, "").await;
        assert_eq!(left.location(), "/login");
        assert!(left.headers[header::SET_COOKIE].to_str().unwrap().contains("Max-Age=0"));
        assert!(hall.page("/settings", &cookie).await.location().starts_with("/login?next="));
        let back =
            hall.form("/login", "", &format!("username=ada&password={PASSWORD}&next=//evil.test")).await;
        assert_eq!(back.location(), "/channels/@me");
        hall.page("/settings", &back.cookie()).await;
    }
    for hall in halls_with(Config { secure: true, ..Config::default() }).await {
        let entered = hall.form("/register", "", &format!("username=ada&password={PASSWORD}")).await;
        assert!(entered.headers[header::SET_COOKIE].to_str().unwrap().contains("; Secure"));
    }
}

#[tokio::test]
async fn errors_stand_at_their_fields_and_what_was_typed_stays_but_the_password() {
    for hall in halls().await {
        let answer = hall.form("/register", "", "username=A+%3Cb%3E&password=short").await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        for text in
            ["id=\"username-problem\"", "id=\"password-problem\"", "aria-invalid=\"true\"", "A &#60;b&#62;"]
        {
            assert!(answer.text.contains(text), "{text}: {}", answer.text);
        }
        assert!(!answer.text.contains("short"));
        hall.person("ada").await;
        let wrong = hall.form("/login", "", "username=ada&password=wrong+password").await;
        let unknown = hall.form("/login", "", "username=bob&password=wrong+password").await;
        assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
        assert_eq!(wrong.text.replace("ada", "bob"), unknown.text);
        assert!(wrong.text.contains("The name or the password is not right."));
        for _ in 0..5 {
            hall.form("/login", "", "username=ada&password=wrong+password").await;
        }
        let slow = hall.form("/login", "", "username=ada&password=wrong+password").await;
        assert_eq!(slow.status, StatusCode::TOO_MANY_REQUESTS);
        assert!(slow.text.contains("Too many attempts"));
    }
}

#[tokio::test]
async fn no_form_is_taken_from_another_site() {
    for hall in halls().await {
        let cookie = hall.form("/register", "", &format!("username=ada&password={PASSWORD}")).await.cookie();
        let posts = [
            "/login",
            "/register",
            "/setup",
            "/logout",
            "/settings/profile",
            "/settings/preferences",
            "/settings/avatar",
            "/settings/avatar/remove",
            "/settings/password",
            "/settings/sessions/1/revoke",
            "/settings/mail",
            "/login/mail",
            "/login/forgot",
            "/login/mail/code",
            "/login/mail/open",
            "/language",
            "/settings/sessions/revoke-others",
        ];
        for path in posts {
            for origin in [None, Some("http://evil.test"), Some("null")] {
                let mut request = request(Method::POST, path)
                    .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                    .header(header::COOKIE, &cookie);
                if let Some(origin) = origin {
                    request = request.header("origin", origin);
                }
                let answer =
                    hall.send(request.body(Body::from("username=eve&password=12345678")).unwrap()).await;
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} from {origin:?}");
                assert!(answer.headers.get(header::SET_COOKIE).is_none());
            }
        }
        assert_eq!(hall.page("/settings", &cookie).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn settings_are_saved_and_sessions_ended_on_the_page() {
    for hall in halls().await {
        let cookie = hall.form("/register", "", &format!("username=ada&password={PASSWORD}")).await.cookie();
        let other = hall.form("/login", "", &format!("username=ada&password={PASSWORD}")).await.cookie();
        let saved =
            hall.form("/settings/profile", &cookie, "username=ada&global_name=Countess&bio=a%0D%0Ab").await;
        assert_eq!(saved.location(), "/settings?done=profile");
        let page = hall.page(saved.location(), &cookie).await.text;
        assert!(page.contains("Your profile is saved.") && page.contains("value=\"Countess\""), "{page}");
        let refused = hall.form("/settings/profile", &cookie, "username=A!&global_name=Kept").await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        assert!(refused.text.contains("value=\"Kept\"") && refused.text.contains("username-problem"));
        hall.form("/settings/preferences", &cookie, "status=idle&theme=dark").await;
        assert!(hall.page("/settings", &cookie).await.text.contains("value=\"idle\" selected"));
        let wrong = hall.form("/settings/password", &cookie, "password=nope&new_password=another+one").await;
        assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
        let changed = hall
            .form("/settings/password", &cookie, &format!("password={PASSWORD}&new_password=another+one"))
            .await;
        assert_eq!(changed.location(), "/settings?done=password");
        assert!(hall.page("/settings", &other).await.location().starts_with("/login"));
        let third = hall.form("/login", "", "username=ada&password=another+one").await.cookie();
        let page = hall.page("/settings", &cookie).await.text;
        let path = page.split("action=\"").find(|part| part.contains("/revoke\"")).unwrap();
        let path = path.split('"').next().unwrap();
        assert_eq!(hall.form(path, &cookie, "").await.location(), "/settings?done=sessions");
        assert!(hall.page("/settings", &third).await.location().starts_with("/login"));
        assert_eq!(hall.form("/settings/profile", "", "username=x").await.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn the_administrators_page_opens_only_with_the_code() {
    for hall in halls().await {
        let code = hall.accounts.setup_code().await.unwrap().unwrap();
        assert_eq!(hall.page("/setup", "").await.status, StatusCode::FORBIDDEN);
        assert_eq!(hall.page("/setup?code=guess", "").await.status, StatusCode::FORBIDDEN);
        let page = hall.page(&format!("/setup?code={code}"), "").await;
        assert!(page.text.contains("Create the first administrator"));
        let bad = hall.form("/setup", "", &format!("code={code}&username=root&password=short")).await;
        assert_eq!(bad.status, StatusCode::BAD_REQUEST);
        assert!(bad.text.contains(&code), "the form can be sent again");
        let done = hall.form("/setup", "", &format!("code={code}&username=root&password={PASSWORD}")).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER);
        let root = hall.accounts.user_by_name("root").await.unwrap().unwrap();
        assert!(hall.accounts.is_staff(root.id).await.unwrap());
        let again = hall.form("/setup", "", &format!("code={code}&username=root2&password={PASSWORD}")).await;
        assert_eq!(again.status, StatusCode::FORBIDDEN);
    }
    for hall in halls_with(Config { registration: false, ..Config::default() }).await {
        assert_eq!(hall.page("/register", "").await.status, StatusCode::FORBIDDEN);
        assert!(!hall.page("/login", "").await.text.contains("/register"));
        let code = hall.accounts.setup_code().await.unwrap().unwrap();
        let done = hall.form("/setup", "", &format!("code={code}&username=root&password={PASSWORD}")).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER);
    }
}

#[tokio::test]
async fn who_is_signed_in_is_asked_again_only_where_that_is_wanted() {
    for hall in halls().await {
        let cookie = hall.form("/register", "", &format!("username=ada&password={PASSWORD}")).await.cookie();
        assert_eq!(hall.page("/login?next=/x", &cookie).await.location(), "/x");
        let page = hall.page("/login?next=/x&again=1&login_hint=grace", &cookie).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text.contains("value=\"grace\"") && page.text.contains("value=\"/x\""), "{}", page.text);
        let again = hall.form("/login", &cookie, &format!("username=ada&password={PASSWORD}&next=/x")).await;
        assert_ne!(again.cookie(), cookie);
    }
}
