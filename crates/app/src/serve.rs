//! The server: everything in one process, from binding the socket to its orderly end.

mod door;
mod operate;
mod router;
mod signals;
mod v2;

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result};
use guildhall_base::Clock;
use guildhall_infra::listen::{self, Options};
use guildhall_infra::telemetry::Metrics;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::Settings;
use crate::hall::Hall;

pub use door::needs as scopes_needed;
pub use signals::{asked_to_stop, raise_open_files};

/// A request's head must arrive within this time; so must the next one on a connection that is kept open.
const HEAD_WITHIN: Duration = Duration::from_secs(60);
/// Measurements, which this process alone has and nobody needs after it, are tidied this often.
const TIDY_EVERY: Duration = Duration::from_secs(20);

/// A running server.
pub struct Server {
    hall: Hall,
    address: SocketAddr,
    /// Ends the taking of connections and requests.
    closing: CancellationToken,
    /// Ends what requests rely on; cancelled after the last of them.
    stop: CancellationToken,
    serving: JoinHandle<()>,
    working: JoinHandle<()>,
    background: TaskTracker,
}

impl Server {
    /// Starts serving. When it returns, the address accepts connections and requests are answered.
    ///
    /// # Errors
    /// If the address is taken, or the database cannot be opened.
    pub async fn start(mut settings: Settings, clock: Clock) -> Result<Self> {
        let listener =
            listen::bind(settings.listen).with_context(|| format!("cannot listen on {}", settings.listen))?;
        let address = listener.local_addr()?;
        settings.bound_to(address);
        let (closing, stop) = (CancellationToken::new(), CancellationToken::new());
        let hall = Hall::open(settings, clock, stop.clone()).await?;
        let metrics = Metrics::record().context("cannot measure")?;
        let router = router::join(&hall, metrics.clone(), closing.clone());
        let limits = &hall.settings.limits;
        let options = Options {
            head_within: HEAD_WITHIN,
            per_address: limits.connections_per_address,
            trusted_proxies: limits.trusted_proxies.clone(),
            finish_within: Duration::from_secs(hall.settings.shutdown.seconds.into()),
        };
        let background = TaskTracker::new();
        let (gateway, until) = (hall.gateway.clone(), stop.clone());
        background.spawn(async move { gateway.run(until).await });
        let (jobs, until) = (hall.jobs.clone(), closing.clone());
        let working = tokio::spawn(async move { jobs.work(until).await });
        let (oauth, until) = (hall.oauth.clone(), stop.clone());
        background.spawn(async move { oauth.run(until).await });
        background.spawn(stop.clone().run_until_cancelled_owned(tidy(metrics)));
        let (chat, until) = (hall.chat.clone(), stop.clone());
        background.spawn(async move { until.run_until_cancelled(chat.tend_interactions()).await });
        let (directory, until) = (hall.directory.clone(), stop.clone());
        background.spawn(async move { directory.run(until).await });
        let door = Some(hall.gateway.door());
        let serving = tokio::spawn(listen::serve_with(listener, router, door, options, closing.clone()));
        Ok(Self { hall, address, closing, stop, serving, working, background })
    }

    /// Where it listens; the port is the real one also where 0 was asked for.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The features it serves.
    pub fn hall(&self) -> &Hall {
        &self.hall
    }

    /// Stops accepting, sends the gateway's clients away, lets running requests and jobs finish within their deadline, and
    /// closes the database.
    ///
    /// # Errors
    /// If the server's task has panicked.
    pub async fn stop(self) -> Result<()> {
        self.closing.cancel();
        self.hall.gateway.drain().await;
        let served = self.serving.await;
        // Jobs end before what they write to.
        let worked = self.working.await;
        self.hall.jobs.close();
        self.stop.cancel();
        self.background.close();
        self.background.wait().await;
        served.and(worked).context("the server ended in a panic")
    }
}

async fn tidy(metrics: Metrics) {
    let mut interval = tokio::time::interval(TIDY_EVERY);
    loop {
        interval.tick().await;
        metrics.tidy();
    }
}
