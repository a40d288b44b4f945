//! Messages, written again by a webhook under their authors' names. A step is a few messages of one channel; a run that
//! comes to a step that another may have begun looks at what the webhook wrote last in the channel, and goes on there.

use guildhall_base::{ChannelId, MessageId};
use guildhall_infra::jobs::Outcome;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::carry::{Carrier, REASON};
use super::create::text;
use super::text::{Quotes, told, username};
use crate::model::Message;
use crate::plan::{Operation, Resolve, What};
use crate::remote::{Attached, Fault};

/// How many messages a step writes. Fewer than a page of history has, so that one look is enough.
const CHUNK: usize = 50;
/// The most bytes of an attachment.
const FILE: u64 = 25 * 1024 * 1024;
/// The most files and embeds that a message may have.
const TEN: usize = 10;
/// Says that a message is pinned.
const PIN_NOTICE: u64 = 6;

/// The webhook of a channel.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Hook {
    id: String,
    token: String,
}

/// How a step ended.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Written {
    /// The last message's id in the target.
    last: Option<String>,
    /// Those that are to be pinned.
    pins: Vec<String>,
    /// Those that others answer: their ids in the backup and in the target.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    answered: Vec<(MessageId, String)>,
    sent: u64,
    refused: Vec<String>,
}

/// What came of one message.
enum Sent {
    As(String),
    Refused(String),
}

impl Carrier<'_> {
    /// Brings a channel's messages back.
    pub(super) async fn fill(&self, operation: &Operation) -> Outcome {
        let Some(from) = operation.from.map(|id| id.cast()) else { return Ok(()) };
        let found = self.made.lock().channel(from);
        let Some(channel) = found else {
            let why = "The channel could not be made.".to_owned();
            self.report.lock().refuse(What::Messages, &operation.name, why);
            self.progressed(operation.count, operation);
            return Ok(());
        };
        let hook = match self.hook(from, channel).await? {
            Ok(hook) => hook,
            Err(why) => {
                self.report.lock().refuse(What::Messages, &operation.name, why);
                self.progressed(operation.count, operation);
                return Ok(());
            }
        };
        let (mut last, mut pins, mut looked) = (None, Vec::new(), false);
        let (mut skip, mut quotes) = self.survey(from, channel, operation.count).await?;
        for page in 0..self.archive.message_pages(from) {
            let all = self.page(from, page).await?;
            let messages = all.get(skip.min(all.len())..).unwrap_or_default();
            skip = skip.saturating_sub(all.len());
            for (index, chunk) in messages.chunks(CHUNK).enumerate() {
                let name = format!("messages-{from}-{page}-{index}");
                let written: Written = self
                    .ctx
                    .step(&name, async |_| {
                        let first = !std::mem::replace(&mut looked, true);
                        self.write(channel, &hook, chunk, last.as_deref(), first, &mut quotes).await
                    })
                    .await?;
                quotes.learn(chunk, &written.answered);
                last = written.last.or(last);
                pins.extend(written.pins);
                let mut report = self.report.lock();
                report.count(super::carry::sort(operation), written.sent);
                for why in written.refused {
                    report.refuse(What::Messages, &operation.name, why);
                }
                drop(report);
                self.progressed(chunk.len() as u64, operation);
            }
        }
        self.pin(from, channel, &pins, last.as_deref()).await?;
        self.ctx
            .step(&format!("unhook-{from}"), async |_| {
                Ok(self.remote.delete(&format!("/webhooks/{}", hook.id), Some(REASON)).await?)
            })
            .await
    }

    /// The messages of a page that somebody wrote.
    async fn page(&self, from: ChannelId, page: u32) -> Outcome<Vec<Message>> {
        let mut messages = self.archive.messages(from, page).await?;
        messages.retain(Message::is_written);
        Ok(messages)
    }

    /// How many of the oldest messages are not wanted, and which messages are answered by others.
    async fn survey(&self, from: ChannelId, channel: ChannelId, wanted: u64) -> Outcome<(usize, Quotes)> {
        let (mut total, mut quotes) = (0, Quotes::new(self.remote.page(self.guild, channel)));
        for page in 0..self.archive.message_pages(from) {
            let messages = self.page(from, page).await?;
            total += messages.len() as u64;
            quotes.answered.extend(messages.iter().filter_map(|message| message.reply_to));
        }
        let most = self.options.per_channel.unwrap_or(u64::MAX).min(wanted);
        Ok((usize::try_from(total.saturating_sub(most)).unwrap_or(usize::MAX), quotes))
    }

    /// The restore's own webhook in a channel, told from others by its name; or why there can be none.
    async fn hook(&self, from: ChannelId, channel: ChannelId) -> Outcome<Result<Hook, String>> {
        let name = format!("Restore {}", self.ctx.id());
        let path = format!("/channels/{channel}/webhooks");
        self.ctx
            .step(&format!("hook-{from}"), async |_| {
                let made = async {
                    let there: Vec<Value> = self.remote.get(&path).await?;
                    match there.into_iter().find(|hook| text(hook, "name") == name) {
                        Some(hook) => Ok(hook),
                        None => self.remote.post(&path, &json!({ "name": name }), Some(REASON)).await,
                    }
                };
                match made.await {
                    Ok(hook) => Ok(Ok(Hook { id: text(&hook, "id"), token: text(&hook, "token") })),
                    Err(fault) => match fault.refusal() {
                        Some(refusal) => Ok(Err(refusal.to_string())),
                        None => Err(fault.into()),
                    },
                }
            })
            .await
    }

    /// Writes a few messages. With `look`, some of them may be there already.
    async fn write(
        &self,
        channel: ChannelId,
        hook: &Hook,
        messages: &[Message],
        after: Option<&str>,
        look: bool,
        quotes: &mut Quotes,
    ) -> Outcome<Written> {
        let mut written = Written { last: after.map(str::to_owned), ..Written::default() };
        let there = match look {
            true => self.written_after(channel, hook, after).await?,
            false => Vec::new(),
        };
        let mut begin = 0;
        if !there.is_empty() {
            let fates = align(messages, &there, &*self.made.lock(), quotes);
            begin = fates.len();
            for (message, fate) in messages.iter().zip(fates) {
                // Why the target would not have it nobody remembers.
                let sent = fate.map_or_else(|| Sent::Refused("refused".into()), Sent::As);
                written.note(message, sent, quotes);
            }
        }
        for message in messages.get(begin..).unwrap_or_default() {
            let sent = self.send_once(channel, hook, message, written.last.as_deref(), quotes).await?;
            written.note(message, sent, quotes);
        }
        Ok(written)
    }

    /// Writes a message, and looks first whether it is there where nobody knows.
    async fn send_once(
        &self,
        channel: ChannelId,
        hook: &Hook,
        message: &Message,
        after: Option<&str>,
        quotes: &Quotes,
    ) -> Outcome<Sent> {
        let mut tries = 0;
        loop {
            match self.send(hook, message, quotes).await {
                Ok(sent) => return Ok(sent),
                Err(Fault::Unsure(error)) if tries < 3 => {
                    tracing::debug!(%error, "nobody knows whether a message was written");
                    tries += 1;
                    tokio::time::sleep(std::time::Duration::from_secs(tries)).await;
                    if let Some(one) = self.written_after(channel, hook, after).await?.last() {
                        return Ok(Sent::As(text(one, "id")));
                    }
                }
                Err(fault) => return Err(fault.into()),
            }
        }
    }

    /// What the webhook wrote after a message, oldest first.
    async fn written_after(
        &self,
        channel: ChannelId,
        hook: &Hook,
        after: Option<&str>,
    ) -> Result<Vec<Value>, Fault> {
        let mut found = Vec::new();
        let mut after = after.unwrap_or("0").to_owned();
        loop {
            let path = format!("/channels/{channel}/messages?limit=100&after={after}");
            let mut page: Vec<Value> = self.remote.get(&path).await?;
            // Newest first, as the protocol has it.
            page.sort_by_key(|message| text(message, "id").parse::<u64>().unwrap_or(0));
            let Some(newest) = page.last().map(|message| text(message, "id")) else { return Ok(found) };
            let whole = page.len() < 100;
            found.extend(page.into_iter().filter(|message| text(message, "webhook_id") == hook.id));
            if whole {
                return Ok(found);
            }
            after = newest;
        }
    }

    async fn send(&self, hook: &Hook, message: &Message, quotes: &Quotes) -> Result<Sent, Fault> {
        let embeds = embeds(message);
        let mut files = Vec::new();
        for attachment in message.attachments.iter().take(TEN) {
            let Some(file) = &attachment.file else { continue };
            if self.archive.file_size(file).is_some_and(|size| size <= FILE) {
                let data = self.archive.file(file, FILE).await?;
                let content_type = attachment.content_type.clone().unwrap_or_default();
                files.push(Attached { name: attachment.filename.clone(), content_type, data });
            }
        }
        if message.content.is_empty() && embeds.is_empty() && files.is_empty() {
            return Ok(Sent::Refused("There is nothing of it that can be written.".into()));
        }
        let content = told(message, &*self.made.lock(), quotes);
        let body = json!({
            "content": content,
            "username": username(&message.author.name),
            "avatar_url": message.author.avatar_url,
            "embeds": embeds,
            "tts": false,
            "allowed_mentions": { "parse": [] },
        });
        let path = format!("/webhooks/{}/{}?wait=true", hook.id, hook.token);
        let with_files = !files.is_empty();
        let answer = match with_files {
            true => self.remote.post_files(&path, &body, files, None).await,
            false => self.remote.post(&path, &body, None).await,
        };
        match answer {
            Ok(made) => Ok(Sent::As(text(&made, "id"))),
            Err(fault) => match fault.refusal() {
                // The files may be larger than the target takes.
                Some(refusal) if with_files && refusal.status == 413 => {
                    let note = json!({ "content": format!("{content}\n-# (files left out)") });
                    let mut body = body;
                    if let (Some(body), Some(note)) = (body.as_object_mut(), note.as_object()) {
                        body.extend(note.clone());
                    }
                    let made = self.remote.post(&path, &body, None).await?;
                    Ok(Sent::As(text(&made, "id")))
                }
                Some(refusal) => Ok(Sent::Refused(refusal.to_string())),
                None => Err(fault),
            },
        }
    }

    /// Pins what was pinned, and removes what the server says of that.
    async fn pin(&self, from: ChannelId, channel: ChannelId, pins: &[String], last: Option<&str>) -> Outcome {
        if pins.is_empty() {
            return Ok(());
        }
        self.ctx
            .step(&format!("pins-{from}"), async |_| {
                for pin in pins {
                    let path = format!("/channels/{channel}/messages/pins/{pin}");
                    match self.remote.put(&path, &json!({}), Some(REASON)).await {
                        Err(fault) if fault.refusal().is_none() => return Err(fault.into()),
                        _ => {}
                    }
                }
                let after = last.unwrap_or("0");
                let path = format!("/channels/{channel}/messages?limit=100&after={after}");
                let notices: Vec<Value> = self.remote.get(&path).await?;
                let is_notice = |one: &&Value| one.get("type").and_then(Value::as_u64) == Some(PIN_NOTICE);
                for notice in notices.iter().filter(is_notice) {
                    let path = format!("/channels/{channel}/messages/{}", text(notice, "id"));
                    match self.remote.delete(&path, Some(REASON)).await {
                        Err(fault) if fault.refusal().is_none() => return Err(fault.into()),
                        _ => {}
                    }
                }
                Ok(())
            })
            .await
    }
}

impl Written {
    fn note(&mut self, message: &Message, sent: Sent, quotes: &mut Quotes) {
        match sent {
            Sent::As(id) => {
                self.sent += 1;
                if quotes.know(message, &id) {
                    self.answered.push((message.id, id.clone()));
                }
                if message.pinned {
                    self.pins.push(id.clone());
                }
                self.last = Some(id);
            }
            Sent::Refused(why) => self.refused.push(why),
        }
    }
}

/// Those that somebody made; servers add others for links by themselves.
fn embeds(message: &Message) -> Vec<&Value> {
    let made = |embed: &&Value| embed.get("type").and_then(Value::as_str).is_none_or(|kind| kind == "rich");
    message.embeds.iter().filter(made).take(TEN).collect()
}

/// Which of the messages that are there the first ones of these are, by their ids: `None` for one that the target must
/// have refused, because a later one is there. As long as the last that was written.
fn align(
    messages: &[Message],
    there: &[Value],
    made: &dyn Resolve,
    quotes: &mut Quotes,
) -> Vec<Option<String>> {
    let mut fates = Vec::new();
    let mut at = 0;
    for message in messages {
        let Some(next) = there.get(at) else { break };
        let same = text(next, "content").trim() == told(message, made, quotes).trim();
        let id = same.then(|| text(next, "id"));
        if let Some(id) = &id {
            quotes.know(message, id);
        }
        fates.push(id);
        at += usize::from(same);
    }
    if at == there.len() {
        return fates;
    }
    // The target writes texts in its own way: then only their number counts.
    messages.iter().zip(there).map(|(_, one)| Some(text(one, "id"))).collect()
}
