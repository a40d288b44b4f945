//! The program as an operator meets it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn guildhall(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_guildhall"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("GUILDHALL_") {
            command.env_remove(name);
        }
    }
    command.current_dir(folder);
    command
}

fn text(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&output.stdout), text(&output.stderr))
}

#[test]
fn flags_are_stronger_than_variables_and_these_than_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = "listen = '127.0.0.1:1001'\ndata = 'from-file'\n[log]\nformat = 'json'\n";
    std::fs::write(folder.path().join("hall.toml"), file).unwrap();
    let mut command = guildhall(folder.path());
    command.args(["config", "--config", "hall.toml", "--listen", "127.0.0.1:1003"]);
    command.env("GUILDHALL_LISTEN", "127.0.0.1:1002").env("GUILDHALL_DATA", "from-variable");
    command.env("GUILDHALL_LIMITS_TRUSTED_PROXIES", "10.0.0.1,::1");
    let output = command.output().unwrap();
    let (shown, errors) = text(&output);
    assert!(output.status.success(), "{errors}");
    for line in [
        "listen = \"127.0.0.1:1003\"",
        "data = \"from-variable\"",
        "database_url = \"sqlite:from-variable/guildhall.db\"",
        "format = \"json\"",
        "trusted_proxies = [\"10.0.0.1\", \"::1\"]",
        "requests_per_bucket = 100",
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line} is missing in:\n{shown}");
    }
}

#[test]
fn mistakes_in_the_configuration_stop_the_start_and_are_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("hall.toml"), "[gateway]\nqueue_byte = 1\n").unwrap();
    let with = |change: &dyn Fn(&mut Command)| {
        let mut command = guildhall(folder.path());
        change(&mut command);
        let output = command.output().unwrap();
        assert!(!output.status.success());
        text(&output).1
    };
    let errors = with(&|command| {
        command.args(["serve", "--config", "hall.toml"]);
    });
    assert_eq!(
        errors,
        "guildhall: in configuration file hall.toml: unknown key `gateway.queue_byte`; \
         did you mean `gateway.queue_bytes`?\n"
    );
    let errors = with(&|command| {
        command.env("GUILDHALL_DATABASE_ULR", "x");
    });
    assert!(errors.contains("did you mean `GUILDHALL_DATABASE_URL`?"), "{errors}");
    let errors = with(&|command| {
        command.args(["config", "--config", "absent.toml"]);
    });
    assert!(errors.contains("cannot read configuration file absent.toml"), "{errors}");
    assert!(!folder.path().join("data").exists(), "nothing was made");
}

#[test]
fn without_a_command_it_serves_until_it_is_asked_to_stop() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = guildhall(folder.path());
    command.args(["--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut server = command.spawn().unwrap();
    let mut first = String::new();
    BufReader::new(server.stdout.as_mut().unwrap()).read_line(&mut first).unwrap();
    let address =
        first.trim().strip_prefix("Guildhall is open at http://").unwrap_or_else(|| panic!("{first}"));
    assert!(std::net::TcpStream::connect(address).is_ok());
    let pid = server.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    let mut log = String::new();
    server.stderr.as_mut().unwrap().read_to_string(&mut log).unwrap();
    assert!(server.wait().unwrap().success(), "{log}");
    assert!(folder.path().join("data/guildhall.db").exists());
}
