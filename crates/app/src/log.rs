//! Sets up the server's own log, on standard error so that results on standard output stay clean.

use std::io::IsTerminal;

use anyhow::{Context, Result};
use tracing_subscriber::EnvFilter;

use crate::config::{LogFormat, LogSettings};

/// Begins to log. Does nothing if this process logs already, as under test.
///
/// # Errors
/// If the level is not understood.
pub fn begin(settings: &LogSettings) -> Result<()> {
    let filter = EnvFilter::try_new(&settings.level)
        .with_context(|| format!("log.level is not understood: {}", settings.level))?;
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    // The only failure is that a subscriber is there already.
    let _ = match settings.format {
        LogFormat::Text => subscriber.with_target(false).try_init(),
        LogFormat::Json => subscriber.json().flatten_event(true).try_init(),
    };
    Ok(())
}
