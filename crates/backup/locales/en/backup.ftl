backup-title = Backups
backup-lead = A backup holds what the guild is made of. A guild can be restored from it, here or on another server.
backup-none = There are no backups of this guild.
backup-make = Make a backup
backup-with-messages = With messages
backup-with-attachments = With the files of messages
backup-with-members = With the roles and nicknames of members
backup-with-bans = With bans
backup-passphrase = Passphrase
backup-passphrase-hint = Seals the file. It is kept nowhere: without it nobody can open the backup.
backup-passphrase-open = Only if the backup is sealed.
backup-bring = Bring a backup
backup-bring-hint = A file of Guildhall, of AntiRaid (iblfile) or of discord-backup (JSON), up to 512 MB.
backup-file = File
backup-bring-button = Upload
backup-brought = brought
backup-made = made here
backup-download = Download
backup-download-hint = Links work for ten minutes.
backup-delete = Delete
backup-restore = Restore
backup-jobs = Jobs of this guild
backup-restore-title = Restore from a backup
backup-restore-lead = First you see what would be done and how long it takes. The guild is kept as it is before anything is changed, so that a restore can be undone; messages of channels that are deleted do not come back.
backup-where = Where
backup-here = This guild
backup-new = A new guild of yours
backup-mode = How far
backup-mode-full = As the backup is: what it does not have is deleted
backup-mode-difference = Add and change, delete nothing
backup-mode-ignore_existing = Only add what is missing
backup-sections = What
backup-section-settings = Settings
backup-section-roles = Roles
backup-section-channels = Channels
backup-section-emojis = Emojis
backup-section-stickers = Stickers
backup-section-members = Roles and nicknames of members
backup-section-bans = Bans
backup-section-messages = Messages, into new and empty channels
backup-section-features = What other features of this server know of the guild
backup-per-channel = At most so many messages of each channel
backup-protected-roles = Roles that are left alone
backup-protected-channels = Channels that are left alone
backup-look = Show the plan
backup-plan = What will be done
backup-plan-nothing = Nothing: the guild is as the backup is.
backup-plan-more = and { $count } more
backup-plan-time = At least { $time }, by the limits of { $limits }.
backup-plan-requests = { $count ->
    [one] One request
   *[other] { $count } requests
}
backup-left-out = What cannot be restored
backup-start = Restore now
backup-deed-create = Make
backup-deed-alter = Change
backup-deed-delete = Delete
backup-deed-order = Put in order
backup-deed-fill = Bring back
backup-what-settings = settings
backup-what-role = role
backup-what-channel = channel
backup-what-emoji = emoji
backup-what-sticker = sticker
backup-what-members = members
backup-what-bans = bans
backup-what-messages = messages
backup-what-feature = what a feature knows:
backup-why-managed = belongs to a bot or an integration
backup-why-thread = threads are not restored
backup-why-out_of_reach = stands above your highest role
backup-why-no_picture = its picture is not in the backup
backup-why-person_gone = somebody in its permissions is not here
backup-code-not-a-backup = This is no backup of a format that can be read here.
backup-code-backup-unknown-version = The backup was made by a later version.
backup-code-backup-damaged = The backup is damaged; nothing of it was used.
backup-code-backup-too-big = The backup is larger than is allowed here.
backup-code-backup-needs-passphrase = The backup is encrypted; give its passphrase.
backup-code-backup-wrong-passphrase = The passphrase does not open the backup.
backup-job-reading-file = Reading the file
backup-job-read-file = The file is read
backup-job-done = { $deed ->
    [create] Made
    [alter] Changed
    [delete] Deleted
    [order] Put in order
   *[fill] Brought back
}, { $what }: { $count }
backup-job-refused = Refused: { $what } { $name }: { $why }
backup-job-left-out = Left out: { $what } { $name }: { $why }
backup-job-opening = Opening the backup
backup-job-planning = Making the plan
backup-job-reading-guild = Reading the guild
backup-job-writing = Writing the file
backup-job-read = Read all messages
backup-job-reading-channel = Reading #{ $name }
backup-job-no-channel = #{ $name } cannot be read and is left out: { $why }
backup-job-no-file = The file { $name } cannot be had: { $why }
backup-job-no-members = The members cannot be read: they are left out
backup-job-no-bans = The bans cannot be read: they are left out
backup-job-at = { $what ->
    [settings] Settings
    [role] Role
    [channel] Channel
    [emoji] Emoji
    [sticker] Sticker
    [members] Members
    [bans] Bans
    [messages] Messages
   *[feature] Feature
} { $name }
