//! The configuration file and its display.

use confique::Layer;

use super::load::{parse, table};
use super::unknown::{leaves, variables};
use super::*;

fn settings(text: &str) -> anyhow::Result<Settings> {
    let layer = parse(text)?.with_fallback(<Settings as Config>::Layer::default_values());
    Ok(Settings::from_layer(layer)?.resolve())
}

fn refusal(text: &str) -> String {
    format!("{:#}", settings(text).unwrap_err())
}

#[test]
fn defaults_follow_from_one_another() {
    let settings = settings("listen = '127.0.0.1:9000'\ndata = '/srv/hall'").unwrap();
    assert_eq!(settings.database_url(), "sqlite:/srv/hall/guildhall.db");
    assert_eq!(settings.public_url(), "http://127.0.0.1:9000");
}

#[test]
fn a_public_url_loses_its_last_slash() {
    assert_eq!(
        settings("public_url = 'https://hall.example/'").unwrap().public_url(),
        "https://hall.example"
    );
}

#[test]
fn unknown_keys_name_the_nearest() {
    assert_eq!(refusal("listn = 'x'"), "unknown key `listn`; did you mean `listen`?");
    assert_eq!(
        refusal("[gateway]\nheartbeat = 1"),
        "unknown key `gateway.heartbeat`; did you mean `gateway.heartbeat_seconds`?"
    );
    assert_eq!(
        refusal("upload_bytes = 1"),
        "unknown key `upload_bytes`; did you mean `limits.upload_bytes`?"
    );
    assert_eq!(refusal("zzz = 1"), "unknown key `zzz`; `guildhall config` shows those that exist");
    assert_eq!(refusal("gateway = 1"), "`gateway` is a section: write [gateway] on a line of its own");
}

#[test]
fn unknown_variables_name_the_nearest() {
    let check = |name: &str| variables([name.to_owned()].into_iter()).map_err(|error| error.to_string());
    assert_eq!(
        check("GUILDHALL_LISTN").unwrap_err(),
        "unknown environment variable `GUILDHALL_LISTN`; did you mean `GUILDHALL_LISTEN`?"
    );
    for fine in ["GUILDHALL_LISTEN", "GUILDHALL_CONFIG", "GUILDHALL_TEST_POSTGRES", "HOME"] {
        check(fine).unwrap();
    }
}

#[test]
fn values_that_do_not_fit_are_refused() {
    assert!(refusal("listen = 8080").contains("listen"));
    assert!(refusal("[accounts]\nregistration = 'ajar'").contains("ajar"));
    assert!(refusal("[gateway]\nmax_concurrency = 0").contains("must be at least 1"));
    assert!(refusal("listen").contains("not TOML"));
}

#[test]
fn every_key_has_the_variable_that_its_name_says() {
    for leaf in leaves() {
        let name = format!("GUILDHALL_{}", leaf.path.replace('.', "_").to_uppercase());
        assert_eq!(leaf.variable, Some(name.as_str()), "{}", leaf.path);
    }
}

#[test]
fn a_table_is_said_in_one_line_of_the_environment() {
    let ranks: std::collections::BTreeMap<String, RankSettings> =
        table(r#"{ helper = { level = 1, rights = ["staff.view"] } }"#).unwrap();
    assert_eq!(ranks["helper"].level, 1);
    assert!(table::<std::collections::BTreeMap<String, RankSettings>>("helper").is_err());
}

#[test]
fn what_is_shown_can_be_read_back() {
    let text =
        show(&settings("[metrics]\ntoken = 'a\"b'\n[limits]\ntrusted_proxies = ['::1']").unwrap()).unwrap();
    assert_eq!(show(&settings(&text).unwrap()).unwrap(), text);
    assert!(text.contains("# Seconds between two heartbeats of a client.\n"), "{text}");
    assert!(
        text.contains(
            "# Environment variable: GUILDHALL_GATEWAY_HEARTBEAT_SECONDS\nheartbeat_seconds = 41\n"
        )
    );
}
