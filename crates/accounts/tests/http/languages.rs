//! Pages in the reader's language.

use crate::support::{PASSWORD, halls, request};
use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use guildhall_accounts::{MAIL_TEXTS, TEXTS};
use guildhall_infra::i18n::check;

#[test]
fn no_text_is_missing_or_superfluous() {
    let composed = ["accounts-field-", "accounts-code-"];
    let wrong = check(TEXTS, env!("CARGO_MANIFEST_DIR"), "accounts-", &composed).unwrap();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let composed = ["mail-field-", "mail-code-", "mail-letter-"];
    let wrong = check(MAIL_TEXTS, env!("CARGO_MANIFEST_DIR"), "mail-", &composed).unwrap();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn a_stranger_reads_what_the_browser_asks_for_until_they_choose() {
    for hall in halls().await {
        let finnish =
            request(Method::GET, "/login").header(header::ACCEPT_LANGUAGE, "fi-FI,fi;q=0.9,en;q=0.5");
        let page = hall.send(finnish.body(Body::empty()).unwrap()).await.text;
        assert!(page.contains("<html lang=\"fi\">") && page.contains("Kirjaudu sisään"), "{page}");
        let switch = request(Method::POST, "/language")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("origin", "http://hall.test")
            .header(header::REFERER, "http://hall.test/register?next=/x");
        let chosen = hall.send(switch.body(Body::from("language=fi")).unwrap()).await;
        assert_eq!((chosen.status, chosen.location()), (StatusCode::SEE_OTHER, "/register?next=/x"));
        let page = hall.page("/register", &chosen.cookie()).await.text;
        assert!(page.contains("Luo tili") && page.contains("Näyttönimi"), "{page}");
        assert_eq!(hall.form("/language", "", "language=xx").await.location(), "/");
        let away = request(Method::POST, "/language")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("origin", "http://hall.test")
            .header(header::REFERER, "http://evil.test/phish");
        assert_eq!(hall.send(away.body(Body::from("language=fi")).unwrap()).await.location(), "/");
    }
}

#[tokio::test]
async fn who_is_signed_in_reads_the_language_of_their_settings_everywhere() {
    for hall in halls().await {
        let cookie = hall.form("/register", "", &format!("username=ada&password={PASSWORD}")).await.cookie();
        let saved = hall.form("/settings/preferences", &cookie, "status=idle&locale=fi").await;
        let page = hall.page(saved.location(), &cookie).await.text;
        assert!(
            page.contains("Valintasi on tallennettu.") && page.contains("lang=\"fi\" selected"),
            "{page}"
        );
        hall.form("/language", &cookie, "language=en").await;
        assert!(hall.page("/settings", &cookie).await.text.contains("Where you are signed in"));
        let stranger = "guildhall_language=fi";
        let body = format!("username=bob&password={PASSWORD}");
        let bob = hall.form("/register", stranger, &body).await.cookie();
        assert!(hall.page("/settings", &bob).await.text.contains("Missä olet kirjautuneena"));
    }
}

#[tokio::test]
async fn complaints_are_in_the_reader_s_language() {
    for hall in halls().await {
        let cookie = "guildhall_language=fi";
        let page = hall.form("/register", cookie, "username=A+b&password=short").await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST);
        assert!(
            page.text.contains("Vain pieniä kirjaimia") && page.text.contains("8–128 merkkiä"),
            "{}",
            page.text
        );
        for _ in 0..5 {
            hall.form("/login", cookie, "username=ada&password=wrong+password").await;
        }
        let slow = hall.form("/login", cookie, "username=ada&password=wrong+password").await;
        assert!(
            slow.text.contains("Liian monta yritystä. Yritä uudelleen sekunnin kuluttua."),
            "{}",
            slow.text
        );
        let closed = hall.page("/setup?code=x", cookie).await.text;
        assert!(closed.contains("Tämä linkki ei ole enää voimassa"), "{closed}");
    }
}
