//! What happens to emojis and stickers. They are the same if they are called the same.

use std::collections::BTreeSet;

use guildhall_base::AnyId;
use serde_json::{Map, Value, json};

use super::matching::Matches;
use super::{Deed, Operation, Options, Plan, Present, Wanted, What, body};
use crate::model::FileRef;

/// What both are, as far as a plan cares.
struct Thing<'a> {
    id: AnyId,
    name: &'a str,
    picture: Option<&'a FileRef>,
    body: Map<String, Value>,
    managed: bool,
}

pub(super) fn emojis(
    plan: &mut Plan,
    wanted: &Wanted,
    present: &Present,
    options: &Options,
    matches: &Matches,
) {
    let wanted = wanted.guild.emojis.iter().map(|emoji| {
        let roles: Vec<String> = emoji.roles.iter().map(|role| body::role(matches, *role)).collect();
        let mut body = Map::from_iter([("name".to_owned(), json!(emoji.name))]);
        if !roles.is_empty() {
            body.insert("roles".into(), json!(roles));
        }
        let picture = emoji.image.as_ref();
        Thing { id: emoji.id, name: &emoji.name, picture, body, managed: emoji.managed }
    });
    let present = present.guild.emojis.iter().map(|emoji| (emoji.id, emoji.name.as_str(), emoji.managed));
    compare(plan, What::Emoji, wanted.collect(), present.collect(), options);
}

pub(super) fn stickers(plan: &mut Plan, wanted: &Wanted, present: &Present, options: &Options) {
    let wanted = wanted.guild.stickers.iter().map(|sticker| {
        let mut body = Map::from_iter([("name".to_owned(), json!(sticker.name))]);
        body.insert("description".into(), json!(sticker.description.as_deref().unwrap_or_default()));
        body.insert("tags".into(), json!(sticker.tags));
        let picture = sticker.image.as_ref();
        Thing { id: sticker.id, name: &sticker.name, picture, body, managed: false }
    });
    let present = present.guild.stickers.iter().map(|sticker| (sticker.id, sticker.name.as_str(), false));
    compare(plan, What::Sticker, wanted.collect(), present.collect(), options);
}

fn compare(
    plan: &mut Plan,
    what: What,
    wanted: Vec<Thing<'_>>,
    present: Vec<(AnyId, &str, bool)>,
    options: &Options,
) {
    let names: BTreeSet<&str> = wanted.iter().map(|thing| thing.name).collect();
    let there: BTreeSet<&str> = present.iter().map(|(_, name, _)| *name).collect();
    if options.deletes_channels() {
        for (id, name, _) in present.iter().filter(|(_, name, managed)| !managed && !names.contains(name)) {
            plan.operations.push(Operation {
                id: Some(*id),
                name: (*name).to_owned(),
                ..Operation::new(Deed::Delete, what)
            });
        }
    }
    let mut made = BTreeSet::new();
    for thing in wanted {
        if thing.managed {
            plan.leave_out(what, thing.name, "managed");
        } else if !there.contains(thing.name) && made.insert(thing.name.to_owned()) {
            let Some(picture) = thing.picture else {
                plan.leave_out(what, thing.name, "no_picture");
                continue;
            };
            let field = if what == What::Emoji { "image" } else { "file" };
            plan.operations.push(Operation {
                from: Some(thing.id),
                name: thing.name.to_owned(),
                body: thing.body,
                pictures: [(field.to_owned(), picture.clone())].into(),
                ..Operation::new(Deed::Create, what)
            });
        }
    }
}
