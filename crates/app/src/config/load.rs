//! Puts the configuration together from its sources.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use confique::{Config, Layer};
use serde::Deserialize;

use super::{Settings, unknown};

type SettingsLayer = <Settings as Config>::Layer;

/// What was given on the command line.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// The file to read.
    pub config: Option<PathBuf>,
    /// For [`Settings::listen`].
    pub listen: Option<SocketAddr>,
    /// For [`Settings::data`].
    pub data: Option<PathBuf>,
    /// For [`Settings::database_url`].
    pub database_url: Option<String>,
}

/// The effective configuration. Fails on a file that cannot be read, on a key or `GUILDHALL_...` variable that does
/// not exist (naming the nearest that does) and on a value that does not fit.
pub fn load(overrides: Overrides) -> Result<Settings> {
    let mut flags = SettingsLayer::empty();
    flags.listen = overrides.listen;
    flags.data = overrides.data;
    flags.database_url = overrides.database_url;
    unknown::variables(std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()))?;
    let environment = SettingsLayer::from_env().context("in the environment")?;
    let file = match &overrides.config {
        Some(path) => read(path)?,
        None => SettingsLayer::empty(),
    };
    let layers = flags.with_fallback(environment).with_fallback(file);
    Ok(Settings::from_layer(layers.with_fallback(SettingsLayer::default_values()))?.resolve())
}

fn read(path: &Path) -> Result<SettingsLayer> {
    let name = path.display();
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read configuration file {name}"))?;
    parse(&text).with_context(|| format!("in configuration file {name}"))
}

/// The layer that a file's text is.
pub(super) fn parse(text: &str) -> Result<SettingsLayer> {
    let table: toml::Table = match toml::from_str(text) {
        Ok(table) => table,
        Err(error) => bail!("it is not TOML: {error}"),
    };
    unknown::keys(&table)?;
    // From the text once more: its errors show the line, the table's do not.
    Ok(SettingsLayer::deserialize(toml::Deserializer::parse(text)?)?)
}

/// The value of an environment variable for a key that holds a table: TOML in one line, `{ name = { ... } }`.
pub(super) fn table<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, toml::de::Error> {
    #[derive(Deserialize)]
    struct Held<T> {
        table: T,
    }
    toml::from_str::<Held<T>>(&format!("table = {text}")).map(|held| held.table)
}
