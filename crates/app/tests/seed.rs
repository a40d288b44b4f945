//! `guildhall seed`, within the server's process and beside it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on should stop")]

mod support;

use std::path::Path;
use std::process::Command;

use guildhall_app::seed::{self, DEMO};
use serde_json::Value;
use support::socket::Socket;
use support::{Hall, halls};

/// Runs the program with the database and the data of a hall.
async fn guildhall(hall: &Hall, arguments: &[&str]) -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_guildhall"));
    command.args(arguments);
    command.env("GUILDHALL_DATABASE_URL", &hall.database.url);
    command.env("GUILDHALL_DATA", hall.folder.path().join("data"));
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn seeding_twice_is_seeding_once() {
    for mut hall in halls().await {
        hall.start().await;
        let first = seed::build(hall.server().hall(), DEMO).await.unwrap();
        let second = seed::build(hall.server().hall(), DEMO).await.unwrap();
        assert_eq!(first, second, "{}", hall.database.name);

        let guild = &first.guilds[0];
        let names: Vec<_> = guild.channels.iter().map(|channel| channel.name.as_str()).collect();
        for name in ["The hall", "general", "announcements", "wardens", "workbench"] {
            assert_eq!(names.iter().filter(|found| **found == name).count(), 1, "{name} in {names:?}");
        }
        assert_eq!(names.len(), 5, "nothing but what is described: {names:?}");
        let roles: Vec<_> = guild.roles.iter().map(|role| role.name.as_str()).collect();
        assert_eq!(roles.len(), 3, "{roles:?}");

        let general = guild.channels.iter().find(|channel| channel.name == "general").unwrap();
        let wardens = guild.channels.iter().find(|channel| channel.name == "wardens").unwrap();
        let bot = hall.client(format!("Bot {}", first.bots[0].token));
        assert_eq!(bot.get("/users/@me").await["id"], first.bots[0].id.to_string());
        let said = bot.get(&format!("/channels/{}/messages", general.id)).await;
        assert_eq!(said.as_array().unwrap().len(), 2);
        assert!(said[1]["content"].as_str().unwrap().starts_with("Welcome"), "in the order of the file");
        bot.get(&format!("/channels/{}/messages", wardens.id)).await;
        let bob = hall.client(&first.users[1].token);
        let (status, _) = bob.send("GET", &format!("/channels/{}/messages", wardens.id), None).await;
        assert!(status.is_client_error(), "overwrites hold");
        hall.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_seeds_before_the_server_starts_and_while_it_runs() {
    for mut hall in halls().await {
        let world = "
            users = [{ name = 'ada' }]
            bots = [{ name = 'echo', owner = 'ada', token = 'MTE3NTkyODg0NzI5OTE3.x.secret' }]
            [[guilds]]
            name = 'First'
            owner = 'ada'
            channels = [{ name = 'talk' }]
            members = [{ user = 'echo' }]
        ";
        let file = write(hall.folder.path(), "world.toml", world);
        let before = guildhall(&hall, &["seed", &file, "--json"]).await;
        assert_eq!(before["bots"][0]["id"], "117592884729917");
        assert_eq!(before["bots"][0]["application_id"], "117592884729917");
        assert_eq!(before["guilds"][0]["channels"][0]["name"], "talk");
        assert_eq!(before["guilds"][0]["channels"][0]["type"], 0);

        hall.start().await;
        let mut socket = Socket::identify(&hall.gateway_url().await, "MTE3NTkyODg0NzI5OTE3.x.secret").await;
        assert_eq!(socket.until("GUILD_CREATE").await["name"], "First");
        let more = format!(
            "{world}\nmessages = [{{ channel = 'talk', author = 'ada', content = 'from another process' }}]\n\
             [[guilds]]\nname = 'Second'\nowner = 'ada'\nmembers = [{{ user = 'echo' }}]"
        );
        let file = write(hall.folder.path(), "more.toml", &more);
        let after = guildhall(&hall, &["seed", &file, "--json"]).await;
        assert_eq!(after["users"], before["users"]);
        assert_eq!(after["guilds"][0], before["guilds"][0]);
        assert_eq!(socket.until("MESSAGE_CREATE").await["content"], "from another process");
        assert_eq!(socket.until("GUILD_CREATE").await["name"], "Second");
        drop(socket);
        hall.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mistake_in_the_file_writes_nothing() {
    for mut hall in halls().await {
        hall.start().await;
        let text = "users = [{ name = 'ada' }]\n[[guilds]]\nname = 'First'\nowner = 'bob'";
        let error = seed::build(hall.server().hall(), text).await.unwrap_err();
        assert_eq!(format!("{error:#}"), "in guild \"First\": there is no user \"bob\"");
        assert!(hall.server().hall().accounts.user_by_name("ada").await.unwrap().is_none());
        hall.stop().await;
    }
}
