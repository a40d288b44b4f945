//! What has to happen before an authorization request is answered.

use guildhall_base::{Scopes, Timestamp};

use super::redirect;
use crate::model::{Application, AuthRequest, Authentication, acr};

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Nobody is signed in, or not freshly enough, or another account is wanted.
    SignIn,
    /// Ask the person.
    Consent,
    /// Answer with a code.
    Grant,
    /// Nothing may be shown, but it would have to be: the OAuth error says what.
    Refuse(&'static str),
}

/// Who is there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Somebody<'a> {
    /// Their id as a text.
    pub(crate) user: &'a str,
    /// How they signed in.
    pub(crate) authentication: &'a Authentication,
    /// Whether they could show more than one factor by signing in again.
    pub(crate) can_more: bool,
}

/// Decides. `remembered` is what this person allowed this application before.
pub(crate) fn next(
    request: &AuthRequest,
    application: &Application,
    present: Option<Somebody<'_>>,
    remembered: Option<Scopes>,
    now: Timestamp,
) -> Step {
    let silent = request.prompt.none;
    let Some(Somebody { user, authentication, can_more }) = present else {
        return if silent { Step::Refuse("login_required") } else { Step::SignIn };
    };
    let fresh = authentication.at > request.began;
    let young = request.max_age.is_none_or(|most| now.since(authentication.at).as_secs() <= most);
    let expected = request.expected_user.as_deref().is_none_or(|expected| expected == user);
    let (levels, must) = (&request.acr.0, request.acr.1);
    let reached = levels.is_empty() || acr::reached(&authentication.acr, levels).is_some();
    let sure = reached || !must;
    // Who could show more is asked to, once; without it the application is told how little it is.
    let more = !reached && !fresh && can_more && !silent;
    if !sure && !can_more {
        return Step::Refuse("unmet_authentication_requirements");
    }
    if !expected || !sure || more || !fresh && (request.prompt.login || !young) {
        // Who has just signed in would only be sent around in a circle.
        return match (silent || fresh, sure) {
            (true, true) => Step::Refuse("login_required"),
            (true, false) => Step::Refuse("unmet_authentication_requirements"),
            (false, _) => Step::SignIn,
        };
    }
    let adds = Scopes::BOT | Scopes::COMMANDS;
    let covered = remembered
        .is_some_and(|scopes| scopes.contains(request.scopes & !application.client.optional_scopes));
    let owned = request.redirect_uri.as_deref().is_some_and(redirect::is_owned) || !application.client.public;
    let asks = request.prompt.consent || request.prompt.select_account || request.scopes.intersects(adds);
    match (covered && owned && !asks, silent) {
        (true, _) => Step::Grant,
        (false, true) => Step::Refuse("consent_required"),
        (false, false) => Step::Consent,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use guildhall_base::{ApplicationId, UserId};

    use super::*;
    use crate::model::{Client, Prompt};

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    fn application() -> Application {
        Application {
            id: ApplicationId::new(1),
            owner: UserId::new(2),
            name: "App".into(),
            description: String::new(),
            icon: None,
            flags: 0,
            public: true,
            verify_key: String::new(),
            interactions_endpoint_url: None,
            created: NOW,
            client: Client { optional_scopes: Scopes::EMAIL, ..Client::default() },
        }
    }

    fn request() -> AuthRequest {
        AuthRequest {
            redirect_uri: Some("https://app.example/cb".into()),
            redirect_named: true,
            state: None,
            scopes: Scopes::OPENID | Scopes::EMAIL,
            challenge: None,
            dpop_jkt: None,
            nonce: None,
            prompt: Prompt::default(),
            max_age: None,
            acr: (Vec::new(), false),
            login_hint: None,
            expected_user: None,
            claims: Default::default(),
            permissions: Default::default(),
            guild: None,
            guild_fixed: false,
            began: NOW.before(Duration::from_millis(1)),
        }
    }

    fn signed_in(ago: u64) -> Authentication {
        let at = NOW.before(Duration::from_secs(ago));
        Authentication { session: None, at, acr: acr::ONE_FACTOR.into(), amr: "pwd".into() }
    }

    fn there(authentication: &Authentication) -> Option<Somebody<'_>> {
        Some(Somebody { user: "7", authentication, can_more: true })
    }

    #[test]
    fn more_factors_are_asked_for_from_those_who_have_them() {
        let (app, known, old, new) = (application(), Some(Scopes::OPENID), signed_in(60), signed_in(0));
        let wish = AuthRequest { acr: (vec![acr::TWO_FACTORS.into()], false), ..request() };
        let must = AuthRequest { acr: (vec![acr::TWO_FACTORS.into()], true), ..request() };
        let step = |request: &AuthRequest, authentication, can_more| {
            let present = Some(Somebody { user: "7", authentication, can_more });
            next(request, &app, present, known, NOW)
        };
        assert_eq!(step(&wish, &old, true), Step::SignIn);
        assert_eq!(step(&wish, &new, true), Step::Grant);
        assert_eq!(step(&wish, &old, false), Step::Grant);
        assert_eq!(step(&must, &old, false), Step::Refuse("unmet_authentication_requirements"));
        let strong = Authentication { acr: acr::TWO_FACTORS.into(), ..signed_in(60) };
        assert_eq!(step(&must, &strong, true), Step::Grant);
        let weak = AuthRequest { acr: (vec![acr::ONE_FACTOR.into()], true), ..request() };
        assert_eq!(step(&weak, &strong, true), Step::Grant);
        let silent = AuthRequest { prompt: Prompt { none: true, ..Prompt::default() }, ..wish };
        assert_eq!(step(&silent, &old, true), Step::Grant);
    }

    #[test]
    fn people_sign_in_when_they_must_and_are_asked_once() {
        let (app, old, new) = (application(), signed_in(60), signed_in(0));
        let step = |request: &AuthRequest, present, remembered| next(request, &app, present, remembered, NOW);
        let known = Some(Scopes::OPENID);
        assert_eq!(step(&request(), None, known), Step::SignIn);
        assert_eq!(step(&request(), there(&old), None), Step::Consent);
        assert_eq!(step(&request(), there(&old), known), Step::Grant);
        let fresh = AuthRequest { prompt: Prompt { login: true, ..Prompt::default() }, ..request() };
        assert_eq!(step(&fresh, there(&old), known), Step::SignIn);
        assert_eq!(step(&fresh, there(&new), known), Step::Grant);
        let aged = AuthRequest { max_age: Some(59), ..request() };
        assert_eq!(step(&aged, there(&old), known), Step::SignIn);
        assert_eq!(step(&AuthRequest { max_age: Some(60), ..request() }, there(&old), known), Step::Grant);
        assert_eq!(step(&aged, there(&new), known), Step::Grant);
        let other = AuthRequest { expected_user: Some("8".into()), ..request() };
        assert_eq!(step(&other, there(&old), known), Step::SignIn);
        assert_eq!(step(&other, there(&new), known), Step::Refuse("login_required"));
        let sure = AuthRequest { acr: (vec![acr::TWO_FACTORS.into()], true), ..request() };
        assert_eq!(step(&sure, there(&old), known), Step::SignIn);
        assert_eq!(step(&sure, there(&new), known), Step::Refuse("unmet_authentication_requirements"));
        let chosen =
            AuthRequest { prompt: Prompt { select_account: true, ..Prompt::default() }, ..request() };
        assert_eq!(step(&chosen, there(&old), known), Step::Consent);
        let bot = AuthRequest { scopes: Scopes::BOT, ..request() };
        assert_eq!(step(&bot, there(&old), Some(Scopes::all())), Step::Consent);
    }

    #[test]
    fn with_prompt_none_nothing_is_shown() {
        let app = application();
        let silent = AuthRequest { prompt: Prompt { none: true, ..Prompt::default() }, ..request() };
        let old = signed_in(60);
        assert_eq!(next(&silent, &app, None, None, NOW), Step::Refuse("login_required"));
        assert_eq!(next(&silent, &app, there(&old), None, NOW), Step::Refuse("consent_required"));
        assert_eq!(next(&silent, &app, there(&old), Some(silent.scopes), NOW), Step::Grant);
        let aged = AuthRequest { max_age: Some(1), ..silent };
        assert_eq!(next(&aged, &app, there(&old), Some(aged.scopes), NOW), Step::Refuse("login_required"));
    }

    #[test]
    fn an_address_that_nobody_owns_is_asked_about_every_time() {
        let public = Application { client: Client { public: true, ..Client::default() }, ..application() };
        let old = signed_in(60);
        let loopback = AuthRequest { redirect_uri: Some("http://127.0.0.1:1/".into()), ..request() };
        let all = Some(Scopes::all());
        assert_eq!(next(&loopback, &public, there(&old), all, NOW), Step::Consent);
        assert_eq!(next(&request(), &public, there(&old), all, NOW), Step::Grant);
    }
}
