//! [`Config`]: what the operator decides about accounts.

use std::sync::Arc;
use std::time::Duration;

use guildhall_base::{Result, UserId};
use guildhall_infra::blobs::Blobs;
use guildhall_infra::db::Batch;
use guildhall_infra::fetch::Fetch;
use guildhall_infra::seal::Seal;
use url::Url;

use crate::SessionScopes;
use crate::mail::Post;
use crate::provider::Providers;
use crate::staff::Ranks;

/// What the operator decides about accounts.
#[derive(Clone)]
pub struct Config {
    /// Whether strangers may register.
    pub registration: bool,
    /// Whether the site is reached by https, so that cookies are marked `Secure`.
    pub secure: bool,
    /// How long a web session lives after it was last used.
    pub session_life: Duration,
    /// How long a session of a program lives after it was last used.
    pub api_session_life: Duration,
    /// What a session of a program may be used for, at most.
    pub api_scopes: SessionScopes,
    /// For how long a proof of who somebody is counts for dangerous actions.
    pub proof_life: Duration,
    /// What the installation is called.
    pub name: String,
    /// Where browsers reach it; passkeys and sign-in at other sites need it.
    pub public_url: Option<Url>,
    /// Other sites that people may sign in by.
    pub providers: Providers,
    /// The way to them; without it, there are none.
    pub fetch: Option<Fetch>,
    /// Which ranks staff may hold.
    pub ranks: Ranks,
    /// What secrets of second factors are stored under; without it, none are taken.
    pub seal: Option<Seal>,
    /// How many passwords are hashed at once; each takes 19 MiB and a core for some 20 ms.
    pub hash_threads: usize,
    /// What mails are sent with; without it, none are.
    pub post: Option<Post>,
    /// Where avatars and banners are kept; without it, none are taken.
    pub pictures: Option<Blobs>,
    /// What else happens when sessions of somebody end.
    pub on_ended: Option<OnEnded>,
    /// For how long who asked for the deletion of their account may still keep it.
    pub deletion_delay: Duration,
    /// Whether the names of deleted accounts may be taken by others.
    pub free_names: bool,
}

/// Adds to the batch in which sessions of this user end, such as a job that tells others of it.
pub type OnEnded = Arc<dyn Fn(&mut Batch, UserId) -> Result<()> + Send + Sync>;

impl Default for Config {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            registration: true,
            secure: false,
            session_life: Duration::from_secs(30 * 24 * 3600),
            api_session_life: Duration::from_secs(960),
            api_scopes: SessionScopes::all(),
            proof_life: Duration::from_secs(10 * 60),
            name: "Guildhall".to_owned(),
            public_url: None,
            providers: Providers::new(),
            fetch: None,
            ranks: Ranks::default(),
            seal: None,
            hash_threads: cores.div_ceil(2),
            post: None,
            pictures: None,
            on_ended: None,
            deletion_delay: Duration::from_secs(14 * 24 * 3600),
            free_names: true,
        }
    }
}
