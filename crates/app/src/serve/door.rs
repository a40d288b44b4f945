//! The door: which route needs which scopes of a session, all in one table, and the middleware that refuses without
//! asking the database. What it lets in, the action asks again by what is true then.
//!
//! Bots, applications with access tokens and strangers pass: what they may do is decided elsewhere.

use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::Method;
use axum::http::header::{AUTHORIZATION, COOKIE};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use guildhall_accounts::codes::{MISSING_RIGHTS, SESSION_SCOPE};
use guildhall_accounts::{Accounts, MaybeActor, Rights, SessionScopes};
use guildhall_base::{Code, Error, codes};
use guildhall_infra::http::ApiError;
use guildhall_infra::i18n::Language;
use guildhall_infra::pages::Site;

/// Which requests a rule is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    /// All of them.
    Any,
    /// Those with an unsafe method.
    Changing,
}

/// One row: the first that fits a request says what it needs.
struct Rule {
    when: When,
    /// As the router writes it, without `/api/v10`; with `/` at its end it means everything below.
    path: &'static str,
    needs: SessionScopes,
}

const fn any(path: &'static str, needs: SessionScopes) -> Rule {
    Rule { when: When::Any, path, needs }
}

const fn changing(path: &'static str, needs: SessionScopes) -> Rule {
    Rule { when: When::Changing, path, needs }
}

const fn right(path: &'static str, rights: Rights) -> Rule {
    any(path, SessionScopes::of(rights))
}

const ANYBODY: SessionScopes = SessionScopes::empty();
const READ: SessionScopes = SessionScopes::READ;
const WRITE: SessionScopes = SessionScopes::WRITE;
const GUILDS: SessionScopes = SessionScopes::GUILDS;
const PROFILE: SessionScopes = SessionScopes::PROFILE;
const ACCOUNT: SessionScopes = SessionScopes::ACCOUNT;
const APPLICATIONS: SessionScopes = SessionScopes::APPLICATIONS;

/// What is not named here needs `read`, or `write` where it changes something.
const RULES: &[Rule] = &[
    // Coming and going.
    any("/login", ANYBODY),
    any("/login/", ANYBODY),
    any("/register", ANYBODY),
    any("/setup", ANYBODY),
    any("/logout", ANYBODY),
    any("/language", ANYBODY),
    any("/auth/sessions", ACCOUNT),
    any("/auth/sessions/", ACCOUNT),
    any("/auth/", ANYBODY),
    any("/v2/auth/", ANYBODY),
    // The installation.
    right("/staff/audit", Rights::AUDIT_READ),
    right("/staff/jobs", Rights::JOBS_MANAGE),
    right("/staff/jobs/", Rights::JOBS_MANAGE),
    right("/staff", Rights::STAFF_VIEW),
    right("/staff/", Rights::STAFF_VIEW),
    right("/v2/ranks", Rights::STAFF_VIEW),
    right("/v2/users/{user}/standing", Rights::STAFF_VIEW),
    right("/v2/users/{user}/state", Rights::USERS_STATE),
    right("/v2/users/{user}/sessions", Rights::USERS_STATE),
    right("/v2/users/{user}/ranks/", Rights::USERS_RANKS),
    right("/v2/jobs/queues", Rights::JOBS_MANAGE),
    right("/v2/jobs/queues/", Rights::JOBS_MANAGE),
    right("/v2/staff/actions", Rights::AUDIT_READ),
    right("/v2/staff/listings", Rights::LISTINGS_REVIEW),
    right("/v2/staff/appeals", Rights::LISTINGS_REVIEW),
    right("/v2/staff/appeals/", Rights::LISTINGS_REVIEW),
    right("/v2/staff/", Rights::STAFF_VIEW),
    right("/v2/listings/{kind}/{id}/actions", Rights::LISTINGS_REVIEW),
    // The account.
    any("/v2/sessions", ACCOUNT),
    any("/v2/sessions/", ACCOUNT),
    any("/v2/me/export", ACCOUNT),
    any("/v2/me/deletion", ACCOUNT),
    changing("/v2/me", ACCOUNT),
    changing("/v2/me/", ACCOUNT),
    changing("/users/@me", PROFILE),
    changing("/settings/profile", PROFILE),
    changing("/settings/avatar", PROFILE),
    changing("/settings/avatar/", PROFILE),
    changing("/settings/preferences", WRITE),
    any("/settings", ACCOUNT),
    any("/settings/", ACCOUNT),
    // Applications.
    right("/developers/{application}/vouch", Rights::APPLICATIONS_VERIFY),
    any("/developers", APPLICATIONS),
    any("/developers/", APPLICATIONS),
    changing("/applications/", APPLICATIONS),
    any("/oauth2/applications/", APPLICATIONS),
    any("/oauth2/", ACCOUNT),
    // Guilds, but for what one does about oneself in them.
    changing("/guilds/{guild}/members/@me", WRITE),
    changing("/guilds/{guild}/members/@me/", WRITE),
    changing("/guilds", GUILDS),
    changing("/guilds/", GUILDS),
    changing("/v2/guilds/", GUILDS),
    changing("/channels/{channel}", GUILDS),
    changing("/channels/{channel}/permissions/", GUILDS),
    changing("/channels/{channel}/webhooks", GUILDS),
    changing("/webhooks/{webhook}", GUILDS),
];

/// What a request needs.
pub fn needs(changes: bool, path: &str) -> SessionScopes {
    let fits = |rule: &&Rule| {
        (rule.when == When::Any || changes)
            && match rule.path.strip_suffix('/') {
                Some(_) => path.starts_with(rule.path),
                None => path == rule.path,
            }
    };
    match RULES.iter().find(fits) {
        Some(rule) => rule.needs,
        None if changes => WRITE,
        None => READ,
    }
}

/// Where a refusal is seen.
#[derive(Clone)]
pub(super) enum Seen {
    /// By a program.
    Program,
    /// By a person, on a page.
    Page(Box<Site>),
}

/// What the middleware works with.
#[derive(Clone)]
pub(super) struct Door {
    pub(super) accounts: Accounts,
    pub(super) seen: Seen,
}

/// Refuses sessions that may not be used for a route. Use it on a router whose routes are all added, inside of what
/// counts requests.
pub(super) async fn check(State(door): State<Door>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    match refusal(&door, &mut parts).await {
        Ok(()) => next.run(Request::from_parts(parts, body)).await,
        Err(refused) => *refused,
    }
}

async fn refusal(door: &Door, parts: &mut Parts) -> Result<(), Box<Response>> {
    if !parts.headers.contains_key(AUTHORIZATION) && !parts.headers.contains_key(COOKIE) {
        return Ok(());
    }
    let MaybeActor(actor) = MaybeActor::from_request_parts(parts, &door.accounts).await.map_err(Box::new)?;
    let Some(has) = actor.and_then(|actor| actor.scopes()) else { return Ok(()) };
    let path = parts.extensions.get::<MatchedPath>().map(MatchedPath::as_str).unwrap_or_default();
    let needs = needs(changes(&parts.method), without_version(path));
    if has.contains(needs) {
        return Ok(());
    }
    // Pages for all staff are not there for anybody else.
    let hidden = matches!(door.seen, Seen::Page(_)) && needs == SessionScopes::of(Rights::STAFF_VIEW);
    let code: Code = match needs.intersects(SessionScopes::STAFF) {
        _ if hidden => codes::NOT_FOUND,
        true => MISSING_RIGHTS,
        false => SESSION_SCOPE,
    };
    let error = Error::from(code);
    Err(Box::new(match &door.seen {
        Seen::Program => ApiError(error).into_response(),
        Seen::Page(site) => {
            let language = match Language::from_request_parts(parts, &()).await {
                Ok(language) => language,
                Err(never) => match never {},
            };
            site.error_page(language, &error)
        }
    }))
}

fn changes(method: &Method) -> bool {
    !method.is_safe()
}

/// Discord's API is the same under each of its versions.
fn without_version(path: &str) -> &str {
    ["/api/v10", "/api/v9", "/api"]
        .iter()
        .find_map(|prefix| path.strip_prefix(prefix).filter(|rest| rest.starts_with('/')))
        .unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rule_that_fits_decides() {
        for (changes, path, wanted) in [
            (false, "/users/@me", READ),
            (true, "/users/@me", PROFILE),
            (true, "/users/@me/settings", WRITE),
            (false, "/channels/{channel}/messages", READ),
            (true, "/channels/{channel}/messages", WRITE),
            (true, "/channels/{channel}", GUILDS),
            (true, "/guilds/{guild}/members/@me/nick", WRITE),
            (true, "/guilds/{guild}/members/{user}", GUILDS),
            (false, "/auth/sessions", ACCOUNT),
            (true, "/auth/logout", ANYBODY),
            (false, "/settings/security", ACCOUNT),
            (false, "/staff/audit", SessionScopes::of(Rights::AUDIT_READ)),
            (false, "/staff/users/{user}", SessionScopes::of(Rights::STAFF_VIEW)),
            (true, "/v2/users/{user}/ranks/{rank}", SessionScopes::of(Rights::USERS_RANKS)),
        ] {
            assert_eq!(needs(changes, path), wanted, "{path}");
        }
    }

    #[test]
    fn every_rule_can_be_reached() {
        for (index, rule) in RULES.iter().enumerate() {
            let path =
                if rule.path.ends_with('/') { format!("{}x", rule.path) } else { rule.path.to_owned() };
            let first = RULES.iter().position(|other| {
                (other.when == When::Any || rule.when == When::Changing)
                    && if other.path.ends_with('/') {
                        path.starts_with(other.path)
                    } else {
                        path == other.path
                    }
            });
            assert_eq!(first, Some(index), "{path} is taken by a rule before it");
        }
    }

    #[test]
    fn versions_of_the_api_are_alike_and_ours_is_another() {
        assert_eq!(without_version("/api/v10/users/@me"), "/users/@me");
        assert_eq!(without_version("/api/users/@me"), "/users/@me");
        assert_eq!(without_version("/v2/sessions"), "/v2/sessions");
        assert_eq!(without_version("/apis"), "/apis");
    }
}
