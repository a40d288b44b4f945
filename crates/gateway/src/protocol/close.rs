//! Why the server closes a connection.

/// A close code with its meaning. After those below 4000, and 4000 to 4003, 4005 and 4007 to 4009, a client may
/// RESUME or identify anew; after the others it should not come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Close {
    /// Closed as the client asked, with its code.
    Answer(u16),
    /// Not WebSocket as RFC 6455 has it.
    Protocol(crate::websocket::Violation),
    /// The server stops; RESUME elsewhere or later.
    Leaving,
    /// A fault of ours, or the session is open elsewhere now.
    Unknown,
    /// An opcode that does not exist or that clients do not send.
    Opcode,
    /// Not JSON, too large, or not of the opcode's form.
    Decode,
    /// Something was sent before IDENTIFY.
    NotAuthenticated,
    /// The token is wrong.
    AuthenticationFailed,
    /// IDENTIFY twice.
    AlreadyAuthenticated,
    /// RESUME with a number that was never sent.
    InvalidSequence,
    /// Too much was sent.
    RateLimited,
    /// No heartbeat, or no IDENTIFY, in time.
    TimedOut,
    /// A shard that cannot be.
    InvalidShard,
    /// Too many guilds for one shard.
    #[expect(dead_code, reason = "sharding is never demanded here, but the code is documented")]
    ShardingRequired,
    /// A version that is not spoken.
    InvalidVersion,
    /// Bits that are no intents.
    InvalidIntents,
    /// Intents that the application did not declare.
    DisallowedIntents,
}

impl Close {
    /// A fault of ours, which goes to the log.
    pub(crate) fn fault(error: &guildhall_base::Error) -> Self {
        tracing::error!(%error, "a connection is closed by a fault");
        Self::Unknown
    }

    /// The code.
    pub(crate) const fn code(self) -> u16 {
        match self {
            Self::Answer(code) => code,
            Self::Protocol(violation) => violation.close_code(),
            Self::Leaving => 1012,
            Self::Unknown => 4000,
            Self::Opcode => 4001,
            Self::Decode => 4002,
            Self::NotAuthenticated => 4003,
            Self::AuthenticationFailed => 4004,
            Self::AlreadyAuthenticated => 4005,
            Self::InvalidSequence => 4007,
            Self::RateLimited => 4008,
            Self::TimedOut => 4009,
            Self::InvalidShard => 4010,
            Self::ShardingRequired => 4011,
            Self::InvalidVersion => 4012,
            Self::InvalidIntents => 4013,
            Self::DisallowedIntents => 4014,
        }
    }

    /// For a person who reads the client's log.
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::Answer(_) => "",
            Self::Protocol(violation) => violation.reason(),
            Self::Leaving => "The server restarts.",
            Self::Unknown => "Unknown error.",
            Self::Opcode => "Unknown opcode.",
            Self::Decode => "Error while decoding payload.",
            Self::NotAuthenticated => "Not authenticated.",
            Self::AuthenticationFailed => "Authentication failed.",
            Self::AlreadyAuthenticated => "Already authenticated.",
            Self::InvalidSequence => "Invalid seq.",
            Self::RateLimited => "Rate limited.",
            Self::TimedOut => "Session timed out.",
            Self::InvalidShard => "Invalid shard.",
            Self::ShardingRequired => "Sharding required.",
            Self::InvalidVersion => "Invalid API version.",
            Self::InvalidIntents => "Invalid intent(s).",
            Self::DisallowedIntents => "Disallowed intent(s).",
        }
    }
}
