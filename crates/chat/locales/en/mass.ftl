mass-title = Tools
mass-lead = What is done to many at once. You see first how many are meant; the work goes on by itself, survives restarts, and can be watched and cancelled.
mass-jobs = All jobs of this guild
mass-backups = Backups and restores
mass-prune-title = Delete messages
mass-prune-lead = Deletes messages that fit everything you choose, the newest of each channel first. Deleted messages do not come back.
mass-roles-title = Give and take roles
mass-roles-lead = Gives roles to many members, or takes them away. It can be undone.
mass-bans-title = Ban many
mass-bans-lead = Bans everybody who fits what you choose. It can be undone: those who return get their roles back.
mass-memory-title = Returning members
mass-memory-lead = Remembers the roles and nickname of those who leave, and gives them back when they return.
mass-what = What
mass-who = Who
mass-who-hint = Members who fit everything that is filled in.
mass-preview = What will happen
mass-nothing = There is nothing to do.
mass-start = Start
mass-look = See how many
mass-count-prune-messages = { $count ->
    [one] One message is deleted.
   *[other] { $count } messages are deleted.
  }
mass-count-prune-channels = { $count ->
    [one] One channel is looked through.
   *[other] { $count } channels are looked through.
  }
mass-count-roles-members = { $count ->
    [one] One member is meant.
   *[other] { $count } members are meant.
  }
mass-count-roles-changes = { $count ->
    [one] Something changes in one of them.
   *[other] Something changes in { $count } of them.
  }
mass-count-bans-members = { $count ->
    [one] One member is banned.
   *[other] { $count } members are banned.
  }
mass-count-bans-strangers = { $count ->
    [one] One person who is no member is banned.
   *[other] { $count } people who are no members are banned.
  }
mass-count-bans-protected = { $count ->
    [one] One member stands too high to be banned by you.
   *[other] { $count } members stand too high to be banned by you.
  }
mass-count-bans-already = { $count ->
    [one] One is banned already.
   *[other] { $count } are banned already.
  }
mass-channels = Only in these channels
mass-channels-hint = None ticked: every channel in which you may delete messages.
mass-authors = Only by these people
mass-users = Only these people
mass-ids-hint = Their ids, with spaces or on lines of their own.
mass-only-bots = Only by bots and webhooks
mass-links = Only with a link
mass-attachments = Only with a file
mass-embeds = Only with an embed
mass-pinned = Pinned messages too
mass-contains = Only with this text
mass-sent-after = Sent after (UTC)
mass-sent-before = Sent before (UTC)
mass-after = After the message with the id
mass-before = Before the message with the id
mass-max = At most
mass-max-hint = 1000 if you write nothing.
mass-per-channel = At most in each channel
mass-give = Give these roles
mass-take = Take these roles
mass-delete-hours = Delete their messages of the last hours
mass-delete-hours-hint = 0 to 168; nothing: no messages.
mass-reason = Reason
mass-reason-hint = For the audit log.
mass-name = Name like
mass-name-hint = User name, display name or nickname; * stands for anything, ? for one character.
mass-joined-within = Joined within hours
mass-younger = Account younger than days
mass-joined-after = Joined after (UTC)
mass-joined-before = Joined before (UTC)
mass-kind = People or bots
mass-kind-all = Both
mass-kind-people = People
mass-kind-bots = Bots
mass-without-roles = Without any role
mass-has-roles = With all of these roles
mass-lacks-roles = With none of these roles
mass-memory-settings = Settings
mass-memory-enabled = Remember members who leave
mass-memory-kicked = Also those who were kicked
mass-memory-banned = Also those who were banned
mass-memory-dangerous = Give back roles with dangerous permissions too
mass-memory-days = Days until they are forgotten
mass-memory-whose = Roles are given back in the name of whoever saves this, and never above that person's own highest role.
mass-memory-save = Save
mass-memory-saved = Saved.
mass-memory-people = Remembered
mass-memory-nobody = Nobody is remembered.
mass-memory-left = left on { $day }
mass-memory-give = Give back
mass-code-mass-refused = You may not do that with everything you chose: a role or a channel is beyond you.
mass-field-mass-unreadable = This cannot be read.
mass-field-mass-everybody = Say who is meant: everybody cannot be banned.
mass-field-mass-role-twice = A role cannot be given and taken at once.
mass-job-deleted = { $count ->
    [one] One message deleted
   *[other] { $count } messages deleted
}
mass-job-refused = { $user }: { $why }
mass-job-counts = { $done } changed, { $unchanged } unchanged, { $failed } failed
mass-job-channel-gone = Channel { $channel } is gone.
