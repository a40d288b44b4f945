//! Reading what was said: from each channel its newest messages, a page of up to a thousand in each step.

use guildhall_base::{ChannelId, MessageId};
use guildhall_infra::jobs::{Outcome, Phrase};
use serde::{Deserialize, Serialize};

use super::Run;
use crate::archive::{Entry, PAGE};
use crate::model::{FileRef, Guild, Message};
use crate::remote::Fault;
use crate::wire::Wire;

/// The most messages that a server gives at once.
const AT_ONCE: usize = 100;

/// How far the reading is.
pub(super) struct Reading<'a> {
    run: &'a Run<'a>,
    channels: Vec<Channel>,
    /// Messages that were read.
    pub(super) messages: u64,
    /// Files of messages that were kept.
    pub(super) attachments: u64,
    /// Their bytes.
    bytes: u64,
    /// Messages that are wanted in all.
    total: u64,
}

/// How far the reading of one channel is.
struct Channel {
    id: ChannelId,
    name: String,
    /// How many messages it still gets.
    left: u32,
    pages: u32,
    before: Option<MessageId>,
    /// Whether there are no older ones, or none that may be read.
    ended: bool,
}

/// What a step has read.
#[derive(Default, Serialize, Deserialize)]
struct Page {
    entries: Vec<Entry>,
    count: u32,
    attachments: u64,
    bytes: u64,
    oldest: Option<MessageId>,
    ended: bool,
}

impl<'a> Reading<'a> {
    pub(super) fn new(run: &'a Run<'a>, guild: &Guild) -> Self {
        let given = run.options.allocate(&guild.channels, &run.backups.0.allowance);
        let name =
            |id| guild.channels.iter().find(|channel| channel.id == id).map(|channel| channel.name.clone());
        let channel = |(id, left)| Channel {
            id,
            name: name(id).unwrap_or_default(),
            left,
            pages: 0,
            before: None,
            ended: false,
        };
        let total = given.iter().map(|(_, number)| u64::from(*number)).sum();
        let channels = given.into_iter().map(channel).collect();
        Self { run, channels, messages: 0, attachments: 0, bytes: 0, total }
    }

    /// Reads all that is wanted.
    pub(super) async fn all(mut self, entries: &mut Vec<Entry>) -> Outcome<Self> {
        self.round(entries).await?;
        while self.hand_on() {
            self.round(entries).await?;
        }
        // There may be fewer than were allowed.
        let total = (self.messages > 0).then_some(self.messages);
        self.run.ctx.progress(self.messages, total, Phrase::new("backup-job-read", "Read all messages"));
        Ok(self)
    }

    /// Gives what some channels did not need to those that may have more, a share for each; whether any gets some.
    fn hand_on(&mut self) -> bool {
        let options = self.run.options;
        if !options.rollover {
            return false;
        }
        let allowance = &self.run.backups.0.allowance;
        let mut left = u64::from(options.most(allowance)).saturating_sub(self.messages);
        let mut given = false;
        for channel in self.channels.iter_mut().filter(|channel| !channel.ended) {
            let gets = u64::from(options.each(allowance)).min(left);
            channel.left = u32::try_from(gets).unwrap_or(0);
            left -= gets;
            given |= gets > 0;
        }
        given
    }

    async fn round(&mut self, entries: &mut Vec<Entry>) -> Outcome {
        for mut channel in std::mem::take(&mut self.channels) {
            while channel.left > 0 && !channel.ended {
                let english = format!("Reading #{}", channel.name);
                let words =
                    Phrase::new("backup-job-reading-channel", english).with("name", channel.name.clone());
                self.run.ctx.progress(self.messages, self.total.max(self.messages), words);
                let page = self.page(&channel).await?;
                self.messages += u64::from(page.count);
                self.attachments += page.attachments;
                self.bytes += page.bytes;
                channel.left -= page.count.min(channel.left);
                channel.before = page.oldest.or(channel.before);
                channel.ended = page.ended;
                // A channel that is read on later begins a new page: pages hold what one step has read.
                channel.pages += u32::from(!page.entries.is_empty());
                entries.extend(page.entries);
            }
            channel.left = 0;
            self.channels.push(channel);
        }
        Ok(())
    }

    async fn page(&self, channel: &Channel) -> Outcome<Page> {
        let Channel { id, pages, left, .. } = channel;
        let name = format!("messages-{id}-{pages}");
        let most = (*left as usize).min(PAGE);
        self.run.step(&name, async |_| self.read_page(channel, most).await).await
    }

    async fn read_page(&self, channel: &Channel, most: usize) -> Outcome<Page> {
        let mut page = Page { oldest: channel.before, ..Page::default() };
        let mut messages: Vec<Message> = Vec::new();
        while messages.len() < most && !page.ended {
            let limit = AT_ONCE.min(most - messages.len());
            let before = page.oldest.map(|id| format!("&before={id}")).unwrap_or_default();
            let path = format!("/channels/{}/messages?limit={limit}{before}", channel.id);
            let found: Vec<Wire> = match self.run.remote.get(&path).await {
                Ok(found) => found,
                Err(fault) if self.leaves_out(&fault) => {
                    let why = said(&fault);
                    let english = format!("#{} cannot be read and is left out: {why}", channel.name);
                    let words =
                        Phrase::new("backup-job-no-channel", english).with("name", channel.name.clone());
                    self.run.ctx.say(words.with("why", why));
                    Vec::new()
                }
                Err(fault) => return Err(fault.into()),
            };
            page.ended = found.len() < limit;
            page.oldest = found.iter().map(|message| message.id).min().or(page.oldest);
            let picture = |path: &str| self.run.remote.asset(path);
            messages.extend(found.into_iter().map(|message| message.kept(picture)));
        }
        messages.sort_by_key(|message| message.id);
        page.count = u32::try_from(messages.len()).unwrap_or(u32::MAX);
        if self.run.options.attachments {
            self.files(&mut messages, &mut page).await?;
        }
        if !messages.is_empty() {
            let part = self.run.work.put_messages(channel.id, channel.pages, &messages);
            page.entries.push(part.await?);
        }
        Ok(page)
    }

    /// Whether the backup goes on without a channel.
    fn leaves_out(&self, fault: &Fault) -> bool {
        fault.refusal().is_some() && self.run.options.ignore_errors
    }

    /// Keeps the files of messages, as long as they fit.
    async fn files(&self, messages: &mut [Message], page: &mut Page) -> Outcome {
        let allowance = &self.run.backups.0.allowance;
        for attachment in messages.iter_mut().flat_map(|message| &mut message.attachments) {
            let Some(url) = &attachment.url else { continue };
            let fits = self.bytes + page.bytes + attachment.size <= allowance.attachments_bytes;
            if attachment.size > allowance.attachment_bytes || !fits {
                continue;
            }
            let cap = usize::try_from(allowance.attachment_bytes).unwrap_or(usize::MAX);
            match self.run.remote.download(url, cap).await {
                Ok(content) => {
                    page.bytes += content.len() as u64;
                    page.attachments += 1;
                    let part = format!("attachments/{}", attachment.id);
                    page.entries.push(self.run.work.put_bytes(&part, content, false).await?);
                    attachment.file = Some(FileRef(part));
                }
                Err(fault) if fault.refusal().is_some() => {
                    let (why, name) = (said(&fault), &attachment.filename);
                    let words =
                        Phrase::new("backup-job-no-file", format!("The file {name} cannot be had: {why}"));
                    self.run.ctx.say(words.with("name", name.clone()).with("why", why));
                }
                Err(fault) => return Err(fault.into()),
            }
        }
        Ok(())
    }
}

fn said(fault: &Fault) -> String {
    fault.refusal().map(ToString::to_string).unwrap_or_default()
}
