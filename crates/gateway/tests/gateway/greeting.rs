//! What a client reads together with READY.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::house::sites;

#[tokio::test(flavor = "multi_thread")]
async fn guilds_are_told_once_the_client_has_answered_a_ping_after_ready() {
    for site in sites(|_| {}).await {
        let house = site.start().await;
        let ada = house.person("ada").await;
        let bot = house.bot(&ada, "robot").await;
        let (guild, _) = house.guild(&ada).await;
        house.join(&guild, &bot).await;
        let url = format!("ws://{}/gateway?v=10", house.address);
        let (mut socket, _) = tokio_tungstenite::connect_async(url).await.unwrap();
        let identify = json!({ "op": 2, "d": { "token": bot.token, "intents": 1, "properties": {} } });
        let heartbeat = json!({ "op": 1, "d": null });
        socket.send(Message::text(identify.to_string())).await.unwrap();
        // Said before the ping is answered; it is heard all the same.
        socket.send(Message::text(heartbeat.to_string())).await.unwrap();
        let mut order = Vec::new();
        while order.len() < 5 {
            match socket.next().await.unwrap().unwrap() {
                Message::Ping(_) => order.push("ping".to_owned()),
                Message::Text(text) => {
                    let payload: Value = serde_json::from_str(&text).unwrap();
                    order.push(payload["t"].as_str().map_or(payload["op"].to_string(), str::to_owned));
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(order, ["10", "READY", "ping", "GUILD_CREATE", "11"]);
    }
}
