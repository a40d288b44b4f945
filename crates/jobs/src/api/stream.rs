//! A job's changes as server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream};
use guildhall_base::JobId;
use guildhall_infra::http::{ApiResult, Path, Problem, Query};
use guildhall_infra::i18n::Language;
use serde::Deserialize;
use utoipa::IntoParams;

use super::Api;
use super::bodies::Job;
use crate::Asker;

/// Who looks.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Reader {
    /// In which language it says what it is at, as `fi`; English by default.
    language: Option<String>,
}

/// How often the job is looked at.
const LOOK: Duration = Duration::from_millis(500);

/// A job's changes as server-sent events named `job`, each with the job as `GET /v2/jobs/{id}` gives it. The first is
/// how it is now; the stream ends with the job.
#[utoipa::path(get, path = "/v2/jobs/{id}/events", tag = "jobs", params(("id" = String, Path), Reader),
    responses((status = 200, body = String, content_type = "text/event-stream"), (status = 401, body = Problem),
        (status = 404, body = Problem)))]
pub(super) async fn events(
    State(api): State<Api>,
    asker: Asker,
    Path(id): Path<JobId>,
    Query(reader): Query<Reader>,
) -> ApiResult<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    api.desk.job(&asker, id).await?;
    let language = reader.language.as_deref().and_then(Language::of_tag).unwrap_or_default();
    let watch = Watch { api, asker, language, id, told: None, over: false };
    Ok(Sse::new(stream::unfold(watch, Watch::next)).keep_alive(KeepAlive::default()))
}

/// Somebody who looks at a job.
struct Watch {
    api: Api,
    asker: Asker,
    language: Language,
    id: JobId,
    told: Option<String>,
    over: bool,
}

impl Watch {
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        while !self.over {
            // Whoever may no longer see it hears no more of it.
            let record = self.api.desk.job(&self.asker, self.id).await.ok()?;
            self.over = record.state.is_final();
            let causes = self.api.desk.looks_after(&self.asker).await.ok()?;
            let words = record.progress.words.said_in(&self.api.desk.0.words, self.language);
            let body = serde_json::to_string(&Job::new(record, causes).saying(words)).ok()?;
            if self.told.as_ref() != Some(&body) {
                self.told = Some(body.clone());
                return Some((Ok(Event::default().event("job").data(body)), self));
            }
            self.api.closing.run_until_cancelled(tokio::time::sleep(LOOK)).await?;
        }
        None
    }
}
