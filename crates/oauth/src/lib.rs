//! Applications: the OAuth2 clients that bots act for.
