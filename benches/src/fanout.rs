//! Events to many connections, against plain loops of write(2) of the same bytes.

use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use anyhow::Result;

use crate::child::Load;
use crate::figures::{Cpu, Samples, line};
use crate::world::World;

/// Deliveries per phase: enough for a steady figure, few enough for a short run.
const DELIVERIES: usize = 200_000;
/// Events that leave together in a burst.
const BURST: usize = 16;

/// What each phase costs, in microseconds of CPU per delivered event.
#[derive(Default)]
struct Phases {
    singly: Samples,
    bursts: Samples,
    floor_singly: Samples,
    floor_bursts: Samples,
}

pub(crate) async fn run(connections: usize, rounds: usize) -> Result<()> {
    line(&format!("fan-out to {connections} connections, {rounds} rounds"));
    let plain = measure(connections, rounds, "none").await?;
    report("uncompressed", &plain);
    let zlib = measure(connections, rounds, "zlib-stream").await?;
    report("zlib-stream", &zlib);
    let ratio = |zlib: &Samples, plain: &Samples| format!("{:.2}", zlib.median() / plain.median());
    line(&format!(
        "zlib-stream / uncompressed: singly {}, bursts {}",
        ratio(&zlib.singly, &plain.singly),
        ratio(&zlib.bursts, &plain.bursts)
    ));
    Ok(())
}

fn report(name: &str, phases: &Phases) {
    line(&format!("{name}, µs of CPU per delivered event: median (min to max)"));
    line(&format!("  floor, one per write        {}", phases.floor_singly.text()));
    line(&format!("  server, one at a time       {}", phases.singly.text()));
    line(&format!("  floor, {BURST} per write         {}", phases.floor_bursts.text()));
    line(&format!("  server, bursts of {BURST}        {}", phases.bursts.text()));
    line(&format!("  ratio singly                {}", phases.singly.over(&phases.floor_singly).text()));
    line(&format!("  ratio in bursts             {}", phases.bursts.over(&phases.floor_bursts).text()));
}

async fn measure(connections: usize, rounds: usize, compress: &str) -> Result<Phases> {
    let world = World::start().await?;
    let mut load = Load::start()?;
    let target = format!("target {} {} {}", world.server.address(), world.token, world.channel);
    load.ask(&target).await?;
    load.ask(&format!("clients {BURST}")).await?;
    load.ask(&format!("bots {}", world.bots(connections).await?.display())).await?;

    // One connection first, so that what is made once is not counted.
    load.ask(&format!("identify 1 {compress}")).await?;
    let (memory, cpu) = (resident(), Cpu::start());
    load.ask(&format!("identify {} {compress}", connections - 1)).await?;
    let each = |total: f64| total / (connections - 1) as f64;
    let spent = cpu.spent();
    tokio::time::sleep(Duration::from_secs(1)).await;
    line(&format!(
        "{compress}: connect, upgrade and identify {:.1} µs of CPU, {:.2} KiB of memory each",
        each(spent.as_secs_f64() * 1e6),
        each((resident() - memory) / 1024.0)
    ));

    let size: usize = load.ask("size").await?.parse()?;
    line(&format!("{compress}: one event is {size} bytes"));
    let mut floor = Floor::open(&mut load, connections, size).await?;
    let events = (DELIVERIES / connections).next_multiple_of(BURST);
    let per_event = |spent: Duration| spent.as_secs_f64() * 1e6 / (events * connections) as f64;
    let mut phases = Phases::default();
    for _ in 0..rounds {
        phases.floor_singly.push(per_event(floor.write(&mut load, events, 1).await?));
        let cpu = Cpu::start();
        load.ask(&format!("events {events} 1")).await?;
        phases.singly.push(per_event(cpu.spent()));
        phases.floor_bursts.push(per_event(floor.write(&mut load, events, BURST).await?));
        let cpu = Cpu::start();
        load.ask(&format!("events {events} {BURST}")).await?;
        phases.bursts.push(per_event(cpu.spent()));
    }
    drop(load);
    world.server.stop().await?;
    Ok(phases)
}

/// The plain loop.
struct Floor {
    sockets: Vec<TcpStream>,
    size: usize,
}

impl Floor {
    async fn open(load: &mut Load, connections: usize, size: usize) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        load.say(&format!("floor {} {connections}", listener.local_addr()?)).await?;
        let accepted = tokio::task::spawn_blocking(move || {
            (0..connections).map(|_| Ok(listener.accept()?.0)).collect::<std::io::Result<Vec<_>>>()
        });
        let sockets = accepted.await??;
        load.answer().await?;
        for socket in &sockets {
            socket.set_nodelay(true)?;
        }
        Ok(Self { sockets, size })
    }

    /// Writes so many events to every socket, so many per write, each round when the one before was read.
    async fn write(&mut self, load: &mut Load, events: usize, batch: usize) -> Result<Duration> {
        let bytes = vec![b'x'; self.size * batch];
        let mut spent = Duration::ZERO;
        for _ in 0..events / batch {
            let cpu = Cpu::start();
            for socket in &mut self.sockets {
                socket.write_all(&bytes)?;
            }
            spent += cpu.spent();
            load.ask(&format!("drain {}", bytes.len() * self.sockets.len())).await?;
        }
        Ok(spent)
    }
}

/// Resident memory of this process, in bytes.
pub(crate) fn resident() -> f64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: f64 = statm.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or(0.0);
    pages * 4096.0
}
