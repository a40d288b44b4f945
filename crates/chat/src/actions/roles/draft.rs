//! What a body says about a role.

use guildhall_base::{Form, Patch, Permissions, Result};
use guildhall_infra::pictures::Upload;
use serde_json::{Map, Value};

use crate::model::{Role, RoleColors};
use crate::rules::limits::COLOR;
use crate::rules::names;
use crate::rules::read::Object;

/// What is to be set; the rest stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Draft {
    name: Option<String>,
    permissions: Option<Permissions>,
    denied_permissions: Option<Permissions>,
    colors: Option<RoleColors>,
    hoist: Option<bool>,
    mentionable: Option<bool>,
    unicode_emoji: Patch<String>,
    /// The picture that was sent.
    pub(super) icon: Patch<Upload>,
    /// The hash under which it is kept.
    pub(super) kept_icon: Patch<String>,
}

impl Draft {
    /// Reads a body.
    ///
    /// # Errors
    /// 50035 with every wrong field.
    pub(super) fn read(body: &Map<String, Value>) -> Result<Self> {
        let mut form = Form::new();
        let object = Object::body(body);
        let name = object.text(&mut form, "name", 0..=usize::MAX);
        let draft = Self {
            name: name.filter(|name| !name.is_empty()).map(|name| names::role_name(&mut form, "name", &name)),
            permissions: object.permissions(&mut form, "permissions"),
            denied_permissions: object.permissions(&mut form, "denied_permissions"),
            colors: colors(&mut form, &object),
            hoist: object.boolean(&mut form, "hoist"),
            mentionable: object.boolean(&mut form, "mentionable"),
            unicode_emoji: object
                .names("unicode_emoji")
                .then(|| object.text(&mut form, "unicode_emoji", 0..=32).filter(|emoji| !emoji.is_empty())),
            icon: object.picture(&mut form, "icon"),
            kept_icon: None,
        };
        if draft.unicode_emoji.iter().flatten().any(|emoji| emoji.is_ascii()) {
            object.refuse(&mut form, "unicode_emoji", "BASE_TYPE_BAD", "Not an emoji.");
        }
        form.finish()?;
        Ok(draft)
    }

    /// Sets it.
    pub(super) fn apply(&self, role: &mut Role) {
        role.permissions = self.permissions.unwrap_or(role.permissions);
        role.denied_permissions = self.denied_permissions.unwrap_or(role.denied_permissions);
        let settings = &mut role.settings;
        if let Some(name) = &self.name {
            settings.name.clone_from(name);
        }
        if let Some(colors) = self.colors {
            settings.color = colors.primary_color;
            settings.colors = colors;
        }
        settings.hoist = self.hoist.unwrap_or(settings.hoist);
        settings.mentionable = self.mentionable.unwrap_or(settings.mentionable);
        if let Some(icon) = &self.kept_icon {
            settings.icon.clone_from(icon);
        }
        if let Some(emoji) = &self.unicode_emoji {
            settings.unicode_emoji.clone_from(emoji);
        }
    }
}

/// `colors`, or the older `color`; null is no colour.
fn colors(form: &mut Form, object: &Object<'_>) -> Option<RoleColors> {
    let read = |form: &mut Form, object: &Object<'_>, name: &str| {
        object.integer(form, name, COLOR).and_then(|color| u32::try_from(color).ok())
    };
    if let Some(colors) = object.object(form, "colors") {
        return Some(RoleColors {
            primary_color: read(form, &colors, "primary_color").unwrap_or(0),
            secondary_color: read(form, &colors, "secondary_color"),
            tertiary_color: read(form, &colors, "tertiary_color"),
        });
    }
    let color = read(form, object, "color");
    let primary_color = color.or(object.names("color").then_some(0))?;
    Some(RoleColors { primary_color, ..RoleColors::default() })
}
