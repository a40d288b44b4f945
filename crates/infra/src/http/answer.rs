//! Answers: JSON bodies, and errors as Discord's error JSON.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use guildhall_base::{Error, FieldError, Kind, codes};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// A JSON body. The content type is `application/json` and nothing more: discord.py compares it for equality.
#[derive(Debug, Clone, Copy)]
pub struct Json<T>(pub T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(body) => json_response(StatusCode::OK, body),
            Err(error) => ApiError(Error::internal(error)).into_response(),
        }
    }
}

fn json_response(status: StatusCode, body: Vec<u8>) -> Response {
    let content_type = (header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    (status, [content_type], body).into_response()
}

/// An [`Error`] on its way out of the API.
#[derive(Debug, Clone)]
pub struct ApiError(pub Error);

/// The error that a response tells of, for layers that tell it in another form.
#[derive(Debug, Clone)]
pub(super) struct Refused(pub(super) Error);

/// The HTTP status of a kind of error.
pub fn status(kind: Kind) -> StatusCode {
    match kind {
        Kind::Invalid => StatusCode::BAD_REQUEST,
        Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Kind::UnsupportedMedia => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Kind::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Discord's JSON for an error: `{message, code, errors?, retry_after?, global?}`.
pub fn error_json(error: &Error) -> Value {
    let mut body = json!({ "message": error.detail, "code": error.code.number });
    if let Some(object) = body.as_object_mut() {
        if !error.fields.is_empty() {
            object.insert("errors".into(), nest(&error.fields));
        }
        if let (Kind::RateLimited, Some(after)) = (error.kind(), error.retry_after) {
            object.insert("retry_after".into(), json!(after.as_secs_f64()));
            object.insert("global".into(), json!(false));
        }
    }
    body
}

/// `embeds.0.title` becomes `{"embeds": {"0": {"title": {"_errors": [{code, message}]}}}}`.
fn nest(fields: &[FieldError]) -> Value {
    let mut root = Map::new();
    for field in fields {
        insert(&mut root, field.path.split('.').filter(|name| !name.is_empty()), field);
    }
    Value::Object(root)
}

fn insert<'a>(here: &mut Map<String, Value>, mut path: impl Iterator<Item = &'a str>, field: &FieldError) {
    match path.next() {
        Some(name) => {
            if let Value::Object(next) = here.entry(name).or_insert_with(|| Value::Object(Map::new())) {
                insert(next, path, field);
            }
        }
        None => {
            if let Value::Array(list) = here.entry("_errors").or_insert_with(|| json!([])) {
                list.push(json!({ "code": field.code, "message": field.message }));
            }
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let Self(error) = self;
        if error.kind() == Kind::Internal {
            tracing::error!(%error, "request failed");
        }
        let body = serde_json::to_vec(&error_json(&error)).unwrap_or_default();
        let mut response = json_response(status(error.kind()), body);
        if let Some(after) = error.retry_after {
            let seconds = HeaderValue::from(after.as_secs() + u64::from(after.subsec_nanos() > 0));
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        if error.kind() == Kind::RateLimited {
            // Several libraries take a 429 without `Via` for a block by a proxy in front, and give up.
            response.headers_mut().insert(header::VIA, HeaderValue::from_static("1.1 guildhall"));
        }
        response.extensions_mut().insert(Refused(error));
        response
    }
}

impl From<serde_json::Error> for ApiError {
    fn from(error: serde_json::Error) -> Self {
        Self(codes::INVALID_JSON.because(format!("The request body contains invalid JSON: {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_errors_nest_as_documented() {
        let mut error = Error::field("embeds.0.title", "BASE_TYPE_BAD_LENGTH", "too long");
        error.fields.push(FieldError::new("content", "X", "y"));
        assert_eq!(
            error_json(&error),
            json!({"message": "Invalid Form Body", "code": 50035, "errors": {
                "embeds": {"0": {"title": {"_errors": [{"code": "BASE_TYPE_BAD_LENGTH", "message": "too long"}]}}},
                "content": {"_errors": [{"code": "X", "message": "y"}]}
            }})
        );
    }
}
