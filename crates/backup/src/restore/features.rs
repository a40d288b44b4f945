//! What features of this server added to the backup.

use futures_util::StreamExt as _;
use guildhall_base::{Code, Kind};
use guildhall_infra::jobs::{Outcome, Stop};

use super::carry::{Carrier, Done};
use super::lasting;
use crate::plan::Operation;

/// This server cannot read what a feature has added to the backup.
const UNKNOWN_FEATURE: Code = Code::new(
    Kind::Invalid,
    0,
    "backup_unknown_feature",
    "This server does not have the feature, or only an earlier version of it.",
);

impl Carrier<'_> {
    /// Gives a feature what it has written. It may happen twice, which features allow.
    pub(super) async fn feature(&self, operation: &Operation) -> Outcome {
        let name = operation.name.as_str();
        let step = format!("feature-{name}");
        let done: Done = self
            .ctx
            .step(&step, async |_| match self.give(name).await {
                Ok(()) => Ok(Done::default()),
                Err(error) => match lasting(error) {
                    Stop::Fail(error) => Ok(Done { id: None, refused: Some(error.to_string()) }),
                    stop => Err(stop),
                },
            })
            .await?;
        self.ended(operation, done);
        Ok(())
    }

    async fn give(&self, name: &str) -> guildhall_base::Result<()> {
        let found = self.archive.features().find(|(feature, _)| *feature == name);
        let part = self.features.iter().find(|part| part.name() == name);
        let ((_, version), part) = found.zip(part).ok_or(UNKNOWN_FEATURE)?;
        if version > part.version() {
            return Err(UNKNOWN_FEATURE.into());
        }
        let content = self.archive.feature(name, version).await?;
        part.restore(self.guild, version, content.boxed()).await
    }
}
