//! Connecting, upgrading and identifying, against the same conversation held by a plain loop.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use anyhow::Result;

use crate::child::Load;
use crate::fanout::resident;
use crate::figures::{Cpu, Samples, line};
use crate::world::World;

/// A bot may identify every five seconds.
const BETWEEN: Duration = Duration::from_millis(5_200);

pub(crate) async fn run(connections: usize, rounds: usize) -> Result<()> {
    line(&format!("{connections} bots connect, upgrade and identify; each is in one guild"));
    let world = World::start().await?;
    let mut load = Load::start()?;
    load.ask(&format!("target {} {} {}", world.server.address(), world.token, world.channel)).await?;
    let made = resident();
    load.ask(&format!("bots {}", world.bots(connections + 1).await?.display())).await?;
    line(&format!(
        "  making a bot and its membership took {:.2} KiB of memory each",
        (resident() - made) / 1024.0 / connections as f64
    ));
    let (mut floor, mut cost) = (Samples::default(), Samples::default());
    for round in 0..=rounds {
        // One connection first, so that what is made once is not counted.
        load.ask("identify 1 none").await?;
        let (memory, cpu) = (resident(), Cpu::start());
        load.ask(&format!("identify {connections} none")).await?;
        let spent = cpu.spent().as_secs_f64() * 1e6 / connections as f64;
        let kept = (resident() - memory) / 1024.0 / connections as f64;
        let name = if round == 0 { "the first time" } else { "again" };
        line(&format!("  {name}: {spent:.1} µs of CPU, {kept:.2} KiB of memory each"));
        if round > 0 {
            cost.push(spent);
            floor.push(converse(&mut load, connections).await?);
        }
        load.ask("hang-up").await?;
        tokio::time::sleep(BETWEEN).await;
    }
    line(&format!("  again, median (min to max)  {} µs", cost.text()));
    line(&format!("  floor                       {} µs", floor.text()));
    line(&format!("  ratio                       {}", cost.over(&floor).text()));
    drop(load);
    world.server.stop().await
}

/// The floor: a thread accepts and answers with as many bytes in as few writes as a gateway can, nothing else. The
/// answer to the upgrade and HELLO go out together, READY and GUILD_CREATE too.
async fn converse(load: &mut Load, count: usize) -> Result<f64> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    load.say(&format!("converse {} {count}", listener.local_addr()?)).await?;
    let talk = move || {
        let cpu = Cpu::start();
        for _ in 0..count {
            converse_once(listener.accept()?.0)?;
        }
        anyhow::Ok(cpu.spent())
    };
    let spent = tokio::task::spawn_blocking(talk).await??;
    load.answer().await?;
    Ok(spent.as_secs_f64() * 1e6 / count as f64)
}

fn converse_once(mut stream: TcpStream) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = [0; 4096];
    let _request = stream.read(&mut buffer)?;
    let mut first = b"HTTP/1.1 101 Switching Protocols\r\nx: ".to_vec();
    first.resize(200, b'x');
    first.extend(b"\r\n\r\n");
    first.extend([b'x'; 90]);
    stream.write_all(&first)?;
    let _identify = stream.read(&mut buffer)?;
    stream.write_all(&[b'x'; 3000])?;
    Ok(())
}
