//! What a delivered event costs this process, against a plain loop of `write(2)` of the same bytes, in alternation;
//! and what an idle connection costs. `cargo bench -p guildhall-gateway --bench fanout -- [CONNECTIONS] [ROUNDS]`.
//!
//! CPU time is that of the server's process, kernel included; the clients are another process.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a measurement that cannot go on should stop, and says what it measured"
)]

mod clients;
mod server;

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

use guildhall_infra::events::NewEvent;
use server::Server;

/// Kernel clock ticks per second of `/proc/self/stat`.
const TICKS: f64 = 100.0;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    match arguments.first().map(String::as_str) {
        Some("clients") => runtime.block_on(clients::sessions(&arguments[1..])),
        Some("raw") => runtime.block_on(clients::raw(&arguments[1..])),
        _ => {
            let number = |i: usize, default| arguments.get(i).map_or(default, |text| text.parse().unwrap());
            runtime.block_on(measure(number(0, 1000), number(1, 3)));
        }
    }
}

/// CPU seconds of this process.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / TICKS
}

/// Resident bytes of this process.
fn resident() -> f64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() * 4096.0
}

/// Starts this program as clients and waits until all of them are connected.
fn spawn(arguments: &[String]) -> Child {
    let program = std::env::current_exe().unwrap();
    let mut child =
        Command::new(program).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line.trim(), "ready");
    child
}

async fn measure(connections: usize, rounds: usize) {
    let server = Server::start(connections).await;
    let clients = |address: SocketAddr, query: &str| {
        ["clients".to_owned(), address.to_string(), server.tokens.clone(), query.to_owned()]
    };
    let (cpu_before, resident_before) = (cpu(), resident());
    let arguments = clients(server.address, "");
    let mut plain = tokio::task::spawn_blocking(move || spawn(&arguments)).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    println!("connections: {connections}");
    println!(
        "connect, upgrade, identify: {:.1} us of CPU each",
        (cpu() - cpu_before) * 1e6 / connections as f64
    );
    println!("idle: {:.2} KiB resident each", (resident() - resident_before) / 1024.0 / connections as f64);

    let floor_listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = floor_listener.local_addr().unwrap().to_string();
    let arguments = ["raw".to_owned(), address, connections.to_string()];
    let spawned = std::thread::spawn(move || spawn(&arguments));
    let mut sockets: Vec<TcpStream> =
        floor_listener.incoming().take(connections).map(Result::unwrap).collect();
    let mut raw = spawned.join().unwrap();

    let events = (400_000 / connections).max(64) / 16 * 16;
    for round in 1..=rounds {
        for together in [1, 16] {
            let floor = floor(&mut sockets, server.frame().len(), events, together);
            let ours = fan_out(&server, events, together).await;
            let each = (events * connections) as f64;
            println!(
                "round {round}, {together:>2} a write: floor {:.2} us, ours {:.2} us, ratio {:.2}",
                floor * 1e6 / each,
                ours * 1e6 / each,
                ours / floor
            );
        }
    }
    drop(plain.stdin.take());
    plain.wait().unwrap();
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let arguments = clients(server.address, "&compress=zlib-stream");
    let mut zlib = tokio::task::spawn_blocking(move || spawn(&arguments)).await.unwrap();
    for together in [1, 16] {
        let ours = fan_out(&server, events, together).await;
        println!("zlib-stream, {together:>2} a write: {:.2} us", ours * 1e6 / (events * connections) as f64);
    }
    for child in [&mut raw, &mut zlib] {
        drop(child.stdin.take());
        child.wait().unwrap();
    }
}

/// The least that it could cost.
fn floor(sockets: &mut [TcpStream], frame: usize, events: usize, together: usize) -> f64 {
    let bytes = vec![b'x'; frame * together];
    let before = cpu();
    for _ in 0..events / together {
        for socket in &mut *sockets {
            socket.write_all(&bytes).unwrap();
        }
    }
    cpu() - before
}

/// Appends events and waits until everybody was written to; so many at once.
async fn fan_out(server: &Server, events: usize, together: usize) -> f64 {
    let before = cpu();
    for _ in 0..events / together {
        let batch: Vec<NewEvent> = (0..together).map(|_| server.event()).collect();
        server.happen(&batch).await;
    }
    cpu() - before
}
