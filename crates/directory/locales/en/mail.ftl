votes-mail-reminder-subject = You can vote for { $name } again
votes-mail-reminder-opening = You wanted to know when you can vote for { $name } at { $site } again. Now you can.
votes-mail-reminder-action = Open its page
votes-mail-reminder-closing = If you no longer want to be told, turn the reminder off on its page.
