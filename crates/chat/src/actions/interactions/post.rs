//! Posts an interaction to the address of its application, and takes the answer out of the response
//! (<https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-response-object>).

use axum::body::Body as HttpBody;
use axum::extract::{FromRequest as _, Request};
use axum::http::{StatusCode, header};
use guildhall_base::{Error, InteractionId, Result};
use guildhall_infra::fetch::Answer;
use guildhall_infra::http::Body;
use guildhall_oauth::Application;
use serde_json::Value;

use super::Callback;
use crate::Chat;

impl Chat {
    /// Has three seconds. Where the application does not answer, or not with what can be read, the interaction has
    /// failed and its user is told; what was wrong stands in the application's delivery log.
    pub(super) async fn post_interaction(
        &self,
        application: &Application,
        id: InteractionId,
        token: &str,
        body: &Value,
    ) {
        let posted = self.parts.applications.post_interaction(application, body).await;
        let answered = match posted {
            Ok(answered) => answered,
            Err(error) => {
                tracing::error!(%error, application = %application.id, "an interaction could not be posted");
                return self.fail_interaction(id, token).await;
            }
        };
        let problem = match &answered.answer {
            Ok(answer) => self.take_answer(id, token, answer).await.err().map(|error| words(&error)),
            Err(error) => Some(error.detail.to_string()),
        };
        if let Err(error) = self.parts.applications.note_answer(answered, problem.clone()).await {
            tracing::warn!(%error, "a delivery could not be noted");
        }
        if problem.is_some() {
            self.fail_interaction(id, token).await;
        }
    }

    async fn take_answer(&self, id: InteractionId, token: &str, answer: &Answer) -> Result<()> {
        match answer.status {
            // It will answer by itself, or has already.
            StatusCode::ACCEPTED | StatusCode::NO_CONTENT => return Ok(()),
            StatusCode::OK => {}
            status => {
                let text = format!("It answered with status {}.", status.as_u16());
                return Err(guildhall_base::codes::UNAVAILABLE.because(text));
            }
        }
        // Written as the body of a request to the callback address would be, files included.
        let mut request = Request::new(HttpBody::from(answer.body.clone()));
        if let Some(kind) = answer.headers.get(header::CONTENT_TYPE) {
            request.headers_mut().insert(header::CONTENT_TYPE, kind.clone());
        }
        let read = Body::<Callback>::from_request(request, &()).await;
        let Body { json, files } = read.map_err(|refused| refused.0)?;
        self.call_back(id, token, json, files).await.map(drop)
    }
}

/// What was wrong, with the fields where it was.
fn words(error: &Error) -> String {
    let fields = error.fields.iter().map(|field| format!("; {}: {}", field.path, field.message));
    std::iter::once(error.detail.to_string()).chain(fields).collect()
}
