//! What is left in the blob store by jobs that did not come to their end, and by processes that died: parts of backups,
//! opened files, uploads. What a job needs that may still be retried stays as long as its record.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::TryStreamExt as _;
use guildhall_base::{JobId, Result, Timestamp, UserId, codes::NOT_FOUND};
use guildhall_infra::jobs::{Ctx, Filter, Job, Outcome, Rules, State};

use crate::Backups;
use crate::import::BackupImport;

/// The folders of this crate.
const FOLDERS: [&str; 4] = ["backups", "imports", "plans", "restores"];
/// What is younger may belong to something that is only beginning, or just ending.
const REST: Duration = Duration::from_secs(24 * 3600);

/// Removes what nobody will come back to. It comes by the calendar.
pub struct ForgetParts(Backups);

impl ForgetParts {
    /// That of these backups.
    pub fn new(backups: &Backups) -> Self {
        Self(backups.clone())
    }

    /// Whether anybody may still need what lies there.
    async fn needed(&self, place: &Place) -> Result<bool> {
        let jobs = &self.0.0.jobs;
        match place {
            Place::Job(id) => match jobs.get(*id).await {
                Ok(record) => Ok(record.state != State::Done),
                Err(error) if error.is(NOT_FOUND) => Ok(false),
                Err(error) => Err(error),
            },
            Place::Upload(user) => {
                let name = Some(BackupImport::NAME.to_owned());
                let mut filter = Filter { user: Some(*user), name, ..Filter::default() };
                for state in [State::Scheduled, State::Ready, State::Running, State::Dead, State::Cancelled] {
                    filter.state = Some(state);
                    if !jobs.list(&filter, 1).await?.is_empty() {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Place::Look => Ok(false),
        }
    }
}

impl Job for ForgetParts {
    const NAME: &'static str = "backup.forget_parts";
    const RULES: Rules = Rules::new().keep(Duration::from_secs(24 * 3600));
    type Payload = ();
    /// How many folders and uploads were removed.
    type Output = u64;

    async fn run(&self, ctx: Ctx, (): ()) -> Outcome<u64> {
        let blobs = &self.0.0.blobs;
        let before = ctx.now().before(REST);
        let mut removed = 0;
        for folder in FOLDERS {
            // The newest file of each place.
            let mut places: BTreeMap<String, (Place, Timestamp)> = BTreeMap::new();
            let mut files = blobs.list(folder)?;
            while let Some((key, written)) = files.try_next().await? {
                if let Some((path, place)) = Place::of(&key) {
                    let newest = &mut places.entry(path).or_insert((place, written)).1;
                    *newest = written.max(*newest);
                }
            }
            for (path, (place, newest)) in places {
                if newest < before && !self.needed(&place).await? {
                    match place {
                        Place::Upload(_) => blobs.delete(&path).await?,
                        Place::Job(_) | Place::Look => blobs.delete_all(&path).await?,
                    }
                    removed += 1;
                }
            }
        }
        Ok(removed)
    }
}

/// What keeps files, and whose they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// A job's folder.
    Job(JobId),
    /// A file that somebody brought, until a job has read it.
    Upload(UserId),
    /// The folder of one look at a plan.
    Look,
}

impl Place {
    /// The path of the folder or file that goes as one.
    fn of(key: &str) -> Option<(String, Self)> {
        let segments: Vec<&str> = key.split('/').collect();
        match segments.as_slice() {
            ["backups", "uploads", user, _] => Some((key.to_owned(), Self::Upload(user.parse().ok()?))),
            ["plans", look, ..] => Some((format!("plans/{look}"), Self::Look)),
            [folder, job, _, ..] => Some((format!("{folder}/{job}"), Self::Job(job.parse().ok()?))),
            _ => None,
        }
    }
}
