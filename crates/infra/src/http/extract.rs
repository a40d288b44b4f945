//! Extractors that are lenient in what they take (unknown fields, form bodies, `payload_json`) and precise in what
//! they refuse (the path of the wrong field).

use axum::extract::multipart::Multipart;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, OptionalFromRequest, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use bytes::Bytes;
use guildhall_base::{Error, codes};
use serde::de::DeserializeOwned;

use super::{ApiError, Json};

/// Reads JSON; a wrong field is named by its path.
pub fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    let deserializer = &mut serde_json::Deserializer::from_slice(bytes);
    serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        match inner.classify() {
            serde_json::error::Category::Data => {
                // serde says where a field is missing only in its text: "missing field `name` at line 1 column 2".
                let text = inner.to_string();
                let missing = text.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
                let parent = if path == "." { "" } else { path.as_str() };
                match missing {
                    Some(name) => Error::field(
                        if parent.is_empty() { name.to_owned() } else { format!("{parent}.{name}") },
                        "BASE_TYPE_REQUIRED",
                        "This field is required",
                    ),
                    None => Error::field(normal_path(parent), "BASE_TYPE_BAD", without_place(&text)),
                }
            }
            _ => codes::INVALID_JSON.into(),
        }
    })
}

/// serde_path_to_error writes `embeds[0].title`; Discord's errors nest by `embeds.0.title`.
fn normal_path(path: &str) -> String {
    path.replace('[', ".").replace(']', "")
}

fn without_place(text: &str) -> String {
    text.split(" at line ").next().unwrap_or(text).to_owned()
}

fn content_type(headers: &HeaderMap) -> &str {
    let full = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    full.split(';').next().unwrap_or_default().trim()
}

fn too_large_or_broken(rejection: &BytesRejection) -> Error {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        codes::TOO_LARGE.into()
    } else {
        codes::INVALID_JSON.because("The request body could not be read.")
    }
}

async fn read_bytes<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Error> {
    Bytes::from_request(request, state).await.map_err(|rejection| too_large_or_broken(&rejection))
}

/// `{}` where a library sends an empty body, whatever type it claims.
fn or_empty_object(bytes: &Bytes) -> &[u8] {
    if bytes.is_empty() { b"{}" } else { bytes }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;
    /// Takes JSON whatever the content type says; an empty body counts as `{}`.
    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let bytes = read_bytes(request, state).await?;
        Ok(Self(parse_json(or_empty_object(&bytes))?))
    }
}

impl<T: DeserializeOwned, S: Send + Sync> OptionalFromRequest<S> for Json<T> {
    type Rejection = ApiError;
    /// None for an empty body.
    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, ApiError> {
        let bytes = read_bytes(request, state).await?;
        if bytes.is_empty() { Ok(None) } else { Ok(Some(Self(parse_json(&bytes)?))) }
    }
}

/// One uploaded file of a multipart body.
#[derive(Debug, Clone)]
pub struct Upload {
    /// The `n` of the field name `files[n]`; 0 for `file`.
    pub index: u64,
    /// As sent; not yet safe.
    pub filename: String,
    /// As claimed; not to be trusted.
    pub content_type: Option<String>,
    /// The bytes.
    pub data: Bytes,
}

/// A body that may be JSON, a form with `payload_json`, or multipart with `payload_json` and `files[n]`.
#[derive(Debug)]
pub struct Body<T> {
    /// The JSON part; `{}` if it was absent.
    pub json: T,
    /// The files, in the order sent.
    pub files: Vec<Upload>,
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = ApiError;
    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        match content_type(request.headers()) {
            "multipart/form-data" => Ok(multipart(request, state).await?),
            "application/x-www-form-urlencoded" => {
                let bytes = read_bytes(request, state).await?;
                let fields = url::form_urlencoded::parse(&bytes);
                Ok(Self { json: from_fields(fields.into_owned().collect())?, files: Vec::new() })
            }
            _ => <Json<T> as FromRequest<S>>::from_request(request, state)
                .await
                .map(|Json(json)| Self { json, files: Vec::new() }),
        }
    }
}

/// Plain form fields are JSON strings, unless `payload_json` carries the whole.
fn from_fields<T: DeserializeOwned>(fields: Vec<(String, String)>) -> Result<T, Error> {
    if let Some((_, payload)) = fields.iter().find(|(name, _)| name == "payload_json") {
        return parse_json(payload.as_bytes());
    }
    let object: serde_json::Map<_, _> = fields.into_iter().map(|(name, text)| (name, text.into())).collect();
    parse_json(serde_json::Value::Object(object).to_string().as_bytes())
}

async fn multipart<T: DeserializeOwned, S: Send + Sync>(
    request: Request,
    state: &S,
) -> Result<Body<T>, Error> {
    let broken = |error: axum::extract::multipart::MultipartError| -> Error {
        if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
            codes::TOO_LARGE.into()
        } else {
            codes::INVALID_FORM.because(error.body_text())
        }
    };
    let mut form = <Multipart as FromRequest<S>>::from_request(request, state)
        .await
        .map_err(|rejection| codes::INVALID_FORM.because(rejection.body_text()))?;
    let (mut fields, mut files) = (Vec::new(), Vec::new());
    while let Some(field) = form.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        let filename = field.file_name().map(str::to_owned);
        let content_type = field.content_type().map(str::to_owned);
        let data = field.bytes().await.map_err(broken)?;
        let is_file = name.starts_with("file");
        match filename {
            Some(filename) if is_file => {
                let index = name.trim_start_matches(|c: char| !c.is_ascii_digit()).trim_end_matches(']');
                files.push(Upload { index: index.parse().unwrap_or(0), filename, content_type, data });
            }
            _ => fields.push((name, String::from_utf8_lossy(&data).into_owned())),
        }
    }
    Ok(Body { json: from_fields(fields)?, files })
}

/// Query parameters.
#[derive(Debug, Clone, Copy)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let query = axum::extract::Query::<T>::from_request_parts(parts, state).await;
        query.map(|axum::extract::Query(query)| Self(query)).map_err(|rejection| {
            let text = match rejection {
                QueryRejection::FailedToDeserializeQueryString(inner) => inner.body_text(),
                other => other.body_text(),
            };
            let text = text.trim_start_matches("Failed to deserialize query string: ");
            let (field, reason) = text.split_once(": ").unwrap_or(("query", text));
            ApiError(Error::field(field, "BASE_TYPE_BAD", reason))
        })
    }
}

/// Path parameters; something that is no snowflake is a wrong field, as in Discord.
#[derive(Debug, Clone, Copy)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let path = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        path.map(|axum::extract::Path(path)| Self(path)).map_err(|rejection| {
            let text = rejection.body_text();
            ApiError(Error::field("path", "NUMBER_TYPE_COERCE", format!("Value is not a snowflake: {text}")))
        })
    }
}
