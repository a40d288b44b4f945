//! Users, credentials, sessions and tokens: who somebody is.
