site-skip = Skip to the content
site-navigation = Site
site-directory = Directory
site-chat = Chat
site-developers = Developers
site-sign-in = Sign in
site-theme = Switch between light and dark
site-free-software = Guildhall is free software.
site-runs-on = { $name } runs on Guildhall, free software.
site-front-page = Go to the front page
site-error-sign-in = Sign in first
site-error-forbidden = Not for you
site-error-nothing = Nothing here
site-error-fast = Too fast
site-error-later = Not right now
site-error-broken = Something broke
site-error-refused = That did not work
site-explain-nothing = This page does not exist, or it is not visible to you.
site-explain-sign-in = This page is for people who are signed in.
site-explain-broken = It is our fault, and it has been noted. Try again in a moment.
site-explain-later = The server is busy or restarting. Try again in a moment.
site-language = Language
site-code-rate-limited = Too many attempts. Try again in { $seconds ->
    [one] one second
   *[other] { $seconds } seconds
  }.
site-code-unavailable = The server is busy. Try again in a moment.
site-code-conflict = It was changed somewhere else at the same time. Try again.
site-code-too-large = This is too large.
site-field-base-type-required = This field is required.
site-field-base-type-bad-length = { $min ->
    [0] At most { $max } characters.
   *[other] Must be { $min } to { $max } characters long.
  }
site-field-base-type-max-length = At most { $max }.
site-field-base-type-choices = This is not one of the choices.
site-field-number-type-min = At least { $min }.
site-field-number-type-max = At most { $max }.
