//! What the server says of itself: a span, an id and measurements for every request, and the recorder behind
//! `/metrics`.

use std::sync::OnceLock;
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};
use tracing::Instrument;

/// Upper edges of the histograms' buckets, in seconds.
const SECONDS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0];
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The recorder of this process: the `metrics` facade knows one per process, so this is one too.
static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();

/// Everything measured so far.
#[derive(Debug, Clone)]
pub struct Metrics(PrometheusHandle);

impl Metrics {
    /// Begins to record, or joins the recording that has begun in this process.
    pub fn record() -> Result<Self, BuildError> {
        if let Some(handle) = RECORDER.get() {
            return Ok(Self(handle.clone()));
        }
        let recorder = PrometheusBuilder::new().set_buckets(&SECONDS)?.build_recorder();
        let handle = RECORDER.get_or_init(|| recorder.handle()).clone();
        // Fails only if another thread was faster, and then the measurements go to its recorder.
        if metrics::set_global_recorder(recorder).is_ok() {
            describe();
        }
        Ok(Self(handle))
    }

    /// In Prometheus' text format.
    pub fn render(&self) -> String {
        self.tidy();
        self.0.render()
    }

    /// Moves raw samples into their buckets. Call it now and then, lest they pile up where nobody scrapes.
    pub fn tidy(&self) {
        self.0.run_upkeep();
    }
}

fn describe() {
    metrics::describe_histogram!("db_read_seconds", "Time that queries took, waiting included.");
    metrics::describe_histogram!("db_write_seconds", "Time until batches were on disk, waiting included.");
    metrics::describe_counter!("db_batches_total", "Batches that the SQLite writer worked on.");
    metrics::describe_counter!("db_groups_total", "Commits that those batches shared.");
    metrics::describe_counter!("http_requests_total", "Answered requests by method, route and status.");
    metrics::describe_histogram!("http_request_seconds", "Time from a request's head to its answer's head.");
    metrics::describe_counter!("http_rate_limited_total", "Answers of 429.");
    metrics::describe_gauge!("http_connections", "Open connections that are not upgraded.");
    metrics::describe_counter!(
        "http_connections_refused_total",
        "Connections closed by the limit per address."
    );
}

/// Gives every request an id (`X-Request-Id` of the answer, field `request` in the log), measures it and logs
/// failures. Use it with `axum::middleware::from_fn` on a router whose routes are all added.
pub async fn observe(request: Request, next: Next) -> Response {
    let id = format!("{:016x}", rand::random::<u64>());
    let method = request.method().clone();
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let span = tracing::info_span!("http", request = %id, %method, path = request.uri().path());
    let began = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let took = began.elapsed();
    let status = response.status();
    let route = matched.as_ref().map_or("", MatchedPath::as_str).to_owned();
    let labels = [("method", name(&method).to_owned()), ("route", route)];
    metrics::histogram!("http_request_seconds", &labels).record(took.as_secs_f64());
    let [method, route] = labels;
    let labels = [method, route, ("status", status.as_str().to_owned())];
    metrics::counter!("http_requests_total", &labels).increment(1);
    span.in_scope(|| {
        if status.is_server_error() {
            tracing::error!(status = status.as_u16(), ?took, "failed");
        } else {
            tracing::debug!(status = status.as_u16(), ?took, "answered");
        }
    });
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// A method's label; made-up methods share one, so that nobody can fill the memory with them.
fn name(method: &Method) -> &str {
    match *method {
        Method::GET
        | Method::POST
        | Method::PUT
        | Method::PATCH
        | Method::DELETE
        | Method::HEAD
        | Method::OPTIONS => method.as_str(),
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::middleware::from_fn;
    use axum::routing::get;
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn requests_are_counted_by_route_and_carry_an_id() {
        let metrics = Metrics::record().unwrap();
        let router = Router::new().route("/things/{thing}", get(|| async {})).layer(from_fn(observe));
        for path in ["/things/1", "/things/2"] {
            let request = Request::get(path).body(Body::empty()).unwrap();
            let response = router.clone().oneshot(request).await.unwrap();
            assert_eq!(response.headers().get("x-request-id").unwrap().len(), 16);
        }
        let text = metrics.render();
        let line = "http_requests_total{method=\"GET\",route=\"/things/{thing}\",status=\"200\"} 2";
        assert!(text.contains(line), "{text}");
        assert!(
            text.contains(
                "http_request_seconds_bucket{method=\"GET\",route=\"/things/{thing}\",le=\"10\"} 2"
            )
        );
        assert!(Metrics::record().unwrap().render().contains(line), "joining shows the same");
    }
}
