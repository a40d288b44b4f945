life-title = Your data
life-lead = Take a copy of everything that is yours, or delete your account.
life-open = Copy or delete
life-back = Back to the settings
life-copy = A copy of your data
life-copy-lead = Profile, sessions, messages, memberships, applications and pictures as one ZIP file with a page that says what is in it. It is kept for a week.
life-copy-ask = Make a copy
life-copy-coming = Your copy is being made. Come back in a while; if you have a mail address, we write to you.
life-copy-failed = The copy could not be made. Try again tomorrow, or ask those who run this server.
life-copy-get = Download the copy
life-copy-link = Whoever has the address of this download can open it, for ten minutes.
life-copy-daily = You can ask for one copy a day.
life-delete-title = Delete the account
life-delete-lead = You choose it now, it happens later: until then you can change your mind.
life-delete-open = Delete the account…
life-delete-when = { $days ->
    [0] Your account is deleted at once.
    [one] Your account is deleted in one day.
   *[other] Your account is deleted in { $days } days.
}
life-delete-signs-out = You are signed out everywhere now.
life-delete-keep = Until then you can keep it: sign in, or use the link in the mail that we send you.
life-delete-messages = What you wrote stays, by “Deleted User”. Delete it yourself before, if you do not want that.
life-delete-gone = Everything else that is yours goes: profile, pictures, mail address, ways to sign in, friends, memberships, reactions, what you allowed applications.
life-delete-bots = These bots and their applications go with you:
life-delete-go = Delete my account
life-delete-hindered = You own these guilds. Hand them over to somebody else or delete them first:
life-not-now = Not now
life-left-title = Goodbye
life-left-lead = Your account is deleted on { $date }. You are signed out everywhere.
life-left-mail = If you change your mind, use the link in the mail that is on its way to you, or sign in.
life-left-sign-in = If you change your mind, sign in before then.
life-keep-title = Keep your account?
life-keep-lead = This account is to be deleted on { $date }.
life-keep-go = Keep my account
life-code-still-needed = You own guilds. Hand them over or delete them first.
life-code-leaving-already = This account waits for its deletion already.
life-code-keep-spent = This is no longer good: the account was kept already, is deleted, or it took too long. Sign in to see.
life-code-copy-too-soon = You can ask for one copy a day.
life-index-title = The data of { $name } at { $site }
life-index-lead = Everything that { $site } keeps of you, as files that people and programs can read. Made at
life-part-accounts = Your profile with its pictures, settings, friends and blocks, sessions, ways to sign in, and what staff did to your account.
life-part-oauth = Applications that you own, and what you allowed others.
life-part-chat = The guilds you are in with your roles and nicknames, what guilds remember of you that you left, bans, your direct conversations, the messages that you wrote, your reactions, invites and how far you have read, what you made in guilds and what their audit logs say that you did.
life-part-gateway = Connections of yours that can still be resumed.
life-part-jobs = Work that was done for you.
life-part-directory = Listings of bots and guilds that you keep.
