//! Which bucket a request falls into: method and matched route, told apart by the top-level guild, channel or
//! webhook, whichever prefix (`/api`, `/api/v9`, `/api/v10`) it came through.

use axum::http::Method;
use sha2::{Digest, Sha256};

/// How a route takes part in the limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Treatment {
    /// Counted, and says so in headers.
    Full,
    /// Counted, but without headers unless refused: some libraries take headers there for an error.
    Silent,
    /// Not counted: it must be answered within seconds and has limits of its own.
    Exempt,
}

/// One bucket, not yet of any credential.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Bucket<'a> {
    /// The route as matched, without the API prefix.
    pub(super) route: &'a str,
    /// The guild, channel or webhook id, a webhook's with its token; empty for other routes.
    pub(super) major: &'a str,
    /// How it is treated.
    pub(super) treatment: Treatment,
}

impl<'a> Bucket<'a> {
    /// Of a path and the route that it matched; `None` stands for a path that matched nothing.
    pub(super) fn of(path: &'a str, matched: Option<&'a str>) -> Self {
        let path = without_prefix(path);
        let route = matched.map_or("", without_prefix);
        let mut segments = path.split('/').skip(1);
        let first = segments.next().unwrap_or_default();
        let id = segments.next().unwrap_or_default();
        let token = segments.next().unwrap_or_default();
        let (major, treatment) = match first {
            "channels" | "guilds" => (id, Treatment::Full),
            "webhooks" if token.is_empty() => (id, Treatment::Full),
            "webhooks" => (id_and_token(path, id, token), Treatment::Silent),
            "interactions" if !token.is_empty() => ("", Treatment::Exempt),
            _ => ("", Treatment::Full),
        };
        Self { route, major, treatment }
    }

    /// The public name: the same for every guild, channel, webhook and credential.
    pub(super) fn name(&self, method: &Method) -> String {
        let mut hash = Sha256::new();
        hash.update(method.as_str());
        hash.update(b" ");
        hash.update(self.route);
        let first = hash.finalize().first_chunk().copied().unwrap_or_default();
        format!("{:016x}", u64::from_be_bytes(first))
    }
}

/// The part `id/token` of `/webhooks/id/token/...`.
fn id_and_token<'a>(path: &'a str, id: &str, token: &str) -> &'a str {
    let start = "/webhooks/".len();
    path.get(start..start + id.len() + 1 + token.len()).unwrap_or_default()
}

/// A path of the API without `/api` and `/vN` at its front.
pub fn without_prefix(path: &str) -> &str {
    let path = path.strip_prefix("/api").filter(|rest| rest.starts_with('/')).unwrap_or(path);
    match path.strip_prefix("/v").and_then(|rest| rest.split_once('/')) {
        Some((version, rest)) if !version.is_empty() && version.bytes().all(|b| b.is_ascii_digit()) => {
            // The slash before `rest` belongs to it.
            path.get(path.len() - rest.len() - 1..).unwrap_or(path)
        }
        _ => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_api_version_does_not_make_a_bucket_of_its_own() {
        let matched = "/channels/{channel}/messages/{message}";
        for prefix in ["", "/api", "/api/v9", "/api/v10"] {
            let (path, matched) = (format!("{prefix}/channels/7/messages/8"), format!("{prefix}{matched}"));
            let bucket = Bucket::of(&path, Some(&matched));
            assert_eq!(bucket.route, "/channels/{channel}/messages/{message}");
            assert_eq!((bucket.major, bucket.treatment), ("7", Treatment::Full));
        }
    }

    #[test]
    fn webhooks_are_told_apart_by_id_and_token() {
        let bucket = Bucket::of("/api/v10/webhooks/5/tok/messages/@original", None);
        assert_eq!((bucket.major, bucket.treatment), ("5/tok", Treatment::Silent));
        let bucket = Bucket::of("/api/v10/webhooks/5", None);
        assert_eq!((bucket.major, bucket.treatment), ("5", Treatment::Full));
    }

    #[test]
    fn answering_an_interaction_is_exempt_and_making_one_is_not() {
        assert_eq!(Bucket::of("/api/v10/interactions/1/tok/callback", None).treatment, Treatment::Exempt);
        assert_eq!(Bucket::of("/api/v10/interactions", None).treatment, Treatment::Full);
    }

    #[test]
    fn odd_paths_are_buckets_too() {
        for path in ["", "/", "/api", "/api/", "/api/v", "/apix/v1", "/channels", "/channels/", "/webhooks//"]
        {
            let bucket = Bucket::of(path, None);
            assert_eq!(bucket.route, "", "{path}");
        }
    }

    #[test]
    fn names_differ_by_method_and_route_only() {
        let one = Bucket::of("/guilds/1", Some("/guilds/{guild}"));
        let two = Bucket::of("/guilds/2", Some("/guilds/{guild}"));
        assert_eq!(one.name(&Method::GET), two.name(&Method::GET));
        assert_ne!(one.name(&Method::GET), one.name(&Method::PATCH));
        assert_eq!(one.name(&Method::GET).len(), 16);
    }
}
