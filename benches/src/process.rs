//! Other programs: what they cost, and where what they need is installed.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};

/// CPU time of all threads of a process so far.
pub(crate) fn cpu(id: u32) -> Result<Duration> {
    let mut nanoseconds = 0;
    for task in std::fs::read_dir(format!("/proc/{id}/task"))? {
        // The first number of `schedstat` is the time spent on the CPU.
        let text = std::fs::read_to_string(task?.path().join("schedstat"))?;
        nanoseconds += text.split(' ').next().unwrap_or_default().parse::<u64>()?;
    }
    Ok(Duration::from_nanos(nanoseconds))
}

/// The processes that a process has started.
pub(crate) fn children(id: u32) -> Result<Vec<u32>> {
    let text = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children"))?;
    text.split_whitespace().map(|child| Ok(child.parse()?)).collect()
}

/// The folder given, or one of this name where what tests need is kept.
pub(crate) fn cache(given: Option<PathBuf>, name: &str) -> Result<PathBuf> {
    if let Some(folder) = given {
        return Ok(folder);
    }
    let cache = std::env::var_os("GUILDHALL_TEST_CACHE").map(PathBuf::from);
    let home = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache/guildhall-test"));
    Ok(cache.or_else(home).context("no folder for what is installed; give --cache")?.join(name))
}
