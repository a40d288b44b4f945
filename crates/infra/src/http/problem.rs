//! Errors of our own API as problem details (RFC 9457). Handlers return the same [`ApiError`](super::ApiError) as
//! everywhere; the layer [`as_problems`] gives it this form.

use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use guildhall_base::Error;
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::Refused;
use super::status;

/// The body of every refusal (RFC 9457), `application/problem+json`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Problem {
    /// The status of the answer.
    #[schema(example = 404)]
    pub status: u16,
    /// What it is, for a person.
    pub title: String,
    /// What was wrong this time, for a person.
    pub detail: String,
    /// What it is, for a program; stable.
    #[schema(example = "not_found")]
    pub code: String,
    /// The fields that were wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ProblemField>,
}

/// One wrong field.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProblemField {
    /// Names and indexes joined by dots.
    pub path: String,
    /// What it is, for a program; stable.
    pub code: String,
    /// What it is, for a person.
    pub message: String,
}

impl From<&Error> for Problem {
    fn from(error: &Error) -> Self {
        let status = status(error.kind());
        let errors = error.fields.iter().map(|field| ProblemField {
            path: field.path.clone(),
            code: field.code.to_owned(),
            message: field.message.clone(),
        });
        Self {
            status: status.as_u16(),
            title: status.canonical_reason().unwrap_or("Error").to_owned(),
            detail: error.detail.to_string(),
            code: error.code.name.to_owned(),
            errors: errors.collect(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let form = HeaderValue::from_static("application/problem+json");
        (status, [(header::CONTENT_TYPE, form)], body).into_response()
    }
}

/// Gives the refusals of a router the form of problem details.
pub async fn as_problems(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let Some(error) = response.extensions().get::<Refused>() else { return response };
    let mut problem = Problem::from(&error.0).into_response();
    for (name, value) in response.headers() {
        if *name != header::CONTENT_TYPE && *name != header::CONTENT_LENGTH {
            problem.headers_mut().insert(name, value.clone());
        }
    }
    problem
}
