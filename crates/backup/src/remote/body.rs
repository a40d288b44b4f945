//! What requests carry: nothing, JSON, or JSON with files.

use axum::http::HeaderValue;
use bytes::{BufMut as _, Bytes, BytesMut};
use guildhall_base::{Error, Result};
use serde_json::Value;

/// What a request carries.
#[derive(Debug, Clone)]
pub enum Content {
    /// Nothing.
    Nothing,
    /// JSON.
    Json(Value),
    /// JSON as `payload_json`, and files as `files[n]`.
    Files {
        /// The JSON.
        json: Value,
        /// The files, in order.
        files: Vec<Attached>,
    },
    /// A form with text fields and one `file`, as stickers are made.
    Form {
        /// Names and texts.
        fields: Vec<(String, String)>,
        /// The file.
        file: Attached,
    },
}

/// A file that is sent along.
#[derive(Debug, Clone)]
pub struct Attached {
    /// Its name.
    pub name: String,
    /// What it is, such as `image/png`.
    pub content_type: String,
    /// Its bytes.
    pub data: Bytes,
}

impl Content {
    /// The bytes, and their type if there are any.
    pub(super) fn encode(&self) -> Result<(Option<HeaderValue>, Bytes)> {
        match self {
            Self::Nothing => Ok((None, Bytes::new())),
            Self::Json(json) => {
                let body = serde_json::to_vec(json).map_err(Error::internal)?;
                Ok((Some(HeaderValue::from_static("application/json")), body.into()))
            }
            Self::Files { json, files } => {
                let json = serde_json::to_string(json).map_err(Error::internal)?;
                let mut form = Form::new();
                form.text("payload_json", "application/json", &json);
                for (index, file) in files.iter().enumerate() {
                    form.file(&format!("files[{index}]"), file);
                }
                form.finish()
            }
            Self::Form { fields, file } => {
                let mut form = Form::new();
                for (name, text) in fields {
                    form.text(name, "text/plain; charset=utf-8", text);
                }
                form.file("file", file);
                form.finish()
            }
        }
    }
}

/// A body of `multipart/form-data` (RFC 7578).
struct Form {
    boundary: String,
    body: BytesMut,
}

impl Form {
    fn new() -> Self {
        Self { boundary: format!("guildhall-{:032x}", rand::random::<u128>()), body: BytesMut::new() }
    }

    fn head(&mut self, disposition: &str, content_type: &str) {
        let head = format!(
            "--{}\r\nContent-Disposition: form-data; {disposition}\r\nContent-Type: {content_type}\r\n\r\n",
            self.boundary
        );
        self.body.put_slice(head.as_bytes());
    }

    fn text(&mut self, name: &str, content_type: &str, text: &str) {
        self.head(&format!("name=\"{}\"", quoted(name)), content_type);
        self.body.put_slice(text.as_bytes());
        self.body.put_slice(b"\r\n");
    }

    fn file(&mut self, field: &str, file: &Attached) {
        let disposition = format!("name=\"{}\"; filename=\"{}\"", quoted(field), quoted(&file.name));
        let kind = match HeaderValue::from_str(&file.content_type) {
            Ok(_) if !file.content_type.is_empty() => file.content_type.as_str(),
            _ => "application/octet-stream",
        };
        self.head(&disposition, kind);
        self.body.put_slice(&file.data);
        self.body.put_slice(b"\r\n");
    }

    fn finish(mut self) -> Result<(Option<HeaderValue>, Bytes)> {
        self.body.put_slice(format!("--{}--\r\n", self.boundary).as_bytes());
        let kind = HeaderValue::from_str(&format!("multipart/form-data; boundary={}", self.boundary))
            .map_err(Error::internal)?;
        Ok((Some(kind), self.body.freeze()))
    }
}

/// As browsers write names in a form's head, so that none ends it.
fn quoted(text: &str) -> String {
    text.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}
