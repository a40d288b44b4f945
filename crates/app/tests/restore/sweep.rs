//! What is left in the blob store where jobs did not come to their end.

use std::fs;
use std::time::{Duration, SystemTime};

use guildhall_backup::ForgetParts;
use guildhall_backup::plan::Mode;
use guildhall_backup::restore::{Source, Target};
use guildhall_base::{JobId, UserId};
use guildhall_infra::jobs::{NewJob, State};

use crate::story::{SMALL, brought, id_of, over, restore, told};
use crate::support::{Client, Hall, halls};

async fn swept(hall: &Hall, client: &Client, user: UserId) -> String {
    let job = NewJob::of::<ForgetParts>(&()).user(user);
    let id = hall.server().hall().jobs.enqueue_now(job).await.unwrap();
    let record = over(hall, client, id).await;
    assert_eq!(record.state, State::Done, "{record:?}");
    record.result.unwrap()
}

#[tokio::test]
async fn what_nobody_comes_back_to_is_removed() {
    for mut hall in halls().await {
        hall.start().await;
        let ada = hall.register("ada").await;
        let user = id_of(&ada).await;
        let done = brought(&hall, &ada, SMALL).await.job;
        // It ends dead, and may be retried.
        let nothing = Source { job: JobId::new(1), file: "backup.guildhall".into() };
        let dead = restore(&hall, &ada, &told(&nothing, Target::New { name: None }, Mode::Full)).await;
        assert_eq!(dead.state, State::Dead, "{dead:?}");
        let lay = |key: &str, age: Duration| {
            let path = hall.folder.path().join("data/blobs").join(key);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, "left").unwrap();
            fs::File::options()
                .write(true)
                .open(&path)
                .unwrap()
                .set_modified(SystemTime::now() - age)
                .unwrap();
            path
        };
        let (old, young) = (Duration::from_secs(2 * 24 * 3600), Duration::from_secs(3600));
        let gone = [
            "backups/1/parts/guild.json".to_owned(),
            format!("imports/{done}/INDEX"),
            format!("imports/{done}/parts/messages/5/0.jsonl"),
            "restores/1/before/parts/guild.json".to_owned(),
            "plans/0f/parts/guild.json".to_owned(),
            format!("backups/uploads/{user}/0f"),
        ]
        .map(|key| lay(&key, old));
        let kept = [
            lay(&format!("restores/{}/INDEX", dead.id), old),
            lay("restores/2/parts/guild.json", old),
            lay("restores/2/INDEX", young),
            lay("plans/0e/parts/guild.json", young),
            lay(&format!("backups/uploads/{user}/0e"), young),
        ];
        assert_eq!(swept(&hall, &ada, user).await, "5");
        assert!(gone.iter().all(|path| !path.exists()), "{gone:?}");
        assert!(kept.iter().all(|path| path.exists()), "{kept:?}");
        // With the record goes what only it could come back to.
        hall.server().hall().jobs.forget(dead.id).await.unwrap();
        assert_eq!(swept(&hall, &ada, user).await, "1");
        assert!(!kept[0].exists());
        hall.stop().await;
    }
}
