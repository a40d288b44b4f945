//! Using a button or menu, and submitting a modal.

use guildhall_base::{Form, InteractionId, MessageId, Result};
use serde_json::{Map, Value, json};

use super::{Act, NewInteraction, data_with_id};
use crate::access::ChannelAccess;
use crate::model::Message;
use crate::rules::message::{read_submission, read_use};
use crate::rules::read::Object;
use crate::store::{self, messages::StoredMessage};
use crate::{Chat, codes};

impl Chat {
    /// Holds the use of a component against the message that has it.
    pub(super) async fn use_component(&self, access: &ChannelAccess, new: &NewInteraction) -> Result<Act> {
        let id = new.message_id.ok_or(codes::UNKNOWN_MESSAGE)?;
        let stored = self.seen(access, id).await?;
        let application = Some(new.application_id);
        if stored.author_id != new.application_id.cast() && stored.body.application_id != application {
            return Err(codes::UNKNOWN_MESSAGE.into());
        }
        let mut form = Form::new();
        let used = Object::at(&mut form, &new.data, "data".to_owned())
            .map(|data| read_use(&mut form, &stored.body.components, &data));
        form.finish()?;
        let used = used.unwrap_or_default();
        let mut form = Form::new();
        let resolved = self.resolve(&mut form, access, &used.wants).await?;
        form.finish()?;
        let mut data = used.data;
        resolved.put(&mut data);
        let metadata = Map::from_iter([("interacted_message_id".to_owned(), json!(id))]);
        let message = Some(self.render_one(stored, access.user).await?);
        Ok(Act { data, message, metadata, ..Act::default() })
    }

    /// Holds a submitted modal against the one that was shown.
    pub(super) async fn submit_modal(&self, access: &ChannelAccess, new: &NewInteraction) -> Result<Act> {
        let (data, id) = data_with_id(&new.data)?;
        let id: InteractionId = id.cast();
        let shown = store::interactions::by_id(self.db(), id).await?.filter(|shown| {
            (shown.user, shown.channel, shown.application) == (access.user, access.id, new.application_id)
                && shown.expires_at >= access.at
        });
        let shown = shown.ok_or(codes::UNKNOWN_INTERACTION)?;
        let modal = shown.body.modal.as_ref().ok_or(codes::UNKNOWN_INTERACTION)?;
        let mut form = Form::new();
        let custom_id = data.text(&mut form, "custom_id", 1..=100).map(Value::from);
        form.choice("data.custom_id", modal.get("custom_id") == custom_id.as_ref());
        let used = read_submission(&mut form, modal, &data);
        form.finish()?;
        let mut form = Form::new();
        let resolved = self.resolve(&mut form, access, &used.wants).await?;
        form.finish()?;
        let mut data = used.data;
        resolved.put(&mut data);
        let message = self.source(access, shown.body.source).await?;
        let metadata = Map::from_iter([("triggering_interaction_metadata".to_owned(), shown.body.metadata)]);
        Ok(Act { data, message, metadata, message_kind: shown.body.message_kind, focused: None })
    }

    /// The message from which a modal was opened, if it was from one and that is still there.
    async fn source(&self, access: &ChannelAccess, id: Option<MessageId>) -> Result<Option<Message>> {
        let Some(id) = id else { return Ok(None) };
        match self.seen(access, id).await {
            Ok(stored) => self.render_one(stored, access.user).await.map(Some),
            Err(error) if error.is(codes::UNKNOWN_MESSAGE) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A message of the channel, or one that only this user sees.
    async fn seen(&self, access: &ChannelAccess, id: MessageId) -> Result<StoredMessage> {
        let private = store::interactions::private(self.db(), access.user, id).await?;
        match private.filter(|message| message.channel_id == access.id) {
            Some(message) => Ok(message),
            None => store::messages::get(self.db(), access.id, id).await,
        }
    }
}
