// @ts-check
// The shapes that travel over REST and the gateway, as far as this client reads them. Types only.

/** @typedef {string} Id a snowflake as text */
/**
 * @typedef {object} User
 * @property {Id} id
 * @property {string} username
 * @property {string | null} [global_name]
 * @property {string | null} [avatar]
 * @property {string} [discriminator]
 * @property {boolean} [bot]
 * @property {string | null} [bio]
 * @property {string | null} [email]
 */
/**
 * @typedef {object} Member
 * @property {User} [user]
 * @property {string | null} [nick]
 * @property {string | null} [avatar]
 * @property {Id[]} roles
 * @property {string} joined_at
 * @property {string | null} [communication_disabled_until]
 */
/**
 * @typedef {object} Role
 * @property {Id} id
 * @property {string} name
 * @property {number} color
 * @property {boolean} hoist
 * @property {number} position
 * @property {string} permissions
 * @property {string} [denied_permissions] Guildhall's extension: what the role takes away
 * @property {boolean} managed
 * @property {boolean} mentionable
 */
/** @typedef {{id: Id, type: 0 | 1, allow: string, deny: string}} Overwrite */
/**
 * @typedef {object} Channel
 * @property {Id} id
 * @property {number} type
 * @property {Id} [guild_id]
 * @property {string | null} [name]
 * @property {string | null} [topic]
 * @property {number} [position]
 * @property {Id | null} [parent_id]
 * @property {boolean} [nsfw]
 * @property {number} [rate_limit_per_user]
 * @property {Id | null} [last_message_id]
 * @property {Overwrite[]} [permission_overwrites]
 * @property {User[]} [recipients]
 * @property {Id} [owner_id]
 * @property {{archived: boolean}} [thread_metadata]
 */
/**
 * @typedef {object} GuildData what GUILD_CREATE carries
 * @property {Id} id
 * @property {string} name
 * @property {string | null} icon
 * @property {string | null} [description]
 * @property {Id} owner_id
 * @property {number} [member_count]
 * @property {Id | null} [system_channel_id]
 * @property {boolean} [unavailable]
 * @property {Channel[]} [channels]
 * @property {Channel[]} [threads]
 * @property {Role[]} [roles]
 * @property {Member[]} [members]
 * @property {Presence[]} [presences]
 */
/**
 * @typedef {object} Guild what the store keeps of it
 * @property {Id} id
 * @property {string} name
 * @property {string | null} icon
 * @property {string | null} [description]
 * @property {Id} owner_id
 * @property {number} member_count
 * @property {boolean} unavailable
 * @property {Id | null} [system_channel_id]
 * @property {Map<Id, Role>} roles
 * @property {Map<Id, Member>} members
 * @property {Emoji[]} [emojis] its own
 */
/** @typedef {{name: string, type: number, state?: string | null}} Activity */
/** @typedef {{user: {id: Id}, guild_id?: Id, status: string, activities?: Activity[]}} Presence */
/** @typedef {{status?: "online" | "idle" | "dnd" | "invisible", custom_status?: {text?: string | null, emoji_name?: string | null} | null, theme?: string, locale?: string}} Settings what one chose for oneself */
/** @typedef {{id: Id | null, name: string | null, animated?: boolean}} Emoji */
/** @typedef {{emoji: Emoji, count: number, me: boolean}} Reaction */
/**
 * @typedef {object} Attachment
 * @property {Id} id
 * @property {string} filename
 * @property {number} size
 * @property {string} url
 * @property {string} [proxy_url]
 * @property {string} [content_type]
 * @property {number | null} [width]
 * @property {number | null} [height]
 * @property {string | null} [description]
 */
/** @typedef {{url?: string, proxy_url?: string, width?: number, height?: number}} Media */
/**
 * @typedef {object} Embed
 * @property {string} [type]
 * @property {string} [title]
 * @property {string} [description]
 * @property {string} [url]
 * @property {string} [timestamp]
 * @property {number} [color]
 * @property {{text: string, icon_url?: string}} [footer]
 * @property {Media} [image]
 * @property {Media} [thumbnail]
 * @property {{name?: string}} [provider]
 * @property {{name: string, url?: string, icon_url?: string}} [author]
 * @property {{name: string, value: string, inline?: boolean}[]} [fields]
 */
/**
 * @typedef {object} Component
 * @property {number} type
 * @property {Component[]} [components]
 * @property {string} [custom_id]
 * @property {string} [label]
 * @property {number} [style]
 * @property {string} [url]
 * @property {boolean} [disabled]
 * @property {Emoji} [emoji]
 * @property {string} [placeholder]
 * @property {{label: string, value: string, description?: string, default?: boolean, emoji?: Emoji}[]} [options]
 * @property {number} [min_values]
 * @property {number} [max_values]
 * @property {number} [min_length]
 * @property {number} [max_length]
 * @property {boolean} [required]
 * @property {string | string[]} [value]
 * @property {number[]} [channel_types]
 * @property {{id: Id, type: "user" | "role" | "channel"}[]} [default_values]
 * @property {string} [content]
 * @property {Component} [component] inside a label
 * @property {Component} [accessory] beside a section
 * @property {string} [description]
 * @property {Media & {content_type?: string}} [media] of a thumbnail
 * @property {{media: Media, description?: string, spoiler?: boolean}[]} [items] of a gallery
 * @property {Media & {name?: string}} [file]
 * @property {number | null} [accent_color]
 * @property {boolean} [spoiler]
 * @property {boolean} [divider]
 */
/** @typedef {{id: Id, nonce?: string, channel_id: Id, custom_id: string, title: string, application: Application, components: Component[]}} Modal a form that an application shows */
/**
 * @typedef {object} Message
 * @property {Id} id
 * @property {Id} channel_id
 * @property {Id} [guild_id]
 * @property {User} author
 * @property {Member} [member]
 * @property {number} type
 * @property {string} content
 * @property {string} timestamp
 * @property {string | null} edited_timestamp
 * @property {boolean} [pinned]
 * @property {boolean} [mention_everyone]
 * @property {User[]} mentions
 * @property {Id[]} [mention_roles]
 * @property {Attachment[]} attachments
 * @property {Embed[]} embeds
 * @property {{id: Id, name: string, format_type: number}[]} [sticker_items]
 * @property {Reaction[]} [reactions]
 * @property {Component[]} [components]
 * @property {number} [flags]
 * @property {string | number} [nonce]
 * @property {Id} [application_id]
 * @property {{message_id?: Id, channel_id?: Id}} [message_reference]
 * @property {Message | null} [referenced_message]
 * @property {{name?: string, user?: User}} [interaction]
 * @property {Pending} [pending] only on messages that are not yet on the server
 * @property {string} [using] the component that is being used, by its custom id
 * @property {string} [failure] why the last use of it came to nothing
 */
/** @typedef {{state: "sending" | "failed", progress?: number, error?: string, files: File[], reply?: Id}} Pending */
/** @typedef {{id: Id, type: number, user: User, nickname?: string | null}} Relationship 1 friend, 2 blocked, 3 incoming, 4 outgoing */
/**
 * @typedef {object} Option one option of a slash command
 * @property {number} type
 * @property {string} name
 * @property {string} description
 * @property {boolean} [required]
 * @property {{name: string, value: string | number}[]} [choices]
 * @property {Option[]} [options]
 * @property {number} [min_value]
 * @property {number} [max_value]
 * @property {number} [min_length]
 * @property {number} [max_length]
 * @property {number[]} [channel_types]
 * @property {boolean} [autocomplete]
 */
/** @typedef {{id: Id, application_id: Id, version: Id, type: number, name: string, description: string, options?: Option[]}} Command */
/** @typedef {{id: Id, name: string, icon?: string | null, bot?: User}} Application */
/** @typedef {{code: string, expires_at?: string | null, max_age?: number, max_uses?: number, uses?: number, inviter?: User, channel?: Channel, guild?: {id: Id, name: string}}} Invite */

export {};
