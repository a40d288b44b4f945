//! `guildhall jobs` as the operator meets it: the real program, without a server and beside one.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on should stop")]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use guildhall_infra::testing::{TestDb, databases};
use serde_json::{Value, json};

const WORLD: &str = r#"
users = [{ name = "ada" }]
[[guilds]]
name = "Observatory"
owner = "ada"
channels = [{ name = "general" }]
messages = [{ channel = "general", author = "ada", content = "first light" }]
"#;

/// An operator at the command line of one installation.
struct Operator<'a> {
    folder: &'a Path,
    database: &'a TestDb,
}

impl Operator<'_> {
    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_guildhall"));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("GUILDHALL_") {
                command.env_remove(name);
            }
        }
        command
            .args(args)
            .args(["--database-url", &self.database.url, "--data"])
            .arg(self.folder.join("data"));
        command.current_dir(self.folder);
        command
    }

    #[track_caller]
    fn does(&self, args: &[&str]) -> String {
        let output = self.command(args).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{} {args:?}: {errors}", self.database.name);
        String::from_utf8(output.stdout).unwrap()
    }

    #[track_caller]
    fn reads(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.does(args)).unwrap()
    }

    /// What the program complains of.
    #[track_caller]
    fn fails(&self, args: &[&str]) -> String {
        let output = self.command(args).output().unwrap();
        assert!(!output.status.success(), "{}: {args:?}", self.database.name);
        assert!(output.stdout.is_empty());
        String::from_utf8(output.stderr).unwrap()
    }

    /// A file for `--input`.
    fn file(&self, name: &str, content: &Value) -> String {
        std::fs::write(self.folder.join(name), content.to_string()).unwrap();
        name.to_owned()
    }

    /// A server; it is up when this returns.
    fn serve(&self) -> Child {
        let mut server =
            self.command(&["serve", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).spawn().unwrap();
        let mut first = String::new();
        BufReader::new(server.stdout.as_mut().unwrap()).read_line(&mut first).unwrap();
        assert!(first.starts_with("Guildhall is open"), "{first}");
        server
    }
}

#[tokio::test]
async fn jobs_are_run_without_a_server_listed_shown_cancelled_and_retried() {
    for database in databases().await {
        let folder = tempfile::tempdir().unwrap();
        let operator = Operator { folder: folder.path(), database: &database };
        std::fs::write(folder.path().join("world.toml"), WORLD).unwrap();
        let world = operator.reads(&["seed", "world.toml", "--json"]);
        let guild = world["guilds"][0]["id"].as_str().unwrap();

        let said = operator.does(&["jobs", "run", "events.trim"]);
        assert!(said.contains("events.trim") && said.contains(": done"), "{said}");

        // A backup, offline.
        let wish = operator.file("wish.json", &json!({ "guild_id": guild, "options": { "messages": true } }));
        let backup = operator.reads(&["jobs", "run", "guild_backup", "--input", &wish, "--json"]);
        let result: Value = serde_json::from_str(backup["job"]["result"].as_str().unwrap()).unwrap();
        assert_eq!((&backup["job"]["state"], &result["messages"]), (&json!("done"), &json!(1)), "{backup}");
        let id = backup["job"]["id"].as_str().unwrap();
        let runs: Vec<_> =
            std::fs::read_dir(folder.path().join("data/blobs/jobs").join(id)).unwrap().collect();
        let file = runs.into_iter().next().unwrap().unwrap().path().join("backup.guildhall");
        assert_eq!(file.metadata().unwrap().len(), result["size"].as_u64().unwrap());

        // A job that cannot succeed.
        let lost = operator.file("lost.json", &json!({ "key": "backups/uploads/1/0f", "passphrase": null }));
        let errors = operator.fails(&["jobs", "run", "backup_import", "--input", &lost]);
        assert!(errors.contains(": dead") && errors.contains("(not_found)"), "{errors}");
        let dead = operator.reads(&["jobs", "list", "--state", "dead", "--json"]);
        assert_eq!(dead.as_array().unwrap().len(), 1, "{dead}");
        let import = dead[0]["id"].as_str().unwrap();
        let shown = operator.does(&["jobs", "show", import]);
        assert!(
            shown.contains("backup_import") && shown.contains("1 runs") && shown.contains("failed:"),
            "{shown}"
        );

        let listed = operator.does(&["jobs", "list", "--limit", "2"]);
        assert!(listed.contains(import) && listed.contains(id) && listed.ends_with("2 jobs\n"), "{listed}");
        let named = operator.reads(&["jobs", "list", "--name", "guild_backup", "--json"]);
        assert_eq!((named.as_array().unwrap().len(), &named[0]["id"]), (1, &json!(id)));

        operator.refuses(import);
        // It waits for a server, which is not there, until it is cancelled; with a server it is tried again.
        assert!(operator.does(&["jobs", "retry", import]).contains(": ready"));
        assert!(operator.does(&["jobs", "cancel", import]).contains(": cancelled"));
        assert!(operator.fails(&["jobs", "cancel", import]).contains("not in a state"));
        let mut server = operator.serve();
        operator.does(&["jobs", "retry", import]);
        let ended = || operator.reads(&["jobs", "show", import, "--json"])["job"].clone();
        let ended = (0..200).map(|_| ended()).find(|job| job["state"] == "dead").unwrap();
        assert_eq!((&ended["runs"], &ended["error"]["code"]), (&json!(2), &json!("not_found")));
        let term = Command::new("kill").args(["-TERM", &server.id().to_string()]).status().unwrap();
        assert!(term.success() && server.wait().unwrap().success());
    }
}

impl Operator<'_> {
    /// What is asked wrongly is refused, and why.
    fn refuses(&self, job: &str) {
        for (args, why) in [
            (&["jobs", "run", "no.such"][..], "the kinds of jobs are"),
            (&["jobs", "run", "events.trim", "--input", "absent.json"], "cannot read absent.json"),
            (&["jobs", "run", "guild_backup"], "guildhall:"),
            (&["jobs", "show", "5"], "there is no job 5"),
            (&["jobs", "cancel", "5"], "guildhall:"),
            (&["jobs", "retry", "5"], "guildhall:"),
            (&["jobs", "cancel", job], "not in a state"),
            (&["jobs", "show", "x"], "invalid value"),
        ] {
            let errors = self.fails(args);
            assert!(errors.contains(why), "{args:?}: {errors}");
        }
    }
}
